"""Scripted models under the names that test suites know."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from anyio import to_thread

from streamflow.errors import ScriptError
from streamflow.language_models import (
    FakeListChatModel,
    FakeListLLM,
    FakeMessagesListChatModel,
    FakeStreamingListLLM,
    GenericFakeChatModel,
)
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage, tool_call
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import Runnable


async def events_of(model: Runnable[Any, Any]) -> list[str]:
    return [event["event"].rsplit("_", 1)[1] async for event in model.astream_events("hi")]


# ------------------------------------------------------------------ GenericFakeChatModel


async def test_generic_answers_with_the_messages_of_an_iterator() -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("one"), "two", "three"]))
    assert model.invoke("x").content == "one"
    assert (await model.ainvoke("x")).content == "two"
    assert (await to_thread.run_sync(model.invoke, "x")).content == "three"
    with pytest.raises(ScriptError, match="no message left"):
        model.invoke("x")
    with pytest.raises(ScriptError):
        [chunk async for chunk in model.astream("x")]


async def test_generic_streams_words_and_spaces() -> None:
    model = GenericFakeChatModel(messages=cycle(["hello good\nbye "]))
    expected = ["hello", " ", "good", "\n", "bye", " "]
    assert [chunk.content for chunk in model.stream("x")] == expected
    chunks = [chunk async for chunk in model.astream("x")]
    assert [chunk.content for chunk in chunks] == expected
    assert {type(chunk) for chunk in chunks} == {AIMessageChunk}
    assert len({chunk.id for chunk in chunks}) == 1


async def test_generic_gives_all_of_a_message() -> None:
    message = AIMessage(
        "call it",
        id="mine",
        tool_calls=[tool_call(name="f", args={"x": 1}, id="1")],
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
        response_metadata={"stop": "end"},
        additional_kwargs={"a": 1},
    )
    model = GenericFakeChatModel(messages=cycle([message]))
    assert model.invoke("x") == message
    assert await model.ainvoke("x", {"callbacks": [lambda _: None]}) == message
    chunks = [chunk async for chunk in model.astream("x")]
    assert [chunk.content for chunk in chunks] == ["call", " ", "it"]
    total = AIMessageChunk.merge_chunks(chunks)
    assert total.tool_calls == message.tool_calls
    assert total.usage_metadata == message.usage_metadata
    assert total.id == "mine"


@pytest.mark.parametrize("message", [AIMessage("a b"), AIMessageChunk("a b"), AIMessage("")])
async def test_generic_may_give_one_message_many_times(message: AIMessage) -> None:
    model = GenericFakeChatModel(messages=cycle([message]))
    content = message.content
    for _ in range(2):
        assert "".join(chunk.text for chunk in model.stream("x")) == content
        assert model.invoke("x").content == content
    assert message.content == content
    assert message.id is None


async def test_generic_gives_content_blocks_in_one_chunk() -> None:
    blocks: Any = [{"type": "text", "text": "hi there"}]
    model = GenericFakeChatModel(messages=cycle([AIMessage(blocks)]))
    assert [chunk.content async for chunk in model.astream("x")] == [blocks]


# --------------------------------------------------------------------- FakeListChatModel


async def test_list_answers_in_turn() -> None:
    model = FakeListChatModel(responses=["ab", "cd"])
    assert [model.invoke("x").content for _ in range(3)] == ["ab", "cd", "ab"]
    assert (await model.ainvoke("x")).content == "cd"
    assert [chunk.content for chunk in model.stream("x")] == ["a", "b"]
    assert [chunk.content async for chunk in model.astream("x")] == ["c", "d"]
    assert await events_of(model) == ["start", "stream", "stream", "end"]
    assert model.i == 1


async def test_list_begins_where_it_is_told() -> None:
    assert FakeListChatModel(responses=["ab", "cd"], i=1).invoke("x").content == "cd"


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_list_fails_at_a_chunk(number: int) -> None:
    model = FakeListChatModel(responses=["abc"], error_on_chunk_number=number)
    async with model.astream("x") as chunks:
        assert [(await anext(chunks)).content for _ in range(number)] == list("abc")[:number]
        with pytest.raises(ScriptError, match=f"chunk {number}"):
            await anext(chunks)
    with pytest.raises(ScriptError):
        list(model.stream("x"))


async def test_a_pause_of_zero_changes_nothing() -> None:
    for model in (
        FakeListChatModel(responses=["ab"], sleep=0),
        FakeMessagesListChatModel(responses=[AIMessage("ab")], sleep=0),
        FakeListLLM(responses=["ab"], sleep=0) | StrOutputParser(),
        FakeStreamingListLLM(responses=["ab"], sleep=0) | StrOutputParser(),
    ):
        parser = model | StrOutputParser()
        assert parser.invoke("x") == await parser.ainvoke("x") == "ab"
        assert "".join([chunk async for chunk in parser.astream("x")]) == "ab"


# ------------------------------------------------------------- FakeMessagesListChatModel


async def test_messages_in_turn_which_do_not_stream() -> None:
    answers: list[Any] = [AIMessage("a"), HumanMessage("b", id="mine")]
    model = FakeMessagesListChatModel(responses=answers)
    first, second, third = model.invoke("x"), model.invoke("x"), await model.ainvoke("x")
    assert (first.content, second.content, third.content) == ("a", "b", "a")
    assert first.id is not None
    assert first.id.startswith("run-")
    assert second == answers[1]
    assert third.id not in (None, first.id), "each call has an id of its own"
    assert answers == [AIMessage("a"), HumanMessage("b", id="mine")]
    assert [chunk.content for chunk in model.stream("x")] == ["b"]
    assert [chunk.content async for chunk in model.astream("x")] == ["a"]
    assert await events_of(model) == ["start", "end"]


# ------------------------------------------------------------------------ models of text


async def test_text_in_turn() -> None:
    model = FakeListLLM(responses=["ab", "cd"])
    assert [model.invoke("x"), await model.ainvoke("x"), model.invoke("x")] == ["ab", "cd", "ab"]
    assert list(model.stream("x")) == ["cd"]
    assert [chunk async for chunk in model.astream("x")] == ["ab"]
    assert await events_of(model) == ["start", "end"]


async def test_text_in_turn_by_the_character() -> None:
    model = FakeStreamingListLLM(responses=["ab", "cd"])
    assert [model.invoke("x"), await model.ainvoke("x")] == ["ab", "cd"]
    assert list(model.stream("x")) == ["a", "b"]
    assert [chunk async for chunk in model.astream("x")] == ["c", "d"]
    assert await events_of(model) == ["start", "stream", "stream", "end"]
    failing = FakeStreamingListLLM(responses=["ab"], error_on_chunk_number=1)
    with pytest.raises(ScriptError, match="chunk 1"):
        list(failing.stream("x"))


def test_types_of_fakes() -> None:
    assert GenericFakeChatModel(messages=iter([]))._llm_type == "generic-fake-chat-model"
    assert FakeListChatModel(responses=[])._llm_type == "fake-list-chat-model"
    assert FakeListLLM(responses=[])._llm_type == "fake-list"
