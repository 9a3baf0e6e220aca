"""Runnables of a user's own: any one of the public methods makes all the others work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

from streamflow.bus import current_run
from streamflow.errors import MissingImplementationError
from streamflow.runnables import (
    Runnable,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    get_config,
)
from tests.runnables.ways import Outcome, everywhere, names_of, on_loop, without_loop

Config = RunnableConfig | None


class Custom(Runnable[str, str]):
    """Doubles text, and notes the config that it saw."""

    def __init__(self) -> None:
        self.configs: list[Any] = []
        self.kwargs: list[Any] = []

    def note(self, config: Config, kwargs: dict[str, Any]) -> None:
        assert config is not None
        assert config["tags"] == get_config()["tags"]
        run = current_run()
        assert run is not None
        assert run.name == type(self).__name__
        self.configs.append(config)
        self.kwargs.append(kwargs)


class Invokes(Custom):
    def invoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
        self.note(config, kwargs)
        return input * 2


class AInvokes(Custom):
    async def ainvoke(self, input: str, config: Config = None, **kwargs: Any) -> str:
        self.note(config, kwargs)
        await checkpoint()
        return input * 2


class Streams(Custom):
    def stream(self, input: str, config: Config = None, **kwargs: Any) -> Any:
        self.note(config, kwargs)
        yield input
        yield input


class AStreams(Custom):
    async def astream(self, input: str, config: Config = None, **kwargs: Any) -> Any:
        self.note(config, kwargs)
        for _ in range(2):
            await checkpoint()
            yield input


class Transforms(Custom):
    def transform(self, input: Iterator[str], config: Config = None, **kwargs: Any) -> Any:
        self.note(config, kwargs)
        for chunk in input:
            yield chunk * 2


class ATransforms(Custom):
    async def atransform(
        self, input: AsyncIterator[str], config: Config = None, **kwargs: Any
    ) -> Any:
        self.note(config, kwargs)
        async for chunk in input:
            await checkpoint()
            yield chunk * 2


ONE_CHUNK = Outcome("abab", ["abab"], ["abab"])
TWO_CHUNKS = Outcome("abab", ["ab", "ab"], ["ab", "ab"])
PASSED_ON = Outcome("abab", ["abab"], ["aa", "bb"])

KINDS: list[tuple[type[Custom], Outcome]] = [
    (Invokes, ONE_CHUNK),
    (AInvokes, ONE_CHUNK),
    (Streams, TWO_CHUNKS),
    (AStreams, TWO_CHUNKS),
    (Transforms, PASSED_ON),
    (ATransforms, PASSED_ON),
]
EACH = pytest.mark.parametrize(("kind", "outcome"), KINDS, ids=[kind.__name__ for kind, _ in KINDS])


@EACH
async def test_one_method_makes_all_others_work(kind: type[Custom], outcome: Outcome) -> None:
    assert await everywhere(kind(), "ab", ["a", "b"]) == outcome


@EACH
async def test_in_a_chain(kind: type[Custom], outcome: Outcome) -> None:
    def shout(chunks: Iterator[str]) -> Iterator[str]:
        for chunk in chunks:
            yield chunk.upper()

    chain = RunnableLambda(str) | kind() | RunnableGenerator(shout)
    result = await everywhere(chain, "ab", ["a", "b"])
    assert result.whole == "ABAB"
    assert result.streamed == [chunk.upper() for chunk in outcome.streamed]
    parallel = RunnableLambda(str) | {"x": kind()}
    assert (await everywhere(parallel, "ab")).whole == {"x": "abab"}


@EACH
async def test_the_override_sees_config_and_arguments(kind: type[Custom], outcome: Outcome) -> None:
    custom = kind()
    config: RunnableConfig = {"tags": ["t"], "metadata": {"m": 1}, "configurable": {"c": 2}}
    await everywhere(custom, "ab", config=config)
    await everywhere(custom.bind(extra=1).with_config(tags=["t"]), "ab", config=config)
    for seen in custom.configs:
        assert seen["tags"] == ["t"]
        assert seen["metadata"] == {"m": 1}
        assert seen["configurable"] == {"c": 2}
    calls = len(custom.kwargs) // 2
    assert custom.kwargs == [{}] * calls + [{"extra": 1}] * calls


@EACH
async def test_its_runs_are_published(kind: type[Custom], outcome: Outcome) -> None:
    name = kind.__name__
    chain = kind() | RunnableLambda(len)
    events = [
        (event["event"], event["data"].get("chunk", event["data"].get("output")))
        async for event in chain.astream_events("ab", include_names=[name])
    ]
    assert events == [
        ("on_chain_start", None),
        *(("on_chain_stream", chunk) for chunk in outcome.streamed),
        ("on_chain_end", "abab"),
    ]
    alone = names_of(chain, "ab")
    # An override that lives on a loop must find its run there, too.
    assert alone == await to_thread.run_sync(names_of, chain, "ab")
    assert alone.count(("start", name)) == alone.count(("end", name)) == 1


@EACH
async def test_what_it_calls_is_below_its_run(kind: type[Custom], outcome: Outcome) -> None:
    inner = RunnableLambda(str, name="inner", inline=True)

    class Calls(kind):
        def note(self, config: Config, kwargs: dict[str, Any]) -> None:
            inner.invoke("x")

    def parents(messages: Any) -> list[int]:
        return [len(m.run.parent_ids) for m in messages if m.run.name == "inner"]

    custom = Calls()
    custom.name = "outer"
    async with custom.events("ab") as messages:
        assert parents([message async for message in messages]) == [1, 1]
    with custom.stream_events("ab") as messages:
        assert parents(messages) == [1, 1]


@EACH
async def test_errors_reach_the_caller_unchanged(kind: type[Custom], outcome: Outcome) -> None:
    error = LookupError("mine")

    class Fails(kind):
        def note(self, config: Config, kwargs: dict[str, Any]) -> None:
            raise error

    for call in (
        lambda: Fails().invoke("a"),
        lambda: list(Fails().stream("a")),
        lambda: list(Fails().transform(iter("a"))),
    ):
        with pytest.raises(LookupError) as caught:
            call()
        assert caught.value is error
    with pytest.raises(LookupError) as caught:
        await on_loop(Fails(), "a")
    assert caught.value is error


async def test_the_method_that_suits_the_execution_is_taken() -> None:
    class Both(Runnable[Any, str]):
        def invoke(self, input: Any, config: Config = None, **kwargs: Any) -> str:
            return "invoke"

        async def ainvoke(self, input: Any, config: Config = None, **kwargs: Any) -> str:
            return "ainvoke"

        def stream(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            yield "stream"

        async def atransform(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            yield "atransform"

    assert await on_loop(Both(), 1) == Outcome("ainvoke", ["atransform"], ["atransform"])
    assert without_loop(Both(), 1) == Outcome("invoke", ["stream"], ["stream"])


async def test_an_override_may_return_any_iterable() -> None:
    class Lists(Runnable[str, str]):
        def stream(self, input: str, config: Config = None, **kwargs: Any) -> Any:
            return [input, input]

    class Maps(Runnable[str, str]):
        def transform(self, input: Iterator[str], config: Config = None, **kwargs: Any) -> Any:
            return map(str.upper, input)

    assert await everywhere(Lists(), "a") == Outcome("aa", ["a", "a"], ["a", "a"])
    assert await everywhere(Maps(), "ab", ["a", "b"]) == Outcome("AB", ["AB"], ["A", "B"])


async def test_a_class_without_any_method_says_what_is_missing() -> None:
    class Nothing(Runnable[Any, Any]):
        pass

    with pytest.raises(MissingImplementationError, match="Nothing cannot run: override invoke"):
        Nothing().invoke(1)
    with pytest.raises(NotImplementedError):
        [chunk async for chunk in Nothing().astream(1)]


async def test_no_chunks_at_all() -> None:
    class Silent(Runnable[Any, Any]):
        def stream(self, input: Any, config: Config = None, **kwargs: Any) -> Any:
            yield from ()

    assert await everywhere(Silent(), 1) == Outcome(None, [], [])


def test_names() -> None:
    assert Invokes().get_name() == "Invokes"
    custom = Invokes()
    custom.name = "mine"
    assert custom.get_name() == "mine"
    assert repr(custom) == "mine()"
    assert Invokes.invoke.__name__ == "invoke"
