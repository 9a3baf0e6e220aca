"""Coroutines that never suspend are finished without an event loop, also inside of one."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import AsyncIterator

import pytest
from anyio.lowlevel import checkpoint

from streamflow.errors import AsyncOnlyError
from streamflow.execution import BLOCKING, Stream, buffered, drive
from tests.execution.both import Source


async def test_the_result_comes_back() -> None:
    async def answer() -> int:
        return 42

    assert drive(answer()) == 42


def test_an_exception_comes_through_as_it_is() -> None:
    problem = LookupError("here")

    async def fails() -> None:
        raise problem

    with pytest.raises(LookupError) as caught:
        drive(fails())
    assert caught.value is problem


async def test_code_that_waits_for_a_loop_is_refused_and_cleaned_up() -> None:
    cleaned = []

    async def waits() -> None:
        try:
            await checkpoint()
        finally:
            cleaned.append("waits")

    with pytest.raises(AsyncOnlyError, match="ainvoke, astream"):
        drive(waits())
    assert cleaned == ["waits"]


async def test_code_that_clings_to_the_loop_is_refused_all_the_same() -> None:
    async def clings() -> None:
        try:
            await checkpoint()
        except AsyncOnlyError:
            await checkpoint()

    async def shrugs() -> None:
        try:
            await checkpoint()
        except AsyncOnlyError:
            return

    for code in (clings, shrugs):
        with pytest.raises(AsyncOnlyError):
            drive(code())


async def test_the_loop_around_it_does_not_adopt_its_generators() -> None:
    hooks = sys.get_asyncgen_hooks()
    closed = []

    async def items() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("items")

    async def first() -> int:
        async for item in items():
            return item
        raise AssertionError

    assert drive(first()) == 1
    gc.collect()
    assert closed == ["items"]  # on the spot, not by a task of the loop
    assert sys.get_asyncgen_hooks() == hooks


async def test_a_stream_is_read_and_closed_inside_a_running_loop() -> None:
    hooks = sys.get_asyncgen_hooks()
    with Stream(buffered(Source(range(9)), 2, BLOCKING)) as stream:
        assert [next(stream), next(stream)] == [0, 1]
    with pytest.raises(StopIteration):
        next(stream)
    assert sys.get_asyncgen_hooks() == hooks


async def test_async_only_code_is_called_inside_a_running_loop() -> None:
    async def elsewhere(word: str) -> tuple[str, int]:
        await checkpoint()
        return word, threading.get_ident()

    async def call() -> tuple[str, int]:
        return await BLOCKING.call_async(elsewhere, "hello")

    word, thread = drive(call())
    assert word == "hello"
    assert thread != threading.get_ident()
