"""Events as dicts, version 2: what ``astream_events`` yields.

The documents this follows print, for each run, ``on_<type>_start``, ``on_<type>_stream``
and ``on_<type>_end``, the fields in the order that they have here. What is told of runs that
fail, are cut short or begin again stands in ``_failures``: ``on_<type>_error``,
``on_<type>_cancelled`` and ``on_<type>_retry``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._unset import Unset
from ..bus import (
    ChunkStreamed,
    CustomEvent,
    RunEnded,
    RunFailed,
    RunRetried,
    RunStarted,
    Written,
)
from ._failures import failure_data, retry_data, shows_failure, tool_call_id

if TYPE_CHECKING:
    from ..bus import AnyMessage, Run, RunCancelled, RunInfo
    from ._stream_event import StreamEvent


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
        if isinstance(message, ChunkStreamed):  # nearly every message
            fields = self._shown.get(message.run) or self._begin(message.run)
            return fields.event(fields.on_stream, {"chunk": message.chunk})
        if isinstance(message, Written):
            return None
        run = message.run
        fields = self._shown.get(run) or self._begin(run)
        if isinstance(message, RunStarted):
            data = _start_data(message)
            return fields.start_event(
                {**data, "input": self._input} if run is self._first else data
            )
        if isinstance(message, CustomEvent):
            return {**fields.event("on_custom_event", message.data), "name": message.name}
        if isinstance(message, RunRetried):
            retried = retry_data(message, include=self._include_errors)
            return None if retried is None else fields.event(f"on_{run.type}_retry", retried)
        del self._shown[run]
        closing = self._closing(message)
        return None if closing is None else fields.event(*closing)

    def _begin(self, run: Run | RunInfo) -> _RunFields:
        fields = self._shown[run] = _RunFields(run)
        if self._first is None:
            self._first = run
        return fields

    def _closing(
        self, message: RunEnded | RunFailed | RunCancelled
    ) -> tuple[str, dict[str, Any]] | None:
        on, is_first = f"on_{message.run.type}_", message.run is self._first
        if isinstance(message, RunEnded):
            shown_input = {} if is_first else _known(input=message.input)
            return f"{on}end", {"output": message.output, **shown_input}
        if not shows_failure(message, self._include_errors):
            return None
        end = "error" if isinstance(message, RunFailed) else "cancelled"
        return f"{on}{end}", failure_data(message, with_input=not is_first)


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


def _start_data(message: RunStarted) -> dict[str, Any]:
    data = _known(input=message.input)
    call_id = tool_call_id(message.input) if message.run.type == "tool" else None
    # What runs in between, several calls of one tool perhaps, is told apart by it.
    return data if call_id is None else {**data, "tool_call_id": call_id}


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not isinstance(value, Unset)}
