"""Trimming a conversation: what is kept, and what is never torn apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import ConfigError, ModelInputError
from streamflow.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    count_tokens_approximately,
    trim_messages,
)
from streamflow.runnables import RunnableLambda


def said(messages: list[BaseMessage]) -> list[str]:
    return [message.text for message in messages]


def characters(messages: list[BaseMessage]) -> int:
    return sum(len(message.text) for message in messages)


def calling(text: str, *ids: str) -> AIMessage:
    return AIMessage(text, tool_calls=[{"name": "t", "args": {}, "id": id} for id in ids])


TALK = [
    SystemMessage("sys"),
    HumanMessage("h1"),
    AIMessage("a1"),
    HumanMessage("h2"),
    calling("a2", "1", "2"),
    ToolMessage("t1", tool_call_id="1"),
    ToolMessage("t2", tool_call_id="2"),
    AIMessage("a3"),
]


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"max_tokens": 100}, "sys h1 a1 h2 a2 t1 t2 a3"),
        ({"max_tokens": 1}, "a3"),
        ({"max_tokens": 0}, ""),
        ({"max_tokens": 2}, "a3"),
        ({"max_tokens": 3}, "a3"),
        ({"max_tokens": 4}, "a2 t1 t2 a3"),
        ({"max_tokens": 5, "include_system": True}, "sys a2 t1 t2 a3"),
        ({"max_tokens": 1, "include_system": True}, "sys"),
        ({"max_tokens": 0, "include_system": True}, ""),
        ({"max_tokens": 6, "start_on": "human"}, "h2 a2 t1 t2 a3"),
        ({"max_tokens": 4, "start_on": "human"}, ""),
        ({"max_tokens": 5, "start_on": ("human", AIMessage)}, "h2 a2 t1 t2 a3"),
        ({"max_tokens": 5, "start_on": "human", "include_system": True}, "sys"),
        ({"max_tokens": 4, "end_on": "tool"}, "h2 a2 t1 t2"),
        ({"max_tokens": 2, "end_on": HumanMessage}, "a1 h2"),
        ({"max_tokens": 2, "strategy": "first"}, "sys h1"),
        ({"max_tokens": 6, "strategy": "first"}, "sys h1 a1 h2"),
        ({"max_tokens": 7, "strategy": "first"}, "sys h1 a1 h2 a2 t1 t2"),
        ({"max_tokens": 4, "strategy": "first", "end_on": "ai"}, "sys h1 a1"),
    ],
    ids=str,
)
def test_what_is_kept(arguments: dict[str, Any], kept: str) -> None:
    assert said(trim_messages(TALK, token_counter=len, **arguments)) == kept.split()


def test_a_part_of_the_message_that_does_not_fit() -> None:
    talk = [SystemMessage("sys"), HumanMessage("one\ntwo\nthree")]
    options: dict[str, Any] = {"token_counter": characters, "allow_partial": True}
    assert said(trim_messages(talk, max_tokens=8, **options)) == ["three"]
    assert said(trim_messages(talk, max_tokens=9, **options)) == ["two\nthree"]
    assert said(trim_messages(talk, max_tokens=8, strategy="first", **options)) == ["sys", "one\n"]
    system = trim_messages(talk, max_tokens=8, include_system=True, **options)
    assert said(system) == ["sys", "three"]
    words = trim_messages(talk, max_tokens=1, text_splitter=list, **options)
    assert said(words) == ["e"]


def test_a_part_of_a_message_of_blocks() -> None:
    blocks: Any = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    kept = trim_messages(
        [HumanMessage(blocks)], max_tokens=3, token_counter=characters, allow_partial=True
    )
    assert kept == [HumanMessage([{"type": "text", "text": "two"}])]


def test_the_messages_given_stay_as_they_are() -> None:
    talk = [HumanMessage("one\ntwo")]
    trim_messages(talk, max_tokens=3, token_counter=characters, allow_partial=True)
    assert said(talk) == ["one\ntwo"]


def test_how_tokens_are_counted() -> None:
    def one(message: BaseMessage) -> int:
        return 2

    class Model:
        def get_num_tokens_from_messages(self, messages: list[BaseMessage]) -> int:
            return 3 * len(messages)

    assert said(trim_messages(TALK, max_tokens=2, token_counter=one)) == ["a3"]
    assert said(trim_messages(TALK, max_tokens=3, token_counter=Model())) == ["a3"]
    assert trim_messages(TALK, max_tokens=3, token_counter="approximate") == []
    assert said(trim_messages(TALK, max_tokens=count_tokens_approximately(TALK))) == said(TALK)


@pytest.mark.parametrize(
    "arguments",
    [
        {"strategy": "middle"},
        {"strategy": "first", "start_on": "human"},
        {"strategy": "first", "include_system": True},
        {"token_counter": 7},
        {"text_splitter": 7},
    ],
    ids=str,
)
def test_arguments_that_cannot_be(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        trim_messages(TALK, max_tokens=3, **arguments)
    with pytest.raises(ConfigError):
        trim_messages(max_tokens=3, **arguments)


def test_a_kind_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="'robot'"):
        trim_messages(TALK, max_tokens=3, token_counter=len, end_on="robot")


async def test_as_a_step_of_a_chain() -> None:
    chain = trim_messages(max_tokens=1, token_counter=len) | RunnableLambda(said)
    assert chain.invoke(TALK) == ["a3"]
    assert await chain.ainvoke(TALK) == ["a3"]
    assert chain.steps[0].get_name() == "trim_messages"


def test_what_is_no_message() -> None:
    with pytest.raises(ModelInputError):
        trim_messages([7], max_tokens=3)


@st.composite
def conversations(draw: st.DrawFn) -> list[BaseMessage]:
    talk: list[BaseMessage] = [SystemMessage("s")] if draw(st.booleans()) else []
    for turn in range(draw(st.integers(0, 5))):
        talk.append(HumanMessage("h" * draw(st.integers(1, 4))))
        for call in range(draw(st.integers(0, 3))):
            ids = [f"{turn}.{call}.{n}" for n in range(draw(st.integers(1, 3)))]
            talk.append(calling("c", *ids))
            talk += [ToolMessage("r" * draw(st.integers(1, 4)), tool_call_id=id) for id in ids]
        talk.append(AIMessage("a" * draw(st.integers(1, 4))))
    return talk


@given(
    conversations(),
    st.integers(0, 30),
    st.sampled_from(["first", "last"]),
    st.booleans(),
    st.sampled_from([None, "human", "ai", "tool", ("human", "ai")]),
)
def test_laws(talk: Any, limit: int, strategy: Any, partial: bool, end_on: Any) -> None:
    kept = trim_messages(
        talk,
        max_tokens=limit,
        token_counter=characters,
        strategy=strategy,
        allow_partial=partial,
        end_on=end_on,
    )
    assert characters(kept) <= limit
    # A call of tools is there with all its results, or none of them is.
    asked = {call["id"] for each in kept if isinstance(each, AIMessage) for call in each.tool_calls}
    assert asked == {each.tool_call_id for each in kept if isinstance(each, ToolMessage)}
    # What is kept is a piece of the conversation; only a text at its edge may be a part.
    texts, whole = said(kept), said(talk)
    if not partial:
        places = range(len(whole) - len(texts) + 1)
        assert any(whole[place : place + len(texts)] == texts for place in places)
    # Nothing more would fit.
    if not partial and end_on is None and len(kept) < len(talk):
        rest = talk[: len(talk) - len(kept)] if strategy == "last" else talk[len(kept) :]
        assert characters(kept) + characters(rest) > limit
