"""What people write for messages, and messages made into one another."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from streamflow.errors import ModelInputError
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
    convert_to_messages,
    get_buffer_string,
    invalid_tool_call,
    message_chunk_to_message,
    message_to_chunk,
    tool_call,
    tool_call_chunk,
)
from streamflow.prompt_values import StringPromptValue

BLOCKS: list[Any] = [{"type": "text", "text": "hi"}]
OPENAI_CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("hi", HumanMessage("hi")),
        (("human", "hi"), HumanMessage("hi")),
        (("user", "hi"), HumanMessage("hi")),
        (["ai", "hi"], AIMessage("hi")),
        (("assistant", BLOCKS), AIMessage(BLOCKS)),
        (("system", "hi"), SystemMessage("hi")),
        (("developer", "hi"), SystemMessage("hi")),
        ({"role": "user", "content": "hi", "name": "Ada"}, HumanMessage("hi", name="Ada")),
        ({"type": "human", "content": "hi", "id": "1"}, HumanMessage("hi", id="1")),
        ({"role": "user", "content": BLOCKS}, HumanMessage(BLOCKS)),
        (
            {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]},
            AIMessage("", tool_calls=[tool_call(name="f", args={"a": 1}, id="1")]),
        ),
        (
            {"role": "ai", "content": "", "tool_calls": [{"name": "f", "args": {"a": 1}}]},
            AIMessage("", tool_calls=[tool_call(name="f", args={"a": 1})]),
        ),
        (
            {"role": "ai", "content": "", "tool_calls": [{"function": {"name": "f"}, "id": "1"}]},
            AIMessage("", tool_calls=[tool_call(name="f", args={}, id="1")]),
        ),
        (
            {"role": "assistant", "content": "x", "refusal": "no", "tool_calls": None},
            AIMessage("x", additional_kwargs={"refusal": "no"}),
        ),
        (
            {"role": "tool", "content": "3", "tool_call_id": "1", "status": "error"},
            ToolMessage("3", tool_call_id="1", status="error"),
        ),
        ({"role": "function", "name": "f", "content": "3"}, FunctionMessage("3", name="f")),
        ({"type": "message", "role": "user", "content": "hi"}, HumanMessage("hi")),
        ({"type": "chat", "role": "judge", "content": "x"}, ChatMessage("x", role="judge")),
    ],
)
def test_forms_of_a_message(item: Any, message: BaseMessage) -> None:
    assert convert_to_messages([item]) == [message]


def test_a_broken_call_is_kept_with_its_error() -> None:
    call = {"id": "1", "function": {"name": "f", "arguments": "{"}}
    (message,) = convert_to_messages([{"role": "assistant", "content": "", "tool_calls": [call]}])
    assert isinstance(message, AIMessage)
    (bad,) = message.invalid_tool_calls
    assert bad == invalid_tool_call(name="f", args="{", id="1", error=bad["error"])


def test_messages_are_passed_on_as_they_are() -> None:
    message = HumanMessage("hi")
    assert convert_to_messages([message])[0] is message


@pytest.mark.parametrize(
    "value",
    ["hi", HumanMessage("hi"), ("human", "hi"), {"role": "user", "content": "hi"}, ("hi",)],
)
def test_one_message_need_not_be_in_a_list(value: Any) -> None:
    assert convert_to_messages(value) == [HumanMessage("hi")]


def test_a_list_of_two_strings_is_two_messages() -> None:
    assert convert_to_messages(["human", "hi"]) == [HumanMessage("human"), HumanMessage("hi")]


def test_what_knows_its_messages_is_asked() -> None:
    assert convert_to_messages(StringPromptValue("hi")) == [HumanMessage("hi")]


def test_dicts_are_not_changed() -> None:
    given = {"role": "user", "content": "hi", "extra": 1}
    convert_to_messages([given])
    assert given == {"role": "user", "content": "hi", "extra": 1}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([HumanMessage("a"), 3], "item 1 of the messages is int 3. A message is a message object"),
        (3, "expected messages, got int 3"),
        (b"hi", "expected messages, got bytes"),
        ([("bad", "x")], "role 'bad', which is none of 'human', 'user', 'ai', 'assistant'"),
        ([("a", "b", "c")], "item 0 of the messages is tuple"),
        ([{"content": "x"}], "has no role"),
        ([{"role": "user"}], "has no content"),
        ([{"role": "user", "content": 3}], "no text and no list"),
        ([{"role": "tool", "content": "x"}], "tool_call_id"),
        ([("chat", "x")], "role 'chat', which is none"),
        ([{"type": "chat", "content": "x"}], "role 'chat', which is none"),
        ([{"role": "ai", "content": "", "tool_calls": [{"id": "1"}]}], "tool calls of no known"),
        ([{"role": "ai", "content": "", "tool_calls": "f"}], "tool calls of no known"),
        ([{"role": 3, "content": "x"}], "role 3, which is none"),
    ],
)
def test_errors_name_the_item(value: Any, told: str) -> None:
    with pytest.raises(ModelInputError, match=told):
        convert_to_messages(value)


def test_long_items_are_cut_in_errors() -> None:
    with pytest.raises(ModelInputError) as caught:
        convert_to_messages([("bad", "x" * 10_000)])
    assert len(str(caught.value)) < 500


# ------------------------------------------------------------------- chunks and wholes

PAIRS: list[tuple[BaseMessage, BaseMessage]] = [
    (HumanMessage("x", id="1"), HumanMessageChunk("x", id="1")),
    (SystemMessage("x", name="n"), SystemMessageChunk("x", name="n")),
    (ToolMessage("x", tool_call_id="1"), ToolMessageChunk("x", tool_call_id="1")),
    (FunctionMessage("x", name="f"), FunctionMessageChunk("x", name="f")),
    (ChatMessage("x", role="r"), ChatMessageChunk("x", role="r")),
    (AIMessage("x", response_metadata={"a": 1}), AIMessageChunk("x", response_metadata={"a": 1})),
    (
        AIMessage("", tool_calls=[tool_call(name="f", args={"n": float("inf")}, id="1")]),
        AIMessageChunk("", tool_calls=[tool_call(name="f", args={"n": float("inf")}, id="1")]),
    ),
]


@pytest.mark.parametrize(("whole", "chunk"), PAIRS)
def test_chunks_and_wholes_become_one_another(whole: BaseMessage, chunk: Any) -> None:
    assert message_chunk_to_message(chunk) == whole
    assert type(message_chunk_to_message(chunk)) is type(whole)
    assert message_to_chunk(whole) == chunk
    assert message_chunk_to_message(whole) is whole
    assert message_to_chunk(chunk) is chunk


def test_the_whole_has_the_calls_that_the_chunk_has_read() -> None:
    chunk = AIMessageChunk(
        "",
        tool_call_chunks=[
            tool_call_chunk(name="f", args="{}", id="1", index=0),
            tool_call_chunk(name="g", args="{", id="2", index=1),
        ],
    )
    whole = message_chunk_to_message(chunk)
    assert isinstance(whole, AIMessage)
    assert whole.tool_calls == chunk.tool_calls == [tool_call(name="f", args={}, id="1")]
    assert whole.invalid_tool_calls == chunk.invalid_tool_calls


def test_the_whole_shares_no_container_with_the_chunk() -> None:
    chunk = AIMessageChunk("x", response_metadata={"a": 1})
    message_chunk_to_message(chunk).response_metadata["b"] = 2
    assert chunk.response_metadata == {"a": 1}


def test_a_class_without_chunks_has_none() -> None:
    @attrs.define(repr=False)
    class Note(BaseMessage):
        type = "note"

    with pytest.raises(ModelInputError, match="Note"):
        message_to_chunk(Note("x"))


# -------------------------------------------------------------------------- transcripts


def test_a_transcript() -> None:
    messages = [
        SystemMessage("be brief"),
        HumanMessage(BLOCKS),
        AIMessage("yo"),
        ToolMessage("3", tool_call_id="1"),
        FunctionMessage("4", name="f"),
        ChatMessage("order", role="Judge"),
    ]
    assert get_buffer_string(messages).splitlines() == [
        "System: be brief",
        "Human: hi",
        "AI: yo",
        "Tool: 3",
        "Function: 4",
        "Judge: order",
    ]
    assert get_buffer_string(messages[1:3], human_prefix="H", ai_prefix="A") == "H: hi\nA: yo"


def test_a_transcript_shows_calls() -> None:
    call = tool_call(name="f", args={}, id="1")
    assert get_buffer_string([AIMessage("x", tool_calls=[call])]) == f"AI: x[{call}]"
    older = AIMessage("", additional_kwargs={"function_call": {"name": "f"}})
    assert get_buffer_string([older]) == "AI: {'name': 'f'}"
