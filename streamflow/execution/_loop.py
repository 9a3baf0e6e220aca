"""Running on an event loop, through anyio: asyncio and trio alike."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import to_thread
from anyio.lowlevel import checkpoint, current_token

from ._apart import Apart
from ._background import LoopBackground
from ._bridge import Bridge, plain_worker
from ._clock import LoopClock
from ._drive import drive
from ._execution import Execution
from ._join import TaskJoin
from ._ownership import owned
from ._threads import CancelFlag, as_worker, new_thread, state
from ._waiting import LoopWaiter, loop_waiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence

    from ._blocking import BlockingExecution

T = TypeVar("T")


class LoopExecution(Execution):
    """Awaits; plain functions go to worker threads.

    Args:
        blocking: The execution of code in the threads of this one.
        nested: The loop works for a thread that waits for it, so a limit on the number
            of threads could wait for that very thread: there is none.
    """

    blocking = False

    def __init__(self, blocking: BlockingExecution, *, nested: bool = False) -> None:
        self._blocking = blocking
        self._nested = nested

    def waiter(self) -> LoopWaiter:
        return loop_waiter()

    def check(self) -> None:
        """Do nothing: a cancelled task notices at its next checkpoint."""

    async def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        call = _ThreadCall(partial(function, *args, **kwargs))
        limiter = anyio.CapacityLimiter(1) if self._nested else None
        with anyio.CancelScope() as scope:
            try:
                # "Abandoned" only to hear of the cancellation, which anyio would hold back until
                # the thread is done: what waits in the thread has to be told. The price is that
                # on trio a bare `from_thread.run()` in there is waited for, not cancelled.
                await to_thread.run_sync(call.main, abandon_on_cancel=True, limiter=limiter)
            except BaseException:
                # `from_thread.check_cancelled()` in the thread knows only of scopes.
                scope.cancel()
                await call.settle()
                raise
        result: T = call.result()
        return result

    async def call_async(
        self, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
    ) -> T:
        return await function(*args, **kwargs)

    def iterate(
        self, function: Callable[[Iterator[Any]], Iterator[T]], inputs: AsyncIterator[Any]
    ) -> AsyncIterator[T]:
        token = current_token()

        def launch(
            main: Callable[[], Coroutine[Any, Any, None]], over: Callable[[], None]
        ) -> Callable[[], object]:
            def run() -> None:
                try:
                    drive(main())
                finally:
                    over()

            flag = CancelFlag(state.cancel)
            new_thread(run, name="generator", cancel=flag, token=token).start()
            return flag.set

        return Bridge(self, self._blocking, inputs, partial(plain_worker, function), launch)

    def iterate_async(
        self,
        function: Callable[[AsyncIterator[Any]], AsyncIterator[T]],
        inputs: AsyncIterator[Any],
    ) -> AsyncIterator[T]:
        return owned(function(inputs))

    async def join(
        self, branches: Sequence[Callable[[], Awaitable[T]]], limit: int | None = None
    ) -> list[T]:
        workers = min(limit or len(branches), len(branches))
        if workers <= 1:
            return [await branch() for branch in branches]
        return await TaskJoin(branches, workers).run()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    def apart(self, source: AsyncIterator[T]) -> AsyncIterator[T]:
        return Apart(source, self)

    def clock(self) -> LoopClock:
        return LoopClock()

    async def turn(self) -> None:
        await checkpoint()

    async def shielded(
        self, function: Callable[..., Awaitable[object]], *args: Any, seconds: float
    ) -> None:
        with anyio.move_on_after(seconds, shield=True):
            await function(*args)

    def background(self, work: Callable[[], Awaitable[None]], name: str) -> LoopBackground:
        return LoopBackground(work, name)


class _ThreadCall:
    """One call in a worker thread that either never begins or is waited for."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._token = current_token()
        self._flag = CancelFlag(state.cancel)
        self._lock = threading.Lock()
        self._begun = False
        self._abandoned = False
        self._over = loop_waiter()
        self._value: Any = None
        self._error: BaseException | None = None

    def main(self) -> None:
        with self._lock:
            if self._abandoned:
                return
            self._begun = True
        try:
            as_worker(self._token, self._flag, self._run)
        finally:
            self._over.wake()

    def _run(self) -> None:
        # A StopIteration could not be raised through the future that anyio uses.
        try:
            self._value = self._function()
        except BaseException as error:  # noqa: BLE001 - raised by result()
            self._error = error

    async def settle(self) -> None:
        """Ask the call to stop, if it has begun, and wait until it does."""
        with self._lock:
            self._abandoned = not self._begun
        if self._begun:
            self._flag.set()
            await self._over.wait_through()

    def result(self) -> Any:
        if self._error is None:
            return self._value
        try:
            raise self._error
        finally:
            # The traceback of the error holds this frame: without this, a cycle.
            self._error = None
