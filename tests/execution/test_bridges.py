"""A generator that lives elsewhere: where exactly, and what a cancelled consumer does to it."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio import from_thread, wait_all_tasks_blocked
from anyio.lowlevel import checkpoint, current_token

from streamflow.execution import BLOCKING, LOOP, ExecutionCancelled, aclose, buffered, drive
from tests.execution.both import Source, drive_in_time


def place() -> tuple[int, int | None]:
    """The thread that runs this code, and the task if there is one."""
    try:
        return threading.get_ident(), anyio.get_current_task().id
    except RuntimeError:  # no loop
        return threading.get_ident(), None


class Places(AsyncIterator[int]):
    """Two items; remembers where they were asked for."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int | None]] = []

    async def __anext__(self) -> int:
        self.seen.append(place())
        if len(self.seen) > 2:
            raise StopAsyncIteration
        return len(self.seen)


async def take(items: AsyncIterator[Any]) -> Any:
    return await items.__anext__()


# -------------------------------------------------------------------------------- places


async def test_a_plain_generator_lives_in_one_thread() -> None:
    seen = []

    def generator(items: Iterator[Any]) -> Iterator[Any]:
        seen.append(place())
        try:
            for item in items:
                seen.append(place())
                yield item
                seen.append(place())
        finally:
            seen.append(place())

    inputs = Places()
    items: Any = LOOP.iterate(generator, inputs)
    await take(items)
    async with anyio.create_task_group() as group:
        group.start_soon(take, items)  # another task reads on
    await aclose(items)
    assert len(seen) == 5
    [(thread, task)] = set(seen)
    assert thread != threading.get_ident()
    assert task is None
    # What comes before it stays with the consumer.
    assert {thread for thread, _ in inputs.seen} == {threading.get_ident()}
    assert inputs.seen[0] == place()


