"""An iterator that moves in a task of its own, when it is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.execution import BLOCKING, LOOP, aclose


async def turns() -> None:
    for _ in range(10):
        await checkpoint()


async def numbers(log: list[str], end: int = 3) -> AsyncIterator[int]:
    try:
        for number in range(end):
            log.append(f"makes {number}")
            await checkpoint()
            yield number
    finally:
        await checkpoint()
        log.append("closed")


async def test_it_moves_only_when_it_is_asked() -> None:
    log: list[str] = []
    apart = LOOP.apart(numbers(log))
    await turns()
    assert log == []
    for number in range(3):
        assert await apart.__anext__() == number
        await turns()
        assert log == [f"makes {n}" for n in range(number + 1)]
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await apart.__anext__()
    assert log[-1] == "closed"


async def test_one_that_rests_is_closed_without_a_cancellation() -> None:
    log: list[str] = []
    apart = LOOP.apart(numbers(log))
    assert await apart.__anext__() == 0
    await aclose(apart)
    assert log == ["makes 0", "closed"]
    await aclose(apart)
    with pytest.raises(StopAsyncIteration):
        await apart.__anext__()


async def test_one_that_is_busy_is_cancelled() -> None:
    log: list[str] = []

    async def stuck() -> AsyncIterator[int]:
        yield 0
        try:
            await anyio.sleep_forever()
        finally:
            log.append("closed")

    apart = LOOP.apart(stuck())
    assert await apart.__anext__() == 0
    async with anyio.create_task_group() as group:
        group.start_soon(apart.__anext__)
        await turns()
        group.cancel_scope.cancel()
    await aclose(apart)
    assert log == ["closed"]


async def test_one_that_never_moved_closes_its_source() -> None:
    closed = []

    class Source(AsyncIterator[int]):
        async def __anext__(self) -> int:
            raise StopAsyncIteration

        async def aclose(self) -> None:
            closed.append(True)

    await aclose(LOOP.apart(Source()))
    assert closed == [True]


async def test_errors_come_through() -> None:
    async def fails() -> AsyncIterator[int]:
        yield 0
        raise LookupError("gone")

    apart = LOOP.apart(fails())
    assert await apart.__anext__() == 0
    with pytest.raises(LookupError, match="gone"):
        await apart.__anext__()
    with pytest.raises(StopAsyncIteration):
        await apart.__anext__()


async def test_an_error_of_the_clean_up_comes_through() -> None:
    async def fails() -> AsyncIterator[int]:
        try:
            yield 0
        finally:
            raise LookupError("not closed")

    apart = LOOP.apart(fails())
    assert await apart.__anext__() == 0
    with pytest.raises(LookupError, match="not closed"):
        await aclose(apart)


async def test_without_a_loop_it_is_the_source_itself() -> None:
    source = numbers([])
    assert BLOCKING.apart(source) is source
    await source.aclose()
