"""Values of a schema, from every vendor: by a call of a tool or as the text of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import TypedDict

from streamflow.chat_models import VendorChatModel
from tests.chat_models.dialects import Piece, call
from tests.chat_models.server import Server
from tests.chat_models.vendors import CONTRACTS, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())


class City(TypedDict):
    """A city."""

    name: str
    size: int


BERN = {"name": "Bern", "size": 13}
TEXTS = ('{"name": "Be', 'rn", "size": 1', "3}")
CALL = call(0, "call_1", "City", *TEXTS)
METHODS: tuple[Any, ...] = (None, "function_calling", "json_schema")


def by_calls(contract: Contract, method: str | None) -> bool:
    """Whether a value comes as a call."""
    return contract.dialect.structures_by_calls if method is None else method == METHODS[1]


def said(contract: Contract, method: str | None) -> tuple[Piece | str, ...]:
    return CALL if by_calls(contract, method) else TEXTS


def check(contract: Contract, server: Server, method: str | None) -> None:
    """The vendor has been told what the value has to look like."""
    sent, dialect = server.asked[-1].json, contract.dialect
    if not by_calls(contract, method):
        assert set(dialect.schema_in(sent)["properties"]) == {"name", "size"}
        return
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
        "required": ["name", "size"],
    }
    assert dialect.tools_in(sent) == [dialect.tool("City", "A city.", schema)]
    choice = dialect.choice_in(sent)
    if contract.cls.vendor.name == "ollama":
        assert choice is None, "Ollama cannot be made to call a tool"
    else:
        assert choice in (contract.cls.vendor.any_tool, {"type": "any"}, {"any": {}})


def methods(model: VendorChatModel) -> list[str | None]:
    """Those that a model has."""
    return [each for each in METHODS if each != "json_schema" or model._takes_response_format]


def check_stream(contract: Contract, method: str | None, values: list[Any]) -> None:
    assert values[-1] == BERN
    if contract.dialect.calls_in_pieces or not by_calls(contract, method):
        assert {"name": "Be"} in values


async def test_structured_output(contract: Contract, server: Server) -> None:
    before = contract.before
    async with contract.make(server) as model:
        for method in methods(model):
            bound = model.with_structured_output(City, method=method)
            server.answer(*before, contract.dialect.answer(*said(contract, method)))
            before = ()
            values = [value async for value in bound.astream("Bern?")]
            check_stream(contract, method, values)
            check(contract, server, method)
            server.answer(*contract.answers(*said(contract, method))[-1:])
            assert await bound.ainvoke("Bern?") == BERN
            check(contract, server, method)


def test_structured_output_without_a_loop(contract: Contract, server: Server) -> None:
    before = contract.before
    with contract.make(server) as model:
        for method in methods(model):
            bound = model.with_structured_output(City, method=method)
            server.answer(*before, contract.dialect.answer(*said(contract, method)))
            before = ()
            check_stream(contract, method, list(bound.stream("Bern?")))
            server.answer(*contract.answers(*said(contract, method))[-1:])
            assert bound.invoke("Bern?") == BERN
            check(contract, server, method)
