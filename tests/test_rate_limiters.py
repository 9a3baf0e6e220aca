"""Rate limiters: the law of the bucket, the line before it, and models that wait there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import anyio
import pytest
from anyio import to_thread
from hypothesis import given, strategies as st

from streamflow.bus import Bus, RunCancelled, RunStarted
from streamflow.caches import InMemoryCache
from streamflow.errors import ConfigError
from streamflow.execution import Execution
from streamflow.language_models import FakeListChatModel, FakeListLLM
from streamflow.rate_limiters import BaseRateLimiter, InMemoryRateLimiter
from streamflow.runnables import RunnableParallel
from tests.models import authors
from tests.runnables.fake_time import anyio_backend  # noqa: F401 - time passes at once


class Timed(InMemoryRateLimiter):
    """Lives in a time of its own, which passes only while somebody waits in it."""

    def __init__(self, rate: float = 1, size: float = 1, start: float = 0.0) -> None:
        self.now = start
        self.granted: list[float] = []
        super().__init__(requests_per_second=rate, max_bucket_size=size, clock=lambda: self.now)

    async def _sleep(self, execution: Execution, seconds: float) -> None:
        self.now += seconds

    def _take(self) -> float:
        seconds = super()._take()
        if not seconds:
            self.granted.append(self.now)
        return seconds


def in_loop_time(rate: float, size: float = 1) -> InMemoryRateLimiter:
    return InMemoryRateLimiter(
        requests_per_second=rate, max_bucket_size=size, clock=anyio.current_time
    )


def keeps_the_rate(times: Sequence[float], rate: float, size: float) -> bool:
    """Whether no stretch of time has more grants than a bucket of that size lets through."""
    return all(
        last - first + 1 <= size + rate * (times[last] - times[first]) + 1e-6
        for first in range(len(times))
        for last in range(first, len(times))
    )


rates = st.floats(0.01, 1000)
sizes = st.floats(1, 5)
arrivals = st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=30)


@given(rates, sizes, arrivals, st.floats(0, 1e9))
def test_no_stretch_of_time_has_more_than_the_bucket_gives(
    rate: float, size: float, calls: list[tuple[float, bool]], start: float
) -> None:
    limiter = Timed(rate, size, start)
    times = []
    for pause, blocking in calls:
        limiter.now += pause
        if limiter.acquire(blocking=blocking):
            times.append(limiter.now)
        else:
            assert not blocking, "who waits gets it"
    assert keeps_the_rate([time - start for time in times], rate, size)


@given(rates, st.integers(1, 5), st.integers(0, 30))
def test_nobody_waits_longer_than_needed(rate: float, size: int, calls: int) -> None:
    limiter = Timed(rate, size)
    for _ in range(calls):
        limiter.acquire()
    assert limiter.now == pytest.approx(max(0, calls - size) / rate, abs=1e-4)


@given(rates, st.integers(1, 5), st.integers(0, 30), st.floats(0, 100))
def test_a_refusal_takes_nothing(rate: float, size: int, calls: int, pause: float) -> None:
    asked, spared = Timed(rate, size), Timed(rate, size)
    for limiter in (asked, spared):
        while limiter.acquire(blocking=False):
            pass
    for _ in range(calls):
        asked.acquire(blocking=False)
    for limiter in (asked, spared):
        limiter.now += pause
    assert asked.acquire(blocking=False) == spared.acquire(blocking=False)


async def test_first_come_first_served() -> None:
    limiter = in_loop_time(rate=2)
    served: list[tuple[int, float]] = []

    async def call(number: int) -> None:
        await limiter.aacquire()
        served.append((number, anyio.current_time()))

    start = anyio.current_time()
    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(call, number)
            await anyio.wait_all_tasks_blocked()
    assert [number for number, _ in served] == [0, 1, 2, 3, 4]
    assert [time - start for _, time in served] == pytest.approx([0, 0.5, 1, 1.5, 2])


@pytest.mark.parametrize("leaver", [1, 2, 3])
async def test_who_is_cancelled_leaves_the_line_and_takes_nothing(leaver: int) -> None:
    limiter = in_loop_time(rate=1)
    served: list[tuple[int, float]] = []
    scopes = [anyio.CancelScope() for _ in range(4)]

    async def call(number: int) -> None:
        with scopes[number]:
            await limiter.aacquire()
            served.append((number, anyio.current_time()))

    start = anyio.current_time()
    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(call, number)
            await anyio.wait_all_tasks_blocked()
        scopes[leaver].cancel()
    assert [number for number, _ in served] == [n for n in range(4) if n != leaver]
    assert [time - start for _, time in served] == pytest.approx([0, 1, 2])


async def test_nobody_overtakes_those_who_wait() -> None:
    limiter = in_loop_time(rate=1)
    await limiter.aacquire()
    async with anyio.create_task_group() as group:
        group.start_soon(limiter.aacquire)
        await anyio.wait_all_tasks_blocked()
        assert await limiter.aacquire(blocking=False) is False
    assert limiter.acquire(blocking=False) is False


def test_threads_share_one_bucket() -> None:
    limiter = Timed(rate=10, size=3)
    threads = [
        threading.Thread(target=lambda: [limiter.acquire() for _ in range(25)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limiter.now == pytest.approx((200 - 3) / 10, abs=1e-3)
    assert keeps_the_rate(limiter.granted, 10, 3)


async def test_a_synchronous_call_does_not_wait_for_a_task_that_it_stops() -> None:
    """It goes before the tasks of its own thread, which stand still until it is done."""
    released = anyio.Event()

    class Held(Timed):
        async def _sleep(self, execution: Execution, seconds: float) -> None:
            if not execution.blocking:
                await released.wait()
            await super()._sleep(execution, seconds)

    limiter = Held(rate=1)
    limiter.acquire()
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(limiter.aacquire)
            await anyio.wait_all_tasks_blocked()
        assert limiter.acquire()
        model = FakeListChatModel(responses=["hi"], rate_limiter=limiter)
        assert [each.content for each in model.batch(["a", "b"])] == ["hi", "hi"]
        released.set()
    assert len(limiter.granted) == 5
    assert keeps_the_rate(limiter.granted, 1, 1)


async def test_a_plain_limiter_waits_in_a_thread() -> None:
    class Plain(BaseRateLimiter):
        def acquire(self, *, blocking: bool = True) -> bool:
            self.thread = threading.current_thread()
            return blocking

    limiter = Plain()
    assert await limiter.aacquire() is True
    assert limiter.thread is not threading.current_thread()
    assert await limiter.aacquire(blocking=False) is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests_per_second": 0},
        {"requests_per_second": float("nan")},
        {"requests_per_second": "1"},
        {"max_bucket_size": 0.5},
        {"max_bucket_size": True},
    ],
)
def test_a_number_out_of_range_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        InMemoryRateLimiter(**wrong)


# Models.


class Counting(BaseRateLimiter):
    """Lets everybody through, and notes what had been published by then."""

    def __init__(self, log: list[Any]) -> None:
        self.log = log

    def acquire(self, *, blocking: bool = True) -> bool:
        self.log.append("asked")
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        return self.acquire(blocking=blocking)


@pytest.mark.parametrize("kind", authors.GENERATING + authors.STREAMING)
async def test_a_model_asks_once_before_it_is_called(kind: Any) -> None:
    log: list[Any] = []
    model = kind(rate_limiter=Counting(log))
    expected = kind().invoke("hi").content
    for config in ({}, {"callbacks": [lambda _: None]}):
        assert model.invoke("hi", config).content == expected
        assert "".join(chunk.content for chunk in model.stream("hi", config)) == expected
        assert (await model.ainvoke("hi", config)).content == expected
        chunks = [chunk async for chunk in model.astream("hi", config)]
        assert "".join(chunk.content for chunk in chunks) == expected
        assert log == ["asked"] * 4 * (1 if not config else 2)


def test_a_model_asks_before_its_first_chunk() -> None:
    log: list[Any] = []

    class Noted(authors.Streams):
        def _stream(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
            log.append("called")
            yield from super()._stream(*args, **kwargs)

    Noted(rate_limiter=Counting(log)).invoke("hi", {"callbacks": [lambda m: log.append(m.kind)]})
    assert log[:3] == ["start", "asked", "called"]


def test_a_cached_answer_is_not_limited() -> None:
    log: list[Any] = []
    model = FakeListLLM(responses=["a", "b"], rate_limiter=Counting(log), cache=InMemoryCache())
    assert [model.invoke("hi"), model.invoke("hi"), *model.stream("hi")] == ["a"] * 3
    assert log == ["asked"]


async def test_models_with_one_limiter_take_turns() -> None:
    limiter = in_loop_time(rate=4)
    models = [FakeListChatModel(responses=[name], rate_limiter=limiter) for name in "ab"]
    start = anyio.current_time()
    async with anyio.create_task_group() as group:
        for model in models * 3:
            group.start_soon(model.ainvoke, "hi")
    assert anyio.current_time() - start == pytest.approx(5 / 4)


async def test_a_model_that_waits_can_be_cancelled() -> None:
    limiter = in_loop_time(rate=0.001)
    model = FakeListChatModel(responses=["a"], rate_limiter=limiter)
    await limiter.aacquire()
    bus = Bus()
    messages: list[Any] = []
    bus.listen(messages.append)
    with anyio.move_on_after(5) as scope:
        await model.ainvoke("hi", {"bus": bus})
    assert scope.cancelled_caught
    assert [type(message) for message in messages] == [RunStarted, RunCancelled]
    assert not limiter._line


async def test_a_thread_that_waits_can_be_stopped() -> None:
    """A synchronous batch stops its other items when one fails, also those in line."""
    waiting = threading.Event()

    class Failing(InMemoryRateLimiter):
        def acquire(self, *, blocking: bool = True) -> bool:
            waiting.wait(10)
            raise LookupError("no")

    class Entered(InMemoryRateLimiter):
        async def _sleep(self, execution: Execution, seconds: float) -> None:
            waiting.set()
            await super()._sleep(execution, seconds)

    limiter = Entered(requests_per_second=0.0001)
    limiter.acquire()
    models = {
        "fails": FakeListChatModel(responses=["a"], rate_limiter=Failing()),
        "waits": FakeListChatModel(responses=["b"], rate_limiter=limiter),
    }

    def run() -> None:
        with pytest.raises(LookupError):
            RunnableParallel(models).invoke("hi")

    with anyio.fail_after(1000):
        await to_thread.run_sync(run)
    assert not limiter._line
