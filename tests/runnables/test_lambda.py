"""Functions as runnables: plain, async, generators, and functions that return runnables."""

from __future__ import annotations

import functools
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.errors import CoercionError, ConfigError, RecursionLimitError
from streamflow.runnables import RunnableConfig, RunnableLambda, RunnableSequence, chain
from tests.runnables.ways import Outcome, everywhere


def shout(text: str) -> str:
    return text.upper()


async def ashout(text: str) -> str:
    await checkpoint()
    return text.upper()


def letters(text: str) -> Iterator[str]:
    for letter in text:
        yield letter.upper()


async def aletters(text: str) -> AsyncIterator[str]:
    for letter in text:
        await checkpoint()
        yield letter.upper()


def awaitable(text: str) -> Awaitable[str]:
    return ashout(text)


@pytest.mark.parametrize("function", [shout, ashout, awaitable])
async def test_a_function_is_called_with_the_whole_input(function: Any) -> None:
    outcome = await everywhere(RunnableLambda(function), "ab", ["a", "b"])
    assert outcome == Outcome("AB", ["AB"], ["AB"])


@pytest.mark.parametrize("function", [letters, aletters])
async def test_the_items_of_a_generator_function_are_the_chunks(function: Any) -> None:
    outcome = await everywhere(RunnableLambda(function), "ab", ["a", "b"])
    assert outcome == Outcome("AB", ["A", "B"], ["A", "B"])


@pytest.mark.parametrize("function", [shout, ashout])
async def test_per_chunk_calls_the_function_with_each_chunk(function: Any) -> None:
    seen: list[str] = []

    def look(text: str) -> str:
        seen.append(text)
        return text

    runnable = RunnableLambda(look, per_chunk=True) | RunnableLambda(function, per_chunk=True)
    assert [c async for c in runnable.atransform(_arriving("ab"))] == ["A", "B"]
    assert seen == ["a", "b"]
    assert (await everywhere(runnable, "ab", ["a", "b"])) == Outcome("AB", ["AB"], ["A", "B"])


async def _arriving(chunks: str) -> AsyncIterator[str]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize("function", [letters, aletters])
async def test_per_chunk_with_a_generator_function(function: Any) -> None:
    outcome = await everywhere(RunnableLambda(function, per_chunk=True), "abc", ["ab", "c"])
    assert outcome == Outcome("ABC", ["A", "B", "C"], ["A", "B", "C"])


async def test_an_async_function_may_be_given_for_asynchronous_runs() -> None:
    async def on_a_loop(_: str) -> str:
        return "async"

    runnable = RunnableLambda(lambda _: "plain", on_a_loop)
    assert runnable.invoke("") == "plain"
    assert await runnable.ainvoke("") == "async"
    assert [c async for c in runnable.astream("")] == ["async"]


async def test_a_plain_function_works_in_a_thread_unless_inline() -> None:
    here = threading.get_ident()
    where = RunnableLambda(lambda _: threading.get_ident())
    assert await where.ainvoke(None) != here
    assert await RunnableLambda(where.func, inline=True).ainvoke(None) == here
    assert where.invoke(None) == here


async def test_a_plain_function_does_not_block_the_loop() -> None:
    entered, leave = anyio.Event(), threading.Event()

    def wait() -> str:
        anyio.from_thread.run_sync(entered.set)
        assert leave.wait(5)
        return "done"

    async with anyio.create_task_group() as group:
        group.start_soon(RunnableLambda(lambda _: wait()).ainvoke, None)
        await entered.wait()
        leave.set()


async def test_a_function_that_takes_config_is_given_it() -> None:
    def tags(_: Any, config: RunnableConfig) -> list[str]:
        return config["tags"]

    async def atags(_: Any, *, config: RunnableConfig) -> list[str]:
        return config["tags"]

    def each(_: Any, config: RunnableConfig) -> Iterator[list[str]]:
        yield config["tags"]

    for function in (tags, atags, each):
        outcome = await everywhere(RunnableLambda(function), 1, config={"tags": ["t"]})
        assert outcome == Outcome(["t"], [["t"]], [["t"]])


async def test_the_first_parameter_may_be_called_config() -> None:
    def names(config: dict[str, int]) -> list[str]:
        return sorted(config)

    assert (await everywhere(RunnableLambda(names), {"b": 1, "a": 2})).whole == ["a", "b"]


@pytest.mark.parametrize("config", [3, "tags", ["tags"], object()])
async def test_a_config_that_is_none_is_named(config: Any) -> None:
    runnable = RunnableLambda(shout)
    for call in (
        lambda: runnable.invoke("a", config),
        lambda: list(runnable.stream("a", config)),
        lambda: runnable.astream_events("a", config),
    ):
        with pytest.raises(ConfigError, match=f"a config is a dict, got {type(config).__name__}"):
            call()
    with pytest.raises(ConfigError):
        await runnable.ainvoke("a", config)


async def test_keyword_arguments_reach_the_function() -> None:
    def add(number: int, more: int = 0) -> int:
        return number + more

    assert RunnableLambda(add).invoke(1, more=2) == 3
    assert await RunnableLambda(add).ainvoke(1, more=3) == 4
    assert list(RunnableLambda(add).stream(1, more=4)) == [5]


