"""Waiting for a wake-up call that may come from any thread.

A waiter is made by the party that waits, so it knows how to wait: on an event loop by
suspending the task, elsewhere by blocking the thread. Whoever wakes it needs to know
neither.
"""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

from ._threads import check_cancelled, interrupting, wait_for

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    import trio.lowlevel
    from anyio.lowlevel import EventLoopToken


class Waiter(Protocol):
    """One wake-up call: waited for once, given at most once that counts."""

    def wake(self) -> None:
        """Let :meth:`wait` return; callable from every thread, any number of times."""

    async def wait(self) -> None:
        """Return once :meth:`wake` has been called; cancellation ends it too."""

    async def wait_through(self) -> None:
        """Return once :meth:`wake` has been called, even if cancelled meanwhile."""


class LoopWaiter(ABC):
    """A task that waits on an event loop; waiting is a checkpoint and can be cancelled.

    It waits by what its loop itself offers, since most tasks that read from a buffer wait
    once for every few items: by ``anyio.Event`` a wake-up takes twice as long.
    """

    __slots__ = ("_loop", "_thread", "_woken")

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._thread = threading.get_ident()
        self._woken = False

    def wake(self) -> None:
        if threading.get_ident() == self._thread:
            self._wake()
        else:
            _soon(self._loop, self._wake)

    async def wait_through(self) -> None:
        """Wait even while cancelled, then let the cancellation go on.

        The shield holds off cancel scopes; the loop around it holds off the native
        cancellation of an asyncio task, which knows no shields. For short clean-up only.
        """
        cancelled: BaseException | None = None
        while not self._woken:
            try:
                with anyio.CancelScope(shield=True):
                    await self._wait()
            except BaseException as error:  # noqa: BLE001 - re-raised below, never lost
                cancelled = error
        if cancelled is not None:
            raise cancelled

    @abstractmethod
    async def wait(self) -> None: ...

    @abstractmethod
    def _wake(self) -> None:
        """Wake the task, in the thread of its loop."""

    @abstractmethod
    def _wait(self) -> Awaitable[None]:
        """Return what suspends the task until it is woken, or cancelled."""


class AsyncioWaiter(LoopWaiter):
    """A task of asyncio that waits."""

    __slots__ = ("_future",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        # Of the wait that goes on: a task that is cancelled cancels the future with it.
        self._future: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        if not self._woken:
            await self._wait()
        # anyio cancels a task that waits, not one that has just been woken; a producer that
        # never waits itself could keep this one in that state for as long as it goes on.
        await checkpoint_if_cancelled()

    def _wake(self) -> None:
        self._woken = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def _wait(self) -> Awaitable[None]:
        self._future = self._loop.create_future()
        return self._future


class TrioWaiter(LoopWaiter):
    """A task of trio that waits."""

    __slots__ = ("_task", "_trio")

    def __init__(self) -> None:
        import trio.lowlevel  # noqa: PLC0415 - only where trio is the running loop

        super().__init__(trio.lowlevel.current_trio_token())
        self._trio = trio.lowlevel
        self._task: trio.lowlevel.Task | None = None

    async def wait(self) -> None:
        if self._woken:
            await checkpoint_if_cancelled()
        else:
            await self._wait()  # trio remembers what it could not deliver until the next wait

    def _wake(self) -> None:
        self._woken = True
        task, self._task = self._task, None
        if task is not None:
            self._trio.reschedule(task)

    def _wait(self) -> Awaitable[None]:
        self._task = self._trio.current_task()
        return self._trio.wait_task_rescheduled(self._give_up)

    def _give_up(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return self._trio.Abort.SUCCEEDED


def loop_waiter() -> LoopWaiter:
    """Return a wake-up call for the current task, of whichever loop runs it."""
    asyncio = sys.modules.get("asyncio")  # slow to load, and loaded if it runs
    if asyncio is not None:
        loop = asyncio._get_running_loop()
        # Where trio is the guest of an asyncio loop, its tasks are none of asyncio's.
        if loop is not None and asyncio.current_task(loop) is not None:
            return AsyncioWaiter(loop)
    return TrioWaiter()


class ThreadWaiter:
    """A thread that waits; its owner's request to stop, or Ctrl-C, ends the wait too."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        # Async in form only: a run without a loop never suspends.
        with interrupting(self._event.set):
            wait_for(self._event)
        check_cancelled()

    async def wait_through(self) -> None:
        self.block()

    def block(self, seconds: float | None = None) -> None:
        """Wait, for some seconds at most, without listening to the thread's owner."""
        if seconds is None:
            wait_for(self._event)
        else:
            self._event.wait(seconds)


def call_soon(token: EventLoopToken, function: Callable[[], object]) -> None:
    """Have ``function`` called soon in the thread of a loop, without waiting for it.

    From a thread that the loop itself may be waiting for, a call that waits would be a
    deadlock, so anyio's ``from_thread.run_sync`` cannot be used. A loop that has ended
    has no use for the call; it is dropped.
    """
    _soon(token.native_token, function)


def _soon(native: Any, function: Callable[[], object]) -> None:
    soon = getattr(native, "call_soon_threadsafe", None)  # an asyncio loop
    if soon is None:
        soon = native.run_sync_soon  # a trio token
    try:
        soon(function)
    except RuntimeError:  # closed; trio's RunFinishedError is one too
        return
