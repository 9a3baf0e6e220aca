"""Tools that are made of functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._inspect import facts_of
from ..errors import ToolDefinitionError
from ._base import BaseTool
from ._docstring import docstring_of, parse_docstring, strictly_parsed
from ._signature import read_signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from ._docstring import Docstring
    from ._signature import Signature


class StructuredTool(BaseTool):
    """A tool made of a function, or of a plain and an async one. See `tool`.

    >>> def add(a: int, b: int = 1) -> int:
    ...     "Add two numbers."
    ...     return a + b
    >>> StructuredTool.from_function(add).invoke({"a": "2"})
    3
    """

    func: Any = None
    """The function; it may be async, or a generator function."""
    coroutine: Any = None
    """An async function to be used instead in asynchronous runs."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        functions = [each for each in (self.func, self.coroutine) if each is not None]
        if not functions:
            raise ToolDefinitionError(
                f"tool {self.name!r} needs a function: give func= or coroutine="
            )
        for each in functions:
            if not callable(each):
                raise ToolDefinitionError(f"tool {self.name!r} cannot call this: {each!r}")
        if not self.description:
            self.description = docstring_of(functions[0])
        self._descriptions: Mapping[str, str] = {}

    @classmethod
    def from_function(
        cls,
        func: Callable[..., Any] | None = None,
        coroutine: Callable[..., Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        return_direct: bool = False,
        args_schema: Any = None,
        infer_schema: bool = True,
        *,
        parse_docstring: bool = False,
        error_on_invalid_docstring: bool = False,
        **settings: Any,
    ) -> Self:
        """Make a tool of a function.

        Args:
            func: The function: plain, async, or a generator function of either kind.
            coroutine: An async function to be used instead in asynchronous runs.
            name: The tool's name; the function's if not given.
            description: What it does; the docstring of the function if not given, or else that
                of ``args_schema``.
            return_direct: An agent is to give its result to the user.
            args_schema: What describes its arguments: a pydantic model, attrs class,
                dataclass, TypedDict or JSON schema.
            infer_schema: Find the arguments in the signature if there is no ``args_schema``;
                else there is to be one.
            parse_docstring: Take the description, and those of the arguments, from the sections
                of the docstring.
            error_on_invalid_docstring: Raise if the docstring does not fit the arguments.
            settings: More settings of the tool; see `BaseTool`.

        Raises:
            ToolDefinitionError: there is no name or no description, or the docstring does not
                fit.
        """
        source: Any = func if func is not None else coroutine
        if source is None:
            raise ToolDefinitionError("a tool needs a function: give func= or coroutine=")
        if args_schema is None and not infer_schema:
            raise ToolDefinitionError("infer_schema=False needs an args_schema=")
        name = name or name_of(source)
        text = docstring_of(source)
        descriptions: Mapping[str, str] = {}
        if parse_docstring:
            said = _parsed(source, name, text, strictly=error_on_invalid_docstring)
            text, descriptions = said.description, said.arguments
        made = cls(
            name=name,
            func=func,
            coroutine=coroutine,
            description=described(name, description or text, args_schema),
            return_direct=return_direct,
            args_schema=args_schema,
            **settings,
        )
        made._descriptions = descriptions
        return made

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        return self.func, self.coroutine

    def _signature(self) -> Signature:
        return super()._signature().described(self._descriptions)


def name_of(function: Any) -> str:
    """Return the name that a function gives a tool.

    Raises:
        ToolDefinitionError: it has none.
    """
    name = facts_of(function).name or (
        None if hasattr(function, "__name__") else type(function).__name__
    )
    if name is None or name == "partial":
        raise ToolDefinitionError(f"{function!r} has no name for a tool: give name=")
    return name


def described(name: str, description: str, schema: Any) -> str:
    """Return the description of a tool: this one, or else that of its arguments.

    Raises:
        ToolDefinitionError: there is none.
    """
    if not description and isinstance(schema, Mapping):
        description = schema.get("description", "")
    elif not description and schema is not None:
        description = docstring_of(schema)
    if not description:
        raise ToolDefinitionError(
            f"tool {name!r} has no description for the model: write a docstring, or give "
            f"description="
        )
    return description


def _parsed(function: Any, name: str, text: str, *, strictly: bool) -> Docstring:
    if strictly:
        return strictly_parsed(text, name, read_signature(function).names)
    return parse_docstring(text)
