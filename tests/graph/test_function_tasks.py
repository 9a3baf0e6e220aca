"""Tasks of an entry point: they run at once, end with what has called them, and may fail."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import as_completed
from typing import Any, TypedDict

import anyio
import pytest

from streamflow.errors import (
    AsyncOnlyError,
    RunTimeoutError,
)
from streamflow.func import entrypoint, task
from streamflow.graph import START, StateGraph
from streamflow.types import CachePolicy, RetryPolicy

AT_ONCE = RetryPolicy(initial_interval=0, jitter=False, retry_on=ValueError)


@task
def add_one(number: int) -> int:
    return number + 1


@task
async def aadd_one(number: int) -> int:
    await anyio.lowlevel.checkpoint()
    return number + 1


def test_tasks_run_at_once_in_threads() -> None:
    both = threading.Barrier(2)

    @task
    def meet(name: str) -> str:
        both.wait(10)
        return name

    @entrypoint()
    def work(names: list[str]) -> list[str]:
        return sorted(future.result() for future in as_completed([meet(name) for name in names]))

    assert work.invoke(["a", "b"]) == ["a", "b"]


async def test_tasks_run_at_once_on_a_loop() -> None:
    met = anyio.Event()

    @task
    async def wait() -> str:
        await met.wait()
        return "waited"

    @task
    async def wake() -> str:
        met.set()
        return "woken"

    @entrypoint()
    async def work(_: Any) -> list[str]:
        waiting, waking = wait(), wake()
        return [await waiting, await waking, await waiting]

    assert await work.ainvoke(1) == ["waited", "woken", "waited"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_gather() -> None:
    @entrypoint()
    async def work(numbers: list[int]) -> Any:
        return asyncio.gather(*[aadd_one(number) for number in numbers])

    assert await work.ainvoke([1, 2]) == [2, 3]


@pytest.mark.parametrize("limit", [1, 2])
async def test_max_concurrency_limits_the_tasks_of_each_caller(limit: int) -> None:
    running, most = 0, 0

    @task
    async def inner() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        running -= 1

    @task
    async def outer() -> None:
        await inner()

    @entrypoint()
    async def work(count: int) -> None:
        for future in [inner() for _ in range(count)]:
            await future
        await outer()

    await work.ainvoke(5, {"max_concurrency": limit})
    assert most == limit


def test_max_concurrency_without_a_loop_keeps_the_order() -> None:
    order: list[int] = []

    @task
    def note(number: int) -> None:
        order.append(number)

    @entrypoint()
    def work(count: int) -> None:
        for number in range(count):
            note(number)

    work.invoke(20, {"max_concurrency": 1})
    assert order == list(range(20))


async def test_result_on_the_loop_of_the_task_is_refused() -> None:
    @entrypoint()
    async def work(number: int) -> int:
        future = aadd_one(number)
        with pytest.raises(AsyncOnlyError, match="await"):
            future.result()
        await future
        assert future.exception() is None
        return future.result(timeout=1)

    assert await work.ainvoke(1) == 2


def test_an_async_entry_point_without_a_loop_shares_one_with_its_tasks() -> None:
    @entrypoint()
    async def work(_: Any) -> str:
        event = anyio.Event()

        @task
        async def wait() -> str:
            await event.wait()
            return "done"

        future = wait()
        await anyio.lowlevel.checkpoint()
        event.set()
        return await future

    assert work.invoke(1) == "done"


async def test_tasks_call_tasks_and_graphs() -> None:
    class Count(TypedDict):
        n: int

    @task
    def twice(number: int) -> int:
        return add_one(add_one(number).result()).result()

    graph = (
        StateGraph(Count)
        .add_node("twice", lambda state: {"n": twice(state["n"]).result()})
        .add_edge(START, "twice")
        .compile()
    )

    @entrypoint()
    async def work(number: int) -> int:
        result: Count = await graph.ainvoke({"n": await twice(number)})
        return result["n"]

    assert await work.ainvoke(1) == 5
    assert list(graph.stream({"n": 1}, stream_mode="updates")) == [
        {"add_one": 2},
        {"add_one": 3},
        {"twice": 3},
        {"twice": {"n": 3}},
    ]


class Shop:
    price = 2

    @task
    def total(self, count: int, *, tax: int = 0) -> int:
        return self.price * count + tax


def test_a_task_is_a_method_too() -> None:
    @entrypoint()
    def buy(count: int) -> int:
        total: int = Shop().total(count, tax=1).result()
        return total

    assert buy.invoke(3) == 7


async def test_a_failure_is_raised_where_the_result_is_asked_for() -> None:
    @task
    async def bad() -> None:
        raise ValueError("no")

    @entrypoint()
    async def work(what: str) -> str:
        future = bad()
        if what == "ask":
            await future
        if what == "catch":
            with pytest.raises(ValueError, match="no"):
                await future
            assert isinstance(future.exception(), ValueError)
        return what

    with pytest.raises(ValueError, match="no"):
        await work.ainvoke("ask")
    assert [await work.ainvoke(what) for what in ("catch", "leave")] == ["catch", "leave"]
    assert [chunk async for chunk in work.astream("catch")] == [{"work": "catch"}]


async def test_the_function_ends_when_its_tasks_have_ended() -> None:
    ended: list[str] = []

    @task
    async def slow() -> None:
        await anyio.lowlevel.checkpoint()
        ended.append("slow")

    @entrypoint()
    async def work(_: Any) -> str:
        slow()
        return "work"

    assert await work.ainvoke(1) == "work"
    assert ended == ["slow"]


@pytest.mark.parametrize("how", ["fails", "is cancelled"])
async def test_tasks_are_cancelled_with_the_function(how: str) -> None:
    begun, left = anyio.Event(), []

    @task
    async def waits() -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            left.append("task")

    @entrypoint()
    async def work(_: Any) -> None:
        future = waits()
        await begun.wait()
        if how == "fails":
            raise ZeroDivisionError
        await future

    if how == "fails":
        with pytest.raises(ZeroDivisionError):
            await work.ainvoke(1)
    else:
        async with anyio.create_task_group() as group:
            group.start_soon(work.ainvoke, 1)
            await begun.wait()
            group.cancel_scope.cancel()
    assert left == ["task"]


def test_threads_of_tasks_are_stopped_with_the_function() -> None:
    begun, left = threading.Event(), []

    @task
    async def waits() -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            left.append("task")

    @entrypoint()
    def work(_: Any) -> None:
        waits()
        begun.wait(10)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work.invoke(1)
    assert left == ["task"]


async def test_a_plain_function_that_is_cancelled_while_it_waits_for_a_task() -> None:
    begun, left = anyio.Event(), []

    @task
    async def waits() -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            left.append("task")

    @entrypoint()
    def work(_: Any) -> None:
        waits().result()

    async with anyio.create_task_group() as group:
        group.start_soon(work.ainvoke, 1)
        await begun.wait()
        group.cancel_scope.cancel()
    assert left == ["task"]


def test_retries_and_limits() -> None:
    runs: list[str] = []

    @task(retry_policy=AT_ONCE)
    def shaky() -> str:
        runs.append("task")
        if runs.count("task") < 2:
            raise ValueError
        return "ok"

    @entrypoint(retry_policy=[AT_ONCE])
    def work(_: Any) -> str:
        result = shaky().result()
        runs.append("work")
        if runs.count("work") < 3:
            raise ValueError
        return result

    assert work.invoke(1) == "ok"
    # A task that has ended is not run again by another attempt of what has called it.
    assert runs == ["task", "task", "work", "work", "work"]


async def test_a_timeout() -> None:
    @task(timeout=0.01)
    async def sleeps() -> None:
        await anyio.sleep_forever()

    @entrypoint()
    async def work(_: Any) -> None:
        await sleeps()

    with pytest.raises(RunTimeoutError, match="sleeps"):
        await work.ainvoke(1)


def test_a_cache_knows_arguments() -> None:
    runs: list[int] = []

    @task(cache_policy=CachePolicy(key_func=lambda number, *, base=0: str(number + base)))
    def square(number: int, *, base: int = 0) -> int:
        runs.append(number)
        return (number + base) ** 2

    @entrypoint()
    def work(_: Any) -> list[int]:
        return [square(2).result(), square(1, base=1).result(), square(3).result()]

    assert work.invoke(1) == [4, 4, 9]
    assert runs == [2, 3]


def test_a_timeout_without_a_loop_stops_the_tasks() -> None:
    left: list[str] = []

    @task
    async def sleeps() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            left.append("task")

    @entrypoint(timeout=0.05)
    def work(_: Any) -> None:
        sleeps().result()

    with pytest.raises(RunTimeoutError, match="work"):
        work.invoke(1)
    assert left == ["task"]
