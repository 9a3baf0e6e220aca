"""Messages as dicts: everything that JSON can hold comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamflow.errors import ModelInputError
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    messages_from_dict,
    messages_to_dict,
    tool_call,
    tool_call_chunk,
)

TALK = [
    SystemMessage("s"),
    HumanMessage([{"type": "text", "text": "h"}], name="ann", id="1"),
    AIMessage("a", tool_calls=[tool_call(name="t", args={"a": 1}, id="c")]),
    ToolMessage("r", tool_call_id="c", status="error"),
    FunctionMessage("f", name="f"),
    ChatMessage("c", role="judge"),
    AIMessageChunk("x", tool_call_chunks=[tool_call_chunk(name="t", args='{"a"', index=0)]),
]


def test_they_come_back_from_json() -> None:
    stored = json.loads(json.dumps(messages_to_dict(TALK)))
    back = messages_from_dict(stored)
    assert back == TALK
    assert [type(each) for each in back] == [type(each) for each in TALK]


def test_the_form_that_others_store() -> None:
    stored: Any = {"type": "human", "data": {"content": "h", "type": "human", "example": False}}
    assert messages_from_dict([stored]) == [HumanMessage("h")]


@pytest.mark.parametrize(
    "stored",
    [{}, {"type": "human"}, {"type": "robot", "data": {}}, {"type": "tool", "data": {}}, 7],
)
def test_what_is_none(stored: Any) -> None:
    with pytest.raises(ModelInputError, match="item 0"):
        messages_from_dict([stored])
