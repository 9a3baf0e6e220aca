"""Tools as text, for models that are told of them in a prompt."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._base import BaseTool


def render_text_description(tools: Iterable[BaseTool]) -> str:
    """Return a line for each tool: its name, its signature and its description.

    >>> from streamflow.tools import tool
    >>> @tool
    ... def add(a: int, b: int) -> int:
    ...     "Add two numbers."
    >>> print(render_text_description([add]))
    add(a: int, b: int) -> int - Add two numbers.
    """
    return "\n".join(_described(tool) for tool in tools)


def render_text_description_and_args(tools: Iterable[BaseTool]) -> str:
    """Return a line for each tool as `render_text_description`, with the schema of its arguments.

    >>> from streamflow.tools import tool
    >>> @tool
    ... def add(a: int) -> int:
    ...     "Add one."
    >>> print(render_text_description_and_args([add]))
    add(a: int) -> int - Add one., args: {'a': {'title': 'A', 'type': 'integer'}}
    """
    return "\n".join(f"{_described(tool)}, args: {tool.args}" for tool in tools)


def _described(tool: BaseTool) -> str:
    function = getattr(tool, "func", None) or getattr(tool, "coroutine", None)
    signature = ""
    if function is not None:
        try:
            signature = str(inspect.signature(function, eval_str=True))
        except (NameError, TypeError, ValueError):  # a type that only type checkers import
            signature = _as_written(function)
    return f"{tool.name}{signature} - {tool.description}"


def _as_written(function: object) -> str:
    try:
        return str(inspect.signature(function))  # type: ignore[arg-type]  # a function, or it raises
    except (TypeError, ValueError):
        return ""
