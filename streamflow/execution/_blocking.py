"""Running without an event loop: nothing suspends, waiting blocks the thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ._background import ThreadBackground
from ._bridge import Bridge, async_worker
from ._clock import ThreadClock
from ._drive import drive
from ._execution import Execution
from ._foreign import call_foreign, start_task
from ._join import ThreadJoin
from ._loop import LoopExecution
from ._threads import (
    check_cancelled,
    interrupting,
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
        workers = min(limit or len(branches), len(branches))
        if workers <= 1:
            return [await branch() for branch in branches]
        return ThreadJoin(branches, workers).run()

    async def sleep(self, seconds: float) -> None:
        waiter = ThreadWaiter()
        with interrupting(waiter.wake):
            waiter.block(seconds)
        check_cancelled()

    def apart(self, source: AsyncIterator[T]) -> AsyncIterator[T]:
        return source

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
