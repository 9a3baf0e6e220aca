"""What type checkers infer of functions that become runnables."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from typing_extensions import assert_type

from streamflow.runnables import (
    Runnable,
    RunnableAssign,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableSequence,
    chain,
)


def plain(text: str) -> int:
    return len(text)


async def awaited(text: str) -> int:
    return len(text)


def yields(chunks: Iterator[str]) -> Iterator[int]:
    for chunk in chunks:
        yield len(chunk)


def generates(chunks: Iterator[str]) -> Generator[int, None, None]:
    yield from yields(chunks)


async def ayields(chunks: AsyncIterator[str]) -> AsyncIterator[int]:
    async for chunk in chunks:
        yield len(chunk)


async def agenerates(chunks: AsyncIterator[str]) -> AsyncGenerator[int, None]:
    async for chunk in chunks:
        yield len(chunk)


def configured(text: str, config: RunnableConfig) -> int:
    return len(text)


def chooses(text: str) -> Runnable[str, int]:
    return RunnableLambda(plain)


async def achooses(text: str) -> Runnable[str, int]:
    return RunnableLambda(plain)


class Callable:
    def __call__(self, text: str) -> int:
        return len(text)

    async def later(self, text: str) -> int:
        return len(text)


def test_lambdas() -> None:
    assert_type(RunnableLambda(plain), RunnableLambda[str, int])
    assert_type(RunnableLambda(awaited), RunnableLambda[str, int])
    assert_type(RunnableLambda(Callable()), RunnableLambda[str, int])
    assert_type(RunnableLambda(Callable().later), RunnableLambda[str, int])
    assert_type(RunnableLambda(plain, awaited), RunnableLambda[str, int])
    assert_type(
        RunnableLambda(plain, name="n", per_chunk=True, inline=True), RunnableLambda[str, int]
    )


def test_lambdas_of_functions_that_yield() -> None:
    def letters(text: str) -> Iterator[str]:
        yield from text

    async def aletters(text: str) -> AsyncIterator[str]:
        yield text

    assert_type(RunnableLambda(letters), RunnableLambda[str, str])
    assert_type(RunnableLambda(aletters), RunnableLambda[str, str])
    assert_type(chain(letters), RunnableLambda[str, str])
    assert_type(chain(aletters), RunnableLambda[str, str])


def test_lambdas_of_functions_that_choose() -> None:
    assert_type(RunnableLambda(chooses), RunnableLambda[str, int])
    assert_type(RunnableLambda(achooses), RunnableLambda[str, int])


def test_lambdas_of_functions_with_more_parameters() -> None:
    def add(text: str, more: int) -> int:
        return len(text) + more

    async def aconfigured(text: str, *, config: RunnableConfig) -> int:
        return len(text)

    def optional(text: str, more: int = 0) -> int:
        return len(text) + more

    assert_type(RunnableLambda(configured), RunnableLambda[Any, int])
    assert_type(RunnableLambda(add), RunnableLambda[Any, int])
    assert_type(RunnableLambda(optional), RunnableLambda[str, int])
    step: Runnable[str, int] = RunnableLambda(aconfigured)
    assert step.invoke("abc") == 3


def test_lambdas_of_lambdas() -> None:
    loose = RunnableLambda(lambda text: len(text) + 1)
    assert_type(loose, RunnableLambda[Any, Any])
    tight: RunnableLambda[str, int] = RunnableLambda(lambda text: len(text) + 1)
    also_tight: Runnable[str, int] = RunnableLambda(lambda text: len(text) + 1)
    assert loose.invoke("abc") == tight.invoke("abc") == also_tight.invoke("abc") == 4


def test_the_decorator() -> None:
    @chain
    def counts(text: str) -> int:
        return len(text)

    @chain
    async def acounts(text: str) -> int:
        return len(text)

    assert_type(counts, RunnableLambda[str, int])
    assert_type(acounts, RunnableLambda[str, int])
    assert_type(counts.invoke("abc"), int)
    assert_type(chain(chooses).invoke("abc"), int)


def test_generators() -> None:
    assert_type(RunnableGenerator(yields), RunnableGenerator[str, int])
    assert_type(RunnableGenerator(generates), RunnableGenerator[str, int])
    assert_type(RunnableGenerator(ayields), RunnableGenerator[str, int])
    assert_type(RunnableGenerator(agenerates), RunnableGenerator[str, int])
    assert_type(RunnableGenerator(yields, ayields), RunnableGenerator[str, int])


def test_combinators() -> None:
    assert_type(RunnableParallel(a=plain), RunnableParallel[Any])
    assert_type(RunnableParallel({"a": plain}).invoke("abc"), dict[str, Any])
    assert_type(RunnablePassthrough(), RunnablePassthrough[Any])
    assert_type(RunnablePassthrough(plain), RunnablePassthrough[str])
    assert_type(RunnablePassthrough(plain).invoke("abc"), str)
    assert_type(RunnablePassthrough.assign(a=plain), RunnableAssign)
    assert_type(RunnableSequence(plain, str), RunnableSequence[Any, Any])
    parallel: RunnableParallel[str] = RunnableParallel(a=plain)
    through: Runnable[str, str] = RunnablePassthrough()
    assert parallel.invoke(through.invoke("abc")) == {"a": 3}


def test_what_is_no_function_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        RunnableLambda(3)  # type: ignore[call-overload]  # as it should be
    with pytest.raises(TypeError):
        RunnableGenerator(plain)  # type: ignore[arg-type]  # as it should be
