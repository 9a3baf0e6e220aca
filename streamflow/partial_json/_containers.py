"""Open lists and dicts, and the copies of them that snapshots are made of.

The parser fills one container of its own for each bracket that is open; a snapshot holds
copies of these, so that nobody ever sees one change. What is finished is not copied but
shared. A copy costs as much as the container is wide, once for each snapshot, and a list of
thousands of records would make that more than all the rest. Yet a reader mostly looks at a
snapshot and lets it go, so a wide container keeps its last few copies: one that nobody else
refers to (its reference count tells) cannot be seen by anyone, and is brought up to date by
what came since. Where counts cannot be relied on, a copy is made each time.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ("OpenDict", "OpenList")

# A copy of fewer items than this is made faster than an old one is brought up to date.
WIDE = 48
# One is held by the reader's variable while it waits for the next, one by what stands
# between it and the parser.
KEPT = 3


def _references(copies: list[tuple[Any, int]], index: int) -> int:
    return sys.getrefcount(copies[index][0])


def _count_when_alone() -> int:
    """What `_references` gives for a copy that only `copies` holds; -1 if counts mislead."""
    has_gil = getattr(sys, "_is_gil_enabled", None)
    if sys.implementation.name != "cpython" or (has_gil is not None and not has_gil()):
        return -1
    return _references([([], 0)], 0)


ALONE = _count_when_alone()


class OpenList:
    """A list whose bracket is open."""

    __slots__ = ("_copies", "items", "shown")

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.shown: list[Any] | None = None
        self._copies: list[tuple[list[Any], int]] = []

    def put(self, value: Any) -> None:
        """Add a finished item."""
        self.items.append(value)

    def copy(self) -> list[Any]:
        """The finished items, in a list that nobody else has."""
        items = self.items
        if len(items) < WIDE:
            self.shown = copy = items.copy()
            return copy
        self.shown = None
        copies = self._copies
        for index in range(len(copies)):
            if _references(copies, index) == ALONE:
                copy, length = copies.pop(index)
                # An item that was unfinished then stood behind these; it goes as well.
                copy[length:] = items[length:]
                break
        else:
            copy = items.copy()
            if len(copies) == KEPT:
                del copies[0]
        copies.append((copy, len(items)))
        self.shown = copy
        return copy

    def show(self, child: Any) -> None:
        """Put an unfinished item into the last copy."""
        self.shown.append(child)  # type: ignore[union-attr]  # there is a copy by now


class OpenDict:
    """A dict whose bracket is open; `key` is the one whose value comes next."""

    __slots__ = ("_copies", "_order", "items", "key", "shown")

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}
        self.key = ""
        self.shown: dict[str, Any] | None = None
        self._copies: list[tuple[dict[str, Any], int]] = []
        # Keys in the order in which they came, as a dict cannot be read from its middle.
        self._order: list[str] = []

    def put(self, value: Any) -> None:
        """Add a finished value under the current key."""
        self.items[self.key] = value
        self._order.append(self.key)

    def copy(self) -> dict[str, Any]:
        """The finished values, in a dict that nobody else has."""
        items = self.items
        if len(items) < WIDE:
            self.shown = copy = items.copy()
            return copy
        self.shown = None
        copies, order = self._copies, self._order
        for index in range(len(copies)):
            if _references(copies, index) == ALONE:
                copy, length = copies.pop(index)
                # A value that was unfinished then has its key among these.
                for key in order[length:]:
                    copy[key] = items[key]
                # Or it still is: drop it, so that its own copies can be used again.
                if self.key not in items:
                    copy.pop(self.key, None)
                else:
                    copy[self.key] = items[self.key]
                break
        else:
            copy = items.copy()
            if len(copies) == KEPT:
                del copies[0]
        copies.append((copy, len(order)))
        self.shown = copy
        return copy

    def show(self, child: Any) -> None:
        """Put an unfinished value into the last copy."""
        self.shown[self.key] = child  # type: ignore[index]  # there is a copy by now