def test_an_async_generator_lives_in_one_task() -> None:
    seen: list[tuple[int, int | None]] = []

    async def generator(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        # Held open while items are yielded: fine only if one task does it all.
        async with anyio.create_task_group() as group:
            group.start_soon(checkpoint)
            try:
                async for item in items:
                    seen.append(place())
                    yield item
            finally:
                seen.append(place())

    inputs = Places()

    async def read() -> None:
        items = BLOCKING.iterate_async(generator, inputs)
        assert [item async for item in items] == [1, 2]

    drive_in_time(read)
    [(thread, task)] = set(seen)
    assert task is not None
    assert len({thread for thread, _ in inputs.seen} | {thread}) == 2
    assert {task for _, task in inputs.seen} == {None}


async def test_no_thread_is_left() -> None:
    def generator(items: Iterator[Any]) -> Iterator[Any]:
        yield from items

    before = set(threading.enumerate())
    for ended in (True, False):
        items: Any = LOOP.iterate(generator, Source(range(2)))
        while ended and await anext_or_none(items) is not None:
            pass
        if not ended:
            await take(items)
        await aclose(items)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before


async def anext_or_none(items: AsyncIterator[Any]) -> Any:
    try:
        return await items.__anext__()
    except StopAsyncIteration:
        return None


# ---------------------------------------------------------------------------- cancellation


class Trail:
    """A consumer and a generator, whose steps are noted in order."""

    def __init__(self) -> None:
        self.steps: list[Any] = []
        self.begun = anyio.Event()
        self.go = threading.Event()
        self._token = current_token()

    async def consume(self, items: AsyncIterator[Any]) -> None:
        try:
            await items.__anext__()
        finally:
            try:
                await aclose(items)
            finally:
                self.steps.append("control back")

    def busy(self, _: Any) -> Iterator[str]:
        """In the middle of an item, out of reach."""
        try:
            from_thread.run_sync(self.begun.set, token=self._token)
            self.go.wait()
            self.steps.append("item made")
            yield "item"
        finally:
            self.steps.append("finally")


async def test_a_busy_generator_is_waited_for() -> None:
    trail = Trail()
    async with anyio.create_task_group() as group:
        group.start_soon(trail.consume, LOOP.iterate(trail.busy, Source([])))
        await trail.begun.wait()
        group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await wait_all_tasks_blocked()
        assert not trail.steps
        trail.go.set()
    assert trail.steps == ["item made", "finally", "control back"]


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_so_it_is_by_one_that_is_cancelled_natively(
    anyio_backend_name: str, times: int
) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("asyncio's own way to cancel")
    trail = Trail()
    task = asyncio.create_task(trail.consume(LOOP.iterate(trail.busy, Source([]))))
    await trail.begun.wait()
    for _ in range(times):
        task.cancel()
        await wait_all_tasks_blocked()
    assert not trail.steps
    trail.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert trail.steps == ["item made", "finally", "control back"]


async def test_a_generator_that_waits_in_streamflow_is_stopped() -> None:
    trail = Trail()

    async def forever() -> None:
        trail.begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            trail.steps.append("call cancelled")

    async def wait() -> None:
        await BLOCKING.call_async(forever)

    def generator(_: Any) -> Iterator[Any]:
        try:
            yield drive(wait())
        except ExecutionCancelled:
            trail.steps.append("stopped")
            raise

    async with anyio.create_task_group() as group:
        group.start_soon(trail.consume, LOOP.iterate(generator, Source([])))
        await trail.begun.wait()
        group.cancel_scope.cancel()
    assert trail.steps == ["call cancelled", "stopped", "control back"]


async def test_a_consumer_cancelled_while_it_fetches_an_input_closes_the_generator() -> None:
    trail = Trail()

    class Never(AsyncIterator[Any]):
        async def __anext__(self) -> Any:
            trail.begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                trail.steps.append("input cancelled")

    def generator(items: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from items
        except GeneratorExit:
            trail.steps.append("closed")
            raise

    async with anyio.create_task_group() as group:
        group.start_soon(trail.consume, LOOP.iterate(generator, Never()))
        await trail.begun.wait()
        group.cancel_scope.cancel()
    assert trail.steps == ["input cancelled", "closed", "control back"]


def test_an_async_generator_that_waits_for_ever_is_cancelled_with_its_channel() -> None:
    steps = []
    waits = threading.Event()

    async def generator(_: Any) -> AsyncIterator[str]:
        yield "item"
        try:
            waits.set()
            await anyio.sleep_forever()
        finally:
            await checkpoint_shielded()
            steps.append("cancelled")

    async def read_one() -> None:
        items = buffered(BLOCKING.iterate_async(generator, Source([])), 3, BLOCKING)
        assert await items.__anext__() == "item"
        assert waits.wait(20)
        await items.aclose()

    drive_in_time(read_one)
    assert steps == ["cancelled"]


async def checkpoint_shielded() -> None:
    with anyio.CancelScope(shield=True):
        await checkpoint()


def test_ctrl_c_cancels_an_async_generator_that_is_waited_for() -> None:
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        pytest.skip("needs a signal to this thread")
    main = threading.main_thread().ident
    steps = []

    async def generator(_: Any) -> AsyncIterator[None]:
        signal.pthread_kill(main, signal.SIGINT)
        try:
            await anyio.sleep_forever()
        finally:
            steps.append("cancelled")
        yield

    async def read() -> None:
        items: Any = BLOCKING.iterate_async(generator, Source([]))
        try:
            await items.__anext__()
        finally:
            await aclose(items)

    with pytest.raises(KeyboardInterrupt):
        drive(read())
    assert steps == ["cancelled"]


async def test_a_call_for_async_code_in_a_generator_comes_to_the_consumer_s_loop() -> None:
    async def where() -> int:
        await checkpoint()
        return threading.get_ident()

    async def ask() -> int:
        return await BLOCKING.call_async(where)

    def generator(_: Any) -> Iterator[int]:
        yield drive(ask())

    items = LOOP.iterate(generator, Source([]))
    assert [item async for item in items] == [threading.get_ident()]
