"""Running without an event loop: nothing suspends, waiting blocks the thread."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ._background import ThreadBackground
from ._bridge import Bridge, async_worker
from ._clock import ThreadClock
from ._drive import drive
from ._execution import Execution, raise_first
from ._foreign import call_foreign, start_task
from ._loop import LoopExecution
from ._threads import (
    CancelFlag,
    ExecutionCancelled,
    check_cancelled,
    interrupting,
    start_thread,
    state,
)
from ._waiting import ThreadWaiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

T = TypeVar("T")


class BlockingExecution(Execution):
    """Calls; async-only functions go to the loop the thread works for, or a shared one."""

    blocking = True

    def waiter(self) -> ThreadWaiter:
        return ThreadWaiter()

    def check(self) -> None:
        check_cancelled()

    async def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return function(*args, **kwargs)

    async def call_async(
        self, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
    ) -> T:
        return call_foreign(function, *args, **kwargs)

    async def iterate(
        self, function: Callable[[Iterator[Any]], Iterator[T]], inputs: AsyncIterator[Any]
    ) -> AsyncIterator[T]:
        generator = iter(function(_DrivenInputs(inputs)))
        try:
            for item in generator:
                yield item
        finally:
            if hasattr(generator, "close"):
                generator.close()

    def iterate_async(
        self,
        function: Callable[[AsyncIterator[Any]], AsyncIterator[T]],
        inputs: AsyncIterator[Any],
    ) -> AsyncIterator[T]:
        there = LoopExecution(self, nested=True)

        launch = partial(start_task, "generator")
        return Bridge(self, there, inputs, partial(async_worker, function), launch)

    async def join(
        self, branches: Sequence[Callable[[], Awaitable[T]]], limit: int | None = None
    ) -> list[T]:
        if len(branches) == 1:
            return [await branches[0]()]
        if limit == 1:
            return [await branch() for branch in branches]
        return _Join(branches).run(min(limit or len(branches), len(branches)))

    async def sleep(self, seconds: float) -> None:
        waiter = ThreadWaiter()
        with interrupting(waiter.wake):
            waiter.block(seconds)
        check_cancelled()

    def clock(self) -> ThreadClock:
        return ThreadClock()

    async def turn(self) -> None:
        check_cancelled()

    async def shielded(
        self, function: Callable[..., Awaitable[object]], *args: Any, seconds: float
    ) -> None:
        outer, state.cancel = state.cancel, None
        try:
            await function(*args)
        finally:
            state.cancel = outer

    def background(self, work: Callable[[], Awaitable[None]], name: str) -> ThreadBackground:
        return ThreadBackground(work, name)


class _DrivenInputs:
    """The inputs of a plain generator, fetched in the thread that iterates it."""

    def __init__(self, inputs: AsyncIterator[Any]) -> None:
        self._inputs = inputs

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return drive(_next(self._inputs))
        except StopAsyncIteration:
            pass
        raise StopIteration


async def _next(inputs: AsyncIterator[T]) -> T:
    return await inputs.__anext__()


class _Join:
    """Branches in threads; the caller's thread takes its share."""

    def __init__(self, branches: Sequence[Callable[[], Awaitable[Any]]]) -> None:
        self._branches = branches
        self._lock = threading.Lock()
        self._next = 0
        self._results: list[Any] = [None] * len(branches)
        self._failures: list[BaseException] = []
        self._interrupts: list[BaseException] = []
        self._flag = CancelFlag(state.cancel)

    def run(self, workers: int) -> list[Any]:
        threads: list[threading.Thread] = []
        outer, state.cancel = state.cancel, self._flag
        try:
            for _ in range(workers - 1):
                threads.append(  # noqa: PERF401 - a thread that is not in the list is lost
                    start_thread(self._work, name="branch", cancel=self._flag)
                )
            self._work()
            _join(threads)
        except BaseException:  # Ctrl-C: the branches must not outlive the call
            self._flag.set()
            _join(threads)
            raise
        finally:
            state.cancel = outer
        raise_first(self._failures)
        check_cancelled()
        raise_first(self._interrupts[:1])
        return self._results

    def _work(self) -> None:
        while not self._flag.is_set():
            with self._lock:
                index = self._next
                self._next += 1
            if index >= len(self._branches):
                return
            try:
                self._results[index] = drive(_run(self._branches[index]))
            except Exception as error:  # noqa: BLE001 - raised by run(), in the caller's thread
                self._failures.append(error)
                self._flag.set()
            except ExecutionCancelled:
                return
            except BaseException as error:  # noqa: BLE001 - raised by run(), too
                self._interrupts.append(error)
                self._flag.set()


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


async def _run(branch: Callable[[], Awaitable[T]]) -> T:
    return await branch()
