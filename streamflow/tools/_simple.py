"""Tools that take one text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .._unset import UNSET
from ..errors import ToolDefinitionError, ToolInputError
from ._base import BaseTool
from ._injected import supplied
from ._signature import Argument, Signature, signature_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from ..bus import Run
    from ._calls import Call


class Tool(BaseTool):
    """A tool made of a function with one argument, a text.

    >>> Tool("shout", str.upper, "Say it loud.").invoke("hi")
    'HI'

    Args:
        name: The tool's name.
        func: The function.
        description: What it does.
        coroutine: An async function to be used instead in asynchronous runs.
        settings: More settings of the tool; see `BaseTool`.
    """

    func: Any = None
    """The function."""
    coroutine: Any = None
    """An async function to be used instead in asynchronous runs."""

    def __init__(
        self,
        name: str,
        func: Callable[..., Any] | None = None,
        description: str = "",
        coroutine: Callable[..., Any] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(
            name=name, func=func, description=description, coroutine=coroutine, **settings
        )
        if func is None and coroutine is None:
            raise ToolDefinitionError(f"tool {name!r} needs a function: give func= or coroutine=")

    @classmethod
    def from_function(
        cls,
        func: Callable[..., Any] | None,
        name: str,
        description: str,
        return_direct: bool = False,
        args_schema: Any = None,
        coroutine: Callable[..., Any] | None = None,
        **settings: Any,
    ) -> Self:
        """Make a tool of a function with one argument.

        Args:
            func: The function.
            name: The tool's name.
            description: What it does.
            return_direct: An agent is to give its result to the user.
            args_schema: What describes the argument.
            coroutine: An async function to be used instead in asynchronous runs.
            settings: More settings of the tool; see `BaseTool`.

        Raises:
            ToolDefinitionError: there is no function.
        """
        return cls(
            name,
            func,
            description,
            coroutine,
            return_direct=return_direct,
            args_schema=args_schema,
            **settings,
        )

    @property
    def args(self) -> dict[str, Any]:
        """The JSON schema of the argument."""
        if self.args_schema is not None:
            return super().args
        return {"tool_input": {"type": "string"}}

    def _functions(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        return self.func, self.coroutine

    def _signature(self) -> Signature:
        return _ONE_TEXT

    def _openai_function(self) -> dict[str, Any]:
        if self.args_schema is not None:
            return super()._openai_function()
        one = {"title": "__arg1", "type": "string"}
        return {
            "name": self.name,
            "description": self.description,
            "parameters": {
                "properties": {"__arg1": one},
                "required": ["__arg1"],
                "type": "object",
            },
        }

    def _bound(
        self, function: Callable[..., Any], call: Call, run: Run, more: dict[str, Any]
    ) -> Callable[[], Any]:
        values = self._values(call, more)
        if len(values) != 1:
            problem = f"it takes one argument, not {sorted(values)}; make it with StructuredTool"
            raise ToolInputError(self.name, [("", problem, UNSET)])
        return partial(function, *values.values(), **_supplied(function, run))

    def _values(self, call: Call, more: dict[str, Any]) -> dict[str, Any]:
        if self.args_schema is not None:
            return self._checked(call, more)
        return {"tool_input": call.given} if isinstance(call.given, str) else {**more, **call.given}


_ONE_TEXT = Signature({"tool_input": Argument("tool_input", str)})


def _supplied(function: Callable[..., Any], run: Run) -> dict[str, Any]:
    """Return what a function asks for beside its first argument."""
    try:
        arguments = list(signature_of(function).arguments.values())[1:]
    except ToolDefinitionError:  # some builtins have no signature
        return {}
    return {each.name: supplied(each.injected, run) for each in arguments if not each.in_schema}
