"""The log view: what ``astream_log`` yields.

It turns each message into the patch that brings the log up to date. The root is always in
the log, since without it there is none; the filter chooses among the runs below it. What the
view remembers is where in the log a run stands, and how many chunks of it are there. Of the
root it keeps the chunks, to have them added up after each one, as the log shows them.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .._merge import merge
from .._unset import UNSET, Unset
from ..bus import (
    ChunkStreamed,
    CustomEvent,
    RunEnded,
    RunRetried,
    RunStarted,
    Written,
)
from ._json_patch import pointer
from ._results import MODELS, generations, text_of
from ._run_log import RunLog, RunLogPatch

if TYPE_CHECKING:
    from ..bus import AnyMessage, Run, RunInfo

Ops = list[dict[str, Any]]


class LogView:
    """Turns the messages of one subscription into patches of a log.

    The first message has to be the start of the root.

    Args:
        with_streamed_output_list: Keep the chunks of the root in the log.
    """

    def __init__(self, *, with_streamed_output_list: bool = True) -> None:
        self._root: Run | RunInfo | None = None
        self._output = _RootOutput(with_streamed_output_list)
        self._entries: dict[Run | RunInfo, _Entry] = {}
        self._numbers: dict[str, int] = {}
        self._keys: set[str] = set()

    def show(self, message: AnyMessage) -> RunLogPatch | None:
        """Return what ``message`` changes in the log, if it does."""
        if isinstance(message, (CustomEvent, Written)):
            return None
        if self._root is None:
            self._root = message.run
            return RunLogPatch(_op("replace", "", _root_state(message.run)))
        if message.run is self._root:
            ops = self._output.ops(message)
        elif isinstance(message, RunStarted):
            entry = self._entries[message.run] = _Entry(self._key(message.run.name))
            ops = [_op("add", entry.path, _entry_state(message))]
        else:
            ops = self._entries[message.run].ops(message)
            if not isinstance(message, (ChunkStreamed, RunRetried)):
                del self._entries[message.run]
        return RunLogPatch(*ops) if ops else None

    def _key(self, name: str) -> str:
        """Return a key for one more run of this name: ``name``, ``name:2``, ``name:3`` ..."""
        number = self._numbers.get(name, 0) + 1
        key = name if number == 1 else f"{name}:{number}"
        while key in self._keys:  # a run may be named like the second one of another name
            number += 1
            key = f"{name}:{number}"
        self._numbers[name] = number
        self._keys.add(key)
        return key


class WholeLogView:
    """Turns the messages of one subscription into the log so far, after each change.

    Args:
        with_streamed_output_list: Keep the chunks of the root in the log.
    """

    def __init__(self, *, with_streamed_output_list: bool = True) -> None:
        self._patches = LogView(with_streamed_output_list=with_streamed_output_list)
        self._log = RunLog(None)

    def show(self, message: AnyMessage) -> RunLog | None:
        """Return the log with ``message`` in it, if it changes the log."""
        patch = self._patches.show(message)
        if patch is None:
            return None
        self._log += patch
        return self._log


class _RootOutput:
    """What the log says of the root after its start."""

    def __init__(self, with_list: bool) -> None:
        self._with_list = with_list
        self._chunks: list[Any] = []
        self._total: Any = UNSET

    def ops(self, message: AnyMessage) -> Ops:
        if isinstance(message, ChunkStreamed):
            return self._streamed(message.chunk)
        if isinstance(message, RunRetried):
            return self._taken_back(message.void)
        if not isinstance(message, RunEnded):
            return []
        ops: Ops = []
        if not self._chunks and self._with_list:
            ops.append(_op("add", "/streamed_output/-", message.output))
        if isinstance(self._total, Unset):
            ops.append(_op("replace", "/final_output", message.output))
        return ops

    def _streamed(self, chunk: Any) -> Ops:
        ops: Ops = []
        if self._with_list:
            ops.append(_op("add", "/streamed_output/-", chunk))
        is_first = not self._chunks
        self._chunks.append(chunk)
        if is_first or not isinstance(self._total, Unset):
            # If the chunks do not add up, the log has to wait for the output.
            self._total = _sum([chunk] if is_first else [self._total, chunk])
            if not isinstance(self._total, Unset):
                ops.append(_op("replace", "/final_output", self._total))
        return ops

    def _taken_back(self, void: int) -> Ops:
        if not void:
            return []
        ops: Ops = []
        if self._with_list:
            ops.extend(_removals("/streamed_output", len(self._chunks), void))
        del self._chunks[-void:]
        self._total = _sum(self._chunks) if self._chunks else UNSET
        total = None if isinstance(self._total, Unset) else self._total
        return [*ops, _op("replace", "/final_output", total)]


class _Entry:
    """A run below the root: where it stands in the log, and how many of its chunks do."""

    __slots__ = ("_count", "path")

    def __init__(self, key: str) -> None:
        self.path = pointer("logs", key)
        self._count = 0

    def ops(self, message: AnyMessage) -> Ops:
        is_model = message.run.type in MODELS
        if isinstance(message, ChunkStreamed):
            self._count += 1
            ops = [_op("add", f"{self.path}/streamed_output/-", message.chunk)]
            if is_model:
                text = text_of(message.chunk)
                ops.insert(0, _op("add", f"{self.path}/streamed_output_str/-", text))
            return ops
        if isinstance(message, RunRetried):
            count, self._count = self._count, self._count - message.void
            ops = _removals(f"{self.path}/streamed_output", count, message.void)
            if is_model:
                ops += _removals(f"{self.path}/streamed_output_str", count, message.void)
            return ops
        output = _final_output(message) if isinstance(message, RunEnded) else None
        return [
            _op("add", f"{self.path}/final_output", output),
            _op("add", f"{self.path}/end_time", _time(message)),
        ]


def _final_output(message: RunEnded) -> Any:
    run_type, output = message.run.type, message.output
    if run_type in MODELS:
        return generations(output)
    if run_type == "prompt" or isinstance(output, dict):
        return output
    return {"documents" if run_type == "retriever" else "output": output}


def _root_state(run: Run | RunInfo) -> dict[str, Any]:
    return {
        "id": run.id,
        "streamed_output": [],
        "final_output": None,
        "logs": {},
        "name": run.name,
        "type": _type(run),
    }


def _entry_state(message: RunStarted) -> dict[str, Any]:
    run = message.run
    return {
        "id": run.id,
        "name": run.name,
        "type": _type(run),
        "tags": run.tags,
        "metadata": run.metadata,
        "start_time": _time(message),
        "streamed_output": [],
        "streamed_output_str": [],
        "final_output": None,
        "end_time": None,
    }


def _type(run: Run | RunInfo) -> str:
    return "llm" if run.type in MODELS else run.type


def _time(message: AnyMessage) -> str:
    time = datetime.fromtimestamp(message.time, timezone.utc)
    return time.isoformat(timespec="milliseconds")


def _sum(chunks: list[Any]) -> Any:
    try:
        return merge(chunks)
    except Exception:  # noqa: BLE001 - whatever a user's + raises; the run reports it
        return UNSET


def _removals(path: str, count: int, void: int) -> Ops:
    return [{"op": "remove", "path": f"{path}/{n}"} for n in range(count - 1, count - 1 - void, -1)]


def _op(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}
