"""Waiting for a wake-up call that may come from any thread.

A waiter is made by the party that waits, so it knows how to wait: on an event loop by
suspending the task, elsewhere by blocking the thread. Whoever wakes it needs to know
neither.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import anyio
from anyio.lowlevel import EventLoopToken, checkpoint_if_cancelled, current_token

from ._threads import check_cancelled, interrupting, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable


class Waiter(Protocol):
    """One wake-up call: waited for once, given at most once that counts."""

    def wake(self) -> None:
        """Let :meth:`wait` return; callable from every thread, any number of times."""

    async def wait(self) -> None:
        """Return once :meth:`wake` has been called; cancellation ends it too."""

    async def wait_through(self) -> None:
        """Return once :meth:`wake` has been called, even if cancelled meanwhile."""


class LoopWaiter:
    """A task that waits on an event loop; waiting is a checkpoint and can be cancelled."""

    __slots__ = ("_event", "_thread", "_token")

    def __init__(self) -> None:
        self._event = anyio.Event()
        self._token = current_token()
        self._thread = threading.get_ident()

    def wake(self) -> None:
        if threading.get_ident() == self._thread:
            self._event.set()
        else:
            call_soon(self._token, self._event.set)

    async def wait(self) -> None:
        await self._event.wait()
        # asyncio cancels a task that waits, not one that has just been woken; a producer that
        # never waits itself could keep this one in that state for as long as it goes on.
        await checkpoint_if_cancelled()

    async def wait_through(self) -> None:
        """Wait even while cancelled, then let the cancellation go on.

        The shield holds off cancel scopes; the loop around it holds off the native
        cancellation of an asyncio task, which knows no shields. For short clean-up only.
        """
        cancelled: BaseException | None = None
        while not self._event.is_set():
            try:
                with anyio.CancelScope(shield=True):
                    await self._event.wait()
            except BaseException as error:  # noqa: BLE001 - re-raised below, never lost
                cancelled = error
        if cancelled is not None:
            raise cancelled


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
    native = token.native_token
    soon = getattr(native, "call_soon_threadsafe", None)  # an asyncio loop
    if soon is None:
        soon = native.run_sync_soon  # type: ignore[attr-defined]  # a trio token
    try:
        soon(function)
    except RuntimeError:  # closed; trio's RunFinishedError is one too
        return
