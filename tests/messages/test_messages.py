"""Messages: what they hold, how they look, when they are equal."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from streamflow import messages as m
from streamflow._json import dumps, loads
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    BaseMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    ToolMessage,
)

RUN = "run-b36bea64-5511-4d7a-b6a3-a07b3db0c8e7"
USAGE: m.UsageMetadata = {"input_tokens": 182, "output_tokens": 16, "total_tokens": 198}
CALL = m.tool_call(name="add", args={"a": 1}, id="call-1")

ONE_OF_EACH: list[BaseMessage] = [
    HumanMessage("hi", name="Ada"),
    SystemMessage([{"type": "text", "text": "be brief"}]),
    AIMessage("yes", tool_calls=[CALL], usage_metadata=USAGE, response_metadata={"stop": "end"}),
    ToolMessage("3", tool_call_id="call-1", artifact={"n": 3}, status="error"),
    FunctionMessage("3", name="add"),
    ChatMessage("order", role="judge"),
    HumanMessageChunk("h", id=RUN),
    AIMessageChunk("y", tool_call_chunks=[m.tool_call_chunk(name="f", args="{}", index=0)]),
    m.SystemMessageChunk("s"),
    m.ToolMessageChunk("3", tool_call_id="1"),
    m.FunctionMessageChunk("3", name="f"),
    m.ChatMessageChunk("o", role="judge"),
]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (HumanMessage("x"), "HumanMessage(content='x')"),
        (AIMessageChunk(content="The", id=RUN), f"AIMessageChunk(content='The', id='{RUN}')"),
        (AIMessageChunk(content=""), "AIMessageChunk(content='')"),
        (
            AIMessage(
                content="Bee defies physics",
                usage_metadata=USAGE,
                id=RUN,
                response_metadata={"stop_reason": "end_turn", "stop_sequence": None},
            ),
            (
                "AIMessage(content='Bee defies physics', response_metadata={'stop_reason': "
                f"'end_turn', 'stop_sequence': None}}, id='{RUN}', usage_metadata="
                "{'input_tokens': 182, 'output_tokens': 16, 'total_tokens': 198})"
            ),
        ),
        (ToolMessage("3", tool_call_id="c"), "ToolMessage(content='3', tool_call_id='c')"),
        (
            ToolMessage("3", tool_call_id="c", status="error", artifact=0, name="add"),
            "ToolMessage(content='3', name='add', tool_call_id='c', artifact=0, status='error')",
        ),
        (ChatMessage("x", role="r", id="1"), "ChatMessage(content='x', id='1', role='r')"),
        (
            FunctionMessage("x", name="f", id="1"),
            "FunctionMessage(content='x', name='f', id='1')",
        ),
        (
            AIMessage("", tool_calls=[CALL], additional_kwargs={"k": 1}),
            (
                "AIMessage(content='', additional_kwargs={'k': 1}, tool_calls=[{'name': 'add', "
                "'args': {'a': 1}, 'id': 'call-1', 'type': 'tool_call'}])"
            ),
        ),
        (
            AIMessageChunk("", tool_call_chunks=[m.tool_call_chunk(name="f", args="[", index=0)]),
            (
                "AIMessageChunk(content='', invalid_tool_calls=[{'name': 'f', 'args': '[', "
                "'id': None, 'error': 'the arguments are not valid JSON: unexpected end of data: "
                "line 1 column 2 (char 1)', 'type': 'invalid_tool_call'}], tool_call_chunks="
                "[{'name': 'f', 'args': '[', 'id': None, 'index': 0, 'type': 'tool_call_chunk'}])"
            ),
        ),
    ],
)
def test_a_repr_shows_what_is_there(message: BaseMessage, shown: str) -> None:
    assert repr(message) == shown


def test_a_repr_does_not_ask_an_artifact_for_its_truth() -> None:
    class Table:
        def __bool__(self) -> bool:
            raise ValueError("ambiguous")

        def __repr__(self) -> str:
            return "<table>"

    assert "artifact=<table>" in repr(ToolMessage("", tool_call_id="c", artifact=Table()))


def test_the_type_is_the_role_also_of_chunks() -> None:
    roles = [message.type for message in ONE_OF_EACH]
    assert roles[:6] == ["human", "system", "ai", "tool", "function", "chat"]
    assert roles[6:] == ["human", "ai", "system", "tool", "function", "chat"]


def test_a_chunk_is_a_message_of_its_kind() -> None:
    chunk = AIMessageChunk("x")
    assert isinstance(chunk, AIMessage)
    assert isinstance(chunk, BaseMessageChunk)
    assert chunk != AIMessage("x")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("hi", "hi"),
        ([], ""),
        (["a", {"type": "text", "text": "b"}, {"type": "image", "url": "u"}, "c"], "abc"),
        ([{"type": "text"}, {"text": "no type"}], ""),
    ],
)
def test_text_is_the_text_of_the_content(content: Any, text: str) -> None:
    assert HumanMessage(content).text == text


def test_content_is_positional_and_the_rest_is_named() -> None:
    with pytest.raises(TypeError):
        HumanMessage("x", {})  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        FunctionMessage("x")  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(TypeError):
        ToolMessage("x")  # type: ignore[call-arg]  # the point of the test


def test_messages_are_equal_by_value() -> None:
    assert AIMessage("x", id="1") == AIMessage("x", id="1")
    assert AIMessage("x", id="1") != AIMessage("x", id="2")
    assert HumanMessage("x") != SystemMessage("x")


def test_reading_an_empty_container_does_not_change_a_message() -> None:
    read, unread = AIMessageChunk("x"), AIMessageChunk("x")
    assert read.additional_kwargs == {}
    assert read.tool_calls == []
    assert read.tool_call_chunks == []
    assert read == unread
    assert repr(read) == repr(unread)
    assert read == AIMessageChunk("x", additional_kwargs={}, tool_call_chunks=[])


def test_containers_belong_to_one_message() -> None:
    first, second = AIMessage("x"), AIMessage("x")
    first.tool_calls.append(CALL)
    first.response_metadata["k"] = 1
    assert second.tool_calls == []
    assert second.response_metadata == {}
    assert first.tool_calls == [CALL]
    first.tool_calls = []
    assert first == AIMessage("x", response_metadata={"k": 1})


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: type(message).__name__)
def test_messages_survive_a_journey(message: BaseMessage) -> None:
    assert pickle.loads(pickle.dumps(message)) == message
    assert copy.deepcopy(message) == message
    assert attrs.evolve(message) == message
    assert loads(dumps(message)) == message


def test_pretty_repr() -> None:
    assert HumanMessage("hi", name="Ada").pretty_repr().splitlines() == [
        "================================ Human Message =================================",
        "Name: Ada",
        "",
        "hi",
    ]


def test_pretty_repr_shows_tool_calls_and_blocks() -> None:
    bad = m.invalid_tool_call(name="f", args="{", id="2", error="cut off")
    blocks: list[Any] = ["a", {"type": "text", "text": "b"}, {"type": "image"}]
    message = AIMessage(blocks, tool_calls=[CALL], invalid_tool_calls=[bad])
    assert message.pretty_repr().splitlines() == [
        "================================== Ai Message ==================================",
        "",
        "a",
        "b",
        "{'type': 'image'}",
        "Tool Calls:",
        "  add (call-1)",
        " Call ID: call-1",
        "  Args:",
        "    a: 1",
        "Invalid Tool Calls:",
        "  f (2)",
        " Call ID: 2",
        "  Error: cut off",
        "  Args:",
        "    {",
    ]


def test_pretty_print(capsys: pytest.CaptureFixture[str]) -> None:
    SystemMessage("x").pretty_print()
    assert capsys.readouterr().out == SystemMessage("x").pretty_repr() + "\n"


def test_a_class_of_ones_own() -> None:
    @attrs.define(repr=False)
    class Note(m.BaseMessageChunk):
        type = "note"
        mood: str | None = attrs.field(default=None, kw_only=True)

    assert repr(Note("x", mood="calm")) == "Note(content='x', mood='calm')"
    assert Note("x") + Note("y", mood="calm") + Note("z", mood="cross") == Note("xyz", mood="calm")
