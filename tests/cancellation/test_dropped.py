"""Streams that are let go of in odd places: within other runs, between tasks, at the end."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint, current_token

from streamflow.bus import Bus
from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel
from tests.cancellation.probes import (
    Ledger,
    complaints,
    nothing_moves,
    rounds,
    source,
    step,
    until_settled,
)


def noted(messages: list[tuple[str, str]]) -> Bus:
    bus = Bus()
    bus.listen(lambda message: messages.append((message.kind, message.run.name)))
    return bus


def over(inner: Runnable[Any, Any], *, items: int | None = None) -> Runnable[Any, Any]:
    """A generator over a bare stream of ``inner``, of which it reads some items at most."""

    async def outer(inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for value in inputs:
            left = items
            async for chunk in inner.astream(value):
                yield chunk
                if left is not None:
                    left -= 1
                    if left == 0:
                        break

    return RunnableGenerator(outer, name="outer")


# ------------------------------------------------------------------- within a run


async def test_a_stream_dropped_by_a_closed_run_is_closed_before_it() -> None:
    ledger, messages = Ledger(), []
    async with over(source(ledger)).astream(1, {"bus": noted(messages)}) as stream:
        async for _ in stream:
            break
    assert messages[-2:] == [("cancelled", "source"), ("cancelled", "outer")]
    await nothing_moves(ledger)


async def test_a_stream_dropped_by_a_run_that_goes_on() -> None:
    ledger, messages = Ledger(), []
    chunks = [c async for c in over(source(ledger), items=3).astream(1, {"bus": noted(messages)})]
    assert chunks == [0, 1, 2]
    assert messages[-2:] == [("cancelled", "source"), ("end", "outer")]
    await nothing_moves(ledger)


async def test_a_stream_dropped_by_a_function() -> None:
    ledger, messages = Ledger(), []

    async def first(value: Any) -> Any:
        async for chunk in source(ledger).events(value):
            return chunk.kind
        return None

    outer = RunnableLambda(first, name="outer")
    assert await outer.ainvoke(1, {"bus": noted(messages)}) == "start"
    assert messages[-2:] == [("cancelled", "source"), ("end", "outer")]
    await nothing_moves(ledger)


def test_a_stream_dropped_by_an_async_function_of_a_run_without_a_loop() -> None:
    ledger, messages = Ledger(), []
    with over(source(ledger)).stream(1, {"bus": noted(messages)}) as stream:
        next(stream)
    assert messages[-2:] == [("cancelled", "source"), ("cancelled", "outer")]
    assert ledger.still_open() == []

    assert over(source(ledger), items=3).invoke(1, {"bus": noted(messages)}) == 3
    assert messages[-2:] == [("cancelled", "source"), ("end", "outer")]
    assert ledger.still_open() == []


async def test_a_stream_dropped_on_a_loop_of_its_own_is_not_waited_for() -> None:
    """A step may run a loop of its own; when that has ended, nothing can be awaited on it."""
    ledger = Ledger()

    def own_loop(value: Any) -> Any:
        async def first() -> Any:
            return await source(ledger).astream(value).__anext__()

        return anyio.run(first)

    with anyio.fail_after(10):
        assert await RunnableLambda(own_loop).ainvoke(1) == 0
    assert ledger.still_open() == []


# ---------------------------------------------------------------- nobody's variable


async def test_the_first_item_of_a_stream_that_nobody_holds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ledger = Ledger()
    with complaints() as found:
        assert await source(ledger).astream(1).__anext__() == 0
        assert (await source(ledger).events(1).__anext__()).kind == "start"
        await until_settled(ledger)
    assert found == []
    assert caplog.records == []


async def test_a_run_does_not_wait_for_a_task_that_its_function_left_behind() -> None:
    ledger, held = Ledger(), anyio.Event()

    async def slow(inputs: AsyncIterator[Any]) -> AsyncIterator[int]:
        async for _ in inputs:
            await held.wait()
            yield 1

    async with anyio.create_task_group() as group:

        async def leave_behind(value: Any) -> str:
            stream = RunnableGenerator(slow).astream(value)
            group.start_soon(stream.__anext__)
            await anyio.wait_all_tasks_blocked()
            return "done"

        with anyio.fail_after(5):
            assert await RunnableLambda(leave_behind).ainvoke(1) == "done"
        held.set()
    await until_settled(ledger)


# ------------------------------------------------------------------- between tasks


@pytest.mark.parametrize("kind", ["astream", "events", "channel_capacity", "parallel"])
async def test_opened_in_one_task_and_closed_in_another(kind: str) -> None:
    ledger = Ledger()
    chain = source(ledger) | step(ledger, "step")
    streams: dict[str, Any] = {
        "astream": lambda: chain.astream(1),
        "events": lambda: chain.events(1),
        "channel_capacity": lambda: chain.astream(1, {"channel_capacity": 2}),
        "parallel": lambda: RunnableParallel(a=chain, b=source(ledger, "b")).astream(1),
    }
    held: list[Any] = []

    async def open_and_read() -> None:
        held.append(streams[kind]())
        for _ in range(3):
            await held[0].__anext__()

    with complaints() as found:
        for leave in ("aclose", "__anext__", "aclose"):
            async with anyio.create_task_group() as group:
                group.start_soon(open_and_read)
            async with anyio.create_task_group() as group:
                group.start_soon(getattr(held[0], leave))
            await held.pop().aclose()
            await nothing_moves(ledger)
    assert found == []


async def test_opened_in_a_scope_that_is_cancelled_and_read_on_outside() -> None:
    """The scope in which a stream was opened does not hold what is behind it."""
    ledger = Ledger()
    with anyio.CancelScope() as scope:
        stream = source(ledger).events(1)
        await stream.__anext__()
        scope.cancel()
    async with stream:
        assert (await stream.__anext__()).kind == "stream"
    await nothing_moves(ledger)


# -------------------------------------------------------------------- at the end


@pytest.mark.parametrize("held", [True, False], ids=["still referenced", "dropped"])
def test_streams_that_are_open_when_the_loop_ends(
    held: bool, anyio_backend: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger()
    kept: list[Any] = []

    async def main() -> None:
        chain = source(ledger) | step(ledger, "step")
        for stream in (
            chain.astream(1),
            chain.astream(1, {"channel_capacity": 2}),
            chain.events(1),
            RunnableParallel(a=chain, b=source(ledger, "b")).astream(1),
        ):
            await stream.__anext__()
            if held:
                kept.append(stream)

    with complaints() as found:
        anyio.run(main, backend=anyio_backend[0], backend_options=anyio_backend[1])
        assert ledger.still_open() == []
        kept.clear()
        gc.collect()
    assert found == []
    assert caplog.records == []


# ---------------------------------------------- a cancellation that is nobody's here


def on_asyncio() -> bool:
    return hasattr(current_token().native_token, "create_task")


async def awaits_a_cancelled_task(_: Any) -> None:
    task = asyncio.ensure_future(asyncio.sleep(0))
    task.cancel()
    await task


async def test_a_task_that_somebody_else_cancelled_is_not_the_end_of_a_stream() -> None:
    """On asyncio a step may get a cancellation that no scope of ours stands behind."""
    if not on_asyncio():
        pytest.skip("on trio nobody cancels a single task")
    ledger = Ledger()

    async def stops(inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for item in inputs:
            yield item
            await awaits_a_cancelled_task(item)

    chain = RunnableGenerator(stops) | step(ledger, "step")
    branches = RunnableParallel(a=awaits_a_cancelled_task, b=step(ledger, "b"))
    for stream in (
        chain.astream(1),
        chain.astream(1, {"channel_capacity": 2}),
        chain.events(1),
        branches.astream(1),
        RunnableParallel(b=step(ledger, "b"), a=awaits_a_cancelled_task).astream(1),
    ):
        with pytest.raises(asyncio.CancelledError):
            _ = [chunk async for chunk in stream]
    for order in (("a", "b"), ("b", "a")):
        parallel = RunnableParallel({key: branches.steps[key] for key in order})
        with pytest.raises(asyncio.CancelledError):
            await parallel.ainvoke(1)
    await rounds()
    await checkpoint()
    if sys.version_info >= (3, 11):
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
    await nothing_moves(ledger)
