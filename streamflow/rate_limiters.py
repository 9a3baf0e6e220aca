"""Rate limiters: how often a model may be called."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections import deque
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from attrs import define

from .bus import current_run
from .bus._offload import in_thread
from .errors import ConfigError
from .execution import BLOCKING, LOOP, drive, thread_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from .execution import Execution
    from .execution._waiting import Waiter

__all__ = ("BaseRateLimiter", "InMemoryRateLimiter")

_ROUNDING = 1e-9
"""So much of a token may be missing, since times are not exact; it is owed, not given."""
_SHORTEST = 1e-6
"""Seconds of the shortest wait: less might not move a clock at all."""


class BaseRateLimiter(ABC):
    """Says when the next call may start. Given to a model as ``rate_limiter=``.

    To make one, implement ``acquire``, and ``aacquire`` if it can wait without a thread.

    >>> class Never(BaseRateLimiter):
    ...     def acquire(self, *, blocking: bool = True) -> bool:
    ...         return False
    >>> Never().acquire(blocking=False)
    False
    """

    @abstractmethod
    def acquire(self, *, blocking: bool = True) -> bool:
        """Wait until a call may start.

        Args:
            blocking: Whether to wait at all.

        Returns:
            Whether the call may start; always true if it was waited for.
        """

    async def aacquire(self, *, blocking: bool = True) -> bool:
        """Wait until a call may start. As :meth:`acquire`, awaited: in a worker thread."""
        return await in_thread(self.acquire, blocking=blocking)


class InMemoryRateLimiter(BaseRateLimiter):
    """Lets through so many calls a second, in this process.

    A bucket holds tokens, and each call takes one. It fills steadily, up to its size, and
    is full in the beginning: in any stretch of ``t`` seconds no more than ``max_bucket_size
    + requests_per_second * t`` calls start. Who finds it empty waits in line, first come
    first served; who is cancelled leaves the line and takes nothing.

    One limiter may serve several models, threads and event loops at once.

    >>> limiter = InMemoryRateLimiter(requests_per_second=0.01, max_bucket_size=2)
    >>> [limiter.acquire(blocking=False) for _ in range(3)]
    [True, True, False]

    Args:
        requests_per_second: How many tokens a second are added.
        check_every_n_seconds: Not needed, and accepted for code that gives it: the time of
            the next token is known, so nothing is checked in between.
        max_bucket_size: How many tokens the bucket holds: the largest burst.
        clock: What tells the time in seconds; must never go back.

    Raises:
        ConfigError: a number is out of range.
    """

    def __init__(
        self,
        *,
        requests_per_second: float = 1,
        check_every_n_seconds: float = 0.1,
        max_bucket_size: float = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.requests_per_second = _number("requests_per_second", requests_per_second, 0)
        self.check_every_n_seconds = check_every_n_seconds
        self.max_bucket_size = _number("max_bucket_size", max_bucket_size, 1, inclusive=True)
        self._clock = clock
        self._lock = Lock()
        self._tokens = self.max_bucket_size
        self._filled = clock()
        # Who waits. Only the first looks at the bucket; the others wait for their turn to be
        # first. So nobody overtakes, and whoever leaves the line frees their place.
        self._line: deque[_Turn] = deque()

    def acquire(self, *, blocking: bool = True) -> bool:
        """Wait until a call may start. Blocks the thread.

        Args:
            blocking: Whether to wait at all.

        Returns:
            Whether the call may start.
        """
        return drive(self._acquire(BLOCKING, blocking))

    async def aacquire(self, *, blocking: bool = True) -> bool:
        """Wait until a call may start. As :meth:`acquire`, awaited; cancellation ends it."""
        return await self._acquire(LOOP, blocking)

    async def _acquire(self, execution: Execution, blocking: bool) -> bool:
        with self._lock:
            if not self._line and self._missing() <= 0:
                self._tokens -= 1
                return True
            if not blocking:
                return False
            turn = _Turn(execution.waiter(), thread_id())
            first = self._join_line(turn, _standing_still(execution)) == 0
        try:
            if not first:
                await turn.waiter.wait()
            while (seconds := self._take()) > 0:
                await self._sleep(execution, seconds)
        finally:
            self._leave(turn)
        return True

    def _take(self) -> float:
        """Take a token; or return the seconds until there is one."""
        with self._lock:
            missing = self._missing()
            if missing <= 0:
                self._tokens -= 1
                return 0.0
            return max(missing / self.requests_per_second, _SHORTEST)

    def _missing(self) -> float:
        """Fill the bucket up to now and return what is missing to a token."""
        now = self._clock()
        added = max(0.0, now - self._filled) * self.requests_per_second
        self._filled = now
        self._tokens = min(self.max_bucket_size, self._tokens + added)
        missing = 1 - self._tokens
        return missing if missing > _ROUNDING else 0.0

    def _join_line(self, turn: _Turn, still: tuple[int, ...]) -> int:
        """Put a turn in line and return its place.

        A synchronous call on a thread that runs an event loop stops that loop, and so the
        tasks there that wait in this line. It has to go before them, or both would wait
        for ever.
        """
        place = len(self._line)
        if still:
            places = (n for n, other in enumerate(self._line) if other.thread in still)
            place = next(places, place)
        self._line.insert(place, turn)
        return place

    def _leave(self, turn: _Turn) -> None:
        with self._lock:
            was_first = self._line[0] is turn
            self._line.remove(turn)
            following = self._line[0] if was_first and self._line else None
        if following is not None:
            following.waiter.wake()

    async def _sleep(self, execution: Execution, seconds: float) -> None:
        """Wait as ``execution`` does; a test replaces this together with the clock."""
        await execution.sleep(seconds)

    def __repr__(self) -> str:
        return (
            f"InMemoryRateLimiter(requests_per_second={self.requests_per_second!r}, "
            f"max_bucket_size={self.max_bucket_size!r})"
        )


@define(eq=False)
class _Turn:
    """Somebody's place in the line, and the thread in which they wait or run."""

    waiter: Waiter
    thread: int


def _standing_still(execution: Execution) -> tuple[int, ...]:
    """Return the threads in which nothing goes on until the current code does."""
    run = current_run()
    still = () if run is None else run.blocked
    return (*still, thread_id()) if execution.blocking else still


def _number(name: str, value: Any, least: float, *, inclusive: bool = False) -> float:
    valid = not isinstance(value, bool) and isinstance(value, (int, float))
    if valid and math.isfinite(value) and (value >= least if inclusive else value > least):
        return float(value)
    raise ConfigError(
        f"{name} must be a number {'of at least' if inclusive else 'greater than'} {least}, "
        f"got {value!r}"
    )
