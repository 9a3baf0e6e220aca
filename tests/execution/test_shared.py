"""One source of items for many workers."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow.execution import BLOCKING, LOOP, Shared, drive
from streamflow.runnables._inputs import from_iterable


class Source(AsyncIterator[int]):
    """Refuses to be asked by two at once, as a generator does."""

    def __init__(self, end: int) -> None:
        self.asked = False
        self.given = 0
        self._end = end

    async def __anext__(self) -> int:
        assert not self.asked
        self.asked = True
        try:
            for _ in range(self.given % 3):
                await checkpoint()
            if self.given == self._end:
                raise StopAsyncIteration
            self.given += 1
            return self.given - 1
        finally:
            self.asked = False


@given(items=st.integers(0, 30), workers=st.integers(1, 6))
async def test_each_item_goes_to_one_worker(items: int, workers: int) -> None:
    shared, taken = Shared(Source(items), LOOP), []

    async def work() -> None:
        while True:
            try:
                taken.append(await shared.take())
            except StopAsyncIteration:
                return
            await checkpoint()

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(work)
    assert sorted(taken) == [(number, number) for number in range(items)]
    assert shared.taken == items


def test_threads_share_a_plain_iterator() -> None:
    def items() -> Iterator[int]:
        yield from range(1000)

    shared, taken = Shared(from_iterable(items()), BLOCKING), []

    def work() -> None:
        while True:
            try:
                taken.append(drive(shared.take()))
            except StopAsyncIteration:
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [(number, number) for number in range(1000)]


async def test_a_worker_that_is_cancelled_leaves_its_turn_to_others() -> None:
    gate = anyio.Event()

    class Slow(Source):
        async def __anext__(self) -> int:
            await gate.wait()
            return await super().__anext__()

    shared = Shared(Slow(5), LOOP)
    async with anyio.create_task_group() as group:
        group.start_soon(shared.take)
        for _ in range(5):
            await checkpoint()
        with anyio.CancelScope() as waiting:
            waiting.cancel()
            await shared.take()
        gate.set()
    assert await shared.take() == (1, 1)


async def test_a_source_that_failed_has_ended() -> None:
    async def fails() -> AsyncIterator[int]:
        yield 0
        raise LookupError

    shared = Shared(fails(), LOOP)
    assert await shared.take() == (0, 0)
    with pytest.raises(LookupError):
        await shared.take()
    with pytest.raises(StopAsyncIteration):
        await shared.take()
