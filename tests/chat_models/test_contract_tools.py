"""Every vendor's tool calls: as they stream, in whole answers, and back with their results."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.graph import create_react_agent
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from tests.chat_models.asking import Heard, stream, stream_without_a_loop
from tests.chat_models.dialects import Arguments, Call, Piece, Said, call, joined
from tests.chat_models.server import Server
from tests.chat_models.vendors import CONTRACTS, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())

ADD = call(0, "call_1", "add", '{"a": 1', ', "b": ', "2}")
CALLS: dict[str, tuple[Piece | str, ...]] = {
    "one": ADD,
    "one after the other": (*ADD, *call(1, "call_2", "add", '{"a": 3, "b": 4}')),
    "of the same name and arguments": (*ADD, *call(1, "call_2", "add", '{"a": 1, "b": 2}')),
    "interleaved": (
        Call(0, "call_1", "add"),
        Call(1, "call_2", "say"),
        Arguments(0, '{"a": 1, '),
        Arguments(1, '{"text": "Grüße, '),
        Arguments(0, '"b": 2}'),
        Arguments(1, '世界 👩‍👩‍👧"}'),
    ),
    "without arguments": call(0, "call_1", "now"),
    "without arguments, and one behind it": (*call(0, "call_1", "now"), *call(1, "c", "f", "{}")),
    "behind a text": ("Let me ", "see.", *ADD),
    "malformed": call(0, "call_1", "add", '{"a": 1', ", b}"),
    "malformed beside a good one": (
        *call(0, "call_1", "add", '{"a": 1', ', "b"'),
        *call(1, "call_2", "add", '{"a": 3, "b": 4}'),
    ),
}


def check(contract: Contract, message: AIMessage | AIMessageChunk, said: Said) -> None:
    """The message has the text and the calls, and nothing else."""
    bad = [(each["id"], each["name"], each["args"]) for each in message.invalid_tool_calls]
    good = [(each["id"], each["name"], each["args"]) for each in message.tool_calls]
    assert message.text == said.text
    assert [each[1:] for each in good] == [each[1:] for each in said.good]
    assert [each[1:] for each in bad] == [each[1:] for each in said.bad]
    ids = [each[0] for each in (*good, *bad)]
    if contract.dialect.names_calls:
        assert ids == [each[0] for each in (*said.good, *said.bad)]
    assert len(set(ids)) == len(said.calls)
    assert all(ids)


def check_stream(contract: Contract, heard: Heard, pieces: tuple[Piece | str, ...]) -> None:
    """The pieces have come as they were sent, each in a chunk of its own."""
    check(contract, heard.message, Said.by(*pieces))
    told = pieces if contract.dialect.calls_in_pieces else joined(pieces)
    sent = [(each.index, each.text) for each in told if isinstance(each, Arguments) and each.text]
    came = [
        (piece["index"], piece["args"])
        for chunk in heard.chunks
        for piece in chunk.tool_call_chunks
        if piece["args"] not in (None, "")
    ]
    if contract.dialect.names_calls:
        assert came == sent
    assert heard.texts == [piece for piece in pieces if isinstance(piece, str)]


async def test_calls_stream(contract: Contract, server: Server) -> None:
    before = contract.before
    async with contract.make(server) as model:
        for pieces in CALLS.values():
            server.answer(*before, contract.dialect.answer(*pieces))
            before = ()
            check_stream(contract, await stream(model), pieces)


def test_calls_stream_without_a_loop(contract: Contract, server: Server) -> None:
    before = contract.before
    with contract.make(server) as model:
        for pieces in CALLS.values():
            server.answer(*before, contract.dialect.answer(*pieces))
            before = ()
            check_stream(contract, stream_without_a_loop(model), pieces)


def in_whole_answers(contract: Contract, server: Server) -> Any:
    """Have each of the calls answered; yield what is said with it."""
    before = contract.before
    for pieces in CALLS.values():
        said = Said.by(*pieces)
        if contract.dialect.takes_any_arguments or not said.bad:
            server.answer(*before, contract.answers(*pieces)[-1])
            before = ()
            yield said


async def test_calls_in_whole_answers(contract: Contract, server: Server) -> None:
    async with contract.make(server) as model:
        for said in in_whole_answers(contract, server):
            check(contract, await model.ainvoke("Hi"), said)


def test_calls_in_whole_answers_without_a_loop(contract: Contract, server: Server) -> None:
    with contract.make(server) as model:
        for said in in_whole_answers(contract, server):
            check(contract, model.invoke("Hi"), said)


# -------------------------------------------------------------------- a turn of an agent


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
}
TURN = (*CALLS["behind a text"], *call(1, "call_2", "add", '{"a": 3, "b": 4}'))
RESULTS = {"call_1": "3", "call_2": "7"}


def results(message: AIMessage | AIMessageChunk) -> list[ToolMessage]:
    return [
        ToolMessage(str(add(**each["args"])), tool_call_id=each["id"])
        for each in message.tool_calls
    ]


def check_turn(contract: Contract, server: Server, answer: str) -> None:
    """The vendor has been told of the tools, and in the second question of the results."""
    first, second = (asked.json for asked in server.asked[-2:])
    assert answer == "3 and 7"
    for request in (first, second):
        tool = contract.dialect.tool("add", "Add two numbers.", SCHEMA)
        assert contract.dialect.tools_in(request) == [tool]
    told = _compact(contract.dialect.turn(*TURN, results=RESULTS))
    assert _compact(second["messages"]) == [contract.dialect.question("1 + 2, 3 + 4?"), *told]


def _compact(messages: list[Any]) -> Any:
    """Messages whose arguments, where they are texts, have no spaces: no vendor minds them."""
    for message in messages:
        for each in message.get("tool_calls") or ():
            if isinstance(each["function"]["arguments"], str):
                each["function"]["arguments"] = each["function"]["arguments"].replace(" ", "")
    return messages


async def test_a_turn_of_an_agent(contract: Contract, server: Server) -> None:
    question = HumanMessage("1 + 2, 3 + 4?")
    server.answer(*contract.streams(*TURN), *contract.streams("3 and ", "7")[-1:])
    async with contract.make(server) as model:
        bound = model.bind_tools([add])
        message = (await stream(bound, [question])).message
        answer = await stream(bound, [question, message, *results(message)])
    check_turn(contract, server, answer.message.text)


def test_a_turn_of_an_agent_without_a_loop(contract: Contract, server: Server) -> None:
    question = HumanMessage("1 + 2, 3 + 4?")
    server.answer(*contract.answers(*TURN), *contract.answers("3 and 7")[-1:])
    with contract.make(server) as model:
        bound = model.bind_tools([add])
        message = bound.invoke([question])
        answer = bound.invoke([question, message, *results(message)])
    check_turn(contract, server, answer.text)


async def test_an_agent_makes_the_calls(contract: Contract, server: Server) -> None:
    server.answer(*contract.streams(*TURN), *contract.streams("3 and ", "7")[-1:])
    async with contract.make(server) as model:
        agent = create_react_agent(model, [add])
        asked = {"messages": [HumanMessage("1 + 2, 3 + 4?")]}
        told = [message async for message, _ in agent.astream(asked, stream_mode="messages")]
    texts = [message.text for message in told if isinstance(message, AIMessageChunk)]
    assert [text for text in texts if text] == ["Let me ", "see.", "3 and ", "7"]
    assert [message.text for message in told if isinstance(message, ToolMessage)] == ["3", "7"]
    check_turn(contract, server, "".join(texts).removeprefix("Let me see."))


BROKEN = call(1, "call_2", "add", '{"a": 3, b')


async def test_a_malformed_call_goes_back_with_its_result(
    contract: Contract, server: Server
) -> None:
    """Vendors refuse a result without its call, as well as a call without a result."""
    server.answer(*contract.streams(*ADD, *BROKEN), *contract.streams("So.")[-1:])
    async with contract.make(server) as model:
        message = (await stream(model)).message
        [bad] = message.invalid_tool_calls
        said = [HumanMessage("Hi"), message, *results(message)]
        failed = ToolMessage("no JSON", tool_call_id=bad["id"] or "", status="error")
        for others, pieces in (([failed], (*ADD, *BROKEN)), ([], ADD)):
            await stream(model, [*said, *others])
            known = {"call_1": "3", "call_2": "no JSON"} if others else {"call_1": "3"}
            told = contract.dialect.turn(*pieces, results=known, failed=("call_2",))
            assert _compact(server.asked[-1].json["messages"][1:]) == _compact(told)
