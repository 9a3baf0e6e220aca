"""A chain with a memory: what it gets, what it saves, and what it does not save."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

from streamflow.chat_history import (
    BaseChatMessageHistory,
    InMemoryChatMessageHistory,
    SQLiteChatMessageHistory,
)
from streamflow.errors import CoercionError, ConfigError, ModelInputError, StepInputError
from streamflow.language_models import FakeListChatModel, ReplayChatModel
from streamflow.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate, MessagesPlaceholder
from streamflow.runnables import (
    ConfigurableFieldSpec,
    RunnableLambda,
    RunnablePassthrough,
    RunnableWithMessageHistory,
)

SESSION: Any = {"configurable": {"session_id": "a"}}
TURN = [HumanMessage("hi"), AIMessage("yes")]


class Store(dict[str, BaseChatMessageHistory]):
    """Finds the history of a session, or makes one."""

    def __call__(self, session_id: str) -> BaseChatMessageHistory:
        return self.setdefault(session_id, InMemoryChatMessageHistory())


def said(messages: Sequence[BaseMessage]) -> list[tuple[str, Any]]:
    return [(message.type, message.content) for message in messages]


def heard(messages: Any) -> str:
    """Answers with what it was told, so that a test can see it."""
    return " / ".join(f"{message.type} {message.content}" for message in messages)


# Calls, one after the other.


async def test_each_turn_is_read_by_the_next() -> None:
    store = Store()
    chain = RunnableWithMessageHistory(RunnableLambda(heard, inline=True), store)
    assert chain.invoke("one", SESSION) == "human one"
    assert await chain.ainvoke("two", SESSION) == "human one / ai human one / human two"
    other: Any = {"configurable": {"session_id": "b"}}
    assert "".join(chain.stream([HumanMessage("three")], other)) == "human three"
    assert [c async for c in chain.astream("four", other)] == [
        "human three / ai human three / human four"
    ]
    assert said(store["b"].messages)[:2] == [("human", "three"), ("ai", "human three")]
    assert [len(each.messages) for each in store.values()] == [4, 4]


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield Store()
        return
    opened: list[SQLiteChatMessageHistory] = []

    def find(session_id: str) -> BaseChatMessageHistory:
        opened.append(SQLiteChatMessageHistory(session_id, tmp_path / "history.db"))
        return opened[-1]

    yield find
    for history in opened:
        history.close()


async def test_a_model_with_a_prompt(store: Any) -> None:
    prompt = ChatPromptTemplate.from_messages(
        [("system", "be {how}"), MessagesPlaceholder("past"), ("human", "{question}")]
    )
    model = FakeListChatModel(responses=["yes", "no"])
    seen: list[Any] = []
    chain = RunnableWithMessageHistory(
        prompt | RunnablePassthrough(seen.append) | model,
        store,
        input_messages_key="question",
        history_messages_key="past",
    )
    input = {"question": "hi", "how": "kind"}
    assert (await chain.ainvoke(input, SESSION)).content == "yes"
    assert chain.invoke({**input, "question": "more?"}, SESSION).content == "no"
    assert said(store("a").messages) == [
        ("human", "hi"),
        ("ai", "yes"),
        ("human", "more?"),
        ("ai", "no"),
    ]
    assert said(seen[1].messages)[:3] == [("system", "be kind"), ("human", "hi"), ("ai", "yes")]


async def test_chunks_are_passed_through_and_saved_as_one_message(store: Any) -> None:
    model = ReplayChatModel(recording=["to", "k", "en"])
    chain = RunnableWithMessageHistory(model, store)
    for _ in range(2):
        chunks = [chunk async for chunk in chain.astream("hi", SESSION)]
        assert [chunk.content for chunk in chunks] == ["to", "k", "en"]
        assert [chunk.content for chunk in chain.stream("hi", SESSION)] == ["to", "k", "en"]
    messages = store("a").messages
    assert said(messages) == [("human", "hi"), ("ai", "token")] * 4
    assert {type(message) for message in messages} == {HumanMessage, AIMessage}


async def test_a_chunk_is_there_before_the_next_is_made() -> None:
    made: list[int] = []

    async def answer(messages: Any) -> AsyncIterator[str]:
        for number in range(3):
            made.append(number)
            yield str(number)

    chain = RunnableWithMessageHistory(RunnableLambda(answer), Store())
    async with chain.astream("hi", SESSION) as chunks:
        async for chunk in chunks:
            assert made[-1] == int(chunk)


# Keys and forms.


@pytest.mark.parametrize(
    ("keys", "input", "expected"),
    [
        ({}, "hi", "human hi"),
        ({}, HumanMessage("hi"), "human hi"),
        ({}, [("system", "be kind"), "hi"], "system be kind / human hi"),
        ({}, {"role": "user", "content": "hi"}, "human hi"),
        ({}, {"anything": "hi"}, "human hi"),
        ({}, {"input": "hi", "more": 1}, "human hi"),
        ({"input_messages_key": "q"}, {"q": "hi", "more": 1}, {"q": "human hi", "more": 1}),
    ],
)
def test_forms_of_the_input(keys: Any, input: Any, expected: Any) -> None:
    store = Store()
    seen: list[Any] = []
    chain = RunnableWithMessageHistory(
        RunnablePassthrough(seen.append) | (lambda _: "yes"), store, **keys
    )
    chain.invoke(input, SESSION)
    got = seen[0]
    if isinstance(got, dict):
        assert {**got, "q": heard(got["q"])} == expected
    else:
        assert heard(got) == expected
    assert said(store["a"].messages)[-2:] == [("human", "hi"), ("ai", "yes")]


@pytest.mark.parametrize(
    ("keys", "output"),
    [
        ({}, "yes"),
        ({}, AIMessage("yes")),
        ({}, AIMessageChunk("yes")),
        ({}, [AIMessage("yes")]),
        ({}, {"role": "assistant", "content": "yes"}),
        ({}, {"anything": "yes"}),
        ({}, {"output": AIMessage("yes"), "more": 1}),
        ({"output_messages_key": "said"}, {"output": 1, "said": "yes"}),
    ],
)
async def test_forms_of_the_output(keys: Any, output: Any) -> None:
    for how in ("invoke", "stream"):
        store = Store()
        chain = RunnableWithMessageHistory(RunnableLambda(lambda _: output), store, **keys)
        if how == "invoke":
            assert await chain.ainvoke("hi", SESSION) == output
        else:
            assert list(chain.stream("hi", SESSION)) == [output]
        content = [message.content for message in store["a"].messages]
        assert content == ["hi", "yes"]


@pytest.mark.parametrize(
    ("keys", "input", "output", "error"),
    [
        ({"input_messages_key": "q"}, "hi", "yes", "'q'.*input_messages_key"),
        ({"input_messages_key": "q"}, {"r": "hi"}, "yes", "'q'.*input_messages_key"),
        ({"history_messages_key": "past"}, "hi", "yes", "a dict"),
        ({}, {"a": 1, "b": 2}, "yes", "'input'"),
        ({}, 5, "yes", "expected messages"),
        ({}, "hi", {"a": 1, "b": 2}, "'output'.*output_messages_key"),
        ({}, "hi", 5, "expected messages"),
    ],
)
def test_what_holds_no_messages_is_an_error(keys: Any, input: Any, output: Any, error: str) -> None:
    store = Store()
    chain = RunnableWithMessageHistory(RunnableLambda(lambda _: output), store, **keys)
    with pytest.raises((StepInputError, ModelInputError), match=error):
        chain.invoke(input, SESSION)
    assert store["a"].messages == []


# Finding the history.


async def test_the_values_come_from_the_config_or_from_above() -> None:
    store = Store()
    chain = RunnableWithMessageHistory(RunnableLambda(heard), store)
    outer = RunnableLambda(lambda text: f"{chain.invoke(text)}") | RunnablePassthrough()
    assert outer.invoke("hi", SESSION) == "human hi"
    assert await chain.with_config(SESSION).ainvoke("ho") == "human hi / ai human hi / human ho"
    with pytest.raises(ConfigError, match=r"'session_id'.*\{'configurable'"):
        chain.invoke("hi")


async def test_several_values_are_given_by_name() -> None:
    found: list[Any] = []

    def find(user: str, topic: str = "x") -> BaseChatMessageHistory:
        found.append((user, topic))
        return InMemoryChatMessageHistory()

    specs = [ConfigurableFieldSpec(id=name, annotation=str) for name in ("user", "topic")]
    chain = RunnableWithMessageHistory(
        RunnableLambda(heard), find, history_factory_config=specs, name="mine"
    )
    chain.invoke("hi", {"configurable": {"user": "Ann", "topic": "cats"}})
    assert found == [("Ann", "cats")]
    with pytest.raises(ConfigError, match="mine needs 'topic'"):
        chain.invoke("hi", {"configurable": {"user": "Ann"}})
    wrong = RunnableWithMessageHistory(
        RunnableLambda(heard), lambda name: None, history_factory_config=specs
    )
    with pytest.raises(ConfigError, match=r"\['topic', 'user'\]"):
        wrong.invoke("hi", {"configurable": {"user": "Ann", "topic": "cats"}})


async def test_ways_to_find_a_history() -> None:
    only = InMemoryChatMessageHistory()

    async def find(session_id: str) -> BaseChatMessageHistory:
        await checkpoint()
        return only

    known = {"a": only}
    around: Any = lambda name: find(name)  # noqa: E731, PLW0108 - a plain function around an async one
    ways: list[Any] = [find, around, lambda: only, known.__getitem__]
    for number, way in enumerate(ways, start=1):
        chain = RunnableWithMessageHistory(RunnableLambda(lambda _: "yes"), way)
        await chain.ainvoke("hi", SESSION)
        await to_thread.run_sync(chain.invoke, "hi", SESSION)
        assert said(only.messages) == said(TURN) * 2 * number


def test_what_cannot_answer_is_refused() -> None:
    with pytest.raises(CoercionError):
        RunnableWithMessageHistory(5, Store())


# What others see.


async def test_it_is_one_run_around_another() -> None:
    chain = RunnableWithMessageHistory(ReplayChatModel(recording=["a"]), Store())
    events = [event async for event in chain.astream_events("hi", SESSION)]
    assert [(event["event"], event["name"]) for event in events] == [
        ("on_chain_start", "RunnableWithMessageHistory"),
        ("on_chat_model_start", "ReplayChatModel"),
        ("on_chat_model_stream", "ReplayChatModel"),
        ("on_chain_stream", "RunnableWithMessageHistory"),
        ("on_chat_model_end", "ReplayChatModel"),
        ("on_chain_end", "RunnableWithMessageHistory"),
    ]
    assert events[0]["data"] == {"input": "hi"}


def test_what_it_tells_of_itself() -> None:
    chain = RunnableWithMessageHistory(RunnableLambda(heard) | StrOutputParser(), Store())
    assert [spec.id for spec in chain.config_specs] == ["session_id"]
    assert chain.OutputType is str
    keyed = RunnableWithMessageHistory(
        RunnableLambda(heard), Store(), input_messages_key="q", history_messages_key="past"
    )
    assert keyed.get_input_jsonschema()["required"] == ["q"]
    assert "anyOf" in keyed.get_input_jsonschema()["properties"]["q"]
    assert "heard" in str(chain.explain())
