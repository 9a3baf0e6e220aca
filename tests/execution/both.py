"""One scenario on all executions: on each event loop, and without one."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

import pytest
from attrs import frozen

from streamflow.execution import BLOCKING, LOOP, Execution, drive

T = TypeVar("T")

Plain = Callable[[Iterator[Any]], Iterator[Any]]
Asynchronous = Callable[[AsyncIterator[Any]], AsyncIterator[Any]]
Scenario = Callable[[Execution], Awaitable[None]]

PATIENCE = 20.0
"""Seconds after which something that should have ended is taken for stuck."""


def both(scenario: Scenario) -> tuple[Callable[[], Any], Callable[[], None]]:
    """Return two tests of one scenario: an async one, and one without a loop."""

    async def on_a_loop() -> None:
        await scenario(LOOP)

    def without_a_loop() -> None:
        drive_in_time(scenario, BLOCKING)

    return on_a_loop, without_a_loop


@frozen
class Way:
    """One of the four ways in which a generator function can be iterated."""

    execution: Execution
    is_async: bool

    @property
    def is_bridged(self) -> bool:
        """Whether the generator lives in a thread or task of its own."""
        return self.execution.blocking == self.is_async

    def iterate(self, plain: Plain, asynchronous: Asynchronous, inputs: Any = ()) -> Any:
        """Iterate one of two functions that do the same."""
        if not hasattr(inputs, "__anext__"):
            inputs = Source(inputs)
        if self.is_async:
            return self.execution.iterate_async(asynchronous, inputs)
        return self.execution.iterate(plain, inputs)


def four(
    scenario: Callable[[Way], Awaitable[None]],
) -> tuple[Callable[..., Any], Callable[..., None]]:
    """Return tests of one scenario for generators of both kinds: on a loop, and without."""

    @pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
    async def on_a_loop(is_async: bool) -> None:
        await scenario(Way(LOOP, is_async))

    @pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
    def without_a_loop(is_async: bool) -> None:
        drive_in_time(scenario, Way(BLOCKING, is_async))

    return on_a_loop, without_a_loop


def drive_in_time(function: Callable[..., Awaitable[T]], *args: Any) -> T:
    """Run a coroutine function without a loop; fail, and do not wait, if it is stuck."""

    async def call() -> T:
        return await function(*args)

    return in_time(lambda: drive(call()))


def in_time(function: Callable[[], T]) -> T:
    """Call a function in a thread of its own; fail, and do not wait, if it is stuck."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="in-time", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "stuck"
    if errors:
        raise errors[0]
    return results[0]


class Source(AsyncIterator[Any]):
    """Counts how it is used.

    Attributes:
        taken: How many items have been asked for and given.
        closed: How often it has been closed.
    """

    def __init__(self, items: Iterable[Any], error: Exception | None = None) -> None:
        self._items = iter(items)
        self._error = error
        self.taken = 0
        self.closed = 0

    async def __anext__(self) -> Any:
        for item in self._items:
            self.taken += 1
            return item
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed += 1
