"""The background scope: the one place that hosts work beside the caller.

An async generator that yields inside a task group or a cancel scope is broken on both
backends (PEP 789): the scope stays open while somebody else's code runs, and is left in
whichever task happens to close the generator. So a stream that needs concurrency has a
*host*: a task of its own, outside every task group of the caller, that enters and
leaves scopes by itself. The consumer only waits on a buffer, and stops the host when it
is done. A host that nobody stops is stopped when its stream is garbage.

On trio the host is a system task, which must let no exception out; on asyncio it is a
plain task, to which this module holds the reference that asyncio does not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import anyio
from anyio.lowlevel import EventLoopToken, current_token

from ._drive import drive
from ._threads import CancelFlag, ExecutionCancelled, new_thread, state
from ._waiting import call_soon, loop_waiter

if TYPE_CHECKING:
    import threading

    from ._execution import Execution
    from ._waiting import Waiter

Work = Callable[[], Awaitable[None]]


class Background(ABC):
    """Work that runs beside its owner until it ends or the owner stops it.

    Attributes:
        error: What ended the work, if it was not its own end or a cancellation.
    """

    def __init__(self, work: Work, name: str) -> None:
        self._work = work
        self._name = name
        self._started = False
        self._done = False
        self._waiters: list[Waiter] = []
        self.error: BaseException | None = None

    @property
    def done(self) -> bool:
        """Whether the work is over."""
        return self._done

    @abstractmethod
    def start(self) -> None:
        """Start the work, in a copy of the caller's context."""

    @abstractmethod
    def cancel(self) -> None:
        """Ask the work to stop; callable from every thread, does not wait."""

    @abstractmethod
    async def stop(self) -> None:
        """Cancel the work and wait until it is over, even while being cancelled."""

    @abstractmethod
    async def wait(self) -> None:
        """Wait until the work is over by itself; cancellation ends the wait only."""

    async def over(self, execution: Execution) -> None:
        """Wait, on any loop or in any thread, until the work is over, even if cancelled."""
        if self._started:
            waiter = execution.waiter()
            self._waiters.append(waiter)
            if self._done:  # looked at last: it may end at any moment
                waiter.wake()
            await waiter.wait_through()

    def raise_error(self) -> None:
        """Raise what ended the work, if it was not its own end."""
        if self.error is None:
            return
        try:
            raise self.error
        finally:
            # The traceback holds the frames that hold this object: without this, a cycle.
            self.error = None

    def _finish(self) -> None:
        self._done = True
        for waiter in self._waiters:
            waiter.wake()


class LoopBackground(Background):
    """A background scope on the running event loop."""

    def __init__(self, work: Work, name: str) -> None:
        super().__init__(work, name)
        self._scope = anyio.CancelScope()
        self._token: EventLoopToken | None = None

    def start(self) -> None:
        self._started = True
        self._token = current_token()
        spawn(self._main, self._name, self._token, self._finish)

    async def _main(self) -> None:
        try:
            with self._scope:
                await self._work()
        except anyio.get_cancelled_exc_class() as error:
            # Not the owner's doing: the loop is shutting down, or the work awaited a task
            # that somebody else cancelled. Either way this is not the end of the work.
            self.error = error
            raise
        except BaseException as error:  # noqa: BLE001 - handed to the owner
            self.error = error

    def cancel(self) -> None:
        if self._token is not None and not self._done:
            call_soon(self._token, self._scope.cancel)

    async def stop(self) -> None:
        if not self._started or self._done:
            return
        self._scope.cancel()
        waiter = loop_waiter()
        self._waiters.append(waiter)
        await waiter.wait_through()

    async def wait(self) -> None:
        if self._started and not self._done:
            waiter = loop_waiter()
            self._waiters.append(waiter)
            await waiter.wait()


class ThreadBackground(Background):
    """A background scope in a thread, for runs without a loop."""

    def __init__(self, work: Work, name: str) -> None:
        super().__init__(work, name)
        self._flag = CancelFlag(state.cancel)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._started = True
        self._thread = new_thread(self._main, name=self._name, cancel=self._flag)
        self._thread.start()

    def _main(self) -> None:
        try:
            drive(_run(self._work))
        except ExecutionCancelled:
            return  # as the owner asked
        except BaseException as error:  # noqa: BLE001 - handed to the owner
            self.error = error
        finally:
            self._finish()

    def cancel(self) -> None:
        self._flag.set()

    async def over(self, execution: Execution) -> None:
        await super().over(execution)
        if self._thread is not None:
            self._thread.join()  # it has nothing left to do

    async def stop(self) -> None:
        if self._thread is None:
            return
        self._flag.set()
        self._thread.join()

    async def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()


async def _run(work: Work) -> None:
    await work()


_hosts: set[Any] = set()


def spawn(
    main: Callable[[], Coroutine[Any, Any, None]],
    name: str,
    token: EventLoopToken,
    over: Callable[[], object] = lambda: None,
) -> None:
    """Run ``main`` in a host task of the loop that runs in this thread.

    ``main`` must let out nothing but its cancellation. It gets a copy of the context. When
    the task is over, ``over`` is called: also if an asyncio loop that shuts down cancels
    the task before it has begun, so that ``main`` never runs.
    """
    native: Any = token.native_token
    if hasattr(native, "create_task"):
        task = native.create_task(main(), name=f"streamflow-{name}")
        _hosts.add(task)
        task.add_done_callback(_hosts.discard)
        task.add_done_callback(lambda _: over())
    else:
        import trio  # noqa: PLC0415 - only where trio is the running loop

        async def host() -> None:
            try:
                await main()
            finally:
                over()

        trio.lowlevel.spawn_system_task(host, name=f"streamflow-{name}", context=copy_context())
