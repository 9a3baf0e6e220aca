"""A generator behaves the same wherever it lives: here, in a thread, or in a task elsewhere."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given, settings, strategies as st

from streamflow.execution import BLOCKING, LOOP, aclose, drive
from tests.execution.both import Source, Way, four, in_time

word = contextvars.ContextVar("word", default="unset")


class Trail(list[Any]):
    """What happened, in order."""


async def collect(iterator: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in iterator]


# ------------------------------------------------------------------------------- values


def twice(items: Iterator[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        yield item


async def atwice(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for item in items:
        yield item
        yield item


@given(items=st.lists(st.integers(), max_size=6))
@settings(max_examples=20)
async def test_the_items_are_the_same_on_a_loop(items: list[int]) -> None:
    expected = list(twice(iter(items)))
    assert await collect(LOOP.iterate(twice, Source(items))) == expected
    assert await collect(LOOP.iterate_async(atwice, Source(items))) == expected


@given(items=st.lists(st.integers(), max_size=6))
@settings(max_examples=20)
def test_the_items_are_the_same_without_a_loop(items: list[int]) -> None:
    expected = list(twice(iter(items)))
    assert drive(collect(BLOCKING.iterate(twice, Source(items)))) == expected
    assert drive(collect(BLOCKING.iterate_async(atwice, Source(items)))) == expected


async def it_moves_only_when_an_item_is_asked_for(way: Way) -> None:
    inputs = Source(range(9))
    items = way.iterate(twice, atwice, inputs)
    assert inputs.taken == 0
    taken = []
    for _ in range(4):
        await items.__anext__()
        taken.append(inputs.taken)
    assert taken == [1, 1, 2, 2]
    await aclose(items)


test_lazy_on_a_loop, test_lazy_without_a_loop = four(it_moves_only_when_an_item_is_asked_for)


async def any_iterator_will_do(way: Way) -> None:
    class Letters(AsyncIterator[str]):
        def __init__(self) -> None:
            self.left = ["b", "a"]

        async def __anext__(self) -> str:
            if self.left:
                return self.left.pop()
            raise StopAsyncIteration

    items = way.iterate(lambda _: iter("ab"), lambda _: Letters())
    assert await items.__anext__() == "a"
    assert await collect(items) == ["b"]
    again = way.iterate(lambda _: iter("ab"), lambda _: Letters())
    await again.__anext__()
    await aclose(again)  # which has nothing to be closed with


test_any_on_a_loop, test_any_without_a_loop = four(any_iterator_will_do)


async def it_sees_the_context_of_its_consumer(way: Way) -> None:
    def plain(_: Any) -> Iterator[str]:
        yield word.get()

    async def asynchronous(_: Any) -> AsyncIterator[str]:
        yield word.get()

    token = word.set("hello")
    try:
        assert await collect(way.iterate(plain, asynchronous)) == ["hello"]
    finally:
        word.reset(token)


test_context_on_a_loop, test_context_without_a_loop = four(it_sees_the_context_of_its_consumer)


# ------------------------------------------------------------------------------- errors


async def its_error_reaches_the_consumer_as_it_is(way: Way) -> None:
    problem = LookupError("here")

    def plain(items: Iterator[Any]) -> Iterator[Any]:
        yield 1
        raise problem

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        yield 1
        raise problem

    items = way.iterate(plain, asynchronous)
    assert await items.__anext__() == 1
    with pytest.raises(LookupError) as caught:
        await items.__anext__()
    assert caught.value is problem
    assert await collect(items) == []
    await aclose(items)


test_error_on_a_loop, test_error_without_a_loop = four(its_error_reaches_the_consumer_as_it_is)


async def an_error_of_the_input_goes_through_it(way: Way) -> None:
    def plain(items: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from items
        except LookupError as error:
            yield f"caught {error}"

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        try:
            async for item in items:
                yield item
        except LookupError as error:
            yield f"caught {error}"

    inputs = Source([1], LookupError("missing"))
    assert await collect(way.iterate(plain, asynchronous, inputs)) == [1, "caught missing"]
    problem = ValueError("bad")
    with pytest.raises(ValueError, match="bad") as caught:
        await collect(way.iterate(plain, asynchronous, Source([1], problem)))
    assert caught.value is problem


test_input_error_on_a_loop, test_input_error_without_a_loop = four(
    an_error_of_the_input_goes_through_it
)


async def stop_iteration_inside_is_an_error(way: Way) -> None:
    def plain(items: Iterator[Any]) -> Iterator[Any]:
        yield next(iter(()))

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        yield next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await collect(way.iterate(plain, asynchronous))


test_stop_iteration_on_a_loop, test_stop_iteration_without_a_loop = four(
    stop_iteration_inside_is_an_error
)


# ------------------------------------------------------------------------------ closing


async def closing_runs_its_finally_first(way: Way) -> None:
    trail = Trail()

    def plain(items: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from items
        finally:
            trail.append("finally")

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        try:
            async for item in items:
                yield item
        finally:
            await anyio.lowlevel.checkpoint()
            trail.append("finally")

    items = way.iterate(plain, asynchronous, range(9))
    assert await items.__anext__() == 0
    await aclose(items)
    trail.append("closed")
    await aclose(items)
    assert trail == ["finally", "closed"]
    assert await collect(items) == []


test_closing_on_a_loop, test_closing_without_a_loop = four(closing_runs_its_finally_first)


async def an_error_in_its_finally_is_raised_by_the_close(way: Way) -> None:
    problem = LookupError("while closing")

    def plain(items: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from items
        finally:
            raise problem

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        try:
            async for item in items:
                yield item
        finally:
            raise problem

    items = way.iterate(plain, asynchronous, range(9))
    await items.__anext__()
    with pytest.raises(LookupError) as caught:
        await aclose(items)
    assert caught.value is problem
    await aclose(items)


test_close_error_on_a_loop, test_close_error_without_a_loop = four(
    an_error_in_its_finally_is_raised_by_the_close
)


async def it_cannot_refuse_to_be_closed(way: Way) -> None:
    def plain(items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            try:
                yield item
            except GeneratorExit:
                yield "no"

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for item in items:
            try:
                yield item
            except GeneratorExit:
                yield "no"

    items = way.iterate(plain, asynchronous, range(9))
    await items.__anext__()
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        await aclose(items)


test_refusal_on_a_loop, test_refusal_without_a_loop = four(it_cannot_refuse_to_be_closed)


async def it_may_read_on_while_it_is_closed(way: Way) -> None:
    # What it then gets differs: one that lives elsewhere gets no more input.
    left: list[Any] = []

    def plain(items: Iterator[Any]) -> Iterator[Any]:
        while True:
            try:
                yield next(items)
            except GeneratorExit:
                left.extend(items)
                return

    async def asynchronous(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        while True:
            try:
                yield await items.__anext__()
            except GeneratorExit:
                left.extend([item async for item in items])
                return

    items = way.iterate(plain, asynchronous, range(3))
    await items.__anext__()
    await aclose(items)
    assert left == ([] if way.is_bridged else [1, 2])


test_reading_on_a_loop, test_reading_without_a_loop = four(it_may_read_on_while_it_is_closed)


async def one_that_was_never_started_is_never_called(way: Way) -> None:
    def fails(_: Any) -> Any:
        raise AssertionError("called")

    async def asynchronous(_: Any) -> AsyncIterator[Any]:
        yield fails(None)

    before = threading.active_count()
    inputs = Source(range(9))
    items = way.iterate(fails, asynchronous, inputs)
    await aclose(items)
    await aclose(items)
    assert inputs.taken == 0
    assert threading.active_count() == before


test_unstarted_on_a_loop, test_unstarted_without_a_loop = four(
    one_that_was_never_started_is_never_called
)


def test_one_that_is_read_by_several_threads_in_turn() -> None:
    items: Any = BLOCKING.iterate_async(atwice, Source("ab"))

    async def take() -> Any:
        return await items.__anext__()

    assert [in_time(lambda: drive(take())) for _ in range(4)] == ["a", "a", "b", "b"]
    drive(aclose(items))
