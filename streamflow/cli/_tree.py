"""The tree of runs, and after it the output: live in a terminal, else as plain lines."""

from __future__ import annotations

from importlib.util import find_spec
from time import time
from typing import TYPE_CHECKING, Any, Protocol

from .._unset import UNSET, Unset
from ..bus import RunEnded, RunStarted
from ._output import OutputLost
from ._rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from ..bus import AnyMessage, EventFilter, Run, RunInfo
    from ._output import Output
    from ._rows import Row, State

_OVER: dict[State, str] = {"done": "done in", "failed": "failed in", "cancelled": "cancelled after"}

_PREVIEW = 80
"""How many characters of an output a plain line shows."""


class TreeView(Protocol):
    """A way to show the tree."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def take(self, message: AnyMessage) -> None:
        """Show what a message tells."""


class TreeWriter:
    """Shows the tree while the chain runs, and the output when it has run.

    Args:
        output: Where to.
        view: How to show the tree.
    """

    def __init__(self, output: Output, view: TreeView) -> None:
        self._output = output
        self._view = view
        self._root: Run | RunInfo | None = None
        self._result: Any = UNSET

    def take(self, message: AnyMessage) -> None:
        """Show what a message tells.

        Raises:
            OutputLost: it cannot be written.
        """
        # Read off the messages of all runs: the filter is the view's, the output everybody's.
        if self._root is None and isinstance(message, RunStarted):
            self._root = message.run
        elif isinstance(message, RunEnded) and message.run is self._root:
            self._result = message.output
        self._view.take(message)

    def __enter__(self) -> Self:
        self._view.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._view.__exit__(exc_type, exc, traceback)
        if exc_type is None and not isinstance(self._result, Unset):
            self._output.line("")
            self._output.value(self._result)
            self._output.end_line()


class PlainTree:
    """One line when a run starts and one when it is over, indented by depth.

    Args:
        rows: What to show.
        output: Where to.
        clock: Tells the time.
    """

    def __init__(self, rows: Rows, output: Output, clock: Callable[[], float] = time) -> None:
        self._rows = rows
        self._output = output
        self._clock = clock

    def take(self, message: AnyMessage) -> None:
        """Write a line if a run has started or is over.

        Raises:
            OutputLost: it cannot be written.
        """
        row = self._rows.take(message)
        if row is not None:
            self._output.line(plain_line(row))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for row in self._rows.cut(self._clock()):
            if exc_type is not OutputLost:
                self._output.line(plain_line(row))


def plain_line(row: Row) -> str:
    """Return what to say of a run that has just started, or is over."""
    line = f"{'  ' * row.depth}{row.name} ({row.type})"
    if row.ended is None:
        return f"{line} started"
    facts = [f"{line} {_OVER[row.state]} {row.elapsed(row.ended)}", row.count()]
    line, preview = ", ".join(filter(None, facts)), row.preview()[0]
    if len(preview) > _PREVIEW and row.state != "failed":
        preview = f"{preview[: _PREVIEW - 3]}..."
    return f"{line}: {preview}" if preview else line


def tree_view(output: Output, filter: EventFilter | None) -> TreeView:
    """Return the best view of the tree that there is here.

    Args:
        output: Where to.
        filter: Which runs to show.
    """
    rows = Rows(filter)
    if output.stream.isatty() and find_spec("rich") is not None:
        from ._live import live_tree  # noqa: PLC0415 - rich is optional, and slow to load

        live = live_tree(rows, output.stream)
        if live is not None:
            return live
    return PlainTree(rows, output)
