"""Caches of answers, as models use them: what is a hit, and how it is replayed."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamflow.caches import (
    BaseCache,
    InMemoryCache,
    SQLiteCache,
    get_llm_cache,
    set_llm_cache,
)
from streamflow.errors import ConfigError, ScriptError
from streamflow.language_models import (
    BaseChatModel,
    FakeListChatModel,
    FakeListLLM,
    GenericFakeChatModel,
    ReplayChatModel,
)
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from tests.models import authors

USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


class Told(BaseChatModel):
    """Streams an answer with all that a provider tells, and counts its calls."""

    temperature: float = 0.0
    api_key: str = "sk-1"
    headers: dict[str, str] | None = None

    calls = 0

    def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
        type(self).calls += 1
        yield AIMessageChunk("to", id="provider-1")
        yield AIMessageChunk("", tool_call_chunks=[_piece('{"a"')])
        yield AIMessageChunk("", tool_call_chunks=[_piece(":1}")])
        yield AIMessageChunk("ken", response_metadata={"stop": "end"}, usage_metadata=USAGE)


def _piece(args: str) -> Any:
    return {"name": "f" if args[0] == "{" else None, "args": args, "id": None, "index": 0}


@pytest.fixture(params=["memory", "file"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseCache]:
    if request.param == "memory":
        yield InMemoryCache()
        return
    with SQLiteCache(tmp_path / "answers.db") as file:
        yield file


@pytest.fixture
def common() -> Iterator[InMemoryCache]:
    cache = InMemoryCache()
    set_llm_cache(cache)
    yield cache
    set_llm_cache(None)


# Replay.


def marked(message: Any) -> bool:
    return message.response_metadata.get("cached") is True


def bare(message: Any) -> Any:
    """A message without what tells one run, and a cached answer, from another."""
    given = {key: getattr(message, key) for key in ("content", "tool_calls", "usage_metadata")}
    facts = {k: v for k, v in message.response_metadata.items() if k != "cached"}
    return type(message), given, facts


async def test_a_stream_is_replayed_chunk_by_chunk(cache: BaseCache) -> None:
    model = Told(cache=cache)
    before, first = Told.calls, list(model.stream("hi"))
    again = [list(model.stream("hi")), [chunk async for chunk in model.astream("hi")]]
    for chunks in again:
        assert [bare(chunk) for chunk in chunks] == [bare(chunk) for chunk in first]
        assert [marked(chunk) for chunk in chunks] == [True, False, False, False]
        assert {chunk.id for chunk in chunks[:1]} == {"provider-1"}
    assert not any(map(marked, first))
    assert Told.calls == before + 1


async def test_whole_answers_and_streams_are_one_and_the_same(cache: BaseCache) -> None:
    model = Told(cache=cache)
    before, first = Told.calls, list(model.stream("hi"))
    total = first[0] + first[1:]
    for message in (model.invoke("hi"), await model.ainvoke("hi")):
        assert type(message) is AIMessage
        assert message.tool_calls == total.tool_calls
        assert message.usage_metadata == USAGE
        assert message.response_metadata == {"stop": "end", "cached": True}
    assert Told.calls == before + 1


@pytest.mark.parametrize("kind", authors.GENERATING)
async def test_an_answer_that_was_not_streamed_is_one_chunk(kind: Any, cache: BaseCache) -> None:
    model = kind(cache=cache)
    first = model.invoke("hi", {"run_id": "one"})
    chunks = [chunk async for chunk in model.astream("hi", {"run_id": "two"})]
    assert [chunk.content for chunk in chunks] == [first.content]
    assert [(chunk.id, marked(chunk)) for chunk in chunks] == [("run-two", True)]
    assert first.id == "run-one"
    assert len(model.calls) == 1


@pytest.mark.parametrize("kind", authors.WHOLE_TEXT + authors.STREAMED_TEXT)
async def test_models_of_text_are_cached(kind: Any, cache: BaseCache) -> None:
    class Counting(kind):  # type: ignore[misc, valid-type]  # whichever it is
        calls = 0

        async def _generated(self, *args: Any) -> str:
            self.calls += 1
            return await super()._generated(*args)

        def _chunks(self, *args: Any) -> AsyncIterator[Any]:
            self.calls += 1
            return super()._chunks(*args)

    model = Counting(cache=cache)
    first = list(model.stream("hi"))
    assert list(model.stream("hi")) == first
    assert [chunk async for chunk in model.astream("hi")] == first
    assert model.invoke("hi") == await model.ainvoke("hi") == "".join(first)
    assert model.calls == 1


@pytest.mark.parametrize("how", ["invoke", "stream"])
async def test_events_are_shown_as_usual(how: str, cache: BaseCache) -> None:
    model = Told(cache=cache)

    async def shown() -> list[Any]:
        run = model if how == "stream" else model.with_config(run_name="Told") | str
        events = [event async for event in run.astream_events("hi")]
        return [
            (each["event"], each["name"], getattr(each["data"].get("chunk"), "content", None))
            for each in events
            if each["name"] == "Told"
        ]

    first = await shown()
    assert len(first) == 6
    assert await shown() == first


async def test_a_cached_answer_has_the_id_of_its_own_run(cache: BaseCache) -> None:
    model = ReplayChatModel(recording=["to", "ken"], cache=cache)
    for run_id in ("one", "two"):
        chunks = list(model.stream("hi", {"run_id": run_id}))
        assert {chunk.id for chunk in chunks} == {f"run-{run_id}"}


def test_what_a_user_does_to_an_answer_does_not_change_the_kept_one(cache: BaseCache) -> None:
    model = Told(cache=cache)
    for _ in range(2):
        for chunk in model.stream("hi"):
            chunk.response_metadata["mine"] = True
            chunk.content += "!"
    assert model.invoke("hi").response_metadata == {"stop": "end", "cached": True}
    assert model.invoke("hi").content == "token"


# What is kept.


@pytest.mark.parametrize("config", [{}, {"callbacks": [lambda _: None]}], ids=["alone", "heard"])
async def test_only_an_answer_that_came_to_its_end_is_kept(config: Any, cache: BaseCache) -> None:
    model = FakeListChatModel(responses=["one", "two"], error_on_chunk_number=1, cache=cache)
    with pytest.raises(ScriptError):
        list(model.stream("hi", config))
    model.error_on_chunk_number = None
    with model.stream("hi", config) as chunks:
        next(chunks)
    async with model.astream("hi", config) as achunks:
        await anext(achunks)
    assert model.i == 1
    assert model.invoke("hi", config).response_metadata == {}
    assert marked(model.invoke("hi", config))


def test_the_prompt_is_what_is_said(cache: BaseCache) -> None:
    model = FakeListChatModel(responses=["one"], cache=cache)
    past = AIMessage("yes", id="a", response_metadata={"took": 1}, usage_metadata=USAGE)
    model.invoke([HumanMessage("hi", id="1"), past])
    same = [
        [HumanMessage("hi"), AIMessage("yes")],
        [("human", "hi"), AIMessageChunk("yes", response_metadata={"cached": True})],
    ]
    others: list[Any] = [
        "hi",
        [SystemMessage("hi"), AIMessage("yes")],
        [HumanMessage("hi", name="Ann"), AIMessage("yes")],
        [HumanMessage("hi"), AIMessage("yes", additional_kwargs={"refusal": "no"})],
        [HumanMessage([{"type": "text", "text": "hi"}]), AIMessage("yes")],
    ]
    assert all(marked(model.invoke(prompt)) for prompt in same)
    assert not any(marked(model.invoke(prompt)) for prompt in others)


def test_settings_and_arguments_count_but_secrets_do_not(cache: BaseCache) -> None:
    Told(cache=cache, headers={"Authorization": "Bearer 1", "beta": "on"}).invoke("hi", stop=["a"])

    def hit(stop: Any, **settings: Any) -> bool:
        settings = {"headers": {"Authorization": "Bearer 2", "beta": "on"}, **settings}
        return marked(Told(cache=cache, **settings).invoke("hi", stop=stop))

    assert hit(["a"])
    assert hit(["a"], api_key="sk-2", name="other")
    assert not hit(["a"], temperature=1.0)
    assert not hit(["b"])
    assert not hit(["a"], headers={"beta": "off"})


def test_keys_hold_no_secrets() -> None:
    seen: list[str] = []

    class Seen(InMemoryCache):
        def lookup(self, prompt: str, llm_string: str) -> Any:
            seen.extend([prompt, llm_string])
            return None

    model = Told(cache=Seen(), api_key="sk-1", headers={"x-api-key": "sk-2"})
    model.invoke("hi", access_token="sk-3", max_tokens=5, schema={"password": {"type": "string"}})
    assert not any("sk-" in text for text in seen)
    assert '"call.max_tokens":5' in seen[1]
    assert '"password":{"type":"string"}' in seen[1]


def test_a_call_that_is_no_data_is_not_cached(caplog: pytest.LogCaptureFixture) -> None:
    class Bound(BaseChatModel):
        client: Any = None

        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> Any:
            return AIMessage("hi")

    model = Bound(client=object(), cache=InMemoryCache())
    with caplog.at_level(logging.WARNING, "streamflow"):
        assert not any(marked(model.invoke("hi")) for _ in range(3))
    (record,) = caplog.records
    assert "Bound is not cached: 'client'" in record.getMessage()


async def test_scripts_are_cached_by_what_they_say(cache: BaseCache) -> None:
    model = FakeListChatModel(responses=["one", "two"], cache=cache)
    assert [model.invoke("hi").content for _ in range(2)] == ["one", "one"]
    assert (await model.ainvoke("ho")).content == "two"
    fake = GenericFakeChatModel(messages=iter(["to ken"]), cache=cache)
    assert list(map(str, fake.stream("hi"))) != []
    assert [chunk.content for chunk in fake.stream("hi")] == ["to", " ", "ken"]


# Which cache.


def test_the_common_cache_is_for_all_models_but_those_told_not_to(common: InMemoryCache) -> None:
    assert get_llm_cache() is common

    def hits(**settings: Any) -> int:
        model = FakeListLLM(responses=["a", "b"], **settings)
        return 2 - len({model.invoke("hi") for _ in range(2)})

    assert hits(cache=False) == 0
    assert hits() == 1
    assert hits(cache=True) == 1
    own = InMemoryCache()
    assert hits(cache=own) == 1
    assert own._answers


async def test_without_a_common_cache_asking_for_it_is_an_error() -> None:
    model = FakeListLLM(responses=["a", "b"], cache=True)
    with pytest.raises(ConfigError, match="set_llm_cache"):
        model.invoke("hi")
    with pytest.raises(ConfigError, match="set_llm_cache"):
        await anext(model.astream("hi"))
    assert {FakeListLLM(responses=["a"]).invoke("hi")} == {"a"}


class Plain(BaseCache):
    """Knows only the plain methods, and in which threads they were called."""

    def __init__(self, fails: str = "") -> None:
        self.answers: dict[Any, Any] = {}
        self.threads: list[int] = []
        self.fails = fails

    def lookup(self, prompt: str, llm_string: str) -> Any:
        return self._do("lookup", lambda: self.answers.get((prompt, llm_string)))

    def update(self, prompt: str, llm_string: str, return_val: Any) -> None:
        self._do("update", lambda: self.answers.update({(prompt, llm_string): return_val}))

    def clear(self, **kwargs: Any) -> None:
        self._do("clear", self.answers.clear)

    def _do(self, what: str, action: Callable[[], Any]) -> Any:
        self.threads.append(threading.get_ident())
        if what == self.fails:
            raise OSError(f"{what} fails")
        return action()


async def test_a_plain_cache_works_in_worker_threads() -> None:
    cache = Plain()
    model = FakeListChatModel(responses=["one", "two"], cache=cache)
    assert [(await model.ainvoke("hi")).content for _ in range(2)] == ["one", "one"]
    await cache.aclear()
    assert threading.get_ident() not in cache.threads
    assert model.invoke("hi").content == "two"
    assert cache.threads[-1] == threading.get_ident()


async def test_a_cache_that_fails_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    model = FakeListChatModel(responses=["one"], cache=Plain(fails="update"))
    with caplog.at_level(logging.ERROR, "streamflow"):
        assert model.invoke("hi").content == "one"
        assert [chunk.content async for chunk in model.astream("hi")] == ["o", "n", "e"]
    assert len(caplog.records) == 2
    with pytest.raises(OSError, match="lookup"):
        await FakeListChatModel(responses=["one"], cache=Plain(fails="lookup")).ainvoke("hi")
