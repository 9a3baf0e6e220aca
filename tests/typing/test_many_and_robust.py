"""What batches and the wrappers for failures yield, as type checkers see it."""

from __future__ import annotations

from typing_extensions import assert_type

from streamflow.execution import AsyncStream, Stream
from streamflow.runnables import (
    RunnableEach,
    RunnableLambda,
    RunnableRetry,
    RunnableSequence,
    RunnableTimeout,
    RunnableWithFallbacks,
)


def show(number: int) -> str:
    return str(number)


def test_batches() -> None:
    runnable = RunnableLambda(show, inline=True)
    assert_type(runnable.batch([1]), list[str])
    assert_type(runnable.batch([1], return_exceptions=True), list[str | Exception])
    assert_type(runnable.batch_as_completed(iter([1])), Stream[tuple[int, str]])
    with runnable.batch_as_completed([1], return_exceptions=True) as results:
        assert_type(next(results), tuple[int, str | Exception])


async def test_asynchronous_batches() -> None:
    runnable = RunnableLambda(show, inline=True)
    assert_type(await runnable.abatch([1]), list[str])
    assert_type(await runnable.abatch([1], return_exceptions=True), list[str | Exception])
    assert_type(runnable.abatch_as_completed([1]), AsyncStream[tuple[int, str]])
    async for result in runnable.abatch_as_completed([1], return_exceptions=True):
        assert_type(result, tuple[int, str | Exception])


def test_wrappers() -> None:
    runnable = RunnableLambda(show)
    assert_type(runnable.with_retry(), RunnableRetry[int, str])
    assert_type(runnable.with_fallbacks([runnable]), RunnableWithFallbacks[int, str])
    assert_type(runnable.with_timeout(total=1), RunnableTimeout[int, str])
    assert_type(runnable.map(), RunnableEach[int, str])
    assert_type(runnable.map().invoke([1]), list[str])
    assert_type(runnable.with_retry().with_timeout(total=1) | len, RunnableSequence[int, int])
