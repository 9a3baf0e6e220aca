"""The parameters of a function, as arguments of a tool."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin
from weakref import WeakKeyDictionary

from attrs import evolve, field, frozen

from .._hints import hints_of_function
from .._unset import UNSET
from ..errors import ToolDefinitionError
from ._injected import injected_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._injected import Injected

_POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
_STARRED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@frozen
class Argument:
    """One argument."""

    name: str
    hint: Any = Any
    """Its type."""
    default: Any = UNSET
    """Its value where none is given."""
    description: str | None = None
    """What it means, for a model."""
    injected: Injected | None = None
    """What it gets, if no model gives it."""
    positional: bool = False
    """It cannot be given by name."""

    @property
    def in_schema(self) -> bool:
        """Whether it is one of those whose values are checked."""
        return self.injected in (None, "caller", "call_id")


@frozen
class Signature:
    """All of them."""

    arguments: Mapping[str, Argument]
    takes_more: bool = False
    """Whether there is a parameter ``**more`` for those that have no name here."""
    special: tuple[Argument, ...] = field(init=False, eq=False)
    """Those that get something of the run, and those that are given by position."""

    @special.default
    def _find_special(self) -> tuple[Argument, ...]:
        each = self.arguments.values()
        return tuple(one for one in each if one.positional or not one.in_schema)

    @property
    def names(self) -> list[str]:
        """The names of those that a model gives."""
        return [name for name, each in self.arguments.items() if each.injected is None]

    def described(self, descriptions: Mapping[str, str]) -> Signature:
        """Return the same with these descriptions, which count more than those there are."""
        arguments = {
            name: evolve(each, description=descriptions.get(name) or each.description)
            for name, each in self.arguments.items()
        }
        return evolve(self, arguments=arguments)


_known: WeakKeyDictionary[Any, Signature] = WeakKeyDictionary()


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return the arguments of a function, a method or a callable object; found once.

    Raises:
        ToolDefinitionError: it does not tell what its arguments are.
    """
    key = getattr(function, "__func__", function)
    try:
        signature = _known.get(key)
        if signature is None:
            signature = _known[key] = read_signature(function)
    except TypeError:  # neither hashable nor weakly referable: nothing to remember it by
        return read_signature(function)
    return signature


def read_signature(function: Callable[..., Any]) -> Signature:
    """Return the arguments of a function, a method or a callable object.

    Raises:
        ToolDefinitionError: it does not tell what its arguments are.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise ToolDefinitionError(
            f"{function!r} does not tell what its arguments are; put a function with type hints "
            f"around it."
        ) from None
    hints = hints_of_function(function)
    arguments = {}
    for parameter in parameters:
        if parameter.kind in _STARRED:
            continue
        name, hint = parameter.name, hints.get(parameter.name, Any)
        arguments[name] = Argument(
            name,
            hint,
            UNSET if parameter.default is parameter.empty else parameter.default,
            description_in(hint),
            injected_by(name, hint),
            parameter.kind is _POSITIONAL_ONLY,
        )
    takes_more = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    return Signature(arguments, takes_more)


def description_in(hint: Any) -> str | None:
    """Return the text among the annotations of a type: ``Annotated[int, "how many"]``."""
    if get_origin(hint) is not Annotated:
        return None
    return next((each for each in get_args(hint)[1:] if isinstance(each, str)), None)
