"""One chain, many runs: on many loops, side by side, and ten thousand of them."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import Bus, ChunkStreamed, RunStarted, current_run
from streamflow.runnables import (
    Runnable,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    get_config,
)
from tests.cancellation.probes import complaints, rounds, running_threads, tasks


def double(number: int) -> int:
    return number * 2


async def plus(number: int) -> int:
    await checkpoint()
    return number + 1


async def halves(numbers: AsyncIterator[int]) -> AsyncIterator[int]:
    async for number in numbers:
        await checkpoint()
        yield number
        yield number


def shared_chain() -> Runnable[Any, Any]:
    return (
        RunnableLambda(plus)
        | RunnableGenerator(halves)
        | {"it": RunnablePassthrough(), "twice": RunnableLambda(double), "more": plus}
    )


# -------------------------------------------------------------------- many loops


def test_three_loops_on_alternating_backends_share_one_chain() -> None:
    chain = shared_chain()
    told: list[int] = []
    bus = Bus()
    bus.listen(lambda message: told.append(message.seq))

    async def use() -> list[Any]:
        async with chain.events(1) as messages:
            kinds = [message.kind async for message in messages]
        buffered = [c async for c in chain.astream(1, {"channel_capacity": 2, "bus": bus})]
        whole = {key: sum(chunk.get(key, 0) for chunk in buffered) for key in ("it", "more")}
        return [await chain.ainvoke(1), sorted(kinds), whole, len(told)]

    with complaints() as found:
        results = []
        for backend in ("asyncio", "trio", "asyncio"):
            told.clear()
            results.append(anyio.run(use, backend=backend))
            assert chain.invoke(1) == results[0][0]  # and with no loop, in between
            gc.collect()
    assert results[1:] == results[:1] * 2
    assert found == []
    assert running_threads() == []


def test_one_subscription_hears_of_runs_on_every_loop() -> None:
    bus, chain = Bus(), RunnableLambda(plus)
    with bus.subscribe() as messages:
        for backend in ("asyncio", "trio", "asyncio"):
            anyio.run(chain.ainvoke, 1, {"bus": bus}, backend=backend)
        chain.invoke(1, {"bus": bus})
        bus.close()
        assert [message.kind for message in messages] == ["start", "end"] * 4


# ------------------------------------------------------------------- side by side


async def test_200_interleaved_runs_do_not_mix() -> None:
    """Neither their configuration nor their messages."""

    async def check(value: int) -> int:
        mine = get_config()["configurable"]["number"]
        await checkpoint()
        run = current_run()
        assert run is not None
        assert run.tags == ["seq:step:1", f"run {mine}"] == [run.tags[0], f"run {value}"]
        assert get_config()["configurable"]["number"] == mine == value
        assert get_config()["metadata"] == {"number": value}
        return value

    chain = RunnableLambda(check) | shared_chain()
    orders: list[int] = []

    async def use(number: int) -> None:
        config: RunnableConfig = {
            "tags": [f"run {number}"],
            "metadata": {"number": number},
            "configurable": {"number": number},
        }
        if number % 3 == 0:
            assert (await chain.ainvoke(number, config))["it"] == 2 * (number + 1)
        async with chain.events(number, config, capacity=4) as messages:
            async for message in messages:
                orders.append(number)
                assert message.run.metadata["number"] == number
                assert f"run {number}" in message.run.tags
                if isinstance(message, RunStarted) and not message.run.parent_ids:
                    assert message.input == number
                if isinstance(message, ChunkStreamed) and message.run.name == "check":
                    assert message.chunk == number

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(use, number)
    switches = sum(a != b for a, b in itertools.pairwise(orders))
    assert switches > 400, "the runs did not interleave"
    assert tasks() == {}


# ------------------------------------------------------------------- ten thousand


def alive() -> dict[str, int]:
    """How many objects of streamflow's classes there are, by class."""
    counts: dict[str, int] = {}
    for thing in gc.get_objects():
        kind = type(thing)
        # Not through the class itself: a metaclass of another test may refuse.
        name = type.__dict__["__qualname__"].__get__(kind)
        if name in ("async_generator", "coroutine"):
            code = thing.ag_code if name == "async_generator" else thing.cr_code
            ours = "/streamflow/" in code.co_filename
            name = code.co_name
        else:
            ours = str(type.__dict__["__module__"].__get__(kind)).startswith("streamflow.")
        if ours:
            counts[name] = counts.get(name, 0) + 1
    return counts


@contextmanager
def without_collector() -> Iterator[None]:
    """What is gone at the end went by itself."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def by_ainvoke(chain: Runnable[Any, Any]) -> None:
    await chain.ainvoke(1)


async def by_astream(chain: Runnable[Any, Any]) -> None:
    async for _ in chain.astream(1):
        pass


async def by_events(chain: Runnable[Any, Any]) -> None:
    async for _ in chain.astream_events(1):
        pass


async def by_leaving(chain: Runnable[Any, Any]) -> None:
    async with chain.events(1) as messages:
        async for _ in messages:
            break


def inline_chain() -> Runnable[Any, Any]:
    return RunnableLambda(plus) | RunnableLambda(double, inline=True) | RunnablePassthrough()


USES: dict[Callable[[Runnable[Any, Any]], Awaitable[None]], int] = {
    by_ainvoke: 10_000,
    by_astream: 10_000,
    by_events: 1_000,
    by_leaving: 1_000,
}


@pytest.mark.parametrize("use", list(USES))
async def test_10_000_runs_leave_no_objects_behind(
    use: Callable[[Runnable[Any, Any]], Awaitable[None]],
) -> None:
    chain = inline_chain()
    await use(chain)
    with without_collector():
        before = alive()
        for _ in range(USES[use]):
            await use(chain)
        assert alive() == before


def test_10_000_runs_without_a_loop_leave_no_objects_behind() -> None:
    chain = RunnableLambda(double) | RunnablePassthrough()
    list(chain.stream_events(1))
    with without_collector():
        before = alive()
        for number in range(10_000):
            chain.invoke(1)
            list(chain.stream(1))
            if number % 100 == 0:
                list(chain.stream_events(1))
        assert alive() == before


@pytest.mark.parametrize("fails", [False, True], ids=["ends", "fails"])
async def test_a_run_dies_without_the_collector(fails: bool) -> None:
    runs: list[Any] = []

    async def remember(value: Any) -> Any:
        run = current_run()
        while run is not None:
            runs.append(weakref.ref(run))
            run = run.parent
        # Outlasts the branch beside it: asyncio ties a task that it cancels into a cycle.
        await rounds(10)
        if fails:
            raise ValueError(value)
        return value

    chains = [RunnableLambda(remember), RunnablePassthrough() | RunnableLambda(remember)]
    chains.append(RunnableParallel(a=RunnableLambda(remember), b=RunnableLambda(plus)))
    with without_collector():
        for chain in chains:
            for use in (by_ainvoke, by_astream, by_events):
                try:
                    await use(chain)
                except ValueError:
                    assert fails
                await checkpoint()
                assert runs
                left = [ref() for ref in runs if ref() is not None]
                assert left == [], f"left by {use.__name__} of {chain!r}"
                runs.clear()
