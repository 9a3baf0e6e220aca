"""What is known of each run while it runs: the rows that both forms of the tree show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from attrs import define, field

from .._unset import UNSET, Unset
from ..bus import (
    ChunkStreamed,
    ErrorInfo,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunRetried,
    RunStarted,
)
from ..messages import BaseMessage
from ..prompt_values import PromptValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..bus import AnyMessage, EventFilter, Run, RunInfo

State = Literal["running", "done", "failed", "cancelled"]

_KEPT = 400
"""How many characters of an output are kept: more than a line of any terminal shows."""

_BRANCH = "map:key:"
_MODELS = ("chat_model", "llm")


@define(eq=False)
class Row:
    """One run."""

    name: str
    type: str
    depth: int
    """How many of the runs above it are shown."""
    started: float
    """In seconds since the epoch, as the messages have it."""
    state: State = "running"
    ended: float | None = None
    chunks: int = 0
    attempt: int = 1
    children: list[Row] = field(factory=list)
    _tail: str = ""
    _last: Any = UNSET
    _summary: str | None = None

    def add(self, chunk: Any) -> None:
        """Count a chunk of the output and keep what a preview needs of it."""
        self.chunks += 1
        text = _text_of(chunk)
        if text is None:
            self._last = chunk
        else:
            self._tail = (self._tail + text)[-_KEPT:]

    def begin_again(self, attempt: int, void: int) -> None:
        """Begin another attempt, which takes back some of the chunks."""
        self.attempt = attempt
        if void:
            self.chunks -= void
            self._tail, self._last = "", UNSET

    def end(self, state: State, time: float, summary: str | None) -> None:
        """Close the row; without a summary it keeps showing what came last."""
        # The state comes last: a row that is being drawn meanwhile is either open or closed.
        self.ended, self._summary = time, summary
        self.state = state

    def elapsed(self, now: float) -> str:
        """How long the run took, or has taken by now."""
        return seconds((now if self.ended is None else self.ended) - self.started)

    def count(self) -> str:
        """How many chunks of output it has yielded, and in which attempt if not the first.

        The chunks of models are called tokens.
        """
        unit = "token" if self.type in _MODELS else "chunk"
        chunks = f"{self.chunks} {unit}{'' if self.chunks == 1 else 's'}" if self.chunks else ""
        attempt = f"attempt {self.attempt}" if self.attempt > 1 else ""
        return ", ".join(filter(None, (chunks, attempt)))

    def preview(self) -> tuple[str, bool]:
        """Return a line of the output, and whether it is the end of it that matters."""
        if self._summary is not None:
            return self._summary, False
        if isinstance(self._last, Unset):
            return one_line(self._tail), True
        return brief(self._last), False


class Rows:
    """The runs that pass a filter, each below the nearest run above it that passes too.

    Args:
        filter: Which runs; all of them if not given.
    """

    def __init__(self, filter: EventFilter | None = None) -> None:
        self.roots: list[Row] = []
        self._filter = filter
        self._rows: dict[str, Row] = {}

    def take(self, message: AnyMessage) -> Row | None:
        """Enter a message.

        Returns:
            The row that it opened or closed, if it did.
        """
        if isinstance(message, RunStarted):
            return self._open(message)
        row = self._rows.get(message.run.id)
        if row is None:
            return None
        if isinstance(message, RunEnded):
            row.end("done", message.time, brief(message.output))
        elif isinstance(message, RunFailed):
            row.end("failed", message.time, _error_line(message.error))
        elif isinstance(message, RunCancelled):
            row.end("cancelled", message.time, None)
        else:
            if isinstance(message, ChunkStreamed):
                row.add(message.chunk)
            elif isinstance(message, RunRetried):
                row.begin_again(message.attempt, message.void)
            return None
        return row

    def cut(self, now: float) -> Iterator[Row]:
        """Close what is still open, children first: there will be no more messages."""
        for row in reversed(list(self)):
            if row.state == "running":
                row.end("cancelled", now, None)
                yield row

    def __iter__(self) -> Iterator[Row]:
        """Return the rows from top to bottom."""
        waiting = list(reversed(self.roots))
        while waiting:
            row = waiting.pop()
            yield row
            waiting.extend(reversed(tuple(row.children)))

    def _open(self, message: RunStarted) -> Row | None:
        run = message.run
        if self._filter is not None and not self._filter.matches(cast("Run", run)):
            return None
        parent = self._shown_above(run)
        depth = parent.depth + 1 if parent else 0
        row = Row(one_line(_title(run)), run.type, depth, message.time)
        self._rows[run.id] = row
        (parent.children if parent else self.roots).append(row)
        return row

    def _shown_above(self, run: Run | RunInfo) -> Row | None:
        for above in reversed(run.parent_ids):
            if above in self._rows:
                return self._rows[above]
        return None


def seconds(value: float) -> str:
    """Return a length of time as people read it."""
    value = max(0.0, value)
    if value < 0.9995:
        return f"{value * 1000:.0f}ms"
    if value < 59.95:
        return f"{value:.2f}s" if value < 9.995 else f"{value:.1f}s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}m{rest:02}s"


def brief(value: Any) -> str:
    """Return the beginning of a value as one line."""
    if isinstance(value, Unset):
        return ""
    text = _text_of(value)
    if text is None or (not text and not isinstance(value, str)):
        text = _repr(value)  # also of a message without text, which may call tools
    return one_line(text[:_KEPT])


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and without what a terminal would obey."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else "�" for c in line)


def _title(run: Run | RunInfo) -> str:
    # Branches side by side often share a name; their keys tell one from another.
    key = next((tag[len(_BRANCH) :] for tag in run.tags[:1] if tag.startswith(_BRANCH)), "")
    return f"{run.name} [{key}]" if key else run.name


def _text_of(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, BaseMessage):
        return value.text
    if isinstance(value, PromptValue):
        return value.to_string()
    return None


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a broken repr must not break the view
        return f"<repr failed: {type(error).__name__}>"


def _error_line(error: BaseException | ErrorInfo) -> str:
    info = error if isinstance(error, ErrorInfo) else ErrorInfo.of(error)
    return one_line(f"{info.type}: {info.message}"[:_KEPT])
