"""A bounded first-in-first-out buffer between threads, tasks, or both.

It is what buffered channels and subscriptions are made of. A writer *appends, then
waits for room*: its item is in line before it waits, so

* order needs no care: the order of the appends is the order of the items, whoever
  waits, is woken late, or is cancelled while it waits;
* a writer that must not wait (it is being cancelled, or the reader's thread stands
  still until it returns) simply does not, and its item is not lost;
* one writer never holds more than ``capacity`` items in here.

Both sides run without a lock. Each makes its change visible first (an item, or its own
waiter in line) and looks at the other side's state second, so of two parties that act
at the same time at least one sees the other.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from ._execution import Execution
    from ._waiting import Waiter

T = TypeVar("T")


class EndOfBuffer(Exception):  # noqa: N818 - a signal between the two sides, not an error
    """The buffer is closed and everything in it has been taken."""


class Buffer(Generic[T]):
    """Items in order, with waiting on both sides.

    Args:
        capacity: How many items make it full, at least 1.

    Attributes:
        closed: It takes no more items.
        peak: The most items that it has held.
        taken: How many items its readers have taken.
    """

    __slots__ = (
        "_items",
        "_low_water",
        "_readers",
        "_writers",
        "capacity",
        "closed",
        "peak",
        "taken",
    )

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.closed = False
        self.peak = 0
        self.taken = 0
        # A reader that woke the writer for every single item would cost two task
        # switches an item; half a buffer at a time costs next to none.
        self._low_water = capacity // 2
        self._items: deque[T] = deque()
        self._readers: deque[Waiter] = deque()
        self._writers: deque[Waiter] = deque()

    def __len__(self) -> int:
        return len(self._items)

    def append(self, item: T) -> bool:
        """Put ``item`` in line and tell whether its writer should now wait for room.

        A closed buffer drops it.
        """
        if self.closed:
            return False
        items = self._items
        items.append(item)
        if self._readers:
            _wake_one(self._readers)
        held = len(items)
        if held > self.peak:
            self.peak = held
        return held >= self.capacity

    async def room(self, execution: Execution) -> None:
        """Wait until the buffer is no longer full, or closed."""
        while len(self._items) >= self.capacity and not self.closed:
            waiter = execution.waiter()
            self._writers.append(waiter)
            if len(self._items) < self.capacity or self.closed:
                _discard(self._writers, waiter)
                return
            try:
                await waiter.wait()
            finally:
                _discard(self._writers, waiter)

    def take_nowait(self) -> T:
        """Take the next item.

        Raises:
            IndexError: nothing is there now.
        """
        item = self._items.popleft()
        self.taken += 1
        if self._writers and len(self._items) <= self._low_water:
            _wake_all(self._writers)
        return item

    def drop_oldest(self) -> bool:
        """Throw away the next item; false if there was none."""
        try:
            self._items.popleft()
        except IndexError:
            return False
        return True

    async def take(self, execution: Execution) -> T:
        """Take the next item, waiting for one if there is none.

        Raises:
            EndOfBuffer: there is none and there will be none.
        """
        while True:
            try:
                return self.take_nowait()
            except IndexError:
                pass
            if not await self.ready(execution):
                raise EndOfBuffer

    async def ready(self, execution: Execution) -> bool:
        """Wait until there is something to be taken; false if there will be nothing.

        Another reader may be faster: who is alone has an item for certain.
        """
        while not self._items:
            if self.closed:
                return False
            waiter = execution.waiter()
            self._readers.append(waiter)
            if self._items or self.closed:
                _discard(self._readers, waiter)
                continue
            try:
                await waiter.wait()
            except BaseException:
                # The wake-up may have been meant for an item that this reader will not
                # take any more: pass it on.
                if not _discard(self._readers, waiter) and self._items:
                    _wake_one(self._readers)
                raise
        return True

    def close(self) -> None:
        """Take no more items; wake everybody who waits. What is in line stays."""
        self.closed = True
        _wake_all(self._readers)
        _wake_all(self._writers)

    def clear(self) -> None:
        """Forget the items in line."""
        self._items.clear()
        _wake_all(self._writers)


def _wake_one(waiters: deque[Waiter]) -> None:
    try:
        waiter = waiters.popleft()
    except IndexError:  # another thread was faster
        return
    waiter.wake()


def _wake_all(waiters: deque[Waiter]) -> None:
    while waiters:
        _wake_one(waiters)


def _discard(waiters: deque[Waiter], waiter: Waiter) -> bool:
    try:
        waiters.remove(waiter)
    except ValueError:
        return False
    return True
