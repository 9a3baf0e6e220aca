"""Runnables as tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._object_types import keys_of, object_type
from ..errors import ToolDefinitionError
from ._docstring import docstring_of
from ._simple import Tool
from ._structured import StructuredTool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..runnables import Runnable
    from ._base import BaseTool


def tool_of_runnable(
    runnable: Runnable[Any, Any],
    *,
    name: str | None = None,
    description: str | None = None,
    args_schema: Any = None,
    arg_types: Mapping[str, Any] | None = None,
    **settings: Any,
) -> BaseTool:
    """Return a tool that runs a runnable.

    Args:
        runnable: The runnable. Its input is a dict with known keys, or a text.
        name: The tool's name; the runnable's if not given.
        description: What it does; the docstring of its function if not given, or else what
            it takes.
        args_schema: What describes its input, if it does not tell.
        arg_types: The type of each key of its input, if it does not tell.
        settings: More settings of the tool; see ``BaseTool``.

    Raises:
        ToolDefinitionError: it is not known what it takes.
    """
    name = name or runnable.get_name()
    if arg_types is not None:
        args_schema = object_type(name, arg_types)
    schema = {} if args_schema is not None else runnable.get_input_jsonschema()
    if not description:
        said = docstring_of(getattr(runnable, "func", None))
        description = said or f"Takes {schema or runnable.get_input_jsonschema()}."

    if schema.get("type") == "string":

        def on_text(text: str) -> Any:
            return runnable.invoke(text)

        async def on_text_async(text: str) -> Any:
            return await runnable.ainvoke(text)

        return Tool(name, on_text, description, on_text_async, **settings)

    def on_dict(**values: Any) -> Any:
        return runnable.invoke(values)

    async def on_dict_async(**values: Any) -> Any:
        return await runnable.ainvoke(values)

    if args_schema is None:
        args_schema = _described_by(runnable, schema)
    return StructuredTool(
        name=name,
        func=on_dict,
        coroutine=on_dict_async,
        description=description,
        args_schema=args_schema,
        **settings,
    )


def _described_by(runnable: Runnable[Any, Any], schema: Mapping[str, Any]) -> Any:
    if hasattr(runnable.InputType, "__optional_keys__"):
        return runnable.InputType
    if "properties" in schema and keys_of(runnable.get_input_schema()) is not None:
        return runnable.get_input_schema()
    raise ToolDefinitionError(
        f"{runnable!r} cannot be a tool: its input is to be a text, or a dict with keys of known "
        f"types. Annotate them, with a TypedDict say, or give arg_types=."
    )
