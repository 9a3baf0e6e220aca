"""How far a producer gets ahead of a consumer that does not read, and who may fail."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import AnyMessage, Bus, EventFilter
from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel
from tests.cancellation.probes import (
    Ledger,
    plain_source,
    rounds,
    source,
    step,
    until_settled,
)

CAPACITIES = [1, 2, 3, 7, 64]


async def settled() -> None:
    """Let everybody go on for longer than the largest capacity lasts."""
    await rounds(2 * max(CAPACITIES))


# --------------------------------------------------------------------------- channels


@pytest.mark.parametrize("capacity", CAPACITIES)
async def test_the_lead_over_a_channel_is_its_capacity(capacity: int) -> None:
    ledger, consumed = Ledger(), 0
    chain = source(ledger) | step(ledger, "step")
    async with chain.astream(1, {"channel_capacity": capacity}) as chunks:
        async for _ in chunks:
            consumed += 1
            await settled()
            assert ledger.passed - consumed <= capacity
            if consumed == 10:
                break
    assert consumed < ledger.passed or capacity == 1


@pytest.mark.parametrize("capacity", CAPACITIES)
async def test_each_channel_of_a_sequence_has_its_own_lead(capacity: int) -> None:
    ledger, consumed = Ledger(), 0
    chain = source(ledger) | step(ledger, "first") | step(ledger, "second")
    async with chain.astream(1, {"channel_capacity": capacity}) as chunks:
        async for _ in chunks:
            consumed += 1
            await settled()
            # Two channels, and the one item that the step between them holds.
            assert ledger.passed - consumed <= 2 * capacity + 1
            if consumed == 10:
                break


async def test_a_direct_channel_has_no_lead() -> None:
    ledger, consumed = Ledger(), 0
    async with (source(ledger) | step(ledger, "step")).astream(1) as chunks:
        async for _ in chunks:
            consumed += 1
            await settled()
            assert ledger.passed == consumed
            if consumed == 10:
                break


@pytest.mark.parametrize("capacity", CAPACITIES)
async def test_the_lead_of_parallel_branches(capacity: int) -> None:
    ledger, consumed = Ledger(), 0
    chain = RunnableParallel(a=source(ledger, "a"), b=source(ledger, "b"))
    async with chain.astream(1, {"channel_capacity": capacity}) as chunks:
        async for _ in chunks:
            consumed += 1
            await settled()
            # One buffer for both; each puts its item in line before it waits for room.
            assert ledger.passed - consumed <= capacity + 1
            if consumed == 10:
                break


async def test_a_branch_that_ignores_its_input_holds_up_nobody() -> None:
    async def many(_: Any) -> AsyncIterator[int]:
        for number in range(100):
            yield number

    async def constant(_: AsyncIterator[Any]) -> AsyncIterator[str]:
        yield "constant"

    branches = RunnableParallel(a=RunnableGenerator(constant), b=lambda x: x)
    chain = RunnableLambda(many) | branches
    with anyio.fail_after(10):
        chunks = [chunk async for chunk in chain.astream(1)]
    assert len(chunks) == 2
    assert chain.invoke(1)["a"] == "constant"
    assert len(list(chain.stream(1))) == 2


# ----------------------------------------------------------------------------- events


@pytest.mark.parametrize("capacity", CAPACITIES)
async def test_the_lead_over_a_reader_of_events_is_the_capacity(capacity: int) -> None:
    ledger, seen = Ledger(), 0
    only = EventFilter(include_names=["source"])
    chain = source(ledger) | step(ledger, "step")
    async with chain.events(1, filter=only, capacity=capacity) as messages:
        async for message in messages:
            await settled()
            seen += message.kind == "stream"
            assert ledger.passed - seen <= capacity
            if seen == 10:
                break
    assert ledger.passed >= seen


@pytest.mark.parametrize("capacity", CAPACITIES)
def test_the_lead_without_a_loop(capacity: int) -> None:
    ledger, seen = Ledger(), 0
    only = EventFilter(include_names=["source"])
    with plain_source(ledger).stream_events(1, filter=only, capacity=capacity) as messages:
        for message in messages:
            seen += message.kind == "stream"
            assert ledger.passed - seen <= capacity + 1
            if seen == 50:
                break
    assert ledger.still_open() == []


async def test_two_readers_are_waited_for() -> None:
    """The slowest reader sets the pace; one that leaves no longer counts."""
    ledger, bus = Ledger(), Bus()
    slow, quick = bus.subscribe(capacity=2), bus.subscribe(capacity=2)
    async with anyio.create_task_group() as group:

        async def run() -> None:
            async for _ in source(ledger, items=50).astream(1, {"bus": bus}):
                pass
            bus.close()

        async def read(subscription: Any) -> None:
            async for _ in subscription:
                pass

        group.start_soon(run)
        group.start_soon(read, quick)
        await settled()
        assert ledger.passed <= 2
        for _ in range(10):
            await slow.receive()
            await settled()
        assert ledger.passed <= 12
        slow.close()
    assert ledger.passed == 50
    assert quick.statistics().peak <= 2
    await until_settled(ledger)


@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest", "raise"])
async def test_a_reader_that_need_not_be_waited_for(overflow: Any) -> None:
    ledger, bus = Ledger(), Bus()
    with bus.subscribe(capacity=4, overflow=overflow) as idle, anyio.fail_after(10):
        chunks = [c async for c in source(ledger, items=500).astream(1, {"bus": bus})]
    assert len(chunks) == 500
    assert idle.statistics().peak <= 4


# --------------------------------------------------------------------------- listeners


def failing(message: AnyMessage) -> None:
    raise RuntimeError(message.kind)


async def afailing(message: AnyMessage) -> None:
    await checkpoint()
    raise RuntimeError(message.kind)


@pytest.mark.parametrize("listener", [failing, afailing])
async def test_a_listener_that_fails_harms_nothing(
    listener: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bus, kinds = Bus(), []
    bus.listen(listener)
    bus.listen(lambda message: kinds.append(message.kind))
    chain: Runnable[Any, Any] = source(Ledger(), items=2) | step(Ledger(), "step")
    with caplog.at_level(logging.CRITICAL, logger="streamflow"):
        assert [chunk async for chunk in chain.astream(1, {"bus": bus})] == [0, 1]
        alone = list(kinds)
        kinds.clear()
        assert list(chain.stream(1, {"bus": bus})) == [0, 1]
        assert kinds == alone
        async with chain.astream(1, {"bus": bus}) as chunks:
            await chunks.__anext__()
    assert alone.count("start") == alone.count("end") == 3
    assert kinds.count("cancelled") == 3


def test_a_listener_that_fails_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus()
    bus.listen(failing)
    RunnableLambda(lambda x: x, name="mine").invoke(1, {"bus": bus})
    assert len(caplog.records) == 2
    assert all("failing" in r.getMessage() and "'mine'" in r.getMessage() for r in caplog.records)


async def test_an_async_listener_hears_of_a_cancelled_run() -> None:
    kinds: list[str] = []

    async def listen(message: AnyMessage) -> None:
        await checkpoint()
        kinds.append(message.kind)

    bus = Bus()
    bus.listen(listen)
    with anyio.CancelScope() as scope:
        async for _ in source(Ledger()).astream(1, {"bus": bus}):
            scope.cancel()
    assert scope.cancelled_caught
    assert (kinds[0], kinds[-1]) == ("start", "cancelled")


def test_a_synchronous_call_in_the_thread_of_its_reader_does_not_wait_for_it() -> None:
    """The reader stands still until the call returns: it takes more than its capacity."""

    def numbers(_: Iterator[Any]) -> Iterator[int]:
        yield from range(100)

    bus = Bus()
    with bus.subscribe(capacity=2) as messages:
        assert len(list(RunnableGenerator(numbers).stream(1, {"bus": bus}))) == 100
        assert messages.statistics().waiting == 102
