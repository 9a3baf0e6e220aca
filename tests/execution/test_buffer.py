"""A buffer keeps its order and its bound, whoever writes, reads, waits or gives up."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread, wait_all_tasks_blocked
from hypothesis import given, settings, strategies as st

from streamflow.execution import BLOCKING, LOOP, Buffer, EndOfBuffer, Execution, drive
from tests.execution.both import both, in_time

CAPACITIES = st.integers(1, 5)


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


async def write(buffer: Buffer[Any], items: Any, execution: Execution) -> None:
    for item in items:
        if buffer.append(item):
            await buffer.room(execution)


async def drain(buffer: Buffer[Any], execution: Execution) -> list[Any]:
    taken = []
    try:
        while True:
            taken.append(await buffer.take(execution))
    except EndOfBuffer:
        return taken


# ------------------------------------------------------------------- nobody has to wait


@given(capacity=CAPACITIES, items=st.lists(st.integers(), max_size=12))
def test_items_come_out_in_the_order_they_went_in(capacity: int, items: list[int]) -> None:
    buffer: Buffer[int] = Buffer(capacity)
    for count, item in enumerate(items, start=1):
        assert buffer.append(item) == (count >= capacity)
        assert len(buffer) == buffer.peak == count
    assert [buffer.take_nowait() for _ in items] == items
    with pytest.raises(IndexError):
        buffer.take_nowait()


def test_the_oldest_can_be_dropped() -> None:
    buffer: Buffer[int] = Buffer(2)
    assert not buffer.drop_oldest()
    buffer.append(1)
    buffer.append(2)
    assert buffer.drop_oldest()
    assert buffer.take_nowait() == 2


def test_a_closed_buffer_gives_what_it_holds_and_takes_no_more() -> None:
    buffer: Buffer[int] = Buffer(2)
    buffer.append(1)
    buffer.close()
    assert buffer.closed
    assert not buffer.append(2)
    drive(buffer.room(BLOCKING))
    assert drive(drain(buffer, BLOCKING)) == [1]


def test_a_cleared_buffer_is_empty_and_usable() -> None:
    buffer: Buffer[int] = Buffer(2)
    buffer.append(1)
    buffer.clear()
    assert len(buffer) == 0
    buffer.append(2)
    assert drive(buffer.take(BLOCKING)) == 2


# ------------------------------------------------------------------ tasks wait for tasks


@given(capacity=CAPACITIES, count=st.integers(0, 30))
async def test_one_writer_never_holds_more_than_the_capacity(capacity: int, count: int) -> None:
    buffer: Buffer[int] = Buffer(capacity)

    async def writer() -> None:
        await write(buffer, range(count), LOOP)
        buffer.close()

    async with anyio.create_task_group() as group:
        group.start_soon(writer)
        assert await drain(buffer, LOOP) == list(range(count))
    assert buffer.peak <= capacity


@given(capacity=CAPACITIES, counts=st.lists(st.integers(0, 12), min_size=1, max_size=4))
async def test_writers_keep_their_own_order(capacity: int, counts: list[int]) -> None:
    buffer: Buffer[Any] = Buffer(capacity)

    async def writers() -> None:
        async with anyio.create_task_group() as group:
            for name, count in enumerate(counts):
                items = [(name, number) for number in range(count)]
                group.start_soon(write, buffer, items, LOOP)
        buffer.close()

    async with anyio.create_task_group() as group:
        group.start_soon(writers)
        taken = await drain(buffer, LOOP)
    for name, count in enumerate(counts):
        assert [number for who, number in taken if who == name] == list(range(count))
    assert buffer.peak < capacity + len(counts)


async def test_a_full_buffer_holds_its_writer_until_half_of_it_is_taken() -> None:
    buffer: Buffer[int] = Buffer(4)
    written: list[int] = []

    async def writer() -> None:
        for item in range(6):
            if buffer.append(item):
                await buffer.room(LOOP)
            written.append(item)

    async with anyio.create_task_group() as group:
        group.start_soon(writer)
        await wait_all_tasks_blocked()
        assert len(buffer) == 4
        assert await buffer.take(LOOP) == 0
        await wait_all_tasks_blocked()
        assert written == [0, 1, 2]
        assert await buffer.take(LOOP) == 1
        await wait_all_tasks_blocked()
        assert written == [0, 1, 2, 3, 4]
        buffer.close()


async def test_a_reader_waits_for_an_item() -> None:
    buffer: Buffer[str] = Buffer(1)
    taken: list[str] = []

    async def reader() -> None:
        taken.append(await buffer.take(LOOP))

    async with anyio.create_task_group() as group:
        group.start_soon(reader)
        await wait_all_tasks_blocked()
        assert not taken
        buffer.append("at last")
    assert taken == ["at last"]


async def closing_wakes_everybody(execution: Execution) -> None:
    buffer: Buffer[int] = Buffer(1)
    ends: list[str] = []

    async def reader() -> None:
        with pytest.raises(EndOfBuffer):
            await empty.take(execution)
        ends.append("reader")

    async def writer() -> None:
        await buffer.room(execution)
        ends.append("writer")

    async def closer() -> None:
        await execution.turn()
        empty.close()
        buffer.close()

    empty: Buffer[int] = Buffer(1)
    buffer.append(1)
    await execution.join([reader, reader, writer, writer, closer])
    assert sorted(ends) == ["reader", "reader", "writer", "writer"]
    assert buffer.take_nowait() == 1


test_closing_wakes_tasks, test_closing_wakes_threads = both(closing_wakes_everybody)


# -------------------------------------------------------------------------- giving up


async def test_a_cancelled_reader_passes_its_wake_up_on() -> None:
    buffer: Buffer[str] = Buffer(1)
    taken: list[str] = []
    scope = anyio.CancelScope()

    async def impatient() -> None:
        with scope:
            taken.append("impatient " + await buffer.take(LOOP))

    async def patient() -> None:
        taken.append("patient " + await buffer.take(LOOP))

    async with anyio.create_task_group() as group:
        group.start_soon(impatient)
        await wait_all_tasks_blocked()
        group.start_soon(patient)
        await wait_all_tasks_blocked()
        # The item wakes the first in line, who is already on the way out.
        scope.cancel()
        buffer.append("item")
    assert taken == ["patient item"]


async def test_a_reader_cancelled_after_its_wake_up_passes_it_on(
    anyio_backend_name: str,
) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("trio does not cancel a task that has been woken")
    buffer: Buffer[str] = Buffer(1)

    async def read() -> str:
        return await buffer.take(LOOP)

    first = asyncio.create_task(read())
    await wait_all_tasks_blocked()
    second = asyncio.create_task(read())
    await wait_all_tasks_blocked()
    buffer.append("item")
    first.cancel()
    assert await second == "item"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_the_item_of_a_cancelled_writer_is_not_lost() -> None:
    buffer: Buffer[int] = Buffer(2)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await write(buffer, [1, 2, 3], LOOP)
    buffer.close()
    assert await drain(buffer, LOOP) == [1, 2]


# ----------------------------------------------------------------------- any interleaving

ACTIONS = st.lists(
    st.sampled_from(["append", "read", "cancel", "drop", "settle"]), min_size=1, max_size=25
)


@given(actions=ACTIONS)
async def test_nothing_is_lost_or_left_waiting_in_any_order_of_events(actions: list[str]) -> None:
    buffer: Buffer[int] = Buffer(3)
    taken: list[int] = []
    waiting: list[anyio.CancelScope] = []
    count = dropped = 0

    async def reader(scope: anyio.CancelScope) -> None:
        with scope:
            try:
                taken.append(await buffer.take(LOOP))
            except EndOfBuffer:
                return
        waiting.remove(scope)

    async with anyio.create_task_group() as group:
        for action in actions:
            if action == "append":
                buffer.append(count)
                count += 1
            elif action == "read":
                waiting.append(anyio.CancelScope())
                group.start_soon(reader, waiting[-1])
            elif action == "cancel" and waiting:
                waiting[0].cancel()
            elif action == "drop":
                dropped += buffer.drop_oldest()
            elif action == "settle":
                await wait_all_tasks_blocked()
                assert not (len(buffer) and waiting), "an item is there, and a reader waits"
        buffer.close()
    left = await drain(buffer, LOOP)
    assert taken == sorted(taken)
    assert len(taken) + len(left) + dropped == count
    assert len({*taken, *left}) == len(taken) + len(left)


# ---------------------------------------------------------------------------- threads


@given(capacity=CAPACITIES, writers=st.integers(1, 3), readers=st.integers(1, 3))
@settings(max_examples=25)
def test_threads_lose_and_repeat_nothing(capacity: int, writers: int, readers: int) -> None:
    buffer: Buffer[Any] = Buffer(capacity)
    taken: list[list[Any]] = [[] for _ in range(readers)]

    async def writer(name: int) -> None:
        await write(buffer, [(name, number) for number in range(40)], BLOCKING)

    async def reader(own: list[Any]) -> None:
        own.extend(await drain(buffer, BLOCKING))

    def run() -> None:
        reading = [threading.Thread(target=lambda o=o: drive(reader(o))) for o in taken]
        writing = [threading.Thread(target=lambda n=n: drive(writer(n))) for n in range(writers)]
        for thread in reading + writing:
            thread.start()
        for thread in writing:
            thread.join()
        buffer.close()
        for thread in reading:
            thread.join()

    in_time(run)
    assert sorted(item for own in taken for item in own) == [
        (name, number) for name in range(writers) for number in range(40)
    ]
    for own in taken:
        for name in range(writers):
            numbers = [number for who, number in own if who == name]
            assert numbers == sorted(numbers)
    assert buffer.peak < capacity + writers


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("capacity", [1, 2, 7])
async def test_a_thread_writes_what_a_task_reads(capacity: int) -> None:
    buffer: Buffer[int] = Buffer(capacity)

    def writer() -> None:
        drive(write(buffer, range(300), BLOCKING))
        buffer.close()

    async with anyio.create_task_group() as group:
        group.start_soon(to_thread.run_sync, writer)
        assert await drain(buffer, LOOP) == list(range(300))
    assert buffer.peak <= capacity


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("capacity", [1, 2, 7])
async def test_a_task_writes_what_a_thread_reads(capacity: int) -> None:
    buffer: Buffer[int] = Buffer(capacity)

    async def writer() -> None:
        await write(buffer, range(300), LOOP)
        buffer.close()

    async with anyio.create_task_group() as group:
        group.start_soon(writer)
        taken = await to_thread.run_sync(lambda: drive(drain(buffer, BLOCKING)))
    assert taken == list(range(300))
    assert buffer.peak <= capacity
