"""Branches run together and end together; the first that fails stops the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from anyio import wait_all_tasks_blocked
from hypothesis import given, settings, strategies as st

from streamflow.execution import BLOCKING, LOOP, Execution, ExecutionCancelled, drive
from tests.execution.both import both

LIMITS = st.none() | st.integers(1, 5)


def returning(values: list[Any], execution: Execution) -> list[Callable[[], Awaitable[Any]]]:
    async def branch(value: Any) -> Any:
        await execution.turn()
        return value

    return [lambda value=value: branch(value) for value in values]


@given(values=st.lists(st.integers(), max_size=7), limit=LIMITS)
@settings(max_examples=30)
async def test_results_come_in_the_order_of_the_branches_on_a_loop(
    values: list[int], limit: int | None
) -> None:
    assert await LOOP.join(returning(values, LOOP), limit) == values


@given(values=st.lists(st.integers(), max_size=7), limit=LIMITS)
@settings(max_examples=30)
def test_results_come_in_the_order_of_the_branches_without_a_loop(
    values: list[int], limit: int | None
) -> None:
    assert drive(BLOCKING.join(returning(values, BLOCKING), limit)) == values


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_no_more_than_the_limit_run_at_once(limit: int) -> None:
    gate = anyio.Event()
    running = most = 0

    async def branch() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1

    async with anyio.create_task_group() as group:
        group.start_soon(LOOP.join, [branch] * 6, limit)
        await wait_all_tasks_blocked()
        assert running == limit
        gate.set()
    assert most == limit


@pytest.mark.parametrize("limit", [2, 3])
def test_no_more_than_the_limit_run_at_once_without_a_loop(limit: int) -> None:
    lock = threading.Lock()
    together = threading.Barrier(limit)
    running = most = 0

    async def branch() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(20)  # that many do run at once
        with lock:
            running -= 1

    drive(BLOCKING.join([branch] * (limit * 3), limit))
    assert most == limit


async def the_first_failure_stops_the_others(execution: Execution) -> None:
    problem = LookupError("here")
    stopped = []

    async def fails() -> None:
        await execution.turn()
        raise problem

    async def endless() -> None:
        try:
            while True:
                await execution.turn()
        except BaseException as error:
            stopped.append(isinstance(error, Exception))
            raise

    with pytest.raises(LookupError) as caught:
        await execution.join([endless, fails, endless])
    assert caught.value is problem
    assert not any(stopped)


test_failure_on_a_loop, test_failure_without_a_loop = both(the_first_failure_stops_the_others)


async def test_failures_beside_the_first_are_notes() -> None:
    async def fails() -> None:
        raise LookupError("first")

    async def fails_in_its_clean_up() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise ValueError("second")

    with pytest.raises(LookupError, match="first") as caught:
        await LOOP.join([fails_in_its_clean_up, fails_in_its_clean_up, fails])
    notes = caught.value.__notes__  # type: ignore[attr-defined]  # Python 3.11 shows them
    assert len(notes) in (1, 2)  # a branch may not have begun
    assert all("ValueError: second" in note for note in notes)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit, ExecutionCancelled])
async def test_what_is_no_exception_comes_through_as_it_is(
    interrupt: type[BaseException],
) -> None:
    async def interrupted() -> None:
        raise interrupt

    async def forever() -> None:
        await anyio.sleep_forever()

    with pytest.raises(interrupt):
        await LOOP.join([forever, interrupted])


async def test_a_cancelled_join_cancels_its_branches() -> None:
    ends = []

    async def branch() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ends.append("branch")

    async with anyio.create_task_group() as group:
        group.start_soon(LOOP.join, [branch] * 3)
        await wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    assert ends == ["branch"] * 3


async def test_a_branch_that_awaits_a_cancelled_task_is_cancelled(
    anyio_backend_name: str,
) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("asyncio's own way to cancel")
    task = asyncio.create_task(asyncio.Event().wait())
    task.cancel()

    async def awaits() -> None:
        await task

    with pytest.raises(asyncio.CancelledError):
        await LOOP.join([awaits, anyio.sleep_forever])


async def test_an_owner_s_stop_reaches_every_thread() -> None:
    begun = threading.Barrier(3)
    stopped: list[str] = []

    async def branch() -> None:
        begun.wait(20)
        try:
            await BLOCKING.call_async(anyio.sleep_forever)
        except ExecutionCancelled:
            stopped.append("branch")
            raise

    async def watch() -> None:
        begun.wait(20)

    async with anyio.create_task_group() as group:
        group.start_soon(LOOP.call, lambda: drive(BLOCKING.join([branch, branch])))
        await LOOP.call(lambda: drive(watch()))
        group.cancel_scope.cancel()
    assert stopped == ["branch"] * 2
