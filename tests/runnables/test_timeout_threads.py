"""Limits without a loop, and for code in threads, which can only be asked to stop.

The limits are real here, and as short as can be: what they stop would last for ever.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread

from streamflow.bus._run import Run, Tree
from streamflow.bus._scope import ROOT_SCOPE
from streamflow.errors import RunTimeoutError
from streamflow.execution import BlockingExecution
from streamflow.execution._clock import ThreadClock
from streamflow.runnables import Runnable, RunnableLambda, RunnableParallel
from streamflow.runnables._inputs import Once

SHORT = 0.01
ENOUGH = 0.2
"""Long enough, on a busy machine too, for what comes before that."""
nothing = RunnableLambda(int, inline=True)


async def forever(_: Any) -> None:
    await anyio.sleep_forever()


async def two_then_forever(_: Any) -> AsyncIterator[int]:
    yield 1
    yield 2
    await anyio.sleep_forever()


def busy(_: Any) -> None:
    while True:
        nothing.invoke(0)


def two_then_busy(_: Any) -> Iterator[int]:
    yield 1
    yield 2
    busy(0)


def fails(_: Any) -> None:
    raise ValueError


ENDLESS: dict[str, Runnable[Any, Any]] = {
    "async": RunnableLambda(forever),
    "plain": RunnableLambda(busy),
    "branches": RunnableParallel(a=forever, b=forever),
    "mixed": RunnableParallel(a=forever, b=busy),
    "waiting to retry": RunnableLambda(fails).with_retry(exponential_jitter_params={"initial": 60}),
    "batch": RunnableLambda(forever).map(),
}


def listed(chunks: Iterator[Any], into: list[Any]) -> None:
    for chunk in chunks:
        into.append(chunk)  # noqa: PERF402 - what came before the error is looked at


@pytest.mark.parametrize("name", ENDLESS)
async def test_what_would_last_for_ever_is_stopped(name: str) -> None:
    timed = ENDLESS[name].with_timeout(total=SHORT)
    value = [1, 2] if name == "batch" else 1

    def without_loop() -> None:
        with pytest.raises(RunTimeoutError, match="'total'"):
            timed.invoke(value)
        with pytest.raises(RunTimeoutError, match="'total'"):
            list(timed.stream(value))

    await to_thread.run_sync(without_loop)
    without_loop()
    with pytest.raises(RunTimeoutError, match="'total'"):
        await timed.ainvoke(value)
    with pytest.raises(RunTimeoutError, match="'total'"):
        await timed.astream(value).__anext__()


@pytest.mark.parametrize("function", [two_then_forever, two_then_busy])
@pytest.mark.parametrize(
    "limits", [{"between_chunks": ENOUGH}, {"first_chunk": 60, "total": ENOUGH}]
)
async def test_a_stream_that_stalls_is_stopped(function: Any, limits: Any) -> None:
    timed = RunnableLambda(function).with_timeout(**limits)
    seen: list[int] = []
    with pytest.raises(RunTimeoutError):
        listed(timed.stream(0), seen)
    assert seen == [1, 2]
    chunks = timed.astream(0)
    assert [await chunks.__anext__(), await chunks.__anext__()] == [1, 2]
    with pytest.raises(RunTimeoutError):
        await chunks.__anext__()


class Manual(BlockingExecution):
    """Its time is what the code that runs on it says."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> ThreadClock:
        return _ManualClock(self)

    def run(self) -> Run:
        return Run("timed", "chain", None, Tree(), ROOT_SCOPE, self, ())


class _ManualClock(ThreadClock):
    def __init__(self, execution: Manual) -> None:
        super().__init__()
        self._execution = execution

    def _now(self) -> float:
        return self._execution.now

    def _set(self, deadline: float) -> None:
        """Nothing rings: what is late is noticed when it is done."""


@pytest.mark.parametrize(("seconds", "late"), [(0.5, False), (1.5, True)])
async def test_what_cannot_be_stopped_is_late_when_it_is_done(seconds: float, late: bool) -> None:
    manual, done = Manual(), []

    def deaf(_: Any) -> str:
        manual.now += seconds
        done.append(1)
        return "done"

    timed = RunnableLambda(deaf).with_timeout(total=1)

    async def stream() -> str:
        return "".join([chunk async for chunk in timed._iterate(Once(0), manual.run())])

    for call in (lambda: timed._execute(0, manual.run()), stream):
        done.clear()
        if late:
            with pytest.raises(RunTimeoutError):
                await call()
        else:
            assert await call() == "done"
        assert done == [1]


async def test_neither_the_reader_nor_the_input_is_counted() -> None:
    manual, seen = Manual(), []

    async def slowly() -> AsyncIterator[int]:
        for number in range(4):
            manual.now += 5
            yield number

    def work(number: int) -> int:
        manual.now += number
        return number

    worker = RunnableLambda(work, per_chunk=True, inline=True)
    for limits, count in (
        ({"total": 6.5}, 4),
        ({"total": 5.5}, 3),
        ({"first_chunk": 0.5, "between_chunks": 2.5}, 3),
        ({"first_chunk": 0.5, "between_chunks": 3.5}, 4),
    ):
        seen.clear()
        try:
            async for number in worker.with_timeout(**limits)._iterate(slowly(), manual.run()):
                seen.append(number)
                manual.now += 5
        except RunTimeoutError:
            seen.append("late")
        assert seen == [*range(count), *["late"][: 4 - count]]


async def test_a_call_in_a_thread_of_a_loop_has_limits_of_its_own() -> None:
    def call(_: Any) -> str:
        try:
            RunnableLambda(forever).with_timeout(total=SHORT).invoke(0)
        except RunTimeoutError:
            return "stopped"
        return "not stopped"

    assert await RunnableLambda(call).ainvoke(0) == "stopped"


def range_of(end: int) -> Iterator[int]:
    yield from range(end)


def test_the_thread_goes_on_as_before() -> None:
    for _ in range(3):
        with pytest.raises(RunTimeoutError):
            RunnableLambda(forever).with_timeout(total=SHORT).invoke(0)
        assert RunnableLambda(str).with_timeout(total=60).invoke(5) == "5"
        assert list(RunnableLambda(range_of).stream(2)) == [0, 1]


def test_a_limit_that_was_kept_leaves_nothing_behind() -> None:
    class Value:
        pass

    value = Value()
    gone = weakref.ref(value)
    timed = RunnableLambda(lambda given: given).with_timeout(total=3600, between_chunks=3600)
    timed.invoke(value)
    list(timed.stream(value))
    del value
    gc.collect()
    assert gone() is None
