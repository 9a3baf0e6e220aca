"""A background scope: work beside its owner, which is over when its owner says it is."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from anyio import to_thread, wait_all_tasks_blocked
from anyio.lowlevel import checkpoint

from streamflow.execution import LOOP, Execution, buffered
from tests.execution.both import Source, both, in_time

word = contextvars.ContextVar("word", default="unset")


async def work_that_ends_is_waited_for(execution: Execution) -> None:
    steps: list[str] = []

    async def work() -> None:
        await execution.turn()
        steps.append("work " + word.get())
        word.set("changed by the work")

    token = word.set("seen")
    host = execution.background(work, "test")
    assert not steps
    host.start()
    await host.wait()
    steps.append("owner " + word.get())
    word.reset(token)
    await host.stop()
    assert host.error is None
    assert steps == ["work seen", "owner seen"]


test_wait_on_a_loop, test_wait_without_a_loop = both(work_that_ends_is_waited_for)


async def an_error_is_handed_to_the_owner(execution: Execution) -> None:
    problem = LookupError("here")

    async def work() -> None:
        raise problem

    host = execution.background(work, "test")
    host.start()
    await host.wait()
    await host.stop()
    assert host.error is problem


test_error_on_a_loop, test_error_without_a_loop = both(an_error_is_handed_to_the_owner)


async def stopping_waits_for_the_clean_up(execution: Execution) -> None:
    steps: list[str] = []

    async def clean_up() -> None:
        for _ in range(3):
            await execution.turn()
        steps.append("cleaned up")

    async def work() -> None:
        steps.append("begun")
        try:
            while True:
                await execution.turn()
        finally:
            await execution.shielded(clean_up, seconds=10)

    host = execution.background(work, "test")
    host.start()
    while not steps:
        await execution.turn()
    await host.stop()
    steps.append("stopped")
    await host.stop()
    await host.wait()
    assert host.error is None
    assert steps == ["begun", "cleaned up", "stopped"]


test_stop_on_a_loop, test_stop_without_a_loop = both(stopping_waits_for_the_clean_up)


async def work_that_never_began_needs_no_stop(execution: Execution) -> None:
    async def work() -> None:
        raise AssertionError("begun")

    host = execution.background(work, "test")
    await host.stop()
    await host.wait()
    host.cancel()
    assert host.error is None


test_unstarted_on_a_loop, test_unstarted_without_a_loop = both(work_that_never_began_needs_no_stop)


# -------------------------------------------------------------------- a cancelled stopper


class Slow:
    """Work whose clean-up takes until it is let go."""

    def __init__(self) -> None:
        self.begun = anyio.Event()
        self.go = anyio.Event()
        self.steps: list[str] = []

    async def work(self) -> None:
        self.begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await self.go.wait()
            self.steps.append("cleaned up")

    async def stop(self) -> None:
        host = LOOP.background(self.work, "slow")
        host.start()
        await self.begun.wait()
        try:
            await host.stop()
        finally:
            self.steps.append("control back")


async def test_a_stopper_that_is_cancelled_waits_all_the_same() -> None:
    slow = Slow()
    async with anyio.create_task_group() as group:
        group.start_soon(slow.stop)
        await wait_all_tasks_blocked()
        group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
        assert not slow.steps
        slow.go.set()
    assert slow.steps == ["cleaned up", "control back"]


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_so_does_one_that_is_cancelled_natively(anyio_backend_name: str, times: int) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("asyncio's own way to cancel")
    slow = Slow()
    task = asyncio.create_task(slow.stop())
    await wait_all_tasks_blocked()
    for _ in range(times):
        task.cancel()
        await wait_all_tasks_blocked()
        assert not slow.steps
    slow.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.steps == ["cleaned up", "control back"]


async def test_a_cancelled_wait_leaves_the_work_alone() -> None:
    slow = Slow()
    host = LOOP.background(slow.work, "slow")
    host.start()
    await slow.begun.wait()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await host.wait()
    assert scope.cancelled_caught
    assert not slow.steps
    slow.go.set()
    await host.stop()
    assert slow.steps == ["cleaned up"]


async def test_it_can_be_cancelled_from_a_thread() -> None:
    slow = Slow()
    slow.go.set()
    host = LOOP.background(slow.work, "slow")
    host.start()
    await slow.begun.wait()
    await to_thread.run_sync(host.cancel)
    await host.wait()
    assert slow.steps == ["cleaned up"]


async def test_it_outlives_the_scope_in_which_it_was_started() -> None:
    steps = []

    async def work() -> None:
        await checkpoint()
        await checkpoint()
        steps.append("done")

    with anyio.CancelScope() as scope:
        host = LOOP.background(work, "test")
        host.start()
        scope.cancel()
        await checkpoint()
    await host.wait()
    assert steps == ["done"]


# -------------------------------------------------------------------- a loop that shuts down


def ends_at_once(main: Callable[[], Awaitable[Any]]) -> None:
    in_time(lambda: asyncio.run(main()))


def test_a_host_that_a_loop_cancels_before_it_begins_holds_nobody_up() -> None:
    async def consume() -> None:
        async for _ in buffered(Source(range(3)), 2, LOOP):
            pass

    tasks = []

    async def main() -> None:
        # It will start its host in the loop's last round, so the host never begins.
        tasks.append(asyncio.create_task(consume()))

    ends_at_once(main)
    assert tasks[0].cancelled()


def test_a_host_that_a_loop_cancels_later_cleans_up() -> None:
    steps = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await checkpoint()
            steps.append("cleaned up")

    async def main() -> None:
        LOOP.background(work, "test").start()
        await checkpoint()

    ends_at_once(main)
    assert steps == ["cleaned up"]


def test_on_trio_an_error_of_the_work_does_not_stop_the_run() -> None:
    async def work() -> None:
        raise LookupError

    async def main() -> str:
        host = LOOP.background(work, "test")
        host.start()
        await host.wait()
        return type(host.error).__name__

    assert anyio.run(main, backend="trio") == "LookupError"
    assert threading.active_count()
