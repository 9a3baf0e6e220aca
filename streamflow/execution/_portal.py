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
from concurrent.futures import Future
from contextvars import Context
from functools import partial

import anyio
from anyio.lowlevel import EventLoopToken, current_token

from ._threads import state
from ._waiting import call_soon


class _Loop:
    """An event loop in a thread of its own.

    Not anyio's blocking portal: that cannot be forgotten after a fork. Once it is garbage
    it stops its thread, which does not exist there, and waits for that.

    Args:
        level: That of the code on the loop.

    Attributes:
        token: Stands for the loop.
    """

    def __init__(self, level: int) -> None:
        self._started: Future[EventLoopToken] = Future()
        self._end: anyio.Event
        # A context of its own: in the caller's another loop may be the current one.
        run = partial(Context().run, self._run, level)
        self._thread = threading.Thread(target=run, name="streamflow-portal", daemon=True)
        self._thread.start()
        self.token = self._started.result()

    def _run(self, level: int) -> None:
        state.level = level
        try:
            anyio.run(self._main, backend="asyncio")
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _main(self) -> None:
        self._end = anyio.Event()
        self._started.set_result(current_token())
        await self._end.wait()

    def stop(self) -> None:
        """End the loop, which cancels what still runs on it, and its thread."""
        call_soon(self.token, self._end.set)
        self._thread.join()


class _Loops:
    """The loops, each for the code that would block the one before."""

    def __init__(self) -> None:
        # Reentrant: while it is held, a stream may be collected whose clean-up needs a loop.
        self._lock = threading.RLock()
        self._loops: list[_Loop] = []

    def get(self) -> EventLoopToken:
        with self._lock:
            if not self._loops:
                atexit.register(self._stop)
            while state.level >= len(self._loops):
                self._loops.append(_Loop(len(self._loops) + 1))
            return self._loops[state.level].token

    def _stop(self) -> None:
        for loop in self._loops:
            loop.stop()
        self.__init__()  # type: ignore[misc]  # the same fresh state as at import

    def forget(self) -> None:
        """After a fork: the threads of all loops exist in the parent only."""
        atexit.unregister(self._stop)
        self.__init__()  # type: ignore[misc]  # as above
        state.token, state.cancel, state.level = None, None, 0


_loops = _Loops()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_loops.forget)


def shared_loop() -> EventLoopToken:
    """Return the background loop for the current thread, starting it if need be."""
    return _loops.get()
