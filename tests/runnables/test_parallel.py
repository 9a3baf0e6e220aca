"""Branches side by side: their outputs under their keys, at once and in chunks."""

from __future__ import annotations

import functools
import operator
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given, settings, strategies as st

from streamflow.errors import CoercionError
from streamflow.runnables import (
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableMap,
    RunnableParallel,
    RunnablePassthrough,
)
from tests.runnables.small_chains import LEAVES
from tests.runnables.ways import arriving, everywhere, names_of, on_loop, without_loop


def plus(number: int) -> int:
    return number + 1


async def times(number: int) -> int:
    return number * 10


def digits(number: int) -> Iterator[str]:
    yield from str(number)


def joined(chunks: list[Any]) -> Any:
    return functools.reduce(operator.add, chunks)


# ------------------------------------------------------------------------------ values


async def test_each_branch_gets_the_input() -> None:
    runnable = RunnableParallel(a=plus, b=times, c=RunnablePassthrough())
    assert await runnable.ainvoke(1) == {"a": 2, "b": 10, "c": 1}
    assert runnable.invoke(1) == {"a": 2, "b": 10, "c": 1}
    assert list(runnable.invoke(1)) == ["a", "b", "c"]
    assert RunnableMap is RunnableParallel


async def test_branches_by_dict_and_by_keyword() -> None:
    assert RunnableParallel({"a": plus}, b=times).invoke(1) == {"a": 2, "b": 10}
    assert RunnableParallel({"a": plus}, a=times).invoke(1) == {"a": 10}


async def test_dicts_nest() -> None:
    runnable = RunnableParallel(a=plus, deep={"b": times, "deeper": {"c": plus}})
    expected = {"a": 2, "deep": {"b": 10, "deeper": {"c": 2}}}
    assert runnable.invoke(1) == expected
    assert await runnable.ainvoke(1) == expected
    assert joined(list(runnable.stream(1))) == expected
    assert joined([chunk async for chunk in runnable.astream(1)]) == expected


async def test_no_branches() -> None:
    assert RunnableParallel().invoke(1) == {}
    assert await RunnableParallel({}).ainvoke(1) == {}
    assert list(RunnableParallel().stream(1)) == []


# --------------------------------------------------------------------------- streaming


async def test_chunks_come_under_their_keys_and_add_up() -> None:
    runnable = RunnableParallel(a=RunnableLambda(digits), b=RunnableLambda(digits))
    for chunks in (list(runnable.stream(123)), [chunk async for chunk in runnable.astream(123)]):
        assert all(len(chunk) == 1 for chunk in chunks)
        assert [chunk["a"] for chunk in chunks if "a" in chunk] == ["1", "2", "3"]
        assert [chunk["b"] for chunk in chunks if "b" in chunk] == ["1", "2", "3"]
        assert joined(chunks) == {"a": "123", "b": "123"}


async def test_what_never_waits_comes_first() -> None:
    runnable = RunnableParallel(slow=plus, quick=RunnablePassthrough())
    assert list(runnable.stream(1)) == [{"quick": 1}, {"slow": 2}]
    assert [chunk async for chunk in runnable.astream(1)] == [{"quick": 1}, {"slow": 2}]


async def test_a_quick_branch_is_seen_while_a_slow_one_waits() -> None:
    gate = anyio.Event()

    async def slow(_: Any) -> str:
        await gate.wait()
        return "slow"

    async def quick(_: Any) -> str:
        return "quick"

    async with RunnableParallel(slow=slow, quick=quick).astream(1) as chunks:
        assert await anext(chunks) == {"quick": "quick"}
        gate.set()
        assert [chunk async for chunk in chunks] == [{"slow": "slow"}]


def test_without_a_loop_branches_run_at_once_too() -> None:
    meeting = threading.Barrier(2, timeout=5)
    runnable = RunnableParallel(a=lambda _: meeting.wait() >= 0, b=lambda _: meeting.wait() >= 0)
    assert runnable.invoke(1) == {"a": True, "b": True}
    assert joined(list(runnable.stream(1))) == {"a": True, "b": True}


