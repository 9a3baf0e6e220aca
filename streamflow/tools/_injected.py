"""Arguments that a tool gets from elsewhere than from the model that calls it."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from ..bus import StreamWriter
from ..bus._writer import writer_of
from ..runnables import RunnableConfig
from ..runnables._callbacks import ParentRun
from ..runnables._config import config_of
from ._run_manager import ToolRunManager

if TYPE_CHECKING:
    from ..bus import Run

Injected: TypeAlias = Literal["config", "callbacks", "run_manager", "writer", "call_id", "caller"]
"""What an argument gets: something of the run, the id of the call, or what the caller gives."""


class InjectedToolArg:
    """Marks an argument that the caller of a tool gives, not the model.

    The schema that a model is shown does not have it.

    >>> from typing import Annotated
    >>> from streamflow.tools import InjectedToolArg, tool
    >>> @tool
    ... def recall(topic: str, user: Annotated[str, InjectedToolArg]) -> str:
    ...     "Recall what a user has said."
    ...     return f"{user} on {topic}"
    >>> list(recall.args)
    ['topic']
    >>> recall.invoke({"topic": "tea", "user": "ada"})
    'ada on tea'
    """


class InjectedToolCallId(InjectedToolArg):
    """Marks an argument that is given the id of the tool call that the tool answers.

    >>> from typing import Annotated
    >>> from streamflow.tools import InjectedToolCallId, tool
    >>> @tool
    ... def ticket(topic: str, call_id: Annotated[str, InjectedToolCallId]) -> str:
    ...     "Open a ticket."
    ...     return f"{topic} ({call_id})"
    >>> call = {"name": "ticket", "args": {"topic": "tea"}, "id": "c1", "type": "tool_call"}
    >>> ticket.invoke(call).content
    'tea (c1)'
    """


def injected_by(name: str, hint: Any) -> Injected | None:
    """Return what the parameter of a function gets, if the model does not give it.

    Args:
        name: The name of the parameter.
        hint: Its type; ``Any`` if it has none, or one that cannot be known.
    """
    if name == "callbacks":
        return "callbacks"
    if name == "run_manager":
        return "run_manager"
    kinds = alternatives(hint)
    if RunnableConfig in kinds or (name == "config" and hint is Any):
        return "config"
    if StreamWriter in kinds:
        return "writer"
    return mark_of(hint)


def supplied(injected: Injected | None, run: Run) -> Any:
    """Return what of a run an argument gets."""
    if injected == "config":
        return config_of(run.scope, run)
    if injected == "callbacks":
        return ParentRun(run)
    if injected == "run_manager":
        return ToolRunManager(run)
    return writer_of(run)


def mark_of(hint: Any) -> Literal["call_id", "caller"] | None:
    """Return what the marks on a type say about who gives the value."""
    if get_origin(hint) is not Annotated:
        return None
    for mark in get_args(hint)[1:]:
        kind = mark if isinstance(mark, type) else type(mark)
        if issubclass(kind, InjectedToolCallId):
            return "call_id"
        if issubclass(kind, InjectedToolArg):
            return "caller"
    return None


def alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type alone, without what annotates it."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
