"""The value that is being read: its open brackets, its snapshots, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from streamflow._unset import UNSET

if TYPE_CHECKING:
    from streamflow.partial_json._containers import OpenDict, OpenList

__all__ = ("Malformed", "State", "Step", "TooDeep")

# Reads what it can of a text from a position on, and returns where it stopped.
Step = Callable[[Any, str, int], int]


class Malformed(Exception):  # noqa: N818 - it tells the parser, and never leaves it
    """The text is not JSON at a position, counted from the start of the current piece."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class TooDeep(Malformed):
    """More brackets are open than are allowed."""


class State:
    """What a machine remembers between steps, and what the steps do with it.

    ``AFTER`` and ``COLON`` are the steps that go on behind a finished value and behind a key.

    Attributes:
        version: Counts the changes of the value.
        certain: A key or a string within brackets has been read; no prose looks like that.
        complete: The value is finished, and nothing more is read.
    """

    __slots__ = (
        "_built",
        "_keys",
        "_snapshot",
        "certain",
        "complete",
        "constant",
        "digits",
        "is_key",
        "leaf",
        "max_depth",
        "parts",
        "stack",
        "step",
        "strict",
        "token",
        "top",
        "version",
    )

    AFTER: ClassVar[staticmethod[[Any, str, int], int]]
    COLON: ClassVar[staticmethod[[Any, str, int], int]]

    def __init__(self, begin: Step, max_depth: int, *, strict: bool) -> None:
        self.max_depth = max_depth
        self.strict = strict
        self.version = 0
        self.certain = False
        self.complete = False
        self.step = begin
        self.stack: list[OpenList | OpenDict] = []
        self.top: OpenList | OpenDict | None = None
        # The open string, the open number, in parts.
        self.parts: list[str] | None = None
        self.digits: list[str] = []
        self.is_key = False
        # What is left to read of a literal; what has been read of an escape or of a number.
        self.token = ""
        self.constant: Any = None
        # An unfinished number as far as it is one; the whole value once it is complete.
        self.leaf: Any = UNSET
        self._keys: dict[str, str] = {}
        self._snapshot: Any = UNSET
        self._built = 0

    @property
    def value(self) -> Any:
        """The value so far; a snapshot that the machine never changes."""
        if self._built != self.version:
            # The old one has to go first: what nobody holds any more is used again.
            self._snapshot = None
            self._snapshot = self._build()
            self._built = self.version
        return self._snapshot

    def _build(self) -> Any:
        root: Any = UNSET
        above: OpenList | OpenDict | None = None
        for container in self.stack:
            copy = container.copy()
            if above is None:
                root = copy
            else:
                above.show(copy)
            above = container
        child = self.leaf if self.parts is None or self.is_key else self._open_text(self.parts)
        if above is None:
            return child
        if child is not UNSET:
            above.show(child)
        return root

    def _open_text(self, parts: list[str]) -> str:
        if len(parts) != 1:
            text, rest = parts[0] if parts else "", "".join(parts[1:])
            parts.clear()
            # A long string that no snapshot holds any more grows where it is, by `+=` on a
            # variable; a new one would be copied for each piece.
            text += rest
            parts.append(text)
        return parts[0]

    # ------------------------------------------------------------------ what steps call

    def open(self, container: OpenList | OpenDict, step: Step, position: int) -> int:
        """Go into a container."""
        if len(self.stack) >= self.max_depth:
            reason = f"brackets are nested deeper than {self.max_depth} levels (see max_depth)"
            raise TooDeep(reason, position)
        self.stack.append(container)
        self.top = container
        self.step = step
        self.version += 1
        return position + 1

    def close(self, position: int) -> int:
        """Leave the innermost container."""
        container = self.stack.pop()
        # A snapshot that is up to date holds the same already: share that one.
        finished: Any = container.items
        if self._built == self.version and container.shown is not None:
            finished = container.shown
        self.top = self.stack[-1] if self.stack else None
        self.put(finished)
        return position + 1

    def put(self, value: Any) -> None:
        """A value is finished."""
        self.leaf = UNSET
        self.parts = None
        if self.top is None:
            self.complete = True
            self.leaf = value
        else:
            self.top.put(value)
            self.step = self.AFTER

    def end_string(self) -> None:
        """The closing quote has been read."""
        parts = self.parts or ()
        text = parts[0] if len(parts) == 1 else "".join(parts)
        if self.is_key:
            self.parts = None
            # Records repeat their keys: one string for all of them.
            self.top.key = self._keys.setdefault(text, text)  # type: ignore[union-attr]  # in a dict
            self.step = self.COLON
        else:
            self.put(text)

    def add_text(self, text: str) -> None:
        """More of the open string."""
        self.parts.append(text)  # type: ignore[union-attr]  # a string is open
        if not self.is_key:
            self.version += 1
