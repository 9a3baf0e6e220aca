"""Messages in the form of OpenAI's chat completions."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.errors import ModelInputError
from streamflow.messages import (
    AIMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    convert_to_openai_messages,
    invalid_tool_call,
)

CALL: Any = {"name": "t", "args": {"a": 1}, "id": "1", "type": "tool_call"}
WRITTEN = {"type": "function", "id": "1", "function": {"name": "t", "arguments": '{"a":1}'}}


@pytest.mark.parametrize(
    ("message", "written"),
    [
        (SystemMessage("s"), {"role": "system", "content": "s"}),
        (HumanMessage("h", name="ann"), {"role": "user", "name": "ann", "content": "h"}),
        (AIMessage("a"), {"role": "assistant", "content": "a"}),
        (ChatMessage("c", role="judge"), {"role": "judge", "content": "c"}),
        (
            AIMessage("", tool_calls=[CALL]),
            {"role": "assistant", "content": "", "tool_calls": [WRITTEN]},
        ),
        (
            ToolMessage("r", tool_call_id="1"),
            {"role": "tool", "tool_call_id": "1", "content": "r"},
        ),
        (
            AIMessage("", additional_kwargs={"refusal": "no"}),
            {"role": "assistant", "refusal": "no", "content": ""},
        ),
        (
            HumanMessage(["a", {"type": "text", "text": "b"}]),
            {"role": "user", "content": "a\nb"},
        ),
        ("hi", {"role": "user", "content": "hi"}),
        ({"role": "assistant", "content": "hi"}, {"role": "assistant", "content": "hi"}),
    ],
    ids=str,
)
def test_one_message(message: Any, written: dict[str, Any]) -> None:
    assert convert_to_openai_messages(message) == written
    assert convert_to_openai_messages([message]) == [written]


def test_text_as_blocks_and_ids() -> None:
    assert convert_to_openai_messages([HumanMessage("h", id="7")], text_format="block") == [
        {"role": "user", "content": [{"type": "text", "text": "h"}]}
    ]
    assert convert_to_openai_messages(HumanMessage("h", id="7"), include_id=True) == {
        "role": "user",
        "content": "h",
        "id": "7",
    }


def test_an_invalid_call_keeps_its_text() -> None:
    bad = invalid_tool_call(name="t", args="{oops", id="1", error="not JSON")
    message: Any = convert_to_openai_messages(AIMessage("", invalid_tool_calls=[bad]))
    assert message["tool_calls"][0]["function"] == {"name": "t", "arguments": "{oops"}


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


@pytest.mark.parametrize(
    ("block", "written"),
    [
        (IMAGE, IMAGE),
        ({"type": "image_url", "image_url": "http://x"}, "http://x"),
        ({"type": "image", "url": "http://x"}, "http://x"),
        ({"type": "image", "source": {"type": "url", "url": "http://x"}}, "http://x"),
        ({"type": "image", "base64": "AA==", "mime_type": "image/png"}, IMAGE),
        (
            {"type": "image", "source_type": "base64", "data": "AA==", "mime_type": "image/png"},
            IMAGE,
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
            },
            IMAGE,
        ),
        (
            {"type": "audio", "base64": "AA==", "mime_type": "audio/mpeg"},
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}},
        ),
        (
            {"type": "file", "base64": "AA==", "mime_type": "text/csv", "filename": "a.csv"},
            {
                "type": "file",
                "file": {"filename": "a.csv", "file_data": "data:text/csv;base64,AA=="},
            },
        ),
        (
            {"type": "file", "base64": "AA==", "metadata": {"name": "a.pdf", "url": "no"}},
            {
                "type": "file",
                "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
            },
        ),
        (
            {"type": "image", "source_type": "id", "id": "f1"},
            {"type": "file", "file": {"file_id": "f1"}},
        ),
        ({"type": "file", "file_id": "f1"}, {"type": "file", "file": {"file_id": "f1"}}),
        ({"type": "thinking", "thinking": "hm"}, {"type": "thinking", "thinking": "hm"}),
    ],
    ids=str,
)
def test_blocks(block: dict[str, Any], written: Any) -> None:
    if isinstance(written, str):
        written = {"type": "image_url", "image_url": {"url": written}}
    message: Any = convert_to_openai_messages(HumanMessage([block]))
    assert message["content"] == [written]


def test_unknown_blocks_can_be_refused() -> None:
    message = HumanMessage([{"type": "hologram"}])
    with pytest.raises(ModelInputError, match="hologram"):
        convert_to_openai_messages(message, pass_through_unknown_blocks=False)


def test_calls_and_results_that_stand_in_the_content() -> None:
    talk = [
        AIMessage([{"type": "tool_use", "id": "1", "name": "t", "input": {"a": 1}}]),
        HumanMessage([{"type": "tool_result", "tool_use_id": "1", "content": "r"}]),
        HumanMessage([{"type": "tool_result", "tool_use_id": "2", "content": "r"}, "and?"]),
    ]
    assert convert_to_openai_messages(talk) == [
        {"role": "assistant", "content": "", "tool_calls": [WRITTEN]},
        {"role": "tool", "tool_call_id": "1", "content": "r"},
        {"role": "tool", "tool_call_id": "2", "content": "r"},
        {"role": "user", "content": "and?"},
    ]


def test_what_is_written_can_be_read() -> None:
    talk = [
        SystemMessage("s"),
        HumanMessage("h"),
        AIMessage("a", tool_calls=[CALL]),
        ToolMessage("r", tool_call_id="1"),
    ]
    assert convert_to_messages(convert_to_openai_messages(talk)) == talk
