"""What a tool is invoked with: a dict of arguments, a text, or the tool call of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import frozen

from .._unset import UNSET
from ..errors import ToolInputError
from ..messages import ToolCall

ToolInput: TypeAlias = str | dict[str, Any] | ToolCall
"""What a tool reads."""


class CallArguments(dict[str, Any]):
    """The arguments in a tool call, as messages of the bus show them.

    Attributes:
        tool_call_id: The id of the call.
    """

    __slots__ = ("tool_call_id",)

    def __init__(self, arguments: Mapping[str, Any], tool_call_id: str | None) -> None:
        super().__init__(arguments)
        self.tool_call_id = tool_call_id


@frozen
class Call:
    """An input that has been read."""

    given: dict[str, Any] | str
    """The arguments; or a text, which is the only one."""
    id: str | None = None
    """The id of the tool call."""
    is_tool_call: bool = False
    """It is answered with a ``ToolMessage``."""


def read_call(tool: str, input: Any) -> Call:
    """Return an input as a call.

    Raises:
        ToolInputError: it is none of what a tool reads.
    """
    if isinstance(input, str):
        return Call(input)
    if isinstance(input, Mapping):
        if input.get("type") == "tool_call" and isinstance(input.get("args"), Mapping):
            return Call(dict(input["args"]), input.get("id"), is_tool_call=True)
        return Call(dict(input))
    reads = "a tool is invoked with a dict of arguments, a text or a tool call"
    raise ToolInputError(tool, [("", reads, UNSET if input is None else input)])


def shown_input(input: Any) -> Any:
    """Return an input as messages show it: of a tool call the arguments."""
    if isinstance(input, Mapping) and input.get("type") == "tool_call":
        arguments = input.get("args")
        if isinstance(arguments, Mapping):
            return CallArguments(arguments, input.get("id"))
    return input
