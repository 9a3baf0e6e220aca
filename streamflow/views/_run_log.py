"""The log of a run: its state, and the patches that make it."""

from __future__ import annotations

from pprint import pformat
from typing import Any, TypedDict

from ._json_patch import apply


class LogEntry(TypedDict):
    """A run below the root, in the log.

    ========================  ===========================================================
    ``id``                    the id of the run
    ``name``, ``type``        its name and its type; ``"llm"`` for chat models, too
    ``tags``, ``metadata``    its tags and its metadata
    ``start_time``            when it started, as text in ISO form, in UTC
    ``streamed_output``       its chunks so far
    ``streamed_output_str``   the text of the chunks so far, if it is a model
    ``final_output``          its output, once it has ended: a dict, as a rule, with the key
                              ``output``, ``documents`` or ``generations``
    ``end_time``              when it ended, failed or was stopped, if it has
    ========================  ===========================================================

    >>> from streamflow.views import LogEntry
    >>> def seconds_known(entry: LogEntry) -> bool:
    ...     return entry["end_time"] is not None
    """

    id: str
    name: str
    type: str
    tags: list[str]
    metadata: dict[str, Any]
    start_time: str
    streamed_output: list[Any]
    streamed_output_str: list[str]
    final_output: Any
    end_time: str | None


class RunState(TypedDict):
    """The log of a run: the root itself, and the runs below it.

    ====================  ===============================================================
    ``id``                the id of the root
    ``streamed_output``   its chunks so far
    ``final_output``      its chunks so far, added up; in the end its output
    ``name``, ``type``    its name and its type
    ``logs``              the runs below it by their names; the second of a name has ``:2``
                          added, and so on
    ====================  ===============================================================

    >>> from streamflow.views import RunState
    >>> def still_running(state: RunState) -> list[str]:
    ...     return [name for name, each in state["logs"].items() if each["end_time"] is None]
    """

    id: str
    streamed_output: list[Any]
    final_output: Any
    name: str
    type: str
    logs: dict[str, LogEntry]


class RunLogPatch:
    """What has changed in the log of a run, as operations of JSON Patch.

    Patches add up, from the first one on, to the log so far.

    >>> from streamflow.views import RunLogPatch
    >>> first = RunLogPatch({"op": "replace", "path": "", "value": {"streamed_output": []}})
    >>> first + RunLogPatch({"op": "add", "path": "/streamed_output/-", "value": "a"})
    RunLog({'streamed_output': ['a']})

    Args:
        ops: The operations.
    """

    __slots__ = ("ops",)

    def __init__(self, *ops: dict[str, Any]) -> None:
        self.ops = list(ops)

    def __add__(self, other: object) -> RunLog:
        """Return the log that both patches make together.

        Raises:
            LogPatchError: a patch is missing before them.
        """
        if not isinstance(other, RunLogPatch):
            return NotImplemented
        return RunLog(apply(None, self.ops)) + other

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunLogPatch) and self.ops == other.ops

    __hash__ = None  # type: ignore[assignment]  # it holds a list, and says so

    def __repr__(self) -> str:
        return f"RunLogPatch({pformat(self.ops)[1:-1]})"


class RunLog:
    """The log of a run so far.

    It is never changed: adding a patch makes another one, which shares with it what the
    patch did not touch.

    >>> from streamflow.views import RunLog, RunLogPatch
    >>> log = RunLog({"final_output": None})
    >>> (log + RunLogPatch({"op": "replace", "path": "/final_output", "value": 2})).state
    {'final_output': 2}
    >>> log.state
    {'final_output': None}

    Args:
        state: The state.
    """

    __slots__ = ("state",)

    def __init__(self, state: RunState | Any) -> None:
        self.state: RunState = state

    def __add__(self, other: object) -> RunLog:
        """Return the log as the patch changes it.

        Raises:
            LogPatchError: the patch does not fit.
        """
        if not isinstance(other, RunLogPatch):
            return NotImplemented
        return RunLog(apply(self.state, other.ops))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunLog) and self.state == other.state

    __hash__ = None  # type: ignore[assignment]  # it holds a dict, and says so

    def __repr__(self) -> str:
        return f"RunLog({pformat(self.state)})"
