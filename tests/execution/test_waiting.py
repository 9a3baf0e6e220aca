"""Wake-up calls, on whichever loop the task that waits runs."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from streamflow.execution import LOOP
from streamflow.runnables import RunnableLambda


async def test_a_wake_up_call_may_come_before_the_wait() -> None:
    waiter = LOOP.waiter()
    waiter.wake()
    waiter.wake()
    await waiter.wait()
    await waiter.wait_through()


async def test_a_thread_wakes_a_task() -> None:
    waiter = LOOP.waiter()
    thread = threading.Thread(target=waiter.wake)
    thread.start()
    with anyio.fail_after(10):
        await waiter.wait()
    await anyio.to_thread.run_sync(thread.join)


async def test_a_wait_that_was_cancelled_can_be_made_again() -> None:
    waiter = LOOP.waiter()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await waiter.wait()
    assert scope.cancelled_caught
    waiter.wake()
    with anyio.fail_after(10):
        await waiter.wait()


async def test_a_task_that_waits_through_is_cancelled_afterwards() -> None:
    waiter, order = LOOP.waiter(), []

    async def wait() -> None:
        try:
            await waiter.wait_through()
        finally:
            order.append("woken")

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await anyio.wait_all_tasks_blocked()
            order.append("cancelled")
            waiter.wake()
    assert order == ["cancelled", "woken"]


def test_a_loop_that_has_ended_is_not_woken() -> None:
    async def make() -> Any:
        return LOOP.waiter()

    waiters = [anyio.run(make, backend=backend) for backend in ("asyncio", "trio")]
    for waiter in waiters:
        thread = threading.Thread(target=waiter.wake)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


def test_trio_may_be_the_guest_of_asyncio() -> None:
    trio = pytest.importorskip("trio")

    async def guest() -> list[str]:
        events = RunnableLambda(str).astream_events(1, version="v2")
        return [event["event"] async for event in events]

    async def host() -> Any:
        done = asyncio.get_running_loop().create_future()
        trio.lowlevel.start_guest_run(
            guest,
            run_sync_soon_threadsafe=asyncio.get_running_loop().call_soon_threadsafe,
            done_callback=done.set_result,
        )
        return (await done).unwrap()

    assert asyncio.run(host()) == ["on_chain_start", "on_chain_stream", "on_chain_end"]
