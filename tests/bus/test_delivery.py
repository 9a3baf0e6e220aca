"""Subscriptions: capacity, the overflow policies and their counters, and their ends."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Bus, ChunkStreamed, EventFilter, RunEnded, RunStarted
from streamflow.errors import ConfigError, SubscriptionClosedError, SubscriptionOverflowError
from streamflow.runnables import RunnableGenerator, RunnableLambda, RunnableParallel

capacities = st.integers(min_value=1, max_value=12)
counts = st.integers(min_value=0, max_value=40)


def counting(n: int) -> RunnableGenerator[Any, int]:
    """Yields ``n`` numbers: its run publishes ``n + 2`` messages."""

    def numbers(inputs: Any) -> Any:
        for _ in inputs:
            yield from range(n)

    return RunnableGenerator(numbers)


def chunks_of(messages: list[Any]) -> list[int]:
    return [message.chunk for message in messages if isinstance(message, ChunkStreamed)]


def published(bus: Bus, n: int) -> None:
    for _ in counting(n).stream("go", {"bus": bus}):
        pass


@given(capacity=capacities, n=counts)
def test_drop_oldest_keeps_the_latest(capacity: int, n: int) -> None:
    bus = Bus()
    with bus.subscribe(capacity=capacity, overflow="drop_oldest") as messages:
        published(bus, n)
        bus.close()
        read = list(messages)
        total, kept = n + 2, min(n + 2, capacity)
        assert [message.seq for message in read] == list(range(total - kept + 1, total + 1))
        assert messages.statistics().dropped == total - kept
        assert messages.statistics().delivered == kept
        assert messages.statistics().peak <= capacity


@given(capacity=capacities, n=counts)
def test_drop_newest_keeps_the_first(capacity: int, n: int) -> None:
    bus = Bus()
    with bus.subscribe(capacity=capacity, overflow="drop_newest") as messages:
        published(bus, n)
        bus.close()
        kept = min(n + 2, capacity)
        assert [message.seq for message in messages] == list(range(1, kept + 1))
        assert messages.statistics().dropped == n + 2 - kept


@given(capacity=capacities, n=counts)
def test_raise_tells_the_reader_and_spares_the_run(capacity: int, n: int) -> None:
    bus = Bus()
    messages = bus.subscribe(capacity=capacity, overflow="raise")
    assert list(counting(n).stream("go", {"bus": bus})) == list(range(n))
    bus.close()
    read = []
    if n + 2 <= capacity:
        read = list(messages)
    else:
        with pytest.raises(SubscriptionOverflowError, match=f"{capacity} messages"):
            read.extend(messages)
    assert len(read) == min(n + 2, capacity)


@given(capacity=capacities, n=counts)
def test_wait_in_the_readers_own_thread_loses_nothing(capacity: int, n: int) -> None:
    bus = Bus()
    with bus.subscribe(capacity=capacity) as messages:
        published(bus, n)  # could not wait: the only reader is this thread
        bus.close()
        assert chunks_of(list(messages)) == list(range(n))


async def test_wait_bounds_the_lead() -> None:
    made = 0

    async def numbers(inputs: Any) -> Any:
        nonlocal made
        async for _ in inputs:
            for made in range(1, 101):
                yield made

    bus = Bus()

    async def run() -> None:
        async for _ in RunnableGenerator(numbers).astream("go", {"bus": bus}):
            pass
        bus.close()

    async with bus.subscribe(capacity=5) as messages, anyio.create_task_group() as group:
        group.start_soon(run)
        await anyio.wait_all_tasks_blocked()
        assert made <= 5
        assert chunks_of([message async for message in messages]) == list(range(1, 101))
        assert messages.statistics().peak <= 5


async def test_closing_frees_a_waiting_publisher() -> None:
    bus = Bus()
    done = anyio.Event()

    async def run() -> None:
        assert [chunk async for chunk in counting(50).astream("go", {"bus": bus})] == [*range(50)]
        done.set()

    async with anyio.create_task_group() as group:
        async with bus.subscribe(capacity=2):
            group.start_soon(run)
            await anyio.wait_all_tasks_blocked()
            assert not done.is_set()
        await done.wait()


async def test_threads_publish_in_order() -> None:
    def call(x: int) -> int:
        return RunnableLambda(lambda y: y + 1).invoke(x)

    bus = Bus()
    branches = RunnableParallel({str(n): RunnableLambda(call) for n in range(8)})
    async with bus.subscribe(capacity=3) as first, bus.subscribe(capacity=1000) as second:

        async def run() -> None:
            await branches.ainvoke(1, {"bus": bus})
            bus.close()

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            one = [message.seq async for message in first]
        two = [message.seq async for message in second]
    assert one == two == list(range(1, 2 * 17 + 1))


def test_a_reader_in_another_thread() -> None:
    bus = Bus()
    read: list[Any] = []
    messages = bus.subscribe(capacity=2)

    def reader() -> None:
        with messages:
            ready.set()
            read.extend(messages)

    ready = threading.Event()
    thread = threading.Thread(target=reader)
    thread.start()
    ready.wait()
    published(bus, 30)
    bus.close()
    thread.join()
    assert chunks_of(read) == list(range(30))
    assert messages.statistics().peak <= 2


def test_after_close_the_reader_is_told() -> None:
    messages = Bus().subscribe()
    messages.close()
    messages.close()
    with pytest.raises(SubscriptionClosedError, match="closed"):
        next(messages)


async def test_after_close_the_async_reader_is_told() -> None:
    async with Bus().subscribe() as messages:
        pass
    with pytest.raises(SubscriptionClosedError):
        await messages.receive()


async def test_the_end_of_the_bus_is_the_end_of_the_messages() -> None:
    bus = Bus()
    async with bus.subscribe() as messages:
        await counting(1).ainvoke("go", {"bus": bus})
        bus.close()
        kinds = [type(message) async for message in messages]
    assert kinds[0] is RunStarted
    assert kinds[-1] is RunEnded


@pytest.mark.parametrize("capacity", [0, -1, 1.5, None, True])
def test_a_capacity_that_is_none(capacity: Any) -> None:
    with pytest.raises(ConfigError, match="capacity"):
        Bus().subscribe(capacity=capacity)


def test_an_overflow_policy_that_is_none() -> None:
    with pytest.raises(ConfigError, match="'drop_oldest'"):
        Bus().subscribe(overflow="drop")  # type: ignore[arg-type]  # what is tested


def test_a_filtered_subscription_hears_its_runs_only() -> None:
    bus = Bus()
    chain = RunnableLambda(str, name="a") | RunnableLambda(str, name="b")
    with bus.subscribe(EventFilter(include_names=["b"])) as messages:
        chain.invoke(1, {"bus": bus})
        bus.close()
        assert {message.run.name for message in messages} == {"b"}
