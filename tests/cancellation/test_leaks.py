"""Whichever way a stream is left, a thousand times over, nothing of it is left."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.execution import AsyncStream, Stream
from streamflow.runnables import Runnable, RunnableParallel
from tests.cancellation.probes import (
    Ledger,
    complaints,
    plain_source,
    repeated,
    running_threads,
    source,
    step,
    until_settled,
)

Open = Callable[[], AsyncStream[Any]]
MANY = 1000


class BoomError(Exception):
    pass


# ----------------------------------------------------------------- what is streamed


def chain(ledger: Ledger) -> Runnable[Any, Any]:
    return source(ledger) | step(ledger, "middle") | step(ledger, "last")


def branches(ledger: Ledger) -> Runnable[Any, Any]:
    return RunnableParallel(a=source(ledger, "a"), b=source(ledger, "b") | step(ledger, "after b"))


async def arriving() -> AsyncIterator[int]:
    for number in range(1_000_000):
        yield number


STREAMS: dict[str, Callable[[Ledger], AsyncStream[Any]]] = {
    "astream": lambda ledger: chain(ledger).astream(1),
    "atransform": lambda ledger: step(ledger, "only").atransform(arriving()),
    "events": lambda ledger: chain(ledger).events(1),
    "astream_events": lambda ledger: chain(ledger).astream_events(1),
    "channel_capacity": lambda ledger: chain(ledger).astream(1, {"channel_capacity": 2}),
    "parallel": lambda ledger: branches(ledger).astream(1),
    "parallel, transformed": lambda ledger: RunnableParallel(
        a=step(ledger, "a"), b=step(ledger, "b")
    ).atransform(arriving()),
}


# --------------------------------------------------------------- how a stream is left


async def by_break(start: Open, items: int) -> None:
    async with start() as stream:
        async for _ in stream:
            if items == 0:
                break
            items -= 1


async def failing(start: Open, items: int) -> None:
    async with start() as stream:
        async for _ in stream:
            if items == 0:
                raise BoomError
            items -= 1


async def by_exception(start: Open, items: int) -> None:
    with pytest.raises(BoomError):
        await failing(start, items)


async def by_cancellation(start: Open, items: int) -> None:
    enough = anyio.Event()

    async def read() -> None:
        left = items
        async for _ in start():
            left -= 1
            if left < 0:
                enough.set()

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await enough.wait()
        group.cancel_scope.cancel()


async def by_timeout(start: Open, items: int) -> None:
    with anyio.CancelScope() as scope:
        async with start() as stream:
            async for _ in stream:
                if items == 0:
                    scope.deadline = anyio.current_time()
                items -= 1
    assert scope.cancelled_caught


async def by_closing(start: Open, items: int) -> None:
    stream = start()
    for _ in range(items):
        await stream.__anext__()
    await stream.aclose()
    await stream.aclose()


WAYS = [by_break, by_exception, by_cancellation, by_timeout, by_closing]
# The cheap ones a thousand times each way, the others a thousand times in all.
TIMES = {"astream": MANY, "atransform": MANY}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", list(STREAMS))
async def test_nothing_is_left(kind: str, way: Callable[[Open, int], Awaitable[None]]) -> None:
    ledger = Ledger()

    async def once(number: int) -> None:
        await way(lambda: STREAMS[kind](ledger), number % 5)
        assert ledger.still_open() == [], f"open at return, in round {number}"

    await repeated(TIMES.get(kind, MANY // len(WAYS)), once)
    assert ledger.closed


@pytest.mark.parametrize("kind", list(STREAMS))
async def test_nothing_is_left_of_a_stream_that_is_dropped(kind: str) -> None:
    ledger = Ledger()

    async def once(number: int) -> None:
        left = number % 5
        async for _ in STREAMS[kind](ledger):
            if left == 0:
                break
            left -= 1
        del _
        passed = ledger.passed
        await until_settled(ledger)
        assert kind not in TIMES or ledger.passed == passed, "the source went on"

    await repeated(TIMES.get(kind, MANY // len(WAYS)), once)


@pytest.mark.parametrize("kind", list(STREAMS))
async def test_nothing_is_left_of_a_stream_in_a_cycle(kind: str) -> None:
    """Only the garbage collector finds these."""
    ledger = Ledger()
    with complaints() as found:
        for _ in range(20):
            cycle: list[Any] = [STREAMS[kind](ledger)]
            cycle.append(cycle)
            await cycle[0].__anext__()
            del cycle
        assert not ledger.settled()
        gc.collect()
        await until_settled(ledger)
    assert found == []


@pytest.mark.parametrize("kind", list(STREAMS))
async def test_a_stream_that_is_never_read_leaves_nothing(kind: str) -> None:
    async def once(_: int) -> None:
        async with STREAMS[kind](Ledger()):
            pass
        STREAMS[kind](Ledger())

    await repeated(100, once)


# ------------------------------------------------------------------------ in order


async def test_a_cancelled_parent_closes_every_generator_in_order() -> None:
    """The cancellation arises where the code waits, and travels from there to the reader."""
    ledger = Ledger()
    await by_cancellation(lambda: chain(ledger).astream(1), 3)
    assert ledger.closed == ["source", "middle", "last"]


async def test_a_closed_stream_closes_every_generator_in_order() -> None:
    """Closing begins at the reader's end: nobody may ask a closed step for more."""
    ledger = Ledger()
    await by_break(lambda: chain(ledger).astream(1), 3)
    assert ledger.closed == ["last", "middle", "source"]


async def test_the_input_of_the_user_is_closed() -> None:
    ledger = Ledger()

    async def own() -> AsyncIterator[int]:
        ledger.enter("own")
        try:
            while True:
                await checkpoint()
                yield 1
        finally:
            ledger.leave("own")

    for number, way in enumerate(WAYS):
        await way(lambda: step(ledger, "step").atransform(own()), number)
        assert ledger.closed[-2:] == ["step", "own"] or way in (by_cancellation, by_timeout)
        assert ledger.still_open() == []


# -------------------------------------------------------------------- without a loop


SYNC_STREAMS: dict[str, Callable[[Ledger], Stream[Any]]] = {
    "stream": lambda ledger: (plain_source(ledger) | step(ledger, "last")).stream(1),
    "async source": lambda ledger: chain(ledger).stream(1),
    "stream_events": lambda ledger: (plain_source(ledger)).stream_events(1),
    "channel_capacity": lambda ledger: (plain_source(ledger) | step(ledger, "last")).stream(
        1, {"channel_capacity": 2}
    ),
    "parallel": lambda ledger: RunnableParallel(
        a=plain_source(ledger, "a"), b=source(ledger, "b")
    ).stream(1),
}


@pytest.mark.parametrize("kind", list(SYNC_STREAMS))
def test_nothing_is_left_without_a_loop(kind: str) -> None:
    ledger = Ledger()
    with complaints() as found:
        for number in range(50):
            stream = SYNC_STREAMS[kind](ledger)
            for _ in range(number % 5):
                next(stream)
            if number % 3 == 0:
                stream.close()
            elif number % 3 == 1:
                with pytest.raises(BoomError), stream:
                    raise BoomError
            else:
                del stream  # the last reference
            assert ledger.still_open() == [], f"open at return, in round {number}"
            assert running_threads() == []
    assert found == []
