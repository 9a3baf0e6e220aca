"""The method that makes a runnable a tool, which is of an upper layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..tools import BaseTool
    from ._base import Runnable

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Tools(Generic[Input, Output]):
    """The part of the Runnable interface that is about tools."""

    def as_tool(
        self,
        args_schema: Any = None,
        *,
        name: str | None = None,
        description: str | None = None,
        arg_types: Mapping[str, Any] | None = None,
    ) -> BaseTool:
        """Return a tool that runs this runnable, for a model to call.

        Args:
            args_schema: What describes its input, a dict, if it does not tell by itself.
            name: The tool's name; the runnable's if not given.
            description: What it does, for the model.
            arg_types: The type of each key of its input, if it does not tell by itself.

        Raises:
            ToolDefinitionError: its input is no text, and not known to have keys.

        >>> from streamflow.runnables import RunnableLambda
        >>> shout = RunnableLambda(lambda x: x["text"].upper())
        >>> shout.as_tool(name="shout", arg_types={"text": str}).invoke({"text": "hi"})
        'HI'
        """
        from ..tools._runnable import tool_of_runnable

        given = {"args_schema": args_schema, "arg_types": arg_types}
        this = cast("Runnable[Input, Output]", self)
        return tool_of_runnable(this, name=name, description=description, **given)
