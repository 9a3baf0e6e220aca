"""From the bytes of a body to the frames in it: what every framing of a stream offers.

A framing is fed the bytes as they come, cut anywhere, and returns the frames that are
complete. It does no I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

Frame = tuple[str, bytes]
"""The name of an event, ``""`` if it has none, and its data."""

LARGEST = 16 * 1024 * 1024
"""Bytes that one frame may have, unless told otherwise."""


class Framing(Protocol):
    """Finds the frames in a body."""

    def feed(self, data: bytes) -> Iterable[Frame]:
        """Take the next bytes and return the frames that are complete with them.

        Raises:
            BadFrame: the bytes are of another format, or a frame is too large.
        """
        ...

    def end(self) -> Iterable[Frame]:
        """Return the frame that the end of the body completes, if there is one."""
        ...


class BadFrame(Exception):  # noqa: N818 - a signal to the reader, not an error for users
    """Bytes that a framing cannot read; the reader tells whose they are."""


class Lines:
    """Lines of JSON, each a frame.

    Args:
        limit: How many bytes a line may have.
    """

    def __init__(self, limit: int = LARGEST) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Frame]:
        """Return the lines that are complete with ``data``; empty ones are none."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines:
            lines[0] = b"".join((*self._parts, lines[0]))
            self._parts.clear()
            self._size = 0
        if rest:
            self._parts.append(rest)
            self._size += len(rest)
        check_size(max(map(len, lines), default=0), self._limit)
        check_size(self._size, self._limit)
        return [("", line) for line in map(bytes.strip, lines) if line]

    def end(self) -> list[Frame]:
        """Return the last line, if nothing ended it."""
        return self.feed(b"\n")


def check_size(size: int, limit: int) -> None:
    """Raise BadFrame if ``size`` is too much."""
    if size > limit:
        raise BadFrame(f"one event has more than {limit} bytes")
