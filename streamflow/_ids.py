"""Ids of runs that sort by time, and the clock; tests can replace both.

Ids are UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random
bits. Within a millisecond the last 48 of those count up in random steps (section 6.2,
method 2), so the later of two ids from one process is always the greater string, also from
several threads, and after the system clock has been set back. The other 26 random bits
stay the same in a process and differ in its forks. All this makes ids unique, not secret.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from itertools import count
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("fixed_ids", "new_id", "now", "use_clock", "use_ids")

# A generator of its own: seeding the shared one, as tests do, must not repeat ids.
_random = Random()
_random_bits = _random.getrandbits
_time_ns = time.time_ns

_lock = Lock()
_process = ""  # The version, the variant and the random bits of this process, as text.
_millisecond = -1  # Of the last id; never goes back.
_head = ""  # All of the last id except its last group.
_tail = 0  # The last group of the last id.

_source: Callable[[], str] | None = None
_clock: Callable[[], float] = time.time


def new_id() -> str:
    """A UUID of version 7 (RFC 9562) in lower case, greater than all before it.

    Inside `use_ids`, what that source says.
    """
    global _millisecond, _head, _tail
    source = _source
    if source is not None:
        return source()
    # Comparing and storing have to be one step, or two threads could share an id.
    with _lock:
        millisecond = _time_ns() // 1_000_000
        _tail += 1 + _random_bits(24)
        # The second test is for a clock that stands still or was set back: after some ten
        # million ids in one millisecond, run ahead of it rather than wrap around.
        if millisecond > _millisecond or _tail >= 1 << 48:
            _millisecond = max(millisecond, _millisecond + 1)
            text = f"{_millisecond:012x}"
            _head = f"{text[:8]}-{text[8:]}-{_process}-"
            _tail = _random_bits(47)
        return f"{_head}{_tail:012x}"


def now() -> float:
    """Seconds since the epoch, by the system's clock or, inside `use_clock`, by that one."""
    return _clock()


@contextmanager
def use_ids(source: Callable[[], str]) -> Iterator[None]:
    """Take ids from ``source``, in all threads, until the block ends. For tests."""
    global _source
    previous, _source = _source, source
    try:
        yield
    finally:
        _source = previous


@contextmanager
def use_clock(clock: Callable[[], float]) -> Iterator[None]:
    """Take the time of `now` from ``clock``, in all threads, until the block ends.

    For tests. `new_id` keeps to the system's clock: after a block with a time in the future
    it would have to stay in that future, so as not to go back.
    """
    global _clock
    previous, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = previous


def fixed_ids(prefix: str = "run") -> Callable[[], str]:
    """A source for `use_ids`: ``run-0001``, ``run-0002`` and so on."""
    numbers = count(1)
    return lambda: f"{prefix}-{next(numbers):04d}"


def _start_process() -> None:
    """Take fresh random bits; a fork would else go on with its parent's."""
    global _lock, _process, _tail
    # Another thread may have held the lock when the process forked, and does not exist here.
    _lock = Lock()
    _random.seed()
    _process = f"7{_random_bits(12):03x}-{0x8000 | _random_bits(14):04x}"
    # As if the millisecond were used up, so that the next id takes the new bits.
    _tail = 1 << 48


_start_process()
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_start_process)
