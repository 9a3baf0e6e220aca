"""Tools: functions that a model may call, as runnables.

`tool` makes them; a class of tools is a subclass of `BaseTool`.
"""

from __future__ import annotations

from ..errors import ToolException
from ._base import BaseTool
from ._decorator import tool
from ._injected import InjectedToolArg, InjectedToolCallId
from ._openai import convert_to_openai_function, convert_to_openai_tool
from ._render import render_text_description, render_text_description_and_args
from ._retriever import create_retriever_tool
from ._run_manager import ToolRunManager
from ._simple import Tool
from ._structured import StructuredTool
from ._toolkit import BaseToolkit

__all__ = (
    "BaseTool",
    "BaseToolkit",
    "InjectedToolArg",
    "InjectedToolCallId",
    "StructuredTool",
    "Tool",
    "ToolException",
    "ToolRunManager",
    "convert_to_openai_function",
    "convert_to_openai_tool",
    "create_retriever_tool",
    "render_text_description",
    "render_text_description_and_args",
    "tool",
)
