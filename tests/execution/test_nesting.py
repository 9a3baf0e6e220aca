"""Synchronous calls in async code in synchronous calls, and so on, never wait for themselves."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Awaitable, Callable

import anyio

from streamflow.execution import BLOCKING, LOOP, NESTED_LOOP, drive
from streamflow.runnables import RunnableLambda, RunnableParallel
from tests.execution.both import in_time

DEEP = 5
MANY = 100
"""More than there are worker threads in anyio's pools."""


def synchronous(depth: int, threads: list[int]) -> int:
    """Call async-only code, which calls this again, and count the calls."""

    async def call() -> int:
        return await BLOCKING.call_async(asynchronous, depth, threads)

    return 1 + (drive(call()) if depth else 0)


async def asynchronous(depth: int, threads: list[int]) -> int:
    threads.append(threading.get_ident())
    return 1 + await NESTED_LOOP.call(synchronous, depth - 1, threads)


async def together(function: Callable[[], Awaitable[int]]) -> list[int]:
    results: list[int] = []

    async def one() -> None:
        results.append(await function())

    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for _ in range(MANY):
                group.start_soon(one)
    return results


async def test_many_deep_calls_at_once_on_a_loop() -> None:
    threads: list[int] = []
    results = await together(lambda: LOOP.call(synchronous, DEEP, threads))
    assert results == [2 * DEEP + 1] * MANY
    assert Counter(threads) == {threading.get_ident(): DEEP * MANY}


def test_deep_calls_without_a_loop() -> None:
    threads: list[int] = []
    assert in_time(lambda: synchronous(DEEP, threads)) == 2 * DEEP + 1
    assert len(set(threads)) == 1


# A coroutine that makes a synchronous call blocks its loop. It should not, but it may.


async def blocking(depth: int) -> int:
    return 1 + drive(_blocking_call(depth - 1)) if depth else 0


async def _blocking_call(depth: int) -> int:
    return await BLOCKING.call_async(blocking, depth)


def test_each_loop_that_is_blocked_is_replaced_by_another() -> None:
    assert in_time(lambda: drive(_blocking_call(DEEP))) == DEEP


async def test_a_blocked_loop_of_the_user_s_is_replaced_by_another() -> None:
    assert await blocking(DEEP) == DEEP


def test_threads_below_a_blocked_loop_do_not_wait_for_it() -> None:
    async def leaf() -> int:
        return threading.get_ident()

    async def branch() -> int:
        return await BLOCKING.call_async(leaf)

    async def branches() -> list[int]:
        return drive(BLOCKING.join([branch, branch, branch]))

    async def call() -> list[int]:
        return await BLOCKING.call_async(branches)

    assert len(set(in_time(lambda: drive(call())))) == 1


# ---------------------------------------------------------------------------- runnables


def plain(value: int) -> int:
    return value + 1


async def test_runnables_nest_both_ways() -> None:
    leaf = RunnableLambda(plain)

    async def call_it(value: int) -> int:
        return await leaf.ainvoke(value)

    middle = RunnableLambda(call_it)

    def call_middle(value: int) -> int:
        return middle.invoke(value)

    outer = RunnableLambda(call_middle)
    results = await together(lambda: outer.ainvoke(1))
    assert results == [2] * MANY


async def test_runnables_nest_below_an_async_step_too() -> None:
    leaf = RunnableLambda(plain)

    async def call_leaf(value: int) -> int:
        return await leaf.ainvoke(value)

    inner = RunnableLambda(call_leaf)

    async def call_inner(value: int) -> int:
        return await inner.ainvoke(value)

    middle = RunnableLambda(call_inner)

    def call_middle(value: int) -> int:
        return middle.invoke(value)

    outer = RunnableLambda(call_middle)
    assert await together(lambda: outer.ainvoke(1)) == [2] * MANY


def test_branches_below_async_only_code_without_a_loop() -> None:
    async def leaf(value: int) -> int:
        return value + 1

    branches = RunnableParallel(a=RunnableLambda(leaf), b=RunnableLambda(leaf))

    async def call_them(value: int) -> dict[str, int]:
        return branches.invoke(value)

    assert in_time(lambda: RunnableLambda(call_them).invoke(1)) == {"a": 2, "b": 2}
