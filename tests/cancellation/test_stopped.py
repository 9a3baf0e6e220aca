"""Cancelled means stopped: once control is back, nothing of ours is alive or moves on.

A matrix: what runs, and how it is stopped. Each entry runs endlessly in an async function
that passes checkpoints, so that anything that went on behind the caller's back would show.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import pytest
from anyio import from_thread
from anyio.lowlevel import current_token

from streamflow.runnables import Runnable, RunnableLambda, RunnableParallel
from tests.cancellation.probes import (
    Ledger,
    complaints,
    nothing_moves,
    rounds,
    source,
    step,
    until_settled,
    working,
)

CAPACITY = 64
"""The most that a channel holds here; events have the largest."""

Endless = Callable[[Ledger], Awaitable[Any]]


class ConsumerError(Exception):
    pass


def nested(inner: Runnable[Any, Any], depth: int = 3) -> Runnable[Any, Any]:
    """A function that calls a function that calls a function that calls ``inner``."""
    if depth == 0:
        return inner
    below = nested(inner, depth - 1)

    async def call(value: Any) -> Any:
        return await below.ainvoke(value)

    return RunnableLambda(call, name=f"level {depth}")


def nested_streams(inner: Runnable[Any, Any], depth: int = 3) -> Runnable[Any, Any]:
    """A generator over the stream of a generator over the stream of ... ``inner``."""
    if depth == 0:
        return inner
    below = nested_streams(inner, depth - 1)

    async def stream(value: Any) -> AsyncIterator[Any]:
        async for chunk in below.astream(value):  # bare, as users write it
            yield chunk

    return RunnableLambda(stream, name=f"level {depth}")


def as_tool(inner: Runnable[Any, Any]) -> Runnable[Any, Any]:
    """A plain function, in a worker thread, that makes a synchronous call."""
    return RunnableLambda(inner.invoke, name="tool")


def calling_often(inner: Runnable[Any, Any]) -> Callable[[Any], Any]:
    def call(value: Any) -> Any:
        while True:
            yield inner.invoke(value)

    return call


def looking(ledger: Ledger) -> Callable[[Any], Any]:
    """Looks now and then whether its task has been cancelled, as anyio offers it."""

    def look(_: Any) -> None:
        while True:
            ledger.passed += 1
            from_thread.check_cancelled()
            time.sleep(0)

    return look


async def read(stream: Any) -> None:
    async with stream:
        async for _ in stream:
            pass


def both(ledger: Ledger) -> Runnable[Any, Any]:
    return RunnableParallel(a=working(ledger, "a"), b=working(ledger, "b"))


def pair(ledger: Ledger) -> Runnable[Any, Any]:
    return source(ledger) | step(ledger, "step")


RUNNING: dict[str, Endless] = {
    "invoke": lambda ledger: working(ledger).ainvoke(1),
    "invoke of a sequence": lambda ledger: (step(ledger, "first") | working(ledger)).ainvoke(1),
    "stream": lambda ledger: read(pair(ledger).astream(1)),
    "buffered stream": lambda ledger: read(pair(ledger).astream(1, {"channel_capacity": 2})),
    "events": lambda ledger: read(pair(ledger).events(1)),
    "events of a function": lambda ledger: read(working(ledger).astream_events(1)),
    "parallel": lambda ledger: both(ledger).ainvoke(1),
    "parallel stream": lambda ledger: read(both(ledger).astream(1)),
    "nested": lambda ledger: nested(working(ledger)).ainvoke(1),
    "nested parallel": lambda ledger: nested(both(ledger)).ainvoke(1),
    "nested streams": lambda ledger: read(nested_streams(pair(ledger)).astream(1)),
    "events of nested streams": lambda ledger: read(nested_streams(pair(ledger)).events(1)),
    "tool": lambda ledger: as_tool(working(ledger)).ainvoke(1),
    "nested tool": lambda ledger: nested(as_tool(working(ledger))).ainvoke(1),
    "tool in parallel": lambda ledger: RunnableParallel(
        a=as_tool(working(ledger, "a")), b=working(ledger, "b")
    ).ainvoke(1),
    "parallel in tool": lambda ledger: as_tool(both(ledger)).ainvoke(1),
    "stream in tool": lambda ledger: RunnableLambda(
        lambda value: list(pair(ledger).stream(value))
    ).ainvoke(1),
    "events in tool": lambda ledger: RunnableLambda(
        lambda value: list(pair(ledger).stream_events(value))
    ).ainvoke(1),
    "one of two branches in tool": lambda ledger: as_tool(
        RunnableParallel(quick=lambda x: x, slow=working(ledger))
    ).ainvoke(1),
    "plain generator": lambda ledger: read(
        RunnableLambda(calling_often(working(ledger))).astream(1)
    ),
    "tool that looks": lambda ledger: RunnableLambda(looking(ledger)).ainvoke(1),
}


# ------------------------------------------------------------------ how it is stopped


async def until_moving(ledger: Ledger) -> None:
    while ledger.passed < 5:
        await rounds(1)


async def by_scope(running: Endless, ledger: Ledger) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(running, ledger)
        await until_moving(ledger)
        group.cancel_scope.cancel()


async def by_scope_twice(running: Endless, ledger: Ledger) -> None:
    async with anyio.create_task_group() as outer, anyio.create_task_group() as inner:
        inner.start_soon(running, ledger)
        await until_moving(ledger)
        inner.cancel_scope.cancel()
        outer.cancel_scope.cancel()
        inner.cancel_scope.cancel()


async def by_deadline(running: Endless, ledger: Ledger) -> None:
    async def expire() -> None:
        await until_moving(ledger)
        scope.deadline = anyio.current_time()

    async with anyio.create_task_group() as group:
        group.start_soon(expire)
        with pytest.raises(TimeoutError), anyio.fail_after(60) as scope:
            await running(ledger)


async def by_native_cancellation(running: Endless, ledger: Ledger) -> None:
    if hasattr(current_token().native_token, "create_task"):
        task = asyncio.ensure_future(running(ledger))
        await until_moving(ledger)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        return
    import trio

    async with trio.open_nursery() as nursery:
        nursery.start_soon(running, ledger)
        await until_moving(ledger)
        nursery.cancel_scope.cancel()


async def by_native_cancellation_twice(running: Endless, ledger: Ledger) -> None:
    if not hasattr(current_token().native_token, "create_task"):
        pytest.skip("on trio a scope is cancelled for good")
    task = asyncio.ensure_future(running(ledger))
    await until_moving(ledger)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


STOPS = [
    by_scope,
    by_scope_twice,
    by_deadline,
    by_native_cancellation,
    by_native_cancellation_twice,
]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("running", list(RUNNING))
async def test_cancelled_means_stopped(
    running: str, stop: Callable[[Endless, Ledger], Awaitable[None]]
) -> None:
    ledger = Ledger()
    with complaints() as found, anyio.fail_after(20):
        await stop(RUNNING[running], ledger)
        await nothing_moves(ledger)
    assert found == []


@pytest.mark.parametrize(
    "running", [key for key in RUNNING if "tool" not in key and key != "plain generator"]
)
async def test_a_cancellation_is_noticed_soon(running: str) -> None:
    """Also where producer and reader keep one another awake, so that neither ever waits.

    Threads are another matter: they are told soon, and stop where they look.
    """
    ledger = Ledger()
    async with anyio.create_task_group() as group:
        group.start_soon(RUNNING[running], ledger)
        await until_moving(ledger)
        group.cancel_scope.cancel()
        passed = ledger.passed
    assert ledger.passed - passed <= 10


# ------------------------------------------------------------------ stopped by the reader

STREAMS: dict[str, Callable[[Ledger], Any]] = {
    "stream": lambda ledger: pair(ledger).astream(1),
    "buffered stream": lambda ledger: pair(ledger).astream(1, {"channel_capacity": 2}),
    "events": lambda ledger: pair(ledger).events(1),
    "event dicts": lambda ledger: pair(ledger).astream_events(1),
    "parallel": lambda ledger: RunnableParallel(
        a=source(ledger, "a"), b=source(ledger, "b")
    ).astream(1),
    "nested streams": lambda ledger: nested_streams(pair(ledger)).astream(1),
    "nested buffered streams": lambda ledger: nested_streams(pair(ledger)).astream(
        1, {"channel_capacity": 2}
    ),
    "events of nested streams": lambda ledger: nested_streams(pair(ledger)).events(1),
    "stream in tool": lambda ledger: RunnableLambda(
        lambda value: iter_of(pair(ledger), value)
    ).astream(1),
    "plain generator in tool": lambda ledger: RunnableLambda(relaying(pair(ledger))).astream(1),
}


def iter_of(runnable: Runnable[Any, Any], value: Any) -> list[Any]:
    with runnable.stream(value) as chunks:
        return [next(chunks) for _ in range(20)]


def relaying(runnable: Runnable[Any, Any]) -> Callable[[Any], Any]:
    def relay(value: Any) -> Any:
        yield from runnable.stream(value)

    return relay


@pytest.mark.parametrize("kind", list(STREAMS))
async def test_early_exit_means_stopped(kind: str) -> None:
    ledger = Ledger()
    with complaints() as found, anyio.fail_after(20):
        async with STREAMS[kind](ledger) as stream:
            async for _ in stream:
                break
        await nothing_moves(ledger)
    assert found == []


async def fail_at_first(stream: Any) -> None:
    async with stream:
        async for _ in stream:
            raise ConsumerError


@pytest.mark.parametrize("kind", list(STREAMS))
async def test_an_error_in_the_consumer_means_stopped(kind: str) -> None:
    ledger = Ledger()
    with complaints() as found, anyio.fail_after(20):
        with pytest.raises(ConsumerError):
            await fail_at_first(STREAMS[kind](ledger))
        await nothing_moves(ledger)
    assert found == []


@pytest.mark.parametrize("kind", list(STREAMS))
async def test_a_bare_break_means_soon_stopped(kind: str) -> None:
    ledger = Ledger()
    with complaints() as found:
        async for _ in STREAMS[kind](ledger):
            break
        del _
        passed = ledger.passed
        await until_settled(ledger)
        direct = kind in ("stream", "nested streams")
        assert ledger.passed <= passed + (0 if direct else CAPACITY), "the source went on"
        await nothing_moves(ledger)
    assert found == []
