"""When a chain with a memory saves a turn: once, whole, at its end, and else not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow.bus import RunEnded
from streamflow.chat_history import InMemoryChatMessageHistory, SQLiteChatMessageHistory
from streamflow.messages import AIMessage, BaseMessage, HumanMessage
from streamflow.runnables import RunnableLambda, RunnableWithMessageHistory

SESSION: Any = {"configurable": {"session_id": "a"}}


def contents(messages: Sequence[BaseMessage]) -> list[Any]:
    return [message.content for message in messages]


def failing(messages: Any) -> Iterator[str]:
    yield "to"
    raise LookupError("no")


async def afailing(messages: Any) -> AsyncIterator[str]:
    yield "to"
    raise LookupError("no")


def letters(messages: Any) -> Iterator[str]:
    yield from messages[-1].content


@pytest.mark.parametrize("function", [failing, afailing])
async def test_a_turn_that_fails_is_not_saved(function: Any) -> None:
    history = InMemoryChatMessageHistory()
    chain = RunnableWithMessageHistory(RunnableLambda(function), lambda _: history)
    with pytest.raises(LookupError):
        chain.invoke("hi", SESSION)
    with pytest.raises(LookupError):
        await chain.ainvoke("hi", SESSION)
    with pytest.raises(LookupError):
        list(chain.stream("hi", SESSION))
    with pytest.raises(LookupError):
        [chunk async for chunk in chain.astream("hi", SESSION)]
    assert history.messages == []


async def test_a_turn_that_is_not_read_to_its_end_is_not_saved() -> None:
    history = InMemoryChatMessageHistory()
    chain = RunnableWithMessageHistory(RunnableLambda(letters), lambda _: history)
    with chain.stream("hi", SESSION) as chunks:
        assert next(chunks) == "h"
    async with chain.astream("hi", SESSION) as achunks:
        assert [await anext(achunks), await anext(achunks)] == ["h", "i"]
        assert history.messages == [], "the run has not ended yet"
    assert history.messages == []
    assert list(chain.stream("hi", SESSION)) == ["h", "i"]
    assert contents(history.messages) == ["hi", "hi"]


@pytest.mark.parametrize("how", ["ainvoke", "astream"])
async def test_a_turn_that_is_cancelled_is_not_saved(how: str) -> None:
    started = anyio.Event()

    async def endless(messages: Any) -> AsyncIterator[str]:
        yield "to"
        started.set()
        await anyio.sleep_forever()

    history = InMemoryChatMessageHistory()
    chain = RunnableWithMessageHistory(RunnableLambda(endless), lambda _: history)

    async def call() -> None:
        if how == "ainvoke":
            await chain.ainvoke("hi", SESSION)
        else:
            [chunk async for chunk in chain.astream("hi", SESSION)]

    async with anyio.create_task_group() as group:
        group.start_soon(call)
        await started.wait()
        group.cancel_scope.cancel()
    assert history.messages == []


async def test_a_turn_that_is_cancelled_while_it_is_saved_is_whole(tmp_path: Path) -> None:
    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as history:
        chain = RunnableWithMessageHistory(RunnableLambda(letters, inline=True), lambda _: history)
        for rounds in range(15):
            async with anyio.create_task_group() as group:
                group.start_soon(chain.ainvoke, "hi", SESSION)
                for _ in range(rounds):
                    await checkpoint()
                group.cancel_scope.cancel()
        saved = contents(history.messages)
        assert saved == ["hi", "hi"] * (len(saved) // 2)


async def test_a_turn_is_saved_before_the_run_ends() -> None:
    history = InMemoryChatMessageHistory()
    chain = RunnableWithMessageHistory(RunnableLambda(letters), lambda _: history)
    seen: list[tuple[str, int]] = []

    def look(message: Any) -> None:
        if isinstance(message, RunEnded):
            seen.append((message.run.name, len(history.messages)))

    await chain.ainvoke("hi", {**SESSION, "callbacks": [look]})
    list(chain.stream("hi", {**SESSION, "callbacks": [look]}))
    assert seen == [
        ("letters", 0),
        ("RunnableWithMessageHistory", 2),
        ("letters", 2),
        ("RunnableWithMessageHistory", 4),
    ]


async def test_a_history_that_cannot_be_read_or_written_fails_the_run() -> None:
    class Broken(InMemoryChatMessageHistory):
        def add_messages(self, messages: Sequence[BaseMessage]) -> None:
            raise OSError("disk full")

    chain = RunnableWithMessageHistory(RunnableLambda(letters), lambda _: Broken())
    kinds: list[str] = []
    config: Any = {**SESSION, "callbacks": [lambda m: kinds.append(f"{m.run.name} {m.kind}")]}
    for call in (chain.invoke, chain.stream):
        with pytest.raises(OSError, match="disk full"):
            list(call("hi", config))
        assert kinds[-2:] == ["letters end", "RunnableWithMessageHistory error"]
    with pytest.raises(OSError, match="disk full"):
        await chain.ainvoke("hi", config)


def test_what_the_chain_does_to_its_input_does_not_change_the_past() -> None:
    def greedy(messages: list[BaseMessage]) -> str:
        messages.clear()
        return "yes"

    history = InMemoryChatMessageHistory([HumanMessage("before"), AIMessage("yes")])
    chain = RunnableWithMessageHistory(RunnableLambda(greedy), lambda _: history)
    chain.invoke("hi", SESSION)
    assert contents(history.messages) == ["before", "yes", "hi", "yes"]


async def test_turns_at_the_same_time_are_each_saved_whole(tmp_path: Path) -> None:
    with SQLiteChatMessageHistory("a", tmp_path / "history.db") as history:
        chain = RunnableWithMessageHistory(RunnableLambda(letters, inline=True), lambda _: history)
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(chain.ainvoke, f"{number}", SESSION)
        chain.batch([f"{number}" for number in range(10, 20)], SESSION)
        saved = contents(history.messages)
    assert saved[::2] == saved[1::2]
    assert sorted(map(int, saved[::2])) == list(range(20))


ways = st.sampled_from(["invoke", "stream", "ainvoke", "astream", "fails"])
turns = st.lists(st.tuples(ways, st.text("ab", min_size=1, max_size=3)), max_size=8)


@given(turns)
async def test_the_history_is_what_was_said_and_answered(turns: list[tuple[str, str]]) -> None:
    def answer(messages: Any) -> Iterator[str]:
        yield f"{len(messages)}"
        if broken:
            raise LookupError("no")
        yield from messages[-1].content

    history, expected = InMemoryChatMessageHistory(), []
    chain = RunnableWithMessageHistory(RunnableLambda(answer), lambda _: history)
    for way, text in turns:
        broken = way == "fails"
        if broken:
            with pytest.raises(LookupError):
                await chain.ainvoke(text, SESSION)
            continue
        output = getattr(chain, "invoke" if broken else way)(text, SESSION)
        if way == "ainvoke":
            output = await output
        elif way == "astream":
            output = "".join([chunk async for chunk in output])
        output = "".join(output)
        assert output == f"{len(expected) + 1}{text}"
        expected += [text, output]
        assert contents(history.messages) == expected
