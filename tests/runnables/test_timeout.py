"""How long a run may be waited for, on loops whose clock jumps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Bus
from streamflow.errors import ConfigError, RunTimeoutError, StreamflowError
from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
)
from tests.runnables.fake_time import anyio_backend

__all__ = ("anyio_backend",)  # a fixture, found by its name


def after(*seconds: float) -> Runnable[Any, int]:
    """Yields a chunk after each of these waits; after the last one it ends."""

    async def chunks(_: Any) -> AsyncIterator[int]:
        for number, wait in enumerate(seconds):
            await anyio.sleep(wait)
            if number + 1 < len(seconds):
                yield 1

    return RunnableLambda(chunks, name="slow")


def expected(waits: list[float], limits: dict[str, float]) -> tuple[int, str | None]:
    """How many chunks come, and which limit stops them."""
    spent = 0.0
    for number, wait in enumerate(waits):
        own = "between_chunks" if number else "first_chunk"
        left = {own: limits.get(own, 1e9), "total": limits.get("total", 1e9) - spent}
        limit = min(left, key=lambda name: (left[name], name != own))
        if wait > left[limit]:
            return number, limit
        spent += wait
    return len(waits) - 1, None


# Limits lie between the waits that are possible, so that which is longer is never in doubt.
waits = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=5)
limits = st.dictionaries(
    st.sampled_from(["total", "first_chunk", "between_chunks"]),
    st.integers(0, 9).map(lambda n: n + 0.5),
    min_size=1,
)


@given(waits=waits, limits=limits, reading=st.integers(0, 7), watched=st.booleans())
async def test_only_the_waits_of_the_reader_count(
    waits: list[float], limits: dict[str, float], reading: int, watched: bool
) -> None:
    bus = Bus()
    if watched:
        bus.listen(lambda _: None)
    count, error = 0, None
    try:
        async for _ in after(*waits).with_timeout(**limits).astream(0, {"bus": bus}):
            count += 1
            await anyio.sleep(reading)
    except RunTimeoutError as raised:
        error = raised
    assert (count, error and error.limit) == expected(waits, limits)
    assert error is None or error.seconds == limits[error.limit]


@given(wait=st.integers(0, 9), limit=st.integers(0, 9).map(lambda n: n + 0.5))
async def test_a_whole_output_knows_the_total_only(wait: int, limit: float) -> None:
    start = anyio.current_time()
    runnable = after(wait, 0)
    if wait > limit:
        with pytest.raises(RunTimeoutError, match="'total'"):
            await runnable.with_timeout(total=limit).ainvoke(0)
        assert anyio.current_time() - start == pytest.approx(limit)
    else:
        assert await runnable.with_timeout(total=limit).ainvoke(0) == 1
    assert await runnable.with_timeout(first_chunk=0.1, between_chunks=0.1).ainvoke(0) == 1


async def test_the_error_says_which_limit_and_which_run() -> None:
    ids: list[str] = []
    bus = Bus()
    bus.listen(lambda message: ids.append(message.run.id))
    with pytest.raises(RunTimeoutError) as caught:
        await after(9).with_timeout(total=2).ainvoke(0, {"bus": bus, "run_name": "mine"})
    error = caught.value
    assert isinstance(error, TimeoutError)
    assert isinstance(error, StreamflowError)
    assert (error.limit, error.seconds, error.run_name, error.run_id) == (
        "total",
        2,
        "mine",
        ids[0],
    )
    assert "'mine' has not come to its end within 2 s" in str(error)
    with pytest.raises(RunTimeoutError, match="RunnableTimeout<slow>.* its first chunk within 1 s"):
        await after(9).with_timeout(first_chunk=1).astream(0).__anext__()


async def test_what_is_too_slow_is_cancelled_and_cleaned_up_first() -> None:
    log: list[str] = []

    async def stuck(_: Any) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(5)
            log.append("cleaned up")

    bus = Bus()
    bus.listen(lambda message: log.append(f"{message.kind} {message.run.name}"))
    timed = RunnableLambda(stuck).with_timeout(total=1)
    for call in (timed.ainvoke, lambda *given: timed.astream(*given).__anext__()):
        log.clear()
        with pytest.raises(RunTimeoutError):
            await call(0, {"bus": bus})
        assert log == [
            "start RunnableTimeout<stuck>",
            "start stuck",
            "cleaned up",
            "cancelled stuck",
            "error RunnableTimeout<stuck>",
        ]


async def test_branches_are_stopped_together() -> None:
    ended: list[int] = []

    async def stuck(value: int) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(value)

    parallel = RunnableParallel(a=stuck, b=stuck).with_timeout(total=1)
    with pytest.raises(RunTimeoutError):
        await parallel.ainvoke(7)
    with pytest.raises(RunTimeoutError):
        await parallel.astream(8).__anext__()
    assert ended == [7, 7, 8, 8]


async def test_scopes_that_a_generator_holds_open_do_not_matter() -> None:
    async def holds(_: Any) -> AsyncIterator[int]:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep_forever)
            with anyio.CancelScope():
                yield 1
                yield 2
                await anyio.sleep(wait)
            group.cancel_scope.cancel()
        yield 3

    for wait in (1, 9):
        seen: list[Any] = []
        try:
            async for chunk in RunnableLambda(holds).with_timeout(between_chunks=2).astream(0):
                seen.append(chunk)  # noqa: PERF401 - what came before the error is looked at
        except RunTimeoutError:
            seen.append("late")
        assert seen == ([1, 2, 3] if wait == 1 else [1, 2, "late"])


async def test_a_reader_that_leaves_early_lets_it_clean_up() -> None:
    log: list[str] = []

    async def chunks(_: Any) -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await anyio.sleep(5)
            log.append("cleaned up")

    async with RunnableLambda(chunks).with_timeout(total=1).astream(0) as stream:
        await stream.__anext__()
    assert log == ["cleaned up"]


# -------------------------------------------------------------------- whose time it is


async def slowly(*seconds: float) -> AsyncIterator[int]:
    for wait in seconds:
        await anyio.sleep(wait)
        yield 1


async def slowly_twice(_: Any) -> AsyncIterator[int]:
    async for chunk in slowly(5, 5):
        yield chunk


@pytest.mark.parametrize(
    "inner",
    [
        RunnablePassthrough(),
        RunnableLambda(lambda n: n, inline=True),
        RunnableParallel(a=RunnablePassthrough(), b=RunnableLambda(lambda n: n, inline=True)),
    ],
)
@pytest.mark.parametrize("capacity", [None, 2])
async def test_the_lateness_of_the_input_does_not_count(inner: Any, capacity: int | None) -> None:
    timed = inner.with_timeout(total=1, first_chunk=1, between_chunks=1)
    config: Any = {"channel_capacity": capacity}
    assert [chunk async for chunk in timed.atransform(slowly(5, 5), config)]
    chain = RunnableLambda(slowly_twice) | timed
    assert [chunk async for chunk in chain.astream(0, config)]


async def test_after_a_late_input_the_clock_goes_on() -> None:
    async def behind(chunks: AsyncIterator[int]) -> AsyncIterator[int]:
        async for chunk in chunks:
            await anyio.sleep(3)
            yield chunk

    timed = RunnableGenerator(behind).with_timeout(first_chunk=4, between_chunks=2)
    chunks = timed.atransform(slowly(5, 5))
    assert await chunks.__anext__() == 1
    with pytest.raises(RunTimeoutError, match="between_chunks"):
        await chunks.__anext__()
    assert anyio.current_time() >= 5 + 3 + 5 + 2


# ------------------------------------------------------------------ what is not a timeout


async def test_an_outer_cancellation_stays_one() -> None:
    timed = after(9).with_timeout(total=5)
    for call in (timed.ainvoke, lambda value: timed.astream(value).__anext__()):
        with anyio.move_on_after(1) as scope:
            await call(0)
        assert scope.cancelled_caught


@pytest.mark.parametrize("error", [ValueError("own"), TimeoutError("own"), KeyError("own")])
async def test_errors_of_its_own_pass(error: Exception) -> None:
    async def fails(_: Any) -> AsyncIterator[int]:
        yield 1
        raise error

    timed = RunnableLambda(fails).with_timeout(total=5, between_chunks=1)
    with pytest.raises(type(error)) as caught:
        await timed.ainvoke(0)
    assert caught.value is error
    chunks = timed.astream(0)
    assert await chunks.__anext__() == 1
    with pytest.raises(type(error)) as caught:
        await chunks.__anext__()
    assert caught.value is error


async def test_the_inner_of_two_limits_is_told_apart() -> None:
    inner = after(9).with_timeout(total=1)
    with pytest.raises(RunTimeoutError) as caught:
        await inner.with_timeout(total=3).ainvoke(0)
    assert caught.value.seconds == 1
    with pytest.raises(RunTimeoutError) as caught:
        await after(9).with_timeout(total=3).with_timeout(total=1).ainvoke(0)
    assert caught.value.seconds == 1


# --------------------------------------------------------------------- with what else


@pytest.mark.parametrize("stream", [False, True])
async def test_a_timeout_is_worth_another_attempt(stream: bool) -> None:
    made = 0

    async def slow_at_first(_: Any) -> int:
        nonlocal made
        made += 1
        await anyio.sleep(3 - made)
        return made

    patient = (
        RunnableLambda(slow_at_first)
        .with_timeout(total=1.5, first_chunk=1.5)
        .with_retry(retry_if_exception_type=(RunTimeoutError,), wait_exponential_jitter=False)
    )
    call: Callable[[int], Any] = patient.ainvoke
    if stream:
        call = lambda value: patient.astream(value).__anext__()  # noqa: E731 - one of two
    assert await call(0) == 2
    assert await after(9).with_timeout(total=1).with_fallbacks([lambda _: "else"]).ainvoke(0) == (
        "else"
    )


@pytest.mark.parametrize(
    "limits", [{}, {"total": 0}, {"first_chunk": -1}, {"between_chunks": "1"}, {"total": True}]
)
def test_limits_are_checked(limits: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        RunnableLambda(int).with_timeout(**limits)


def test_it_passes_chunks_on_if_what_it_times_does() -> None:
    timed = RunnablePassthrough().with_timeout(total=1)
    assert [(step.path, step.flow) for step in (RunnablePassthrough() | timed).explain()] == [
        ("1", "passes"),
        ("2", "passes"),
        ("2.timed", "passes"),
    ]
