"""How long is waited before another attempt."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from streamflow.bus._run import Run, Tree
from streamflow.bus._scope import ROOT_SCOPE
from streamflow.execution import BlockingExecution
from streamflow.runnables import RunnableLambda, RunnableRetry
from tests.runnables.fake_time import anyio_backend

__all__ = ("anyio_backend",)  # a fixture, found by its name


class Failing:
    """Fails for ever, and notes when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, _: Any) -> None:
        self.asked.append(anyio.current_time())
        raise TimeoutError

    def waits(self) -> list[float]:
        return [after - before for before, after in zip(self.asked, self.asked[1:], strict=False)]


async def test_waits_grow_up_to_a_limit() -> None:
    for stream in (False, True):
        failing = Failing()
        runnable = RunnableRetry(
            RunnableLambda(failing),
            max_attempt_number=6,
            exponential_jitter_params={"initial": 2, "exp_base": 3, "jitter": 4, "max": 30},
            draw=lambda: 0.5,
        )
        with pytest.raises(TimeoutError):
            await (runnable.astream(0).__anext__() if stream else runnable.ainvoke(0))
        assert failing.waits() == pytest.approx([4, 8, 20, 30, 30])


async def test_by_default_it_is_a_second_then_two_and_up_to_one_more() -> None:
    failing = Failing()
    with pytest.raises(TimeoutError):
        await RunnableLambda(failing).with_retry().ainvoke(0)
    first, second = failing.waits()
    assert 1 <= first <= 2 <= second <= 3


async def test_nothing_is_waited_if_nothing_is_wanted() -> None:
    failing = Failing()
    with pytest.raises(TimeoutError):
        await RunnableLambda(failing).with_retry(wait_exponential_jitter=False).ainvoke(0)
    assert failing.waits() == [0, 0]


async def test_a_cancellation_ends_the_wait() -> None:
    failing = Failing()
    with anyio.move_on_after(1.5) as scope:
        await (
            RunnableLambda(failing)
            .with_retry(exponential_jitter_params={"initial": 1000, "jitter": 0, "max": 1000})
            .ainvoke(0)
        )
    assert scope.cancelled_caught
    assert len(failing.asked) == 1


class Noting(BlockingExecution):
    """Does not wait: notes for how long it would have."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@given(
    initial=st.floats(0, 10),
    base=st.floats(0, 10),
    jitter=st.floats(0, 10),
    most=st.floats(0, 100),
    attempts=st.integers(1, 9),
    draws=st.lists(st.floats(0, 1), min_size=9, max_size=9),
)
async def test_the_same_waits_without_a_loop(
    initial: float, base: float, jitter: float, most: float, attempts: int, draws: list[float]
) -> None:
    share = iter(draws)
    runnable = RunnableRetry(
        RunnableLambda(lambda _: 1 / 0, inline=True),
        max_attempt_number=attempts,
        exponential_jitter_params={
            "initial": initial,
            "exp_base": base,
            "jitter": jitter,
            "max": most,
        },
        draw=lambda: next(share),
    )
    execution = Noting()
    run = Run("retry", "chain", None, Tree(), ROOT_SCOPE, execution, ())
    with pytest.raises(ZeroDivisionError):
        await runnable._execute(0, run)
    waits = [
        min(initial * base**number + jitter * share, most)
        for number, share in zip(range(attempts - 1), draws, strict=False)
    ]
    assert execution.slept == pytest.approx([wait for wait in waits if wait > 0])


async def test_a_wait_too_long_for_a_float_is_the_longest_there_is() -> None:
    failing = Failing()
    with pytest.raises(TimeoutError):
        await (
            RunnableLambda(failing)
            .with_retry(
                stop_after_attempt=4,
                exponential_jitter_params={"exp_base": 1e308, "initial": 1, "jitter": 0, "max": 5},
            )
            .ainvoke(0)
        )
    assert failing.waits() == pytest.approx([1, 5, 5])
