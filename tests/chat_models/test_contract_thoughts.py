"""Every vendor's thoughts, and what it counts: as they stream, and in whole answers."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage
from tests.chat_models.asking import stream, stream_without_a_loop
from tests.chat_models.dialects import SIGNATURE, Said, Thought, call
from tests.chat_models.server import Server
from tests.chat_models.vendors import CONTRACTS, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())

PIECES = (Thought("Well, "), Thought("hm. "), Thought("世界?"), "Yes, ", "it is.")


def blocks(message: AIMessage | AIMessageChunk) -> list[dict[str, Any]]:
    content = message.content if isinstance(message.content, list) else []
    return [block for block in content if isinstance(block, dict)]


def check(contract: Contract, message: AIMessage | AIMessageChunk) -> None:
    """Thoughts are in blocks of their own; the text is without them; all has been counted."""
    said, dialect = Said.by(*PIECES), contract.dialect
    assert message.text == said.text
    told = blocks(message)
    if dialect.thinks:
        [block] = told
        assert (block["type"], block["reasoning"]) == ("reasoning", said.thoughts)
        assert block.get("signature") == (SIGNATURE if dialect.signs_thoughts else None)
    else:
        assert not told
    assert message.usage_metadata == dialect.usage
    assert message.response_metadata["model_name"] == "m-1"


def streamed_thoughts(chunks: list[AIMessageChunk]) -> list[str]:
    each = [block for chunk in chunks for block in blocks(chunk)]
    return [block["reasoning"] for block in each if "reasoning" in block]


async def test_thoughts(contract: Contract, server: Server) -> None:
    server.answer(*contract.streams(*PIECES))
    async with contract.make(server) as model:
        heard = await stream(model)
        server.answer(*contract.answers(*PIECES)[-1:])
        check(contract, await model.ainvoke("Hi"))
    check(contract, heard.message)
    if contract.dialect.thinks:
        assert streamed_thoughts(heard.chunks) == ["Well, ", "hm. ", "世界?"]
    assert heard.texts == ["Yes, ", "it is."]


def test_thoughts_without_a_loop(contract: Contract, server: Server) -> None:
    with contract.make(server) as model:
        server.answer(*contract.streams(*PIECES))
        heard = stream_without_a_loop(model)
        server.answer(*contract.answers(*PIECES)[-1:])
        check(contract, model.invoke("Hi"))
    check(contract, heard.message)
    assert heard.texts == ["Yes, ", "it is."]


async def test_thoughts_go_back_where_they_are_signed(contract: Contract, server: Server) -> None:
    pieces = (*PIECES, *call(0, "call_1", "now", "{}"))
    server.answer(*contract.streams(*pieces), *contract.streams("So.")[-1:])
    async with contract.make(server) as model:
        said = (await stream(model)).message
        await stream(model, [HumanMessage("Hi"), said])
    told = server.asked[-1].json["messages"][1]
    assert told == contract.dialect.turn(*pieces, results={})[0]
    assert ("Well, " in str(told)) == contract.dialect.signs_thoughts
