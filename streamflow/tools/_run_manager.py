"""The ``run_manager`` argument that authors of tools know."""

from __future__ import annotations

from ..runnables._run_manager import BaseRunManager


class ToolRunManager(BaseRunManager):
    """What a tool may know of its run: the parameter ``run_manager`` of its function.

    >>> from streamflow.tools import tool
    >>> @tool
    ... def mark(text: str, run_manager) -> str:
    ...     "Mark a text."
    ...     return f"{text} {run_manager.tags}"
    >>> mark.invoke("tea", {"tags": ["green"]})
    "tea ['green']"
    """
