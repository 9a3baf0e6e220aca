"""Telling what went wrong, and in which run."""

from __future__ import annotations

import traceback
from collections import deque
from typing import TYPE_CHECKING

from ..bus import ErrorInfo, RunFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..bus import AnyMessage, Run, RunInfo

_MOST_FAILURES = 256


class FailureLog:
    """Listens for runs that fail, to tell afterwards in which of them an error began."""

    def __init__(self) -> None:
        # A chain may fail and recover any number of times; the error that ends it comes last.
        self._failures: deque[tuple[BaseException | ErrorInfo, Run | RunInfo]] = deque(
            maxlen=_MOST_FAILURES
        )

    def take(self, message: AnyMessage) -> None:
        """Hear one message; called by the bus."""
        if isinstance(message, RunFailed):
            self._failures.append((message.error, message.run))

    def path_of(self, error: BaseException) -> str | None:
        """Return the path from the root to the run that raised ``error``, if it is known."""
        # A run fails before its parents do.
        for failure, run in self._failures:
            if failure is error:
                return _path(run)
        return None


def describe(error: BaseException, path: str | None, *, hints: list[str], whole: bool) -> str:
    """Return the lines that tell of an error.

    Args:
        error: What was raised.
        path: The run that raised it.
        hints: What may help.
        whole: With the traceback.
    """
    lines = [f"streamflow: the chain failed: {_summary(error)}"]
    if path is not None:
        lines.append(f"  in the run {path}")
    lines += [f"  {line}" for line in _details(error)]
    lines += [f"  {hint}" for hint in hints]
    if whole:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        lines = [text.rstrip("\n"), *lines]
    return "\n".join(lines)


def _summary(error: BaseException) -> str:
    info = ErrorInfo.of(error)
    return f"{info.type}: {info.message}" if info.message else info.type


def _details(error: BaseException) -> Iterator[str]:
    """What Python would print with a traceback beside the error itself."""
    yield from getattr(error, "__notes__", ())
    for part in getattr(error, "exceptions", ()):
        yield f"with {_summary(part)}"
    seen = {id(error)}
    cause = error.__cause__
    while cause is not None and id(cause) not in seen:
        yield f"caused by {_summary(cause)}"
        seen.add(id(cause))
        cause = cause.__cause__


def _path(run: Run | RunInfo) -> str:
    names = []
    above: Run | RunInfo | None = run
    while above is not None:
        names.append(_label(above))
        above = getattr(above, "parent", None)
    return " > ".join(reversed(names))


def _label(run: Run | RunInfo) -> str:
    # Steps of one class share a name; the tag of its place tells one from another.
    place = next((tag for tag in run.tags[:1] if tag.startswith(("seq:step:", "map:key:"))), None)
    return f"{run.name} ({place})" if place else run.name
