"""Events as dicts, version 1: what ``astream_events(version="v1")`` yields.

As the document prints them, with three kinds of dicts: the start of the root, its chunks, and
everything else, each with its keys in an order of its own and without ``parent_ids``. The
start of the root has the input as the user gave it; its end has only the output. The runs
below tell at their end both the input and the output, and there a chat model's answer is
shown among ``generations`` and a retriever's find as ``documents``.

The document also prints the chunk of a model, if that is not the root, after what the next
steps made of it. The bus tells it before. So such a chunk is held back until a chunk of the
root, which the next steps have then made, or until the model's next message. The root always
has a chunk: where it yields none by itself, as a tool, its output is shown as one.

There are no custom events. Failures and retries are shown as in version 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._unset import Unset
from ..bus import (
    ChunkStreamed,
    CustomEvent,
    Run,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunRetried,
    RunStarted,
    Written,
)
from ._failures import failure_data, retry_data, shows_failure
from ._results import MODELS, generations

if TYPE_CHECKING:
    from ..bus import AnyMessage, RunInfo
    from ._stream_event import StreamEvent


class EventViewV1:
    """Turns the messages of one subscription into event dicts.

    Args:
        input: The input that the user gave.
        parent: The run below which the user called, if any: its child is the root here.
        include_errors: Show runs that fail or are cut short, not only tools that fail.
    """

    def __init__(self, input: Any, parent: Run | None, *, include_errors: bool = False) -> None:
        self._input = input
        self._parent = parent
        self._include_errors = include_errors
        self._held: dict[Run | RunInfo, StreamEvent] = {}
        self._root_streamed = False

    def show(self, message: AnyMessage) -> list[StreamEvent]:
        """Return the events that are to be shown now that there is ``message``."""
        shown: list[StreamEvent] = []
        held = self._held.pop(message.run, None)
        if held is not None:
            shown.append(held)
        event = self._event(message)
        if event is None:
            return shown
        if not isinstance(message, ChunkStreamed):
            if isinstance(message, RunEnded) and self._is_root(message) and not self._root_streamed:
                shown.append(_root_stream(message, message.output))
            shown.append(event)
        elif self._is_root(message):
            self._root_streamed = True
            shown += [event, *self._held.values()]
            self._held.clear()
        elif message.run.type in MODELS:
            self._held[message.run] = event
        else:
            shown.append(event)
        return shown

    def _event(self, message: AnyMessage) -> StreamEvent | None:
        on, is_root = f"on_{message.run.type}_", self._is_root(message)
        if isinstance(message, ChunkStreamed):
            if is_root:
                return _root_stream(message, message.chunk)
            return _event(message, f"{on}stream", {"chunk": message.chunk})
        if isinstance(message, RunStarted):
            if not is_root:
                return _event(message, f"{on}start", _known(input=message.input))
            return _in_order(_event(message, f"{on}start", {"input": self._input}), _ROOT_START)
        if isinstance(message, RunEnded):
            return _event(message, f"{on}end", _end_data(message, is_root=is_root))
        if isinstance(message, RunRetried):
            data = retry_data(message, include=self._include_errors)
            return None if data is None else _event(message, f"{on}retry", data)
        if isinstance(message, (CustomEvent, Written)) or not shows_failure(
            message, self._include_errors
        ):
            return None
        end = "error" if isinstance(message, RunFailed) else "cancelled"
        return _event(message, f"{on}{end}", _failure_data(message, is_root=is_root))

    def _is_root(self, message: AnyMessage) -> bool:
        return isinstance(message.run, Run) and message.run.parent is self._parent


_ROOT_START = ("event", "run_id", "name", "tags", "metadata", "data")
_ROOT_STREAM = ("event", "run_id", "tags", "metadata", "name", "data")


def _event(message: AnyMessage, event: str, data: dict[str, Any]) -> StreamEvent:
    run = message.run
    return {
        "event": event,
        "name": run.name,
        "run_id": run.id,
        "tags": run.tags,
        "metadata": run.metadata,
        "data": data,
    }


def _root_stream(message: AnyMessage, chunk: Any) -> StreamEvent:
    event = _event(message, f"on_{message.run.type}_stream", {"chunk": chunk})
    return _in_order(event, _ROOT_STREAM)


def _in_order(event: StreamEvent, keys: tuple[str, ...]) -> StreamEvent:
    return {key: event[key] for key in keys}  # type: ignore[literal-required, return-value]  # all of them


def _end_data(message: RunEnded, *, is_root: bool) -> dict[str, Any]:
    if is_root:
        return {"output": message.output}
    output = message.output
    if message.run.type == "chat_model":
        output = generations(output)
    elif message.run.type == "retriever" and isinstance(output, list):
        output = {"documents": output}
    return {**_known(input=message.input), "output": output}


def _failure_data(message: RunFailed | RunCancelled, *, is_root: bool) -> dict[str, Any]:
    data = failure_data(message, with_input=not is_root)
    # The input comes first, as it does at the end of a run.
    return {**({"input": data["input"]} if "input" in data else {}), **data}


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not isinstance(value, Unset)}
