"""What can go wrong with tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._unset import UNSET
from ._root import StreamflowError, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence


class ToolDefinitionError(StreamflowError, ValueError):
    """Something cannot be made a tool, or be described as one to a model."""


class ToolInputError(StreamflowError, ValueError):
    """Arguments that a tool does not take; the message names each of them.

    Args:
        tool: The name of the tool.
        problems: For each, its name (``""`` for all of them), what is wrong, and the value;
            ``UNSET`` if it is missing.
    """

    def __init__(self, tool: str, problems: Sequence[tuple[str, str, object]]) -> None:
        self.tool = tool
        self.problems = list(problems)
        super().__init__(tool, self.problems)

    def __str__(self) -> str:
        lines = []
        for name, problem, value in self.problems:
            given = "" if value is UNSET else f", got {shorten(value)}"
            lines.append(f"{f'argument {name!r}: ' if name else ''}{problem}{given}")
        return f"tool {self.tool!r}: " + "; ".join(lines)


class ToolException(StreamflowError, RuntimeError):  # noqa: N818 - the name users know
    """A tool could not do what it was asked; ``handle_tool_error`` says what follows.

    Any other exception that a tool raises is a mistake in the tool, and always goes on.

    >>> from streamflow.tools import tool
    >>> @tool(handle_tool_error=True)
    ... def buy(thing: str) -> str:
    ...     "Buy something."
    ...     raise ToolException(f"There is no {thing}.")
    >>> buy.invoke("tea")
    'There is no tea.'
    """
