"""The decorator that makes a function, or a runnable, a tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from ..errors import ToolDefinitionError
from ..runnables import Runnable
from ._docstring import docstring_of
from ._runnable import tool_of_runnable
from ._simple import Tool
from ._structured import StructuredTool, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._base import BaseTool


@overload
def tool(
    name_or_callable: Callable[..., Any],
    runnable: None = None,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    **settings: Any,
) -> BaseTool: ...
@overload
def tool(
    name_or_callable: str,
    runnable: Runnable[Any, Any],
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    **settings: Any,
) -> BaseTool: ...
@overload
def tool(
    name_or_callable: str | None = None,
    runnable: None = None,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    **settings: Any,
) -> Callable[[Any], BaseTool]: ...
def tool(
    name_or_callable: Any = None,
    runnable: Any = None,
    *,
    description: str | None = None,
    return_direct: bool = False,
    args_schema: Any = None,
    infer_schema: bool = True,
    response_format: Literal["content", "content_and_artifact"] = "content",
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = True,
    **settings: Any,
) -> Any:
    """Make a function, or a runnable, a tool; to be used as a decorator, bare or called.

    Name, description and arguments are found in the function: in its name, its docstring and
    its signature, where ``Annotated[int, "how many"]`` describes an argument. It may be plain
    or async, or a generator function: then its items are chunks, and their sum is the result,
    or the last one if they do not add up.

    >>> @tool
    ... def add(a: int, b: int = 1) -> int:
    ...     "Add two numbers."
    ...     return a + b
    >>> add.name, add.description, list(add.args)
    ('add', 'Add two numbers.', ['a', 'b'])
    >>> add.invoke({"a": 2})
    3

    Args:
        name_or_callable: The function, or a name for the tool: ``@tool("plus")``.
        runnable: A runnable to be made a tool under that name.
        description: What it does; the docstring if not given.
        return_direct: An agent is to give its result to the user, and not to the model.
        args_schema: What describes its arguments, if the signature does not; see `BaseTool`.
        infer_schema: Find the arguments in the signature; else the tool takes one text.
        response_format: What the function returns; see `BaseTool`.
        parse_docstring: Take descriptions, also of arguments, from the docstring's sections.
        error_on_invalid_docstring: Raise if the docstring does not fit the arguments then.
        settings: More settings of the tool; see `BaseTool`.

    Raises:
        ToolDefinitionError: there is no description, or something else is missing.
    """
    settings.update(
        return_direct=return_direct, args_schema=args_schema, response_format=response_format
    )
    docstring = {
        "parse_docstring": parse_docstring,
        "error_on_invalid_docstring": error_on_invalid_docstring,
    }
    make = _Maker(
        description, docstring if infer_schema or args_schema is not None else None, settings
    )
    if name_or_callable is not None and not isinstance(name_or_callable, str):
        return make(name_or_callable)
    if runnable is not None:
        return make(runnable, name_or_callable)
    return lambda given: make(given, name_or_callable)


class _Maker(NamedTuple):
    """Makes a tool, once it is known of what."""

    description: str | None
    docstring: dict[str, Any] | None
    """How the docstring is read; ``None`` if the tool takes one text."""
    settings: dict[str, Any]

    def __call__(self, function: Any, name: str | None = None) -> BaseTool:
        description, settings = self.description, self.settings
        if isinstance(function, Runnable):
            return tool_of_runnable(function, name=name, description=description, **settings)
        if not callable(function):
            raise ToolDefinitionError(f"a tool is made of a function or a runnable: {function!r}")
        if self.docstring is None:
            name = name or name_of(function)
            said = description or docstring_of(function) or f"{name} tool"
            return Tool(name, function, said, **settings)
        return StructuredTool.from_function(
            function, name=name, description=description, **self.docstring, **settings
        )
