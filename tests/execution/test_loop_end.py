"""A loop that ends while streams are open, or are just being closed, makes no noise."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.execution import AsyncStream
from streamflow.runnables import RunnableGenerator, RunnableLambda, RunnablePassthrough
from tests.execution.both import in_time

Chain = Callable[[list[str]], Any]


def plain(steps: list[str]) -> Any:
    def numbers(_: Any) -> Iterator[int]:
        try:
            yield from range(99)
        finally:
            steps.append("closed")

    return RunnableLambda(numbers)


def asynchronous(steps: list[str]) -> Any:
    async def numbers(_: Any) -> AsyncIterator[int]:
        try:
            for number in range(99):
                await checkpoint()
                yield number
        finally:
            steps.append("closed")
            await checkpoint()

    return RunnableLambda(numbers)


def transforming(steps: list[str]) -> Any:
    async def copy(items: AsyncIterator[int]) -> AsyncIterator[int]:
        try:
            async for item in items:
                yield item
        finally:
            await checkpoint()

    return plain(steps) | RunnableGenerator(copy)


def parallel(steps: list[str]) -> Any:
    return plain(steps) | {"a": RunnablePassthrough(), "b": RunnableLambda(str, per_chunk=True)}


def nested(steps: list[str]) -> Any:
    inner = asynchronous(steps)

    async def relay(_: Any) -> AsyncIterator[int]:
        async for item in inner.astream(0):
            yield item

    return RunnableLambda(relay)


CHAINS = pytest.mark.parametrize("make", [plain, asynchronous, transforming, parallel, nested])
BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])
CONFIGS = pytest.mark.parametrize("capacity", [None, 2], ids=["direct", "buffered"])


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    gc.collect()
    assert not [record.getMessage() for record in caplog.get_records("call")]


def run(main: Callable[[], Awaitable[None]], backend: str) -> None:
    in_time(lambda: anyio.run(main, backend=backend))


@BACKENDS
@CHAINS
@CONFIGS
def test_a_stream_that_is_open_then_is_closed(
    backend: str, make: Chain, capacity: int | None
) -> None:
    steps: list[str] = []
    chain = make(steps)
    kept: list[AsyncStream[Any]] = []

    async def main() -> None:
        kept.append(chain.astream(0, {"channel_capacity": capacity}))
        assert await kept[0].__anext__() is not None

    run(main, backend)
    assert steps == ["closed"]
    kept.clear()
    run(main, backend)  # and the next loop knows nothing of it
    kept.clear()


@BACKENDS
@CHAINS
@CONFIGS
def test_a_stream_that_was_just_dropped_is_closed(
    backend: str, make: Chain, capacity: int | None
) -> None:
    steps: list[str] = []
    chain = make(steps)

    async def main() -> None:
        async for chunk in chain.astream(0, {"channel_capacity": capacity}):
            assert chunk is not None
            break

    run(main, backend)
    assert steps == ["closed"]


@CHAINS
@CONFIGS
def test_a_stream_that_a_task_is_still_reading_is_closed(make: Chain, capacity: int | None) -> None:
    steps: list[str] = []
    chain = make(steps)

    async def main() -> None:
        async def read() -> None:
            async for _ in chain.astream(0, {"channel_capacity": capacity}):
                begun.set()

        begun = asyncio.Event()
        tasks.append(asyncio.create_task(read()))
        await begun.wait()

    tasks: list[asyncio.Task[None]] = []
    run(main, "asyncio")
    assert tasks[0].done()
    assert steps == ["closed"]


@BACKENDS
@CHAINS
def test_a_stream_in_a_cycle_is_closed_by_then(backend: str, make: Chain) -> None:
    steps: list[str] = []
    chain = make(steps)

    async def main() -> None:
        stream = chain.astream(0)
        await stream.__anext__()
        cycle = [stream]
        cycle.append(cycle)
        del cycle, stream
        gc.collect()

    run(main, backend)
    assert steps == ["closed"]
