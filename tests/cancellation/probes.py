"""What the tests of cancellation look at: steps that tell when they close, and leftovers.

A step says in its :class:`Ledger` when it opens, passes a checkpoint, and closes. So a test
can ask, at the moment control is back: is anything still open, and does anything move on?
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
from anyio.lowlevel import checkpoint

from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda


class Ledger:
    """Which steps are open, the order in which they closed, and how far they got."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.closed: list[str] = []
        self.passed = 0

    def enter(self, name: str) -> None:
        self.open[name] += 1

    def leave(self, name: str) -> None:
        self.open[name] -= 1
        self.closed.append(name)

    def settled(self) -> bool:
        return not any(self.open.values())

    def still_open(self) -> list[str]:
        return sorted(self.open.elements())


# ---------------------------------------------------------------------------- steps


def source(ledger: Ledger, name: str = "source", *, items: int | None = None) -> Runnable[Any, int]:
    """Yields numbers, without an end unless ``items`` says so; a checkpoint before each."""

    async def numbers(inputs: AsyncIterator[Any]) -> AsyncIterator[int]:
        ledger.enter(name)
        try:
            async for _ in inputs:
                number = 0
                while items is None or number < items:
                    await checkpoint()
                    ledger.passed += 1
                    yield number
                    number += 1
        finally:
            ledger.leave(name)

    return RunnableGenerator(numbers, name=name)


def step(ledger: Ledger, name: str) -> Runnable[Any, Any]:
    """Passes on what it reads; does not close what it reads, as users do not."""

    async def passing(inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        ledger.enter(name)
        try:
            async for item in inputs:
                yield item
        finally:
            ledger.leave(name)

    return RunnableGenerator(passing, name=name)


def plain_source(ledger: Ledger, name: str = "source") -> Runnable[Any, int]:
    """As :func:`source`, as a plain generator."""

    def numbers(inputs: Iterator[Any]) -> Iterator[int]:
        ledger.enter(name)
        try:
            for _ in inputs:
                number = 0
                while True:
                    ledger.passed += 1
                    yield number
                    number += 1
        finally:
            ledger.leave(name)

    return RunnableGenerator(numbers, name=name)


def working(ledger: Ledger, name: str = "worker") -> Runnable[Any, Any]:
    """An async function that passes checkpoints for ever."""

    async def work(_: Any) -> None:
        ledger.enter(name)
        try:
            while True:
                await checkpoint()
                ledger.passed += 1
        finally:
            ledger.leave(name)

    return RunnableLambda(work, name=name)


def waiting(ledger: Ledger, name: str = "waiter") -> Runnable[Any, Any]:
    """An async function that waits for ever."""

    async def wait(_: Any) -> None:
        ledger.enter(name)
        try:
            await anyio.sleep_forever()
        finally:
            ledger.leave(name)

    return RunnableLambda(wait, name=name)


# ------------------------------------------------------------------------- leftovers


def threads() -> set[threading.Thread]:
    """The threads that are streamflow's, but for the one of the shared loop.

    The workers of the backends' pools go by other names; they stay for the next call.
    """
    return {
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("streamflow-") and thread.name != "streamflow-portal"
    }


def running_threads(patience: float = 2.0) -> list[str]:
    """Which of these threads are there, but for such as are just about to end."""
    for thread in (left := threads()):
        thread.join(patience)
    return sorted(thread.name for thread in left if thread.is_alive())


def tasks() -> dict[int, str]:
    """The tasks that are streamflow's: the hosts."""
    return {
        task.id: task.name
        for task in anyio.get_running_tasks()
        if (task.name or "").startswith("streamflow")
    }


@contextmanager
def complaints() -> Iterator[list[Any]]:
    """Collect what reaches nobody: unraisable errors, and those of the loop's handler."""
    found: list[Any] = []
    hook, sys.unraisablehook = sys.unraisablehook, found.append
    try:
        loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is not None:
        handler = loop.get_exception_handler()
        loop.set_exception_handler(lambda _, context: found.append(context))
    try:
        yield found
    finally:
        if loop is not None:
            loop.set_exception_handler(handler)
        sys.unraisablehook = hook


async def until_settled(ledger: Ledger) -> None:
    """Wait until every step is closed and no task of ours is left."""
    with anyio.fail_after(5):
        while not ledger.settled() or tasks():
            await checkpoint()


async def rounds(number: int = 5) -> None:
    """Let the other tasks run some rounds."""
    for _ in range(number):
        await checkpoint()


async def nothing_moves(ledger: Ledger) -> None:
    """Fail if anything of ours is alive, or user code passes another checkpoint."""
    passed = ledger.passed
    assert ledger.still_open() == []
    assert tasks() == {}
    assert running_threads() == []
    await rounds()
    assert ledger.passed == passed, "user code went on"
    assert ledger.settled()


async def repeated(times: int, once: Callable[[int], Any]) -> None:
    """Await ``once(i)`` many times; nothing may be left, and nobody may complain."""
    with complaints() as found:
        for number in range(times):
            await once(number)
        gc.collect()
        await rounds()
    assert found == []
    assert tasks() == {}
    assert running_threads() == []