async def test_input_in_chunks_reaches_every_branch() -> None:
    def doubled(chunks: Iterator[str]) -> Iterator[str]:
        for chunk in chunks:
            yield chunk * 2

    runnable = RunnableParallel(a=doubled, b=RunnablePassthrough(), c=str.upper)
    expected = {"a": "xxyy", "b": "xy", "c": "XY"}
    chunks = [chunk async for chunk in runnable.atransform(arriving("xy"))]
    assert joined(chunks) == expected
    assert joined(list(runnable.transform(iter("xy")))) == expected
    assert [chunk["b"] for chunk in chunks if "b" in chunk] == ["x", "y"]


async def test_a_branch_that_reads_nothing_holds_up_nobody() -> None:
    async def deaf(_: AsyncIterator[Any]) -> AsyncIterator[str]:
        yield "deaf"

    runnable = RunnableParallel(a=deaf, b=RunnablePassthrough())
    text = "x" * 100
    chunks = [chunk async for chunk in runnable.atransform(arriving(text))]
    assert joined(chunks) == {"a": "deaf", "b": text}
    assert joined(list(runnable.transform(iter(text)))) == {"a": "deaf", "b": text}


async def test_a_branch_without_chunks_has_no_key() -> None:
    def nothing(chunks: Iterator[Any]) -> Iterator[Any]:
        yield from (chunk for chunk in chunks if False)

    runnable = RunnableParallel(a=nothing, b=RunnablePassthrough())
    assert list(runnable.stream(1)) == [{"b": 1}]
    assert runnable.invoke(1) == {"a": None, "b": 1}


# ----------------------------------------------------------------------------- failing


async def test_the_first_failure_reaches_the_caller_and_cancels_the_rest() -> None:
    error = ValueError("first")
    ended: list[str] = []

    async def waits(_: Any) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("cancelled")

    async def fails(_: Any) -> None:
        raise error

    runnable = RunnableParallel(a=waits, b=fails)
    with pytest.raises(ValueError, match="first") as caught:
        await runnable.ainvoke(1)
    assert caught.value is error
    with pytest.raises(ValueError, match="first"):
        [chunk async for chunk in runnable.astream(1)]
    assert ended == ["cancelled", "cancelled"]


async def test_what_came_before_a_failure_is_yielded() -> None:
    gate = anyio.Event()

    async def fails(_: Any) -> None:
        await gate.wait()
        raise LookupError("later")

    async with RunnableParallel(a=plus, b=fails).astream(1) as chunks:
        assert await anext(chunks) == {"a": 2}
        gate.set()
        with pytest.raises(LookupError, match="later"):
            await anext(chunks)


async def test_branches_after_one_that_fails_are_closed() -> None:
    """Also where they take turns, since at most one of them would ever wait."""

    def fails(_: Any) -> None:
        raise LookupError

    runnable = RunnableParallel(a=RunnableLambda(fails, inline=True), b=RunnablePassthrough())
    for call in (lambda: list(runnable.stream(1)), lambda: list(runnable.transform(iter([1])))):
        with pytest.raises(LookupError):
            call()
    with pytest.raises(LookupError):
        [chunk async for chunk in runnable.astream(1)]


def test_without_a_loop_a_failure_reaches_the_caller() -> None:
    error = LookupError("mine")

    def fails(_: Any) -> None:
        raise error

    runnable = RunnableParallel(a=plus, b=fails)
    for call in (lambda: runnable.invoke(1), lambda: list(runnable.stream(1))):
        with pytest.raises(LookupError) as caught:
            call()
        assert caught.value is error


@pytest.mark.parametrize("branch", [3, None, "text", {"deep": 3}])
def test_what_is_no_branch_is_refused(branch: Any) -> None:
    with pytest.raises(CoercionError):
        RunnableParallel(a=branch)


