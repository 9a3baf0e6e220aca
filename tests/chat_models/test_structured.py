"""Values and tool calls, from the bytes of a vendor to the parsers of streamflow."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from typing_extensions import TypedDict

from tests.chat_models.answers import (
    anthropic_payloads,
    aws_message,
    call_piece,
    converse_call,
    converse_events,
    delta,
    finish,
    sse,
)
from tests.chat_models.server import Answer, Server
from tests.chat_models.vendors import CONTRACTS, Contract


class City(TypedDict):
    """A city."""

    name: str
    size: int


PIECES = ('{"name": "Be', 'rn", "size": 1', "3}")


def openai_call() -> Answer:
    first = call_piece(0, "call_1", "City", "")
    rest = [delta(tool_calls=[call_piece(0, args=piece)]) for piece in PIECES]
    return Answer(sse(delta(tool_calls=[first]), *rest, finish("tool_calls"), b"[DONE]"))


def anthropic_call() -> list[dict[str, Any]]:
    start, *_, delta_, stop = anthropic_payloads()
    block = {"type": "tool_use", "id": "call_1", "name": "City", "input": {}}
    return [
        start,
        {"type": "content_block_start", "index": 0, "content_block": block},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "input_json_delta", "partial_json": piece},
            }
            for piece in PIECES
        ),
        delta_,
        stop,
    ]


def aws_call() -> Answer:
    import base64

    events = [
        aws_message(orjson.dumps({"bytes": base64.b64encode(orjson.dumps(each)).decode()}))
        for each in anthropic_call()
    ]
    return Answer(events, headers={"content-type": "application/vnd.amazon.eventstream"})


def answer_of(contract: Contract) -> Answer:
    name = contract.cls.vendor.name
    if name == "anthropic":
        return Answer(sse(*anthropic_call()))
    if name == "ollama":
        return contract.streams(*PIECES)[-1]
    if contract.events is converse_events:
        return Answer(converse_call("City", *PIECES), headers={"content-type": contract.kind})
    return aws_call() if contract.kind.endswith("eventstream") else openai_call()


pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())


async def test_structured_output(contract: Contract, server: Server) -> None:
    server.answer(*contract.before, answer_of(contract))
    async with contract.make(server) as model:
        bound = model.with_structured_output(City)
        seen = [value async for value in bound.astream("Bern?")]
    assert seen[-1] == {"name": "Bern", "size": 13}
    assert {"name": "Be"} in seen
    sent = server.asked[-1].json
    if contract.cls.vendor.name == "ollama":
        assert set(sent["format"]["properties"]) == {"name", "size"}
    else:
        told = sent.get("toolConfig", sent)
        assert "City" in str(told["tools"])
        choices = ("tool_choice", "tool_choice_option", "toolChoice")
        assert next(told[name] for name in choices if name in told) in (
            "required",
            "any",
            {"type": "any"},
            {"any": {}},
        )


def test_structured_output_without_a_loop(contract: Contract, server: Server) -> None:
    server.answer(*contract.before, answer_of(contract))
    with contract.make(server) as model:
        seen = list(model.with_structured_output(City).stream("Bern?"))
    assert seen[-1] == {"name": "Bern", "size": 13}


async def test_a_schema_of_the_answer(contract: Contract, server: Server) -> None:
    model = contract.make(server)
    if not model._takes_response_format or contract.cls.vendor.name == "ollama":
        return
    server.answer(*contract.streams(*PIECES))
    async with model:
        bound = model.with_structured_output(City, method="json_schema")
        seen = [value async for value in bound.astream("Bern?")]
    assert seen[-1] == {"name": "Bern", "size": 13}
    sent = server.asked[-1].json
    if contract.events is converse_events:
        described = sent["outputConfig"]["textFormat"]["structure"]["jsonSchema"]
        assert set(orjson.loads(described["schema"])["properties"]) == {"name", "size"}
    else:
        described = sent["response_format"]["json_schema"]
    assert described["name"] == "City"
