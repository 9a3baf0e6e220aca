"""Events as dicts, version 2: what ``astream_events`` yields.

The documents this follows print, for each run, ``on_<type>_start``, ``on_<type>_stream``
and ``on_<type>_end``, the fields in the order that they have here. They say nothing of
runs that fail or are cut short. With ``include_errors`` the start of such a run is matched,
too: by ``on_<type>_error``, whose data holds the ``error`` and the ``partial`` output, if
any, or by ``on_<type>_cancelled``, with the ``partial`` output. The error of a tool is always
there, since an agent goes on after it.

They know nothing of retries either. ``on_<type>_retry``, with the ``attempt`` that comes next,
the ``error`` of the one before and how many chunks are ``void``, is there with
``include_errors``, and always when there are void chunks: a reader must take them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from .._unset import Unset
from ..bus import (
    ChunkStreamed,
    CustomEvent,
    Run,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunInfo,
    RunRetried,
    RunStarted,
)
from ..errors import EventVersionError

if TYPE_CHECKING:
    from ..bus import AnyMessage

VERSIONS = ("v2",)


class StreamEvent(TypedDict):
    """Something that happened in a run."""

    event: str
    """``on_<type>_<start|stream|end|error|cancelled>``, or ``on_custom_event``."""
    data: dict[str, Any]
    """``input``, ``chunk``, ``output``, ``error`` and ``partial``, as far as the event has
    them."""
    run_id: str
    """The id of the run."""
    name: str
    """The name of the run, or of the custom event."""
    tags: list[str]
    """The tags of the run: its own first, then the inherited ones."""
    metadata: dict[str, Any]
    """The metadata of the run."""
    parent_ids: list[str]
    """The ids of the runs above it, from the root down."""


def check_version(version: object) -> None:
    """Raise unless ``astream_events`` knows ``version``.

    Raises:
        EventVersionError: it does not.
    """
    if version not in VERSIONS:
        raise EventVersionError(version, VERSIONS)


class EventView:
    """Turns the messages of one subscription into event dicts.

    The first event gets the input that the user gave, in the form it was given, since a
    run that reads its input in chunks does not know it yet; the end event of that run
    does not repeat it.

    Args:
        input: The input that the user gave.
        include_errors: Show runs that fail or are cut short, not only tools that fail.
    """

    def __init__(self, input: Any, *, include_errors: bool = False) -> None:
        self._input = input
        self._include_errors = include_errors
        self._first: Run | RunInfo | None = None
        self._shown: dict[Run | RunInfo, _RunFields] = {}

    def show(self, message: AnyMessage) -> StreamEvent | None:
        """Return ``message`` as an event, if it is one."""
        run = message.run
        fields = self._shown.get(run)
        if fields is None:
            fields = self._shown[run] = _RunFields(run)
        if isinstance(message, ChunkStreamed):
            event = fields.event(fields.on_stream, {"chunk": message.chunk})
        elif isinstance(message, RunStarted):
            event = fields.start_event(_known(input=message.input))
        elif isinstance(message, CustomEvent):
            event = fields.event("on_custom_event", message.data)
            event["name"] = message.name
        elif isinstance(message, RunRetried):
            if not (message.void or self._include_errors):
                return None
            data = {"attempt": message.attempt, "error": message.error, "void": message.void}
            event = fields.event(f"on_{run.type}_retry", data)
        else:
            del self._shown[run]
            if not self._includes(message):
                return None
            event = fields.event(*self._closing(message))
        if self._first is None:
            self._first = run
            if isinstance(message, RunStarted):
                event["data"] = {"input": self._input}
        return event

    def _includes(self, message: RunEnded | RunFailed | RunCancelled) -> bool:
        if self._include_errors or isinstance(message, RunEnded):
            return True
        return isinstance(message, RunFailed) and message.run.type == "tool"

    def _closing(self, message: RunEnded | RunFailed | RunCancelled) -> tuple[str, dict[str, Any]]:
        on = f"on_{message.run.type}_"
        shown_input = {} if message.run is self._first else _known(input=message.input)
        if isinstance(message, RunEnded):
            return f"{on}end", {"output": message.output, **shown_input}
        partial = _known(partial=message.partial)
        if isinstance(message, RunFailed):
            return f"{on}error", {"error": message.error, **partial, **shown_input}
        return f"{on}cancelled", {**partial, **shown_input}


class _RunFields:
    """What all events of one run say of it."""

    __slots__ = ("_run", "id", "metadata", "name", "on_stream", "parent_ids", "tags")

    def __init__(self, run: Run | RunInfo) -> None:
        self.id = run.id
        self.name = run.name
        self.tags = run.tags
        self.metadata = run.metadata
        self.parent_ids = run.parent_ids
        self._run = run
        self.on_stream = f"on_{run.type}_stream"

    def start_event(self, data: dict[str, Any]) -> StreamEvent:
        return {
            "event": f"on_{self._run.type}_start",
            "data": data,
            "name": self.name,
            "tags": self.tags,
            "run_id": self.id,
            "metadata": self.metadata,
            "parent_ids": self.parent_ids,
        }

    def event(self, event: str, data: dict[str, Any]) -> StreamEvent:
        return {
            "event": event,
            "data": data,
            "run_id": self.id,
            "name": self.name,
            "tags": self.tags,
            "metadata": self.metadata,
            "parent_ids": self.parent_ids,
        }


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not isinstance(value, Unset)}
