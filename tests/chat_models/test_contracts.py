"""Every vendor of the table: its address, its key, its texts, with a loop and without."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow._vendors._table import VENDORS
from streamflow.caches import InMemoryCache
from streamflow.errors import ModelInputError
from streamflow.messages import AIMessage
from tests.chat_models.server import Asked, Server
from tests.chat_models.vendors import CONTRACTS, KEY, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())


def test_the_vendor_is_in_the_table(contract: Contract) -> None:
    assert VENDORS[contract.cls.vendor.name].model_class == contract.cls.__name__


def check(contract: Contract, asked: Asked, *, stream: bool) -> None:
    assert asked.method == "POST"
    assert asked.target == ((stream and contract.stream_path) or contract.path)
    name, value = contract.auth
    assert asked.headers[name] == value
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers.items() >= contract.cls.vendor.headers.items()


def check_last(message: Any) -> None:
    assert message.response_metadata["model_name"] == "m-1"
    assert message.usage_metadata["input_tokens"] == 9
    assert message.usage_metadata["total_tokens"] == 21
    assert message.id.startswith("run-")


async def test_streams(contract: Contract, server: Server) -> None:
    server.answer(*contract.streams("Hel", "lo"))
    async with contract.make(server, temperature=0) as model:
        chunks = [chunk async for chunk in model.astream("Hi")]
    assert [chunk.content for chunk in chunks] == ["Hel", "lo", ""]
    check_last(chunks[-1])
    check(contract, server.asked[-1], stream=True)


async def test_whole_answers(contract: Contract, server: Server) -> None:
    server.answer(*contract.answers("Hello"))
    async with contract.make(server) as model:
        message = await model.ainvoke("Hi")
    assert type(message) is AIMessage
    assert message.content == "Hello"
    check_last(message)
    check(contract, server.asked[-1], stream=False)


def test_without_a_loop(contract: Contract, server: Server) -> None:
    with contract.make(server) as model:
        server.answer(*contract.streams("Hel", "lo"))
        chunks = list(model.stream("Hi"))
        assert [chunk.content for chunk in chunks] == ["Hel", "lo", ""]
        check_last(chunks[-1])
        check(contract, server.asked[-1], stream=True)
        server.answer(*contract.answers("Hello")[-1:])
        message = model.invoke("Hi")
        assert message.content == "Hello"
        check_last(message)
        check(contract, server.asked[-1], stream=False)


async def test_events_carry_the_tokens_and_the_settings(contract: Contract, server: Server) -> None:
    server.answer(*contract.streams("Hel", "lo"))
    async with contract.make(server, temperature=0.5, max_tokens=7, stop=["x"]) as model:
        events = [event async for event in model.astream_events("Hi", version="v2")]
    facts = events[0]["metadata"]
    assert facts == {
        "ls_provider": contract.cls.vendor.ls_provider,
        "ls_model_name": model.model,
        "ls_model_type": "chat",
        "ls_temperature": 0.5,
        "ls_max_tokens": 7,
        "ls_stop": ["x"],
    }
    texts = [e["data"]["chunk"].content for e in events if e["event"] == "on_chat_model_stream"]
    assert texts == ["Hel", "lo", ""]
    assert events[-1]["data"]["output"].content == "Hello"
    assert KEY not in str(events)


async def test_half_a_character_can_be_sent(contract: Contract, server: Server) -> None:
    server.answer(*contract.answers("Hello"))
    async with contract.make(server) as model:
        assert (await model.ainvoke("a\ud83d")).content == "Hello"
    assert b"a\\ud83d" in server.asked[-1].body


async def test_what_is_no_data_cannot_be_sent(contract: Contract, server: Server) -> None:
    async with contract.make(server, model_kwargs={"extra": object()}) as model:
        with pytest.raises(ModelInputError, match="cannot be written as JSON"):
            await model.ainvoke("Hi")


def test_answers_are_kept_in_a_cache(contract: Contract, server: Server) -> None:
    server.answer(*contract.answers("Hello"))
    with contract.make(server, cache=InMemoryCache()) as model:
        first, second = model.invoke("Hi"), model.invoke("Hi")
    assert first.content == second.content == "Hello"
    assert len(server.asked) == len(contract.before) + 1
