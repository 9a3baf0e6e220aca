"""Outcomes: futures that threads and tasks wait for; and work that is over, seen from anywhere."""

from __future__ import annotations

import threading
from concurrent import futures
from typing import Any

import anyio
import pytest

from streamflow.errors import AsyncOnlyError
from streamflow.execution import BLOCKING, LOOP, Background, Outcome, drive, on_loop


async def test_a_task_waits_for_what_a_thread_does() -> None:
    outcome: Outcome[str] = Outcome(BLOCKING)
    host = BLOCKING.background(lambda: settle(outcome, "done"), "test")
    host.start()
    assert await outcome == "done"
    assert await outcome == "done"
    await host.over(LOOP)
    assert host.done


async def settle(outcome: Outcome[Any], value: Any) -> None:
    outcome.set_result(value)


async def test_a_thread_waits_for_what_a_task_does() -> None:
    outcome: Outcome[str] = Outcome(BLOCKING, on_loop=True)
    host = LOOP.background(lambda: settle(outcome, "done"), "test")

    def wait() -> Any:
        result = outcome.result()
        drive(host.over(BLOCKING))
        return result, outcome.exception(), host.done

    async with anyio.create_task_group() as group:
        results: list[Any] = []

        async def in_thread() -> None:
            results.append(await anyio.to_thread.run_sync(wait))

        group.start_soon(in_thread)
        host.start()
    assert results == [("done", None, True)]


async def test_what_was_raised_is_raised_for_everybody() -> None:
    outcome: Outcome[str] = Outcome(BLOCKING, on_loop=True)
    with pytest.raises(AsyncOnlyError, match="await"):
        outcome.result()
    outcome.set_exception(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        outcome.result()
    with pytest.raises(ZeroDivisionError):
        await outcome
    assert isinstance(outcome.exception(), ZeroDivisionError)


def test_a_limit_on_the_wait() -> None:
    outcome: Outcome[str] = Outcome(BLOCKING)
    with pytest.raises(futures.TimeoutError):
        outcome.result(timeout=0)


async def test_work_that_never_started_or_is_cancelled_is_over() -> None:
    async def work() -> None:
        await anyio.sleep_forever()

    never: Background = LOOP.background(work, "test")
    await never.over(LOOP)
    assert not never.done
    host = LOOP.background(work, "test")
    host.start()
    host.cancel()
    await host.over(LOOP)
    assert host.done


async def test_whether_there_is_a_loop() -> None:
    assert on_loop()
    assert not await anyio.to_thread.run_sync(on_loop)
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(on_loop()))
    thread.start()
    await anyio.to_thread.run_sync(thread.join)
    assert seen == [False]
