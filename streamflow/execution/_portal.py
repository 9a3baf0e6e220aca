"""The background event loop on which async-only code runs in a run without a loop.

There is one for the process, in a thread of its own, started when it is first needed.
Code on that loop may make a synchronous call in turn (it should not, but it can), which
blocks the loop; async-only code below that call gets a second loop, and so on. Which one
a thread gets is its ``level``: the number of these loops that stand still for it.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING

from anyio.from_thread import start_blocking_portal
from anyio.lowlevel import EventLoopToken, current_token

from ._threads import state

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from anyio.from_thread import BlockingPortal


class _Loops:
    """The loops, each for the code that would block the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: list[EventLoopToken] = []
        self._managers: list[AbstractContextManager[BlockingPortal]] = []

    def get(self) -> EventLoopToken:
        with self._lock:
            if state.level == len(self._tokens):
                self._start()
            return self._tokens[state.level]

    def _start(self) -> None:
        if not self._managers:
            atexit.register(self._stop)
        manager = start_blocking_portal("asyncio", name="streamflow-portal")
        self._tokens.append(manager.__enter__().call(_enter, len(self._tokens) + 1))
        self._managers.append(manager)

    def _stop(self) -> None:
        for manager in self._managers:
            manager.__exit__(None, None, None)
        self.__init__()  # type: ignore[misc]  # the same fresh state as at import

    def forget(self) -> None:
        """After a fork: the threads of all loops exist in the parent only."""
        atexit.unregister(self._stop)
        self.__init__()  # type: ignore[misc]  # as above
        state.token, state.cancel, state.level = None, None, 0


async def _enter(level: int) -> EventLoopToken:
    state.level = level
    return current_token()


_loops = _Loops()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_loops.forget)


def shared_loop() -> EventLoopToken:
    """Return the background loop for the current thread, starting it if need be."""
    return _loops.get()
