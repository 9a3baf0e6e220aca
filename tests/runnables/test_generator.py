"""Generator functions as runnables: from a stream of chunks to a stream of chunks."""

from __future__ import annotations

import functools
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.errors import ChunkMergeError, CoercionError
from streamflow.runnables import RunnableConfig, RunnableGenerator, RunnableLambda
from tests.runnables.ways import Outcome, arriving, everywhere


def doubled(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk * 2


async def adoubled(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    async for chunk in chunks:
        await checkpoint()
        yield chunk * 2


BOTH = pytest.mark.parametrize("function", [doubled, adoubled])


@BOTH
async def test_each_chunk_is_passed_on(function: Any) -> None:
    outcome = await everywhere(RunnableGenerator(function), "ab", ["a", "b"])
    assert outcome == Outcome("abab", ["abab"], ["aa", "bb"])


@BOTH
async def test_generator_functions_become_runnables_in_a_sequence(function: Any) -> None:
    sequence = RunnableLambda(lambda x: x) | function | function
    assert (await everywhere(sequence, "a")).streamed == ["aaaa"]
    assert isinstance(sequence.steps[1], RunnableGenerator)


async def test_one_function_for_each_execution() -> None:
    def plain(chunks: Iterator[str]) -> Iterator[str]:
        for _ in chunks:
            yield "plain"

    async def on_a_loop(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
        async for _ in chunks:
            yield "async"

    runnable = RunnableGenerator(plain, on_a_loop)
    assert runnable.invoke("x") == "plain"
    assert await runnable.ainvoke("x") == "async"


async def test_the_first_chunk_comes_while_the_source_is_blocked() -> None:
    for function in (doubled, adoubled):
        gate = anyio.Event()

        async def source(gate: anyio.Event = gate) -> AsyncIterator[str]:
            yield "a"
            await gate.wait()
            yield "b"

        async with RunnableGenerator(function).atransform(source()) as chunks:
            assert await anext(chunks) == "aa"
            gate.set()
            assert [chunk async for chunk in chunks] == ["bb"]


@BOTH
def test_without_a_loop_the_source_is_read_as_far_as_needed(function: Any) -> None:
    read: list[str] = []

    def source() -> Iterator[str]:
        for letter in "abc":
            read.append(letter)
            yield letter

    with RunnableGenerator(function).transform(source()) as chunks:
        assert next(chunks) == "aa"
        assert read == ["a"]
        assert next(chunks) == "bb"
        assert read == ["a", "b"]


async def test_a_generator_may_yield_more_less_and_before_its_input() -> None:
    def around(chunks: Iterator[str]) -> Iterator[str]:
        yield "<"
        for chunk in chunks:
            if chunk != "-":
                yield chunk
                yield chunk
        yield ">"

    outcome = await everywhere(RunnableGenerator(around), "a", ["a", "-", "b"])
    assert outcome == Outcome("<aa>", ["<", "a", "a", ">"], ["<", "a", "a", "b", "b", ">"])


async def test_a_generator_may_ignore_its_input() -> None:
    def constant(_: Iterator[Any]) -> Iterator[int]:
        yield 1
        yield 2

    async def aconstant(_: AsyncIterator[Any]) -> AsyncIterator[int]:
        yield 1
        yield 2

    for function in (constant, aconstant):
        assert await everywhere(RunnableGenerator(function), "x") == Outcome(3, [1, 2], [1, 2])


async def test_no_chunks() -> None:
    def nothing(chunks: Iterator[Any]) -> Iterator[Any]:
        yield from (chunk for chunk in chunks if False)

    runnable = RunnableGenerator(nothing)
    assert await everywhere(runnable, "x") == Outcome(None, [], [])
    # Nothing comes in: what waits for its whole input is not called at all.
    called: list[Any] = []
    assert list((runnable | called.append).stream("x")) == []
    assert [c async for c in (runnable | called.append).astream("x")] == []
    assert called == []


async def test_it_is_given_config_if_it_takes_it() -> None:
    def tagged(chunks: Iterator[str], config: RunnableConfig) -> Iterator[str]:
        for chunk in chunks:
            yield chunk + config["tags"][0]

    async def atagged(chunks: AsyncIterator[str], config: RunnableConfig) -> AsyncIterator[str]:
        async for chunk in chunks:
            yield chunk + config["tags"][0]

    for function in (tagged, atagged):
        outcome = await everywhere(RunnableGenerator(function), "a", config={"tags": ["!"]})
        assert outcome.whole == "a!"


async def test_keyword_arguments_reach_it() -> None:
    def joined(chunks: Iterator[str], end: str = "") -> Iterator[str]:
        for chunk in chunks:
            yield chunk + end

    runnable = RunnableGenerator(joined).bind(end="!")
    assert await everywhere(runnable, "a") == Outcome("a!", ["a!"], ["a!"])


async def test_a_plain_generator_lives_in_one_thread() -> None:
    where: set[int] = set()

    def watched(chunks: Iterator[str]) -> Iterator[str]:
        try:
            for chunk in chunks:
                where.add(threading.get_ident())
                yield chunk
        finally:
            where.add(threading.get_ident())

    runnable = RunnableGenerator(watched)
    assert [c async for c in runnable.atransform(arriving("abc"))] == ["a", "b", "c"]
    assert len(where) == 1
    assert threading.get_ident() not in where


@BOTH
async def test_an_error_of_the_source_goes_through_the_generator(function: Any) -> None:
    error = LookupError("source")

    async def source() -> AsyncIterator[str]:
        yield "a"
        raise error

    async with RunnableGenerator(function).atransform(source()) as chunks:
        assert await anext(chunks) == "aa"
        with pytest.raises(LookupError) as caught:
            await anext(chunks)
    assert caught.value is error


async def test_a_generator_may_handle_the_error_of_its_source() -> None:
    async def source() -> AsyncIterator[str]:
        yield "a"
        raise LookupError

    def mended(chunks: Iterator[str]) -> Iterator[str]:
        try:
            yield from chunks
        except LookupError:
            yield "mended"

    assert [c async for c in RunnableGenerator(mended).atransform(source())] == ["a", "mended"]


async def test_chunks_that_do_not_add_up_are_named_by_type() -> None:
    def mixed(chunks: Iterator[Any]) -> Iterator[Any]:
        for _ in chunks:
            yield "text"
            yield 1

    runnable = RunnableGenerator(mixed)
    assert list(runnable.stream("x")) == ["text", 1]
    for call in (
        lambda: runnable.invoke("x"),
        lambda: list((runnable | (lambda x: x)).stream("x")),
    ):
        with pytest.raises(ChunkMergeError, match="type int to a stream of str"):
            call()
    with pytest.raises(ChunkMergeError, match="type int to a stream of str"):
        await runnable.ainvoke("x")


@pytest.mark.parametrize("value", [None, 3, len, lambda x: x, "text"])
def test_what_does_not_yield_is_refused(value: Any) -> None:
    with pytest.raises(CoercionError, match=type(value).__name__):
        RunnableGenerator(value)
    with pytest.raises(CoercionError):
        RunnableGenerator(doubled, value or 3)


class Doubler:
    def __call__(self, chunks: Iterator[str]) -> Iterator[str]:
        yield from doubled(chunks)

    async def later(self, chunks: AsyncIterator[str]) -> AsyncIterator[str]:
        async for chunk in adoubled(chunks):
            yield chunk


@pytest.mark.parametrize("callable_", [Doubler(), Doubler().later, functools.partial(doubled)])
async def test_generator_functions_of_all_kinds(callable_: Any) -> None:
    assert (await everywhere(RunnableGenerator(callable_), "a")).whole == "aa"
    assert (await everywhere(RunnableLambda(str) | callable_, "a")).whole == "aa"


def test_names() -> None:
    assert RunnableGenerator(doubled).get_name() == "doubled"
    assert RunnableGenerator(doubled, name="twice").get_name() == "twice"
    assert repr(RunnableGenerator(doubled)) == "RunnableGenerator(doubled)"
