"""Printing what a graph does while it runs, whatever its caller gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..execution import Buffer
from ._view import StreamView

if TYPE_CHECKING:
    from ..execution import Execution

DEBUG = frozenset({"updates", "values"})
"""What is printed of a graph with ``debug=True``."""


def printing(modes: frozenset[str], *, subgraphs: bool) -> StreamView:
    """Return a stream of which each chunk is printed, a line each, and nobody reads.

    Args:
        modes: What is printed.
        subgraphs: Whether what the graphs inside do is printed, too.
    """
    return StreamView(modes, _line, subgraphs=subgraphs, buffer=_Console())


def _line(namespace: str, mode: str, chunk: Any) -> str:
    place = f" [{namespace}]" if namespace else ""
    return f"[{mode}]{place} {chunk!r}"


class _Console(Buffer[str]):
    """Prints what is put in line, which is so never full."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(1)

    def append(self, item: str) -> bool:
        print(item)  # noqa: T201 - printing is what was asked for
        return False

    async def room(self, execution: Execution) -> None:
        """Nothing: there always is."""
