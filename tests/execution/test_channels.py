"""Channels pass on every item, in order, within their bound, and clean up behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from anyio import wait_all_tasks_blocked
from anyio.lowlevel import checkpoint
from hypothesis import given, settings, strategies as st

from streamflow.execution import BLOCKING, LOOP, Execution, aclose, buffered, closing, drive, merge
from tests.execution.both import Source, both

CAPACITIES = st.integers(1, 4)
SOURCES = st.lists(st.lists(st.integers(), max_size=6), max_size=4)


async def collect(items: AsyncIterator[Any]) -> list[Any]:
    async with closing(items):
        return [item async for item in items]


# ----------------------------------------------------------------------------- buffered


@given(items=st.lists(st.integers(), max_size=12), capacity=CAPACITIES, links=st.integers(1, 3))
@settings(max_examples=30)
async def test_a_buffer_changes_nothing_on_a_loop(
    items: list[int], capacity: int, links: int
) -> None:
    channel: Any = Source(items)
    for _ in range(links):
        channel = buffered(channel, capacity, LOOP)
    assert await collect(channel) == items


@given(items=st.lists(st.integers(), max_size=12), capacity=CAPACITIES)
@settings(max_examples=30)
def test_a_buffer_changes_nothing_without_a_loop(items: list[int], capacity: int) -> None:
    assert drive(collect(buffered(Source(items), capacity, BLOCKING))) == items


async def test_the_producer_runs_ahead_by_the_capacity() -> None:
    source = Source(range(99))
    async with closing(buffered(source, 4, LOOP)) as items:
        assert source.taken == 0
        assert await items.__anext__() == 0
        await wait_all_tasks_blocked()
        assert source.taken <= 1 + 4
        assert [await items.__anext__() for _ in range(10)] == list(range(1, 11))
        await wait_all_tasks_blocked()
        assert 11 < source.taken <= 11 + 4
    assert source.closed == 1


async def an_error_comes_after_the_items_before_it(execution: Execution) -> None:
    problem = LookupError("here")
    source = Source([1, 2, 3], problem)
    items = buffered(source, 2, execution)
    assert [await items.__anext__() for _ in range(3)] == [1, 2, 3]
    with pytest.raises(LookupError) as caught:
        await items.__anext__()
    assert caught.value is problem
    assert await collect(items) == []
    assert source.closed == 1


test_error_on_a_loop, test_error_without_a_loop = both(an_error_comes_after_the_items_before_it)


async def closing_early_closes_the_source(execution: Execution) -> None:
    source = Source(range(99))
    items = buffered(buffered(source, 2, execution), 2, execution)
    await items.__anext__()
    await items.aclose()
    assert source.closed == 1
    await items.aclose()


test_closing_on_a_loop, test_closing_without_a_loop = both(closing_early_closes_the_source)


async def a_source_that_never_waits_stops_too(execution: Execution) -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(100_000):
            yield number
        raise AssertionError("nobody stopped it")

    items = buffered(numbers(), 3, execution)
    assert [await items.__anext__() for _ in range(5)] == [0, 1, 2, 3, 4]
    await items.aclose()


test_endless_on_a_loop, test_endless_without_a_loop = both(a_source_that_never_waits_stops_too)


async def test_a_cancelled_consumer_waits_until_the_source_is_closed() -> None:
    steps = []

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await checkpoint()
            steps.append("closed")

    async def consume() -> None:
        try:
            await collect(buffered(source(), 2, LOOP))
        finally:
            steps.append("control back")

    async with anyio.create_task_group() as group:
        group.start_soon(consume)
        await wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    assert steps == ["closed", "control back"]


# -------------------------------------------------------------------------------- merge


def by_key(pairs: list[tuple[Any, Any]], count: int) -> list[list[Any]]:
    return [[item for key, item in pairs if key == number] for number in range(count)]


@given(sources=SOURCES, capacity=CAPACITIES, limit=st.none() | st.integers(1, 4))
@settings(max_examples=30)
async def test_merge_loses_nothing_on_a_loop(
    sources: list[list[int]], capacity: int, limit: int | None
) -> None:
    keyed = [(key, Source(items)) for key, items in enumerate(sources)]
    pairs = await collect(merge(keyed, capacity, LOOP, limit=limit))
    assert by_key(pairs, len(sources)) == sources
    assert len(pairs) == sum(map(len, sources))
    assert all(source.closed for _, source in keyed)


@given(sources=SOURCES, capacity=CAPACITIES, limit=st.none() | st.integers(1, 4))
@settings(max_examples=30)
def test_merge_loses_nothing_without_a_loop(
    sources: list[list[int]], capacity: int, limit: int | None
) -> None:
    keyed = [(key, Source(items)) for key, items in enumerate(sources)]
    pairs = drive(collect(merge(keyed, capacity, BLOCKING, limit=limit)))
    assert by_key(pairs, len(sources)) == sources
    assert len(pairs) == sum(map(len, sources))


async def any_key_will_do(execution: Execution) -> None:
    keys = [None, "", 0, ("a", "b")]
    pairs = await collect(merge([(key, Source([1])) for key in keys], 2, execution))
    assert sorted(pairs, key=repr) == sorted([(key, 1) for key in keys], key=repr)


test_keys_on_a_loop, test_keys_without_a_loop = both(any_key_will_do)


async def the_first_error_stops_the_others(execution: Execution) -> None:
    problem = LookupError("here")
    others = [Source(iter(int, 1)) for _ in range(2)]  # endless
    failing = Source([1], problem)
    keyed = [("failing", failing), *enumerate(others)]
    raised: list[BaseException] = []
    items = merge(keyed, 2, execution)
    try:
        async for _ in items:
            pass
    except LookupError as error:
        raised.append(error)
    assert raised == [problem]
    assert await collect(items) == []
    assert all(source.closed for _, source in keyed)


test_errors_on_a_loop, test_errors_without_a_loop = both(the_first_error_stops_the_others)


async def closing_early_closes_all_sources(execution: Execution) -> None:
    sources = [Source(iter(int, 1)) for _ in range(4)]
    items = merge(list(enumerate(sources)), 2, execution, limit=2)
    await items.__anext__()
    await items.aclose()
    assert all(source.closed for source in sources)


test_merge_closing_on_a_loop, test_merge_closing_without_a_loop = both(
    closing_early_closes_all_sources
)


async def test_a_slow_consumer_bounds_all_producers_together() -> None:
    sources = [Source(range(99)) for _ in range(3)]
    async with closing(merge(list(enumerate(sources)), 4, LOOP)) as items:
        await items.__anext__()
        await wait_all_tasks_blocked()
        # Each of the writers may hold one item beyond what is taken for full.
        assert sum(source.taken for source in sources) <= 1 + 4 + 2


# ------------------------------------------------------------------------- small helpers


async def what_cannot_be_closed_is_left_alone(execution: Execution) -> None:
    class Bare(AsyncIterator[int]):
        async def __anext__(self) -> int:
            raise StopAsyncIteration

    await aclose(Bare())
    async with closing(Bare()) as items:
        assert [item async for item in items] == []
    source = Source([1])
    with pytest.raises(LookupError):
        async with closing(source):
            raise LookupError
    assert source.closed == 1
    await execution.turn()


test_bare_on_a_loop, test_bare_without_a_loop = both(what_cannot_be_closed_is_left_alone)
