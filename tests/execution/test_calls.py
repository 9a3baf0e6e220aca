"""Calling plain code from a loop, and async-only code without one."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import sys
import threading
from typing import Any

import anyio
import pytest
import sniffio
from anyio import from_thread, wait_all_tasks_blocked
from anyio.lowlevel import checkpoint

from streamflow.execution import (
    BLOCKING,
    LOOP,
    NESTED_LOOP,
    Execution,
    ExecutionCancelled,
    LoopExecution,
    drive,
)
from tests.execution.both import both, drive_in_time

word = contextvars.ContextVar("word", default="unset")


class Held:
    """A function that stays in its thread until it is let go.

    Attributes:
        begun: Set, on the loop, once it runs.
        steps: What has happened, in order.
    """

    def __init__(self) -> None:
        self.begun = anyio.Event()
        self.go = threading.Event()
        self.steps: list[str] = []

    def __call__(self) -> str:
        from_thread.run_sync(self.begun.set)
        self.go.wait()
        self.steps.append("function over")
        return "result"


# ------------------------------------------------------------------- plain code, on a loop


async def test_a_plain_function_runs_in_a_worker_thread() -> None:
    def where(a: int, *, b: int) -> tuple[int, int]:
        return threading.get_ident(), a + b

    thread, total = await LOOP.call(where, 1, b=2)
    assert thread != threading.get_ident()
    assert total == 3


async def an_exception_comes_back_as_it_is(execution: Execution) -> None:
    problem = LookupError("here")

    def fails() -> None:
        raise problem

    async def async_fails() -> None:
        raise problem

    with pytest.raises(LookupError) as caught:
        await execution.call(fails)
    assert caught.value is problem
    with pytest.raises(LookupError) as caught:
        await execution.call_async(async_fails)
    assert caught.value is problem


test_an_exception_on_a_loop, test_an_exception_without_one = both(an_exception_comes_back_as_it_is)


async def stop_iteration_does_not_end_anything(execution: Execution) -> None:
    with pytest.raises(RuntimeError, match="StopIteration") as caught:
        await execution.call(next, iter(()))
    assert isinstance(caught.value.__cause__, StopIteration)


test_stop_iteration_on_a_loop, test_stop_iteration_without_one = both(
    stop_iteration_does_not_end_anything
)


async def context_variables_are_seen(execution: Execution) -> None:
    async def read() -> str:
        await checkpoint()
        return word.get()

    token = word.set("hello")
    try:
        assert await execution.call(word.get) == "hello"
        assert await execution.call_async(read) == "hello"
    finally:
        word.reset(token)


test_context_on_a_loop, test_context_without_one = both(context_variables_are_seen)


@pytest.mark.parametrize("execution", [LOOP, NESTED_LOOP], ids=["outermost", "nested"])
async def test_a_cancelled_call_is_waited_for(execution: LoopExecution) -> None:
    held = Held()

    async def call() -> None:
        try:
            await execution.call(held)
        finally:
            held.steps.append("control back")

    async with anyio.create_task_group() as group:
        group.start_soon(call)
        await held.begun.wait()
        group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
            assert not held.steps
        held.go.set()
    assert held.steps == ["function over", "control back"]


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
async def test_a_natively_cancelled_call_is_waited_for(anyio_backend_name: str, times: int) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("asyncio's own way to cancel")
    held = Held()

    async def call() -> None:
        try:
            await LOOP.call(held)
        finally:
            held.steps.append("control back")

    task = asyncio.create_task(call())
    await held.begun.wait()
    for _ in range(times):
        task.cancel()
        await wait_all_tasks_blocked()
        assert not held.steps
    held.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.steps == ["function over", "control back"]


async def test_a_call_that_has_not_begun_never_does() -> None:
    called = []
    with anyio.CancelScope() as scope:
        scope.cancel()
        await LOOP.call(called.append, "called")
    assert scope.cancelled_caught
    assert not called


async def test_a_thread_that_waits_in_streamflow_is_told_of_the_cancellation() -> None:
    seen: list[Any] = []
    waiting = anyio.Event()

    async def forever() -> None:
        waiting.set()
        try:
            await anyio.sleep_forever()
        finally:
            seen.append("cleaned up")

    async def wait() -> None:
        await BLOCKING.call_async(forever)

    def function() -> None:
        try:
            drive(wait())
        except Exception as error:  # must not catch it
            seen.append(error)
        except ExecutionCancelled:
            seen.append("stopped")
            raise

    async with anyio.create_task_group() as group:
        group.start_soon(LOOP.call, function)
        await waiting.wait()
        group.cancel_scope.cancel()
    assert seen == ["cleaned up", "stopped"]


# --------------------------------------------------------------- async code, without a loop


def test_async_only_code_runs_on_the_shared_loop() -> None:
    async def where() -> tuple[str, str]:
        await checkpoint()
        return threading.current_thread().name, sniffio.current_async_library()

    thread, library = drive_in_time(BLOCKING.call_async, where)
    assert thread.startswith("streamflow-portal")
    assert library == "asyncio"


async def test_async_only_code_runs_on_the_loop_that_the_thread_works_for(
    anyio_backend_name: str,
) -> None:
    lock = anyio.Lock()

    async def where() -> tuple[int, str, int]:
        async with lock:  # belongs to this loop
            await checkpoint()
        if anyio_backend_name == "trio":
            import trio

            assert trio.lowlevel.current_task()
        return threading.get_ident(), sniffio.current_async_library(), anyio.get_current_task().id

    async def call() -> tuple[int, str, int]:
        return await BLOCKING.call_async(where)

    async def branches() -> list[Any]:
        return await BLOCKING.join([call, call, call])

    results = [await LOOP.call(lambda: drive(call()))]
    results += await LOOP.call(lambda: drive(branches()))  # threads of a thread
    assert {(thread, library) for thread, library, _ in results} == {
        (threading.get_ident(), anyio_backend_name)
    }
    assert anyio.get_current_task().id not in {task for _, _, task in results}


def test_ctrl_c_cancels_the_code_that_is_waited_for() -> None:
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        pytest.skip("needs a signal to this thread")
    main = threading.main_thread().ident
    steps = []

    async def interrupted() -> None:
        signal.pthread_kill(main, signal.SIGINT)
        try:
            await anyio.sleep_forever()
        finally:
            steps.append("cleaned up")

    async def call() -> None:
        await BLOCKING.call_async(interrupted)

    with pytest.raises(KeyboardInterrupt):
        drive(call())
    assert steps == ["cleaned up"]


# ------------------------------------------------------------------------------ waiting


async def clean_up_is_shielded(execution: Execution) -> None:
    steps: list[str] = []

    async def clean_up() -> None:
        await execution.turn()
        steps.append("cleaned up")

    async def branch() -> None:
        steps.append("begun")
        try:
            while True:
                await execution.turn()
        finally:
            await execution.shielded(clean_up, seconds=10)

    async def fails() -> None:
        while not steps:
            await execution.turn()
        raise LookupError

    with pytest.raises(LookupError):
        await execution.join([branch, fails])
    assert steps == ["begun", "cleaned up"]


test_shielding_on_a_loop, test_shielding_without_one = both(clean_up_is_shielded)
