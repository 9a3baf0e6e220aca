"""Filtering messages and merging runs of them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import ConfigError
from streamflow.messages import (
    AIMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    filter_messages,
    merge_message_runs,
)
from streamflow.runnables import RunnableLambda

CALLS: Any = [{"name": "t", "args": {}, "id": "1"}, {"name": "t", "args": {}, "id": "2"}]
TALK = [
    SystemMessage("s", id="s"),
    HumanMessage("h", id="h", name="ann"),
    AIMessage("a", id="a", tool_calls=CALLS),
    ToolMessage("1", tool_call_id="1", id="t1"),
    ToolMessage("2", tool_call_id="2", id="t2"),
    HumanMessage("k", id="k", name="bob"),
]


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({}, "s h a t1 t2 k"),
        ({"include_types": ["human"]}, "h k"),
        ({"include_types": [HumanMessage, "system"]}, "s h k"),
        ({"include_names": ["ann"]}, "h"),
        ({"include_names": ["ann"], "include_types": ["ai"]}, "h a"),
        ({"include_ids": ["s"], "include_names": ["bob"]}, "s k"),
        ({"include_types": ["human"], "exclude_names": ["ann"]}, "k"),
        ({"exclude_types": ["tool", "ai"]}, "s h k"),
        ({"exclude_ids": ["s", "h"]}, "a t1 t2 k"),
        ({"exclude_tool_calls": True}, "s h k"),
        ({"exclude_tool_calls": ["1"]}, "s h a t2 k"),
        ({"exclude_tool_calls": ["1", "2"]}, "s h k"),
        ({"include_types": []}, ""),
    ],
    ids=str,
)
def test_what_is_kept(arguments: dict[str, Any], kept: str) -> None:
    assert [message.id for message in filter_messages(TALK, **arguments)] == kept.split()


def test_a_call_that_is_left_out_is_gone_from_its_message_everywhere() -> None:
    content: Any = [{"type": "text", "text": "a"}, {"type": "tool_use", "id": "1"}]
    message = AIMessage(content, tool_calls=CALLS)
    (left,) = filter_messages([message], exclude_tool_calls=["1"])
    assert [call["id"] for call in left.tool_calls] == ["2"]
    assert left.content == [{"type": "text", "text": "a"}]
    assert len(message.tool_calls) == 2


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="robot"):
        filter_messages(TALK, include_types=["robot"])


async def test_steps_of_a_chain() -> None:
    chain = filter_messages(include_types=["human"]) | merge_message_runs() | RunnableLambda(len)
    assert chain.invoke(TALK) == 2
    assert await chain.ainvoke([("human", "a"), ("ai", "b"), ("human", "c")]) == 1


def test_runs_of_one_role_are_merged() -> None:
    talk = [
        SystemMessage("s"),
        HumanMessage("h"),
        HumanMessage([{"type": "text", "text": "x"}]),
        AIMessage("a", tool_calls=CALLS[:1], additional_kwargs={"k": 1}),
        AIMessage("b", tool_calls=CALLS[1:]),
        ToolMessage("1", tool_call_id="1"),
        ToolMessage("2", tool_call_id="2"),
    ]
    assert merge_message_runs(talk) == [
        SystemMessage("s"),
        HumanMessage(["h", {"type": "text", "text": "x"}]),
        AIMessage("a\nb", tool_calls=CALLS, additional_kwargs={"k": 1}),
        ToolMessage("1", tool_call_id="1"),
        ToolMessage("2", tool_call_id="2"),
    ]
    assert talk[3] == AIMessage("a", tool_calls=CALLS[:1], additional_kwargs={"k": 1})


def test_different_speakers_stay_apart() -> None:
    talk = [
        HumanMessage("a", name="ann"),
        HumanMessage("b", name="bob"),
        ChatMessage("c", role="judge"),
        ChatMessage("d", role="clerk"),
    ]
    assert merge_message_runs(talk) == talk


@given(st.lists(st.tuples(st.sampled_from(["human", "ai", "system"]), st.text(max_size=5))))
def test_merged_no_text_is_lost_and_no_role_comes_twice_in_a_row(talk: Any) -> None:
    merged = merge_message_runs(talk, chunk_separator="")
    assert "".join(each.text for each in merged) == "".join(text for _, text in talk)
    roles = [each.type for each in merged]
    assert all(first != second for first, second in itertools.pairwise(roles))
    assert merge_message_runs(merged, chunk_separator="") == merged
