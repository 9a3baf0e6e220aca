"""Measuring how long something is waited for, and cutting the wait off.

A clock belongs to one call or one stream. It runs only while its owner waits inside
:meth:`Clock.limit`, and stands still while what is waited for waits itself for somebody
else (:meth:`Clock.paused`). The time that a slow consumer takes is therefore never
counted.

The limit is a cancel scope on a loop, entered and left within one wait, so that nothing
is ever yielded inside of it. (What yields itself should move apart from it: see
``Execution.apart``.) Without a loop the wait goes on in the caller's own thread,
which cannot be interrupted from outside; but wherever streamflow waits in it, it listens
to a cancel flag, and the clock sets that flag by an alarm on the background loop. Code
that computes, or waits by means of its own, is noticed to be late when it is done.
"""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from ._portal import shared_loop
from ._threads import CancelFlag, ExecutionCancelled, state
from ._waiting import call_soon

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterator

    from anyio.lowlevel import EventLoopToken

T = TypeVar("T")


class OutOfTime(Exception):  # noqa: N818 - a signal to the owner of the clock, not an error
    """What was waited for has not come, or has come too late."""


class Clock(ABC):
    """Counts the seconds that its owner waits; made by ``execution.clock()``.

    Attributes:
        spent: How many there have been so far, in all calls of :meth:`limit` together.
    """

    def __init__(self) -> None:
        self.spent = 0.0
        self._lock = threading.RLock()
        self._left: float | None = None  # of the limit in force
        self._since: float | None = None  # when it last began to run, unless it stands still
        self._pauses = 0

    @abstractmethod
    async def limit(self, seconds: float, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Await ``function(*args)``, but for some seconds at most.

        It is cancelled when they are over, and what it returns later than that is not
        taken; an exception of its own goes through at any time.

        Raises:
            OutOfTime: it took longer.
        """

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the clock stand still within the block; callable from every task and thread."""
        with self._lock:
            self._stop()
            self._pauses += 1
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                self._start()

    @abstractmethod
    def close(self) -> None:
        """Forget what is still set to ring: the clock is not used any more."""

    @abstractmethod
    def _now(self) -> float: ...

    @abstractmethod
    def _set(self, deadline: float) -> None:
        """Let the wait that is going on end at ``deadline``, which may be never."""

    def _begin(self, seconds: float) -> None:
        with self._lock:
            self._left = seconds
            self._start()

    def _end(self) -> bool:
        """Leave the limit and tell whether it has been kept."""
        with self._lock:
            self._stop()
            left, self._left = self._left, None
        return left is None or left > 0

    def _start(self) -> None:
        if self._left is not None and self._since is None and not self._pauses:
            self._since = self._now()
            self._set(self._since + self._left)

    def _stop(self) -> None:
        if self._left is None or self._since is None:
            return
        elapsed = self._now() - self._since
        self._since = None
        self._left -= elapsed
        self.spent += elapsed
        self._set(math.inf)


class LoopClock(Clock):
    """A clock of the running event loop, with a cancel scope for each wait."""

    def __init__(self) -> None:
        super().__init__()
        self._scope: anyio.CancelScope | None = None

    async def limit(self, seconds: float, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        kept = False
        with anyio.CancelScope() as scope:
            self._scope = scope
            self._begin(seconds)
            try:
                result = await function(*args)
            finally:
                kept = self._end()
                self._scope = None
        # Timers of a loop may be a little early, by its own clock.
        if kept and not scope.cancelled_caught:
            return result
        raise OutOfTime

    def close(self) -> None:
        """Nothing is left: the deadline went with its scope."""

    def _now(self) -> float:
        return anyio.current_time()

    def _set(self, deadline: float) -> None:
        if self._scope is not None:
            self._scope.deadline = deadline


class ThreadClock(Clock):
    """A clock for code without a loop, with an alarm on the background loop.

    The alarm is not moved for each wait: it rings at the earliest time that could matter,
    looks, and is set anew if that was too early. A stream of many short waits sets it once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._flag: CancelFlag | None = None
        self._rang = False
        self._deadline = math.inf
        self._alarm: _Alarm | None = None

    async def limit(self, seconds: float, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        outer = state.cancel
        state.cancel = self._flag = CancelFlag(outer)
        self._rang = kept = False
        self._begin(seconds)
        try:
            result = await function(*args)
        except ExecutionCancelled:
            if not self._rang or (outer is not None and outer.is_set()):
                raise
        finally:
            kept = self._end()
            state.cancel = outer
        if kept and not self._rang:
            return result
        raise OutOfTime

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.off()

    def _now(self) -> float:
        return time.monotonic()

    def _set(self, deadline: float) -> None:
        self._deadline = deadline
        if deadline < math.inf:
            if self._alarm is None:
                self._alarm = _Alarm(self._ring)
            self._alarm.set(deadline)

    def _ring(self) -> float:
        """Stop the wait if it is over; return when to look again."""
        with self._lock:
            if self._deadline > time.monotonic() or self._flag is None:
                return self._deadline
            self._deadline, self._rang = math.inf, True
            self._flag.set()
            return math.inf


class _Alarm:
    """Calls a function at a time, in the thread of the background loop.

    Args:
        ring: The function; it returns when it is to be called again.
    """

    def __init__(self, ring: Callable[[], float]) -> None:
        self._ring = ring
        self._token: EventLoopToken = shared_loop()
        self._at = math.inf
        self._handle: asyncio.TimerHandle | None = None

    def set(self, deadline: float) -> None:
        """Ring at ``deadline`` or earlier."""
        if deadline < self._at:
            self._at = deadline
            call_soon(self._token, partial(self._arm, deadline))

    def off(self) -> None:
        """Do not ring any more."""
        call_soon(self._token, partial(self._arm, math.inf))

    # In the thread of the loop.

    def _arm(self, deadline: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if deadline < math.inf:
            loop: Any = self._token.native_token
            self._handle = loop.call_later(deadline - time.monotonic(), self._look)

    def _look(self) -> None:
        # Forgotten first: a time that is set while the clock looks is armed by itself.
        self._at = math.inf
        deadline = self._ring()
        if deadline < math.inf:
            self.set(deadline)
