"""How many tasks or threads run branches: as many as wait, and hardly any for those that do not."""

from __future__ import annotations

import threading
from functools import partial

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow.execution import BLOCKING, LOOP, drive
from streamflow.execution._join import _Staff


@given(branches=st.integers(1, 200), workers=st.integers(1, 200))
def test_as_many_workers_come_as_there_is_work_for(branches: int, workers: int) -> None:
    staff, coming, entered = _Staff(branches, workers), 1, 0
    while coming:  # each comes, calls others in, takes a branch and stays with it
        coming -= 1
        coming += staff.enter()
        entered += 1
        staff.take()
    assert entered == min(branches, workers)


@given(branches=st.integers(1, 40), limit=st.none() | st.integers(1, 40))
async def test_branches_that_wait_for_one_another_all_run(branches: int, limit: int | None) -> None:
    together = min(branches, limit or branches)
    there, all_there = 0, anyio.Event()

    async def branch(number: int) -> int:
        nonlocal there
        there += 1
        if there >= together:
            all_there.set()
        await all_there.wait()
        return number

    calls = [partial(branch, number) for number in range(branches)]
    assert await LOOP.join(calls, limit) == list(range(branches))


@pytest.mark.parametrize("branches", [2, 3, 10, 40])
def test_threads_that_wait_for_one_another_all_run(branches: int) -> None:
    barrier = threading.Barrier(branches)

    async def branch(number: int) -> int:
        barrier.wait(10)
        return number

    calls = [partial(branch, number) for number in range(branches)]
    assert drive(BLOCKING.join(calls)) == list(range(branches))


async def test_branches_that_never_wait_need_hardly_any_task() -> None:
    tasks: set[int] = set()

    async def branch() -> None:
        tasks.add(anyio.get_current_task().id)

    await LOOP.join([branch] * 100)
    assert tasks == {anyio.get_current_task().id}


async def test_after_a_failure_no_branch_begins() -> None:
    begun: list[int] = []

    async def branch(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise LookupError
        if number % 2:
            await checkpoint()

    with pytest.raises(LookupError):
        await LOOP.join([partial(branch, number) for number in range(100)], 4)
    assert max(begun) < 10
