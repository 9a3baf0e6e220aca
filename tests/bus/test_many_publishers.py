"""Many threads, tasks and trees publish at once: numbers stay in order, counters stay right."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import Bus, EventFilter, Message
from streamflow.callbacks import dispatch_custom_event
from streamflow.errors import SubscriptionOverflowError
from streamflow.runnables import RunnableLambda, RunnableParallel

step = RunnableLambda(lambda value: value, name="step")


def busy(value: int) -> int:
    """Publish from plain code, of its own run and of runs below it."""
    for number in range(5):
        dispatch_custom_event("progress", number)
        step.invoke(value)
    return value


BRANCHES = RunnableParallel({str(n): RunnableLambda(busy, name=f"branch {n}") for n in range(6)})


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def well_formed(messages: list[Message]) -> None:
    """Numbers rise, and each run has a start first and an end last, inside of its parent's."""
    seqs = [message.seq for message in messages]
    assert seqs == sorted(set(seqs))
    kinds: dict[Any, list[str]] = defaultdict(list)
    for message in messages:
        run: Any = message.run
        if message.kind == "start" and run.parent in kinds:
            assert "end" not in kinds[run.parent]
        kinds[run].append(message.kind)
    for own in kinds.values():
        assert own[0] == "start"
        assert own[-1] == "end"
        assert set(own[1:-1]) <= {"stream", "custom"}


async def test_every_subscriber_sees_the_numbers_rise_on_a_loop() -> None:
    bus = Bus()
    heard: list[Message] = []
    bus.listen(heard.append)
    some = EventFilter(include_names=["branch 1", "step"])
    wide, narrow = bus.subscribe(capacity=2), bus.subscribe(some, capacity=3)
    read: dict[Any, list[Message]] = {wide: [], narrow: []}

    async def reader(subscription: Any) -> None:
        async with subscription:
            async for message in subscription:
                read[subscription].append(message)
                await checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(reader, wide)
        group.start_soon(reader, narrow)
        await BRANCHES.ainvoke(1, {"bus": bus})
        bus.close()
    well_formed(heard)
    assert [message.seq for message in heard] == list(range(1, len(heard) + 1))
    assert read[wide] == heard
    assert read[narrow] == [message for message in heard if some.matches(message.run)]


def test_every_subscriber_sees_the_numbers_rise_without_a_loop() -> None:
    bus = Bus()
    heard: list[Message] = []
    bus.listen(heard.append)
    with bus.subscribe(capacity=5) as messages:
        BRANCHES.invoke(1, {"bus": bus})  # of which this thread is one
        bus.close()
        assert list(messages) == heard
    well_formed(heard)


async def test_a_streaming_parallel_publishes_in_order_too() -> None:
    bus = Bus()
    heard: list[Message] = []
    bus.listen(heard.append)
    async for _ in BRANCHES.astream(1, {"bus": bus}):
        await checkpoint()
    well_formed(heard)


# Several trees at once have numbers of their own, but share the subscription.

TREES, CALLS = 4, 40


def many_trees(bus: Bus) -> None:
    together = threading.Barrier(TREES)

    def calls() -> None:
        together.wait(20)
        for value in range(CALLS):
            step.invoke(value, {"bus": bus})

    threads = [threading.Thread(target=calls) for _ in range(TREES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest"])
def test_what_is_dropped_is_counted_exactly(overflow: Any) -> None:
    for _ in range(5):
        bus = Bus()
        messages = bus.subscribe(capacity=3, overflow=overflow)
        many_trees(bus)
        counted = messages.statistics()
        assert counted.waiting + counted.dropped == TREES * CALLS * 2
        assert (counted.waiting, counted.peak, counted.delivered) == (3, 3, 0)
        bus.close()
        assert len(list(messages)) == 3
        assert messages.statistics().delivered == 3


def test_an_overflow_is_raised_after_exactly_what_fitted() -> None:
    bus = Bus()
    messages = bus.subscribe(capacity=3, overflow="raise")
    many_trees(bus)
    assert [next(messages).kind for _ in range(3)]
    for _ in range(2):
        with pytest.raises(SubscriptionOverflowError, match="3 messages"):
            next(messages)
    assert not bus.sinks


def test_a_waiting_subscription_loses_nothing() -> None:
    bus = Bus()
    read: list[Message] = []
    ready = threading.Event()

    def reader() -> None:
        with bus.subscribe(capacity=3) as messages:
            ready.set()
            read.extend(messages)

    thread = threading.Thread(target=reader)
    thread.start()
    ready.wait(20)
    many_trees(bus)
    bus.close()
    thread.join()
    assert len(read) == TREES * CALLS * 2
    by_tree: dict[Any, list[int]] = defaultdict(list)
    for message in read:
        run: Any = message.run
        by_tree[run.tree].append(message.seq)
    assert set(map(tuple, by_tree.values())) == {(1, 2)}
