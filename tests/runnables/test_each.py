"""One runnable for each element of a list."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow.bus import Bus
from streamflow.errors import StepInputError
from streamflow.runnables import RunnableGenerator, RunnableLambda, RunnablePassthrough
from tests.runnables.ways import Outcome, arriving, everywhere, on_loop, without_loop


async def double(number: int) -> int:
    for _ in range(number % 3):
        await checkpoint()
    return number * 2


@given(
    parts=st.lists(st.lists(st.integers(), max_size=4), min_size=1, max_size=3),
    inline=st.booleans(),
    limit=st.none() | st.integers(1, 3),
)
async def test_the_outputs_of_the_elements_in_order(
    parts: list[list[int]], inline: bool, limit: int | None
) -> None:
    function = RunnableLambda(lambda number: number * 2, inline=True)
    each = (function if inline else RunnableLambda(double)).map()
    whole = merge(parts)
    config: Any = {"max_concurrency": limit}
    outcome = await everywhere(each, whole, parts, config)
    chunks = [[number * 2] for number in whole] or [[]]
    assert outcome == Outcome([number * 2 for number in whole], chunks, chunks)


async def test_each_output_comes_as_soon_as_it_can() -> None:
    gates = [anyio.Event() for _ in range(3)]

    async def work(number: int) -> int:
        await gates[number].wait()
        return number

    async with RunnableLambda(work).map().astream([0, 1, 2]) as chunks:
        gates[0].set()
        assert await chunks.__anext__() == [0]
        gates[2].set()
        gates[1].set()
        assert [chunk async for chunk in chunks] == [[1], [2]]


async def test_no_more_elements_at_once_than_the_limit() -> None:
    now = peak = 0

    async def work(number: int) -> int:
        nonlocal now, peak
        now += 1
        peak = max(peak, now)
        for _ in range(5 - number % 5):
            await checkpoint()
        now -= 1
        return number

    each = RunnableLambda(work).map()
    for limit in (1, 2, 4):
        peak = 0
        assert (await on_loop(each, [*range(20)], config={"max_concurrency": limit})).whole == [
            *range(20)
        ]
        assert peak == limit


async def test_a_part_of_the_list_is_worked_on_when_it_arrives() -> None:
    seen: list[int] = []
    function = RunnableLambda(lambda number: seen.append(number) or number, inline=True)

    async def parts(inputs: Any) -> Any:
        async for _ in inputs:
            yield [1]
            assert seen == [1]
            yield [2, 3]

    chain = RunnableGenerator(parts) | function.map()
    assert [chunk async for chunk in chain.astream(0)] == [[1], [2], [3]]


async def test_the_first_failure_stops_the_others() -> None:
    ended: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise ValueError("one")
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(number)

    each = RunnableLambda(work).map()
    with pytest.raises(ValueError, match="one"):
        await each.ainvoke([0, 1, 2])
    assert ended in ([0], [])  # those that had not begun never do
    with pytest.raises(ValueError, match="one"):
        await each.astream([0, 1, 2]).__anext__()
    with pytest.raises(ValueError, match="one"):
        await to_thread.run_sync(each.invoke, [0, 1, 2])


async def test_elements_are_runs_below() -> None:
    bus, messages = Bus(), []
    bus.listen(lambda m: messages.append((m.kind, m.run.name, m.run.parent is None)))
    each = RunnableLambda(double, name="double").map()
    await each.ainvoke([1], {"bus": bus})
    assert messages == [
        ("start", "RunnableEach<double>", True),
        ("start", "double", False),
        ("end", "double", False),
        ("end", "RunnableEach<double>", True),
    ]


async def test_the_input_is_a_list() -> None:
    each = RunnableLambda(double).map()
    assert await each.ainvoke((1, 2)) == [2, 4]
    for value in (5, "12", {1: 2}):
        with pytest.raises(StepInputError, match="RunnableEach<double> needs a list"):
            await each.ainvoke(value)  # type: ignore[arg-type]  # that is the point
        with pytest.raises(StepInputError, match="needs a list"):
            list(each.stream(value))  # type: ignore[arg-type]  # as above


async def test_nothing_in_nothing_out() -> None:
    each = RunnableLambda(double).map()
    assert [chunk async for chunk in each.atransform(arriving([]))] == []
    assert await each.ainvoke([]) == []
    assert without_loop(each, []).streamed == [[]]


def test_it_passes_lists_on_whatever_its_elements_go_through() -> None:
    chain = RunnablePassthrough() | RunnableLambda(str.upper).map()
    flows = [(step.path, step.flow) for step in chain.explain()]
    assert flows[1] == ("2", "passes")
    chunks = chain.transform(iter([["a"], ["b"]]), {"strict_streaming": True})
    assert list(chunks) == [["A"], ["B"]]
