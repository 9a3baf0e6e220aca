"""Batches whose results are taken as they come, out of inputs that need not end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow.runnables import RunnableLambda


class Counted(Iterator[int]):
    """Numbers, of which it is known how many have been read."""

    def __init__(self, end: int) -> None:
        self.read = 0
        self.closed = False
        self._end = end

    def __next__(self) -> int:
        if self.read == self._end:
            raise StopIteration
        self.read += 1
        return self.read - 1

    def close(self) -> None:
        self.closed = True


async def same(number: int) -> int:
    await checkpoint()
    return number


async def turns() -> None:
    """Let everybody do what they can do by themselves."""
    for _ in range(10):
        await checkpoint()


async def test_results_come_as_they_are_done() -> None:
    gates = [anyio.Event() for _ in range(3)]

    async def work(number: int) -> str:
        await gates[number].wait()
        return "abc"[number]

    seen = []
    async with RunnableLambda(work).abatch_as_completed(range(3)) as results:
        for number in (1, 2, 0):
            gates[number].set()
            seen.append(await results.__anext__())
    assert seen == [(1, "b"), (2, "c"), (0, "a")]


@given(limit=st.integers(1, 8), given_out=st.integers(0, 40))
async def test_a_million_inputs_are_read_as_they_are_needed(limit: int, given_out: int) -> None:
    for inline in (False, True):
        inputs = Counted(1_000_000)
        runnable: Any = RunnableLambda(int, inline=True) if inline else RunnableLambda(same)
        results = runnable.abatch_as_completed(inputs, {"max_concurrency": limit})
        async with results:
            for taken in range(1, given_out + 1):
                await results.__anext__()
                await turns()
                assert inputs.read - taken <= limit
        assert inputs.read - given_out <= limit
        assert inputs.closed or not given_out


def test_a_million_inputs_without_a_loop() -> None:
    inputs = Counted(1_000_000)
    with RunnableLambda(same).batch_as_completed(inputs, {"max_concurrency": 3}) as results:
        for taken, _ in zip(range(1, 21), results, strict=False):
            assert inputs.read - taken <= 3
    assert inputs.read - 21 <= 3
    assert inputs.closed


async def test_inputs_may_arrive_asynchronously() -> None:
    closed = False

    async def arriving() -> AsyncIterator[int]:
        nonlocal closed
        try:
            for number in count():
                await checkpoint()
                yield number
        finally:
            closed = True

    found = []
    async with RunnableLambda(same).abatch_as_completed(
        arriving(), {"max_concurrency": 4}
    ) as results:
        async for result in results:
            found.append(result)
            if len(found) == 20:
                break
    assert closed
    assert sorted(found)[:10] == [(n, n) for n in range(10)]


async def test_a_result_does_not_wait_for_the_next_input() -> None:
    async def arriving() -> AsyncIterator[int]:
        yield 0
        await anyio.sleep_forever()

    async with RunnableLambda(same).abatch_as_completed(arriving()) as results:
        assert await results.__anext__() == (0, 0)


async def test_closing_stops_the_rest() -> None:
    ended = []

    async def work(number: int) -> int:
        if number:
            try:
                await anyio.sleep_forever()
            finally:
                ended.append(number)
        return number

    def leave_early() -> list[int]:
        with RunnableLambda(work).batch_as_completed(count(), {"max_concurrency": 3}) as results:
            assert next(results) == (0, 0)
        return sorted(ended)

    async with RunnableLambda(work).abatch_as_completed(count(), {"max_concurrency": 3}) as results:
        assert await results.__anext__() == (0, 0)
        await turns()
    assert len(ended) == 3
    ended.clear()
    assert len(await to_thread.run_sync(leave_early)) <= 3


async def test_cancelling_the_reader_stops_the_rest() -> None:
    ended = []

    async def work(number: int) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(number)

    async def read() -> None:
        async with RunnableLambda(work).abatch_as_completed(range(3)) as results:
            async for _ in results:
                pass

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await turns()
        group.cancel_scope.cancel()
    assert sorted(ended) == [0, 1, 2]


async def test_what_was_done_comes_before_the_failure() -> None:
    done = anyio.Event()

    async def work(number: int) -> int:
        if number < 2:
            return number
        await done.wait()
        raise ValueError(number)

    results = RunnableLambda(work).abatch_as_completed(range(3))
    assert sorted([await results.__anext__(), await results.__anext__()]) == [(0, 0), (1, 1)]
    done.set()
    with pytest.raises(ValueError, match="2"):
        await results.__anext__()


async def test_inputs_that_fail_fail_the_batch() -> None:
    def inputs() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    runnable = RunnableLambda(same)
    with pytest.raises(LookupError, match="no more"):
        async for _ in runnable.abatch_as_completed(inputs(), return_exceptions=True):
            pass
    with pytest.raises(LookupError, match="no more"):
        await to_thread.run_sync(lambda: list(runnable.batch_as_completed(inputs())))


async def test_an_inline_batch_lets_others_run() -> None:
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel, scope)
            async for _ in RunnableLambda(int, inline=True).abatch_as_completed(count()):
                pass
    assert scope.cancelled_caught


async def _cancel(scope: anyio.CancelScope) -> None:
    scope.cancel()
