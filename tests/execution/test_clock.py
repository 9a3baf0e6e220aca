"""Clocks: what they count, and when they cut a wait off."""

from __future__ import annotations

import math
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from streamflow.execution import BLOCKING, LOOP, Clock, ExecutionCancelled, OutOfTime, drive
from streamflow.execution._clock import LoopClock
from streamflow.execution._threads import CancelFlag, new_thread, state
from tests.runnables.fake_time import anyio_backend

__all__ = ("anyio_backend",)  # a fixture, found by its name


class Steps:
    """Something to wait for: some seconds that count, and some that do not."""

    def __init__(self, clock: Clock, steps: list[tuple[bool, int]]) -> None:
        self._clock = clock
        self._steps = steps

    async def __call__(self) -> str:
        for counts, seconds in self._steps:
            if counts:
                await anyio.sleep(seconds)
            else:
                with self._clock.paused():
                    await anyio.sleep(seconds)
        return "done"


waits = st.lists(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=4), max_size=4)


@given(waits=waits, limit=st.integers(0, 12).map(lambda n: n + 0.5))
async def test_a_loop_clock_counts_what_is_not_paused(
    waits: list[list[tuple[bool, int]]], limit: float
) -> None:
    clock = LOOP.clock()
    total = 0.0
    for steps in waits:
        counted = sum(seconds for counts, seconds in steps if counts)
        await anyio.sleep(3)  # between the waits nothing counts
        if counted > limit:
            with pytest.raises(OutOfTime):
                await clock.limit(limit, Steps(clock, steps))
            total += limit
        else:
            assert await clock.limit(limit, Steps(clock, steps)) == "done"
            total += counted
        assert clock.spent == pytest.approx(total)
    clock.close()


async def test_pauses_may_nest_and_may_be_somebody_elses() -> None:
    clock = LOOP.clock()

    async def pause() -> None:
        with clock.paused():
            await anyio.sleep(7)

    async def work() -> None:
        await anyio.sleep(1)
        with clock.paused(), clock.paused():
            await anyio.sleep(5)

    async with anyio.create_task_group() as group:
        group.start_soon(pause)
        with clock.paused():
            await anyio.sleep(2)
        await clock.limit(0.5, work)  # the other pause lasts until all is done
    assert clock.spent == 0


async def test_what_is_late_is_not_taken() -> None:
    clock = LOOP.clock()

    async def late() -> str:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(2)
        return "late"

    with pytest.raises(OutOfTime):
        await clock.limit(1, late)


async def test_an_error_of_its_own_goes_through_at_any_time() -> None:
    clock = LOOP.clock()

    async def fails() -> None:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(2)
        raise LookupError

    for seconds in (1, 3):
        with pytest.raises(LookupError):
            await clock.limit(seconds, fails)


# -------------------------------------------------------------------------- without a loop


async def sleep(seconds: float) -> str:
    await BLOCKING.sleep(seconds)
    return "done"


def limited(clock: Clock, seconds: float, wait: float) -> Any:
    return drive(clock.limit(seconds, sleep, wait))


def test_an_alarm_ends_the_wait_of_a_thread() -> None:
    clock = BLOCKING.clock()
    for _ in range(2):
        with pytest.raises(OutOfTime):
            limited(clock, 0.001, 3600)
        assert limited(clock, 3600, 0) == "done"
    assert 0.002 <= clock.spent < 10
    clock.close()
    assert state.cancel is None


def test_an_alarm_may_be_set_to_ring_earlier() -> None:
    clock = BLOCKING.clock()
    assert limited(clock, 3600, 0) == "done"
    with pytest.raises(OutOfTime):
        limited(clock, 0.001, 3600)
    clock.close()


def test_an_alarm_that_rings_too_early_is_set_again() -> None:
    clock: Any = BLOCKING.clock()
    assert limited(clock, 0.3, 0) == "done"  # long, so that a busy machine cannot be too slow
    with pytest.raises(OutOfTime):
        limited(clock, 0.4, 3600)
    clock.close()
    assert clock._ring() == math.inf  # nothing is waited for


def test_the_owner_of_a_thread_ends_the_wait_otherwise() -> None:
    seen: list[type[BaseException]] = []

    def main() -> None:
        try:
            limited(BLOCKING.clock(), 3600, 3600)
        except BaseException as error:
            seen.append(type(error))

    flag = CancelFlag()
    thread = new_thread(main, name="test", cancel=flag)
    thread.start()
    flag.set()
    thread.join()
    assert seen == [ExecutionCancelled]


async def test_a_loop_whose_timers_are_early() -> None:
    class Standing(LoopClock):
        def _now(self) -> float:
            return 0.0  # by which nothing is over yet

    with pytest.raises(OutOfTime):
        await Standing().limit(1, anyio.sleep_forever)
