"""Every consumer of a tee gets every item; one that leaves holds nobody up."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from anyio import wait_all_tasks_blocked
from hypothesis import given, settings, strategies as st

from streamflow.execution import BLOCKING, LOOP, Execution, Tee, aclose, drive, merge
from streamflow.runnables import RunnableGenerator, RunnableLambda, RunnablePassthrough
from tests.execution.both import Source, both, in_time

ITEMS = st.lists(st.integers(), max_size=10)


async def read_all(
    tee: Tee[Any], execution: Execution, leave_after: list[int | None]
) -> list[list[Any]]:
    """Read all outputs side by side, some of them only for a number of items."""
    taken: list[list[Any]] = [[] for _ in leave_after]

    async def read(output: Any, own: list[Any], limit: int | None) -> None:
        while limit is None or len(own) < limit:
            try:
                own.append(await output.__anext__())
            except StopAsyncIteration:
                break
        await aclose(output)

    def reader(number: int) -> Any:
        return lambda: read(outputs[number], taken[number], leave_after[number])

    outputs = tee.outputs()
    await execution.join([tee.pump, *map(reader, range(len(outputs)))])
    return taken


@given(
    items=ITEMS,
    capacity=st.integers(1, 3),
    leave=st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=4),
)
@settings(max_examples=40)
async def test_each_gets_all_until_it_leaves_on_a_loop(
    items: list[int], capacity: int, leave: list[int | None]
) -> None:
    source = Source(items)
    taken = await read_all(Tee(source, len(leave), capacity, LOOP), LOOP, leave)
    assert taken == [items[:limit] for limit in leave]
    assert source.closed == 1


@given(
    items=ITEMS,
    capacity=st.integers(1, 3),
    leave=st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=3),
)
@settings(max_examples=40)
def test_each_gets_all_until_it_leaves_without_a_loop(
    items: list[int], capacity: int, leave: list[int | None]
) -> None:
    tee = Tee(Source(items), len(leave), capacity, BLOCKING)
    assert drive(read_all(tee, BLOCKING, leave)) == [items[:limit] for limit in leave]


async def test_the_fastest_leads_the_slowest_by_the_capacity_at_most() -> None:
    source = Source(range(99))
    tee = Tee(source, 2, 3, LOOP)
    fast, slow = tee.outputs()
    taken: list[int] = []

    async def read() -> None:
        async for item in fast:
            taken.append(item)  # noqa: PERF401 - looked at meanwhile

    async with anyio.create_task_group() as group:
        group.start_soon(tee.pump)
        group.start_soon(read)
        await wait_all_tasks_blocked()
        assert len(taken) == source.taken == 3
        await slow.__anext__()
        await slow.__anext__()
        await wait_all_tasks_blocked()
        assert len(taken) == source.taken == 5
        await aclose(slow)
    assert taken == list(range(99))


async def it_stops_when_nobody_reads(execution: Execution) -> None:
    source = Source(iter(int, 1))  # endless
    assert await read_all(Tee(source, 3, 2, execution), execution, [0, 1, 2]) == [[], [0], [0, 0]]
    assert source.closed == 1


test_nobody_on_a_loop, test_nobody_without_a_loop = both(it_stops_when_nobody_reads)


async def an_error_of_the_source_is_raised_once(execution: Execution) -> None:
    problem = LookupError("here")
    source = Source([1, 2], problem)
    tee = Tee(source, 2, 4, execution)
    pairs: list[Any] = []

    async def read() -> None:
        async for pair in merge(list(enumerate(tee.outputs())), 4, execution, beside=tee.pump):
            pairs.append(pair)  # noqa: PERF401 - what came before the error counts, too

    with pytest.raises(LookupError) as caught:
        await read()
    assert caught.value is problem
    assert not getattr(problem, "__notes__", [])
    assert source.closed == 1
    for key in range(2):
        assert [item for who, item in pairs if who == key] in ([], [1], [1, 2])


test_error_on_a_loop, test_error_without_a_loop = both(an_error_of_the_source_is_raised_once)


# ---------------------------------------------------------- branches that do not read it


def ignores(_: Any) -> Any:
    yield "done"


async def aignores(_: Any) -> Any:
    yield "done"


def first_only(items: Any) -> Any:
    yield next(items)


async def afirst_only(items: Any) -> Any:
    async for item in items:
        yield item
        return


def copy(items: Any) -> Any:
    yield from items


async def acopy(items: Any) -> Any:
    async for item in items:
        yield item


def numbers(_: Any) -> Any:
    yield from range(100)


LAZY = pytest.mark.parametrize("lazy", [ignores, aignores, first_only, afirst_only])
CONFIGS = pytest.mark.parametrize("capacity", [None, 2], ids=["direct", "buffered"])
BETWEEN = pytest.mark.parametrize("between", [[], [copy], [copy, acopy]], ids=len)


def branching(lazy: Any, between: list[Any]) -> Any:
    branch: Any = RunnableGenerator(lazy)
    for step in between:
        branch = RunnableGenerator(step) | branch
    return RunnableLambda(numbers) | {"all": RunnablePassthrough(), "lazy": branch}


@LAZY
@CONFIGS
@BETWEEN
async def test_a_branch_that_does_not_read_on_holds_nobody_up(
    lazy: Any, capacity: int | None, between: list[Any]
) -> None:
    chain = branching(lazy, between)
    with anyio.fail_after(20):
        seen = [chunk async for chunk in chain.astream(0, {"channel_capacity": capacity})]
    assert [chunk["all"] for chunk in seen if "all" in chunk] == list(range(100))
    assert sum("lazy" in chunk for chunk in seen) == 1


@LAZY
@CONFIGS
@BETWEEN
def test_nor_does_it_without_a_loop(lazy: Any, capacity: int | None, between: list[Any]) -> None:
    chain = branching(lazy, between)
    seen = in_time(lambda: list(chain.stream(0, {"channel_capacity": capacity})))
    assert [chunk["all"] for chunk in seen if "all" in chunk] == list(range(100))
    assert sum("lazy" in chunk for chunk in seen) == 1
