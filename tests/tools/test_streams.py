"""Generator functions as tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from streamflow.messages import AIMessageChunk
from streamflow.runnables import RunnableLambda
from streamflow.tools import BaseTool, ToolException, tool

CALL: Any = {"name": "spell", "args": {"word": "tea"}, "id": "call_1", "type": "tool_call"}


@tool
def spell(word: str) -> Iterator[str]:
    """Spell a word."""
    yield from word


@tool("spell")
async def async_spell(word: str) -> AsyncIterator[str]:
    """Spell a word."""
    for letter in word:
        yield letter


class Spell(BaseTool):
    name: str = "spell"
    description: str = "Spell a word."

    def _run(self, word: str) -> Iterator[str]:
        yield from word


SPELLING = pytest.mark.parametrize(
    "spelling", [spell, async_spell, Spell()], ids=["plain", "async", "class"]
)


async def keep(stream: AsyncIterator[Any], items: list[Any]) -> None:
    async for item in stream:
        items.append(item)  # noqa: PERF401 - those before an error are kept, too


async def shown(runnable: Any, value: Any) -> list[tuple[str, Any]]:
    """What happens in the tool: the events with their chunk or output."""
    return [
        (e["event"], e["data"].get("chunk", e["data"].get("output")))
        async for e in runnable.astream_events(value, version="v2", include_names=["spell"])
    ]


@SPELLING
async def test_chunks_come_one_by_one_and_add_up(spelling: BaseTool) -> None:
    assert [chunk async for chunk in spelling.astream("tea")] == ["t", "e", "a"]
    assert list(spelling.stream("tea")) == ["t", "e", "a"]
    assert await spelling.ainvoke("tea") == spelling.invoke("tea") == "tea"
    assert [step.flow for step in spelling.explain()] == ["streams"]


@SPELLING
async def test_events_of_the_chunks(spelling: BaseTool) -> None:
    chunks = [("on_tool_stream", letter) for letter in "tea"]
    expected = [("on_tool_start", None), *chunks, ("on_tool_end", "tea")]
    assert await shown(spelling, "tea") == expected

    # The same where it is called, not read.
    async def calling(value: Any) -> Any:
        return await spelling.ainvoke(value)

    assert await shown(RunnableLambda(calling), "tea") == expected
    assert await shown(RunnableLambda(spelling.invoke), "tea") == expected
    of_call = await shown(RunnableLambda(calling), CALL)
    assert of_call[:-1] == expected[:-1]
    assert of_call[-1][1].content == "tea"


@SPELLING
async def test_the_answer_to_a_call_comes_whole(spelling: BaseTool) -> None:
    (answer,) = [chunk async for chunk in spelling.astream(CALL)]
    assert answer == spelling.invoke(CALL)
    assert (answer.content, answer.tool_call_id) == ("tea", "call_1")
    events = await shown(spelling, CALL)
    assert [chunk for name, chunk in events if name == "on_tool_stream"] == ["t", "e", "a"]


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ([], None),
        (["a", "b"], "ab"),
        ([[1], [2]], [1, 2]),
        ([AIMessageChunk("a"), AIMessageChunk("b")], AIMessageChunk("ab")),
        ([{"done": 1}, {"done": 2}], {"done": 2}),
        (["half", {"done": 2}], {"done": 2}),
        ([1.5, "end"], "end"),
    ],
)
async def test_the_sum_or_the_last_is_the_result(values: list[Any], result: Any) -> None:
    @tool("spell")
    def give() -> Iterator[Any]:
        """Give some values."""
        yield from values

    assert give.invoke({}) == await give.ainvoke({}) == result
    events = await shown(give, {})
    assert events[-1] == ("on_tool_end", result)
    assert [chunk for name, chunk in events if name == "on_tool_stream"] == values

    async def calling(_: Any) -> Any:
        return await give.ainvoke({})

    assert (await shown(RunnableLambda(calling), 1))[-1] == ("on_tool_end", result)


async def test_pairs_of_content_and_artifact() -> None:
    @tool(response_format="content_and_artifact")
    def find(query: str) -> Iterator[Any]:
        """Find something."""
        yield "found ", None
        yield query, [query]

    assert list(find.stream("tea")) == ["found ", "tea"]
    message = await find.ainvoke({**CALL, "args": {"query": "tea"}})
    assert (message.content, message.artifact) == ("found tea", ["tea"])


async def test_an_error_between_chunks() -> None:
    @tool("spell")
    def breaks() -> Iterator[str]:
        """Break."""
        yield "a"
        raise ToolException("no more")

    with pytest.raises(ToolException):
        await breaks.ainvoke({})
    events: list[Any] = []
    with pytest.raises(ToolException):
        await keep(breaks.astream_events({}, version="v2"), events)
    assert (events[-1]["event"], events[-1]["data"]["partial"]) == ("on_tool_error", "a")

    handling = tool("spell", handle_tool_error=True)(breaks.func)  # type: ignore[attr-defined]  # made above
    assert handling.invoke({}) == "no more"
    assert list(handling.stream({})) == ["a", "no more"]
    assert (await shown(handling, {}))[-1] == ("on_tool_end", "no more")


async def test_a_stream_with_wrong_arguments() -> None:
    handling = tool("spell", handle_validation_error="give a word")(spell.func)  # type: ignore[attr-defined]  # made above
    assert list(handling.stream({})) == ["give a word"]
    assert [chunk async for chunk in handling.astream({})] == ["give a word"]
