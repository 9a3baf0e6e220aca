"""What events tell of runs that fail, are cut short or begin again.

The documents that the views follow say nothing of these. So they are shown to those who ask
for them with ``include_errors``. Two are always there: the error of a tool, since an agent
goes on after it, and a retry that makes chunks void, which a reader must take back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._unset import Unset
from ..bus import RunCancelled, RunFailed

if TYPE_CHECKING:
    from ..bus import RunRetried


def shows_failure(message: RunFailed | RunCancelled, include: bool) -> bool:
    """Whether the end of a run that failed or was cut short is an event."""
    return include or (isinstance(message, RunFailed) and message.run.type == "tool")


def failure_data(message: RunFailed | RunCancelled, *, with_input: bool) -> dict[str, Any]:
    """Return the data of that event.

    Args:
        message: The end of the run.
        with_input: Tell the input; that of a tool is told in any case.
    """
    data: dict[str, Any] = {}
    if isinstance(message, RunFailed):
        data["error"] = message.error
    if not isinstance(message.partial, Unset):
        data["partial"] = message.partial
    is_tool = message.run.type == "tool"
    if (with_input or is_tool) and not isinstance(message.input, Unset):
        data["input"] = message.input
    call_id = tool_call_id(message.input) if is_tool else None
    if call_id is not None:
        data["tool_call_id"] = call_id
    return data


def retry_data(message: RunRetried, *, include: bool) -> dict[str, Any] | None:
    """Return the data of the event that a run begins again, if it is one."""
    if not (message.void or include):
        return None
    return {"attempt": message.attempt, "error": message.error, "void": message.void}


def tool_call_id(given: Any) -> Any:
    """Return the id of the model's call that a tool answers, if its input has one."""
    if isinstance(given, dict) and given.get("type") == "tool_call":
        return given.get("id")
    return getattr(given, "tool_call_id", None)