# ------------------------------------------------------------------------- concurrency


async def test_max_concurrency_limits_how_many_branches_run_at_once() -> None:
    running, most = 0, 0

    async def counted(_: Any) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        running -= 1

    runnable = RunnableParallel({str(n): counted for n in range(6)})
    config: RunnableConfig = {"max_concurrency": 2}
    await runnable.ainvoke(1, config)
    assert most == 2
    most = 0
    assert len([chunk async for chunk in runnable.astream(1, config)]) == 6
    assert most == 2


async def test_without_a_limit_all_branches_run_at_once() -> None:
    running, all_run = 0, anyio.Event()

    async def meets(_: Any) -> None:
        nonlocal running
        running += 1
        if running == 6:
            all_run.set()
        await all_run.wait()

    runnable = RunnableParallel({str(n): meets for n in range(6)})
    with anyio.fail_after(5):
        await runnable.ainvoke(1)
        running, all_run = 0, anyio.Event()
        assert len([chunk async for chunk in runnable.astream(1)]) == 6


def test_max_concurrency_of_one_takes_the_branches_in_order() -> None:
    order: list[str] = []
    runnable = RunnableParallel(
        {name: functools.partial(lambda name, _: order.append(name), name) for name in "abc"}
    )
    runnable.invoke(1, {"max_concurrency": 1})
    assert order == ["a", "b", "c"]


# -------------------------------------------------------------------------------- runs


def test_runs_and_tags() -> None:
    runnable = RunnableParallel(a=RunnablePassthrough(), b=plus)
    assert names_of(runnable, 1) == [
        ("start", "RunnableParallel<a,b>"),
        ("start", "RunnablePassthrough"),
        ("stream", "RunnablePassthrough"),
        ("stream", "RunnableParallel<a,b>"),
        ("end", "RunnablePassthrough"),
        ("start", "plus"),
        ("stream", "plus"),
        ("stream", "RunnableParallel<a,b>"),
        ("end", "plus"),
        ("end", "RunnableParallel<a,b>"),
    ]
    with runnable.stream_events(1) as messages:
        tags = {message.run.name: message.run.tags for message in messages}
    assert tags["plus"] == ["map:key:b"]
    assert tags["RunnablePassthrough"] == ["map:key:a"]


def test_names() -> None:
    assert RunnableParallel(a=plus, b=plus).get_name() == "RunnableParallel<a,b>"
    assert RunnableParallel({"a": plus}, "both").get_name() == "both"
    assert repr(RunnableParallel(a=plus)) == "{'a': RunnableLambda(plus)}"


async def test_keyword_arguments_reach_every_branch() -> None:
    def add(number: int, more: int = 0) -> int:
        return number + more

    runnable = RunnableParallel(a=add, b=add)
    assert (await everywhere(runnable.bind(more=2) | joined_values, 1)).whole == [3, 3]


def joined_values(branches: dict[str, int]) -> list[int]:
    return sorted(branches.values())


# -------------------------------------------------------------------------------- laws


@given(leaves=st.lists(st.sampled_from(sorted(LEAVES)), min_size=1, max_size=4), text=st.text())
@settings(max_examples=40)
async def test_chunks_add_up_to_the_output(leaves: list[str], text: str) -> None:
    text = f"x{text}"
    runnable = RunnableParallel({f"{n}": LEAVES[leaf]() for n, leaf in enumerate(leaves)})
    whole = runnable.invoke(text)
    for outcome in (without_loop(runnable, text), await on_loop(runnable, text)):
        assert outcome.whole == whole
        assert joined(outcome.streamed) == whole
        assert joined(outcome.transformed) == whole


def test_branches_may_be_generators() -> None:
    runnable = RunnableParallel(a=RunnableGenerator(lambda_free))
    assert list(runnable.stream("ab")) == [{"a": "ab"}, {"a": "ab"}]


def lambda_free(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk
        yield chunk
