"""The streams that users hold: iterators and context managers, closed when they are dropped."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread, wait_all_tasks_blocked
from anyio.lowlevel import checkpoint

from streamflow.execution import BLOCKING, LOOP, AsyncStream, Stream, buffered, drive
from tests.execution.both import PATIENCE, Source


class Endless:
    """An async generator that counts, and says when it is closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.gone = threading.Event()

    async def items(self) -> AsyncIterator[int]:
        number = 0
        try:
            while True:
                yield number
                number += 1
        finally:
            self.closed += 1
            self.gone.set()

    async def slow_items(self) -> AsyncIterator[int]:
        """On a loop only: it waits, also when it is closed."""
        number = 0
        try:
            while True:
                await checkpoint()
                yield number
                number += 1
        finally:
            with anyio.CancelScope(shield=True):
                await checkpoint()
            self.closed += 1


async def until(condition: Any) -> None:
    """Give the other tasks turns until something is true."""
    with anyio.fail_after(PATIENCE):
        while not condition():
            await checkpoint()


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is logged, by us or by the loops, unless a test says so."""
    yield
    records = caplog.get_records("call")
    assert not [r.getMessage() for r in records if "on purpose" not in (r.exc_text or "")]


# ------------------------------------------------------------------------------- without


def test_a_stream_is_an_iterator() -> None:
    stream = Stream(LOOP.iterate_async(lambda _: Endless().items(), Source([])))
    assert iter(stream) is stream
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()
    assert list(stream) == []
    stream.close()


def test_a_with_block_closes_it() -> None:
    endless = Endless()
    with Stream(endless.items()) as stream:
        for item in stream:
            if item == 3:
                break
        assert not endless.closed
    assert endless.closed == 1
    with pytest.raises(StopIteration):
        next(stream)


def test_an_error_ends_it() -> None:
    stream = Stream(buffered(Source([1], LookupError("here")), 2, BLOCKING))
    assert next(stream) == 1
    with pytest.raises(LookupError):
        next(stream)
    assert list(stream) == []


def test_one_that_is_dropped_is_closed_on_the_spot() -> None:
    endless = Endless()
    for item in Stream(buffered(endless.items(), 2, BLOCKING)):
        if item == 3:
            break
    assert endless.closed == 1


def test_one_that_was_never_started_is_just_dropped() -> None:
    endless = Endless()
    Stream(endless.items())
    with Stream(endless.items()):
        pass
    assert not endless.closed


def in_a_cycle(stream: Any) -> list[Any]:
    cycle = [stream]
    cycle.append(cycle)
    return cycle


def test_one_in_a_cycle_is_closed_by_the_collector() -> None:
    endless = Endless()
    stream = Stream(buffered(endless.items(), 2, BLOCKING))
    next(stream)
    in_a_cycle(stream)
    del stream
    gc.collect()
    assert endless.closed == 1


def test_the_collector_may_run_in_a_thread_that_the_clean_up_waits_for() -> None:
    class Collects(Endless):
        async def items(self) -> AsyncIterator[int]:
            try:
                yield 0
                go.wait()
                gc.collect()  # in the thread of the channel's host
                collected.set()
                yield 1
            finally:
                self.gone.set()

    go, collected = threading.Event(), threading.Event()
    endless = Collects()
    stream = Stream(buffered(endless.items(), 9, BLOCKING))
    next(stream)
    gc.disable()
    try:
        in_a_cycle(stream)
        del stream
        go.set()
        assert collected.wait(PATIENCE)
        assert endless.gone.wait(PATIENCE)
    finally:
        gc.enable()


def test_the_collector_may_run_on_the_loop_that_the_clean_up_needs() -> None:
    gone = threading.Event()

    async def generator(_: Any) -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            await checkpoint()
            gone.set()

    async def collect() -> None:
        gc.collect()

    async def ask() -> None:
        await BLOCKING.call_async(collect)

    stream = Stream(bridged(generator))
    next(stream)
    gc.disable()
    try:
        in_a_cycle(stream)
        del stream
        drive(ask())
        assert gone.wait(PATIENCE)
    finally:
        gc.enable()


async def bridged(generator: Any) -> AsyncIterator[Any]:
    items: Any = BLOCKING.iterate_async(generator, Source([]))
    try:
        while True:
            yield await items.__anext__()
    finally:
        await items.aclose()


def test_an_error_while_a_dropped_one_closes_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def items() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            raise LookupError("on purpose")

    next(Stream(items()))
    [record] = caplog.records
    assert record.name == "streamflow"
    assert "failed to close" in record.getMessage()


# -------------------------------------------------------------------------------- on a loop


async def test_an_async_stream_is_an_async_iterator() -> None:
    stream = AsyncStream(buffered(Source(range(3)), 2, LOOP))
    assert aiter(stream) is stream
    assert [item async for item in stream] == [0, 1, 2]
    await stream.aclose()
    await stream.aclose()


async def test_an_async_with_block_closes_it() -> None:
    endless = Endless()
    async with AsyncStream(buffered(endless.slow_items(), 2, LOOP)) as stream:
        async for item in stream:
            if item == 3:
                break
        assert not endless.closed
    assert endless.closed
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()


async def test_one_that_is_dropped_is_closed_soon() -> None:
    endless = Endless()
    async for item in AsyncStream(buffered(endless.slow_items(), 2, LOOP)):
        if item == 3:
            break
    await until(lambda: endless.closed)


async def test_a_first_item_is_awaited_though_the_stream_is_dropped() -> None:
    endless = Endless()
    assert await AsyncStream(buffered(endless.slow_items(), 2, LOOP)).__anext__() == 0
    await until(lambda: endless.closed)


async def test_one_in_a_cycle_is_closed_soon() -> None:
    endless = Endless()
    stream = AsyncStream(buffered(endless.slow_items(), 2, LOOP))
    await stream.__anext__()
    in_a_cycle(stream)
    del stream
    gc.collect()
    await until(lambda: endless.closed)


@pytest.mark.parametrize("in_cycle", [False, True], ids=["plain", "cycle"])
async def test_one_that_is_dropped_in_a_thread_is_closed_on_its_loop(in_cycle: bool) -> None:
    endless = Endless()
    stream = AsyncStream(buffered(endless.slow_items(), 2, LOOP))
    await stream.__anext__()
    box = [in_a_cycle(stream) if in_cycle else stream]
    del stream

    def drop() -> None:
        box.clear()
        gc.collect()

    await LOOP.call(drop)
    await until(lambda: endless.closed)


async def test_it_is_opened_in_one_task_and_closed_in_another() -> None:
    endless = Endless()
    opened: list[AsyncStream[int]] = []

    async def open_it() -> None:
        opened.append(AsyncStream(buffered(endless.slow_items(), 2, LOOP)))
        assert await opened[0].__anext__() == 0

    async with anyio.create_task_group() as group:
        group.start_soon(open_it)
    assert await opened[0].__anext__() == 1
    async with anyio.create_task_group() as group:
        group.start_soon(opened[0].aclose)
    assert endless.closed


async def test_closing_it_in_a_cancelled_scope_waits_for_the_clean_up() -> None:
    endless = Endless()
    stream = AsyncStream(buffered(endless.slow_items(), 2, LOOP))
    await stream.__anext__()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await stream.aclose()
    assert endless.closed


async def test_an_error_while_a_dropped_async_one_closes_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def items() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            raise LookupError("on purpose")

    await AsyncStream(items()).__anext__()
    await wait_all_tasks_blocked()
    [record] = caplog.records
    assert record.name == "streamflow"
    assert "failed to close" in record.getMessage()


async def test_streams_are_read_and_dropped_in_threads_without_a_loop() -> None:
    endless = Endless()

    def read() -> list[int]:
        taken = []
        for item in Stream(buffered(endless.items(), 2, BLOCKING)):
            taken.append(item)
            if item == 3:
                break
        return taken

    assert await to_thread.run_sync(read) == [0, 1, 2, 3]
    assert endless.closed == 1