@pytest.mark.parametrize("per_chunk", [False, True])
async def test_a_runnable_that_is_returned_is_run_in_its_place(per_chunk: bool) -> None:
    runnable = RunnableLambda(lambda _: RunnableLambda(letters), per_chunk=per_chunk)
    assert await everywhere(runnable, "ab") == Outcome("AB", ["A", "B"], ["A", "B"])


async def test_an_async_function_may_return_a_runnable() -> None:
    async def choose(text: str) -> RunnableLambda[str, str]:
        return RunnableLambda(shout if text == "ab" else ashout)

    assert await everywhere(RunnableLambda(choose), "ab") == Outcome("AB", ["AB"], ["AB"])


def _again(number: int) -> Any:
    return RunnableLambda(_again) if number else 0


@pytest.mark.parametrize("limit", [0, 1, 5, None])
def test_runnables_that_return_runnables_have_a_limit(limit: int | None) -> None:
    config: RunnableConfig = {} if limit is None else {"recursion_limit": limit}
    runnable = RunnableLambda(_again)
    for call in (lambda: runnable.invoke(1, config), lambda: list(runnable.stream(1, config))):
        with pytest.raises(RecursionLimitError) as caught:
            call()
        # The limit as it was given, not what was left of it.
        assert caught.value.limit == (25 if limit is None else limit)
        assert f"{caught.value.limit} times" in str(caught.value)
        assert "'_again'" in str(caught.value)


def test_the_limit_of_an_inner_call_is_its_own() -> None:
    outer = RunnableLambda(lambda x: RunnableLambda(_again).invoke(x, {"recursion_limit": 3}))
    with pytest.raises(RecursionLimitError) as caught:
        outer.invoke(1)
    assert caught.value.limit == 3


def test_the_limit_is_that_of_returned_runnables_only() -> None:
    runnable = RunnableSequence(*[RunnableLambda(lambda x: RunnableLambda(shout))] * 5)
    assert runnable.invoke("a", {"recursion_limit": 1}) == "A"


async def test_exceptions_reach_the_caller_unchanged() -> None:
    error = ValueError("mine")

    def fail(_: Any) -> None:
        raise error

    async def afail(_: Any) -> None:
        raise error

    for function in (fail, afail):
        runnable = RunnableLambda(function)
        with pytest.raises(ValueError, match="mine") as caught:
            runnable.invoke(1)
        assert caught.value is error
        with pytest.raises(ValueError, match="mine") as caught:
            await runnable.ainvoke(1)
        assert caught.value is error


async def test_stop_iteration_of_a_function_is_not_the_end_of_a_stream() -> None:
    runnable = RunnableLambda(lambda _: next(iter(())))
    for call in (lambda: runnable.invoke(1), lambda: list(runnable.stream(1))):
        with pytest.raises((StopIteration, RuntimeError)):
            call()
    with pytest.raises((StopIteration, RuntimeError)):
        [c async for c in runnable.astream(1)]


class Adder:
    def __init__(self, more: int) -> None:
        self.more = more

    def __call__(self, number: int) -> int:
        return number + self.more

    async def later(self, number: int) -> int:
        return number + self.more

    @staticmethod
    def one(number: int) -> int:
        return number + 1


@pytest.mark.parametrize(
    "callable_",
    [Adder(1), Adder(1).later, Adder.one, functools.partial(max, 2), (1).__add__, lambda x: x + 1],
)
async def test_anything_that_can_be_called(callable_: Any) -> None:
    assert (await everywhere(RunnableLambda(callable_), 1)).whole == 2


def test_names() -> None:
    assert RunnableLambda(shout).get_name() == "shout"
    assert RunnableLambda(shout, name="loud").get_name() == "loud"
    assert RunnableLambda(lambda x: x).get_name() == "RunnableLambda"
    assert RunnableLambda(shout).get_name("input") == "shoutInput"
    assert chain(shout).get_name() == "shout"
    assert repr(RunnableLambda(shout)) == "RunnableLambda(shout)"
    assert repr(RunnableLambda(lambda x: x)) == "RunnableLambda(...)"


async def test_chain_is_a_decorator_for_functions_of_all_kinds() -> None:
    @chain
    def twice(text: str) -> str:
        return shout(RunnableLambda(shout).invoke(text)) * 2

    @chain
    async def atwice(text: str) -> str:
        return await RunnableLambda(ashout).ainvoke(text) * 2

    for runnable in (twice, atwice):
        assert await everywhere(runnable, "ab") == Outcome("ABAB", ["ABAB"], ["ABAB"])
    assert await everywhere(chain(letters), "ab") == Outcome("AB", ["A", "B"], ["A", "B"])
    assert await everywhere(chain(aletters), "ab") == Outcome("AB", ["A", "B"], ["A", "B"])


@pytest.mark.parametrize("value", [3, None, "text", ["list"]])
def test_what_cannot_be_called_is_refused(value: Any) -> None:
    with pytest.raises(CoercionError, match=type(value).__name__):
        RunnableLambda(value)
    with pytest.raises(CoercionError):
        RunnableLambda(shout, value if value is not None else 3)


async def test_no_input_no_output() -> None:
    runnable = RunnableLambda(shout)
    assert list(runnable.transform(iter(()))) == []
    assert [c async for c in runnable.atransform(_arriving(""))] == []
