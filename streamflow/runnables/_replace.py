"""A runnable with some attributes replaced: another one, the first stays as it is."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._hints import hints_of_class
from ..errors import ConfigError
from ._binding import RunnableBinding
from ._inner import values_of
from ._lambda import RunnableLambda
from ._parallel import RunnableParallel
from ._passthrough import RunnableAssign
from ._sequence import RunnableSequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._base import Runnable

R = TypeVar("R", bound="Runnable[Any, Any]")

# From these, other attributes were made when the runnable was; a copy with one of them
# replaced would contradict itself.
_MADE_FROM: tuple[tuple[type[Runnable[Any, Any]], frozenset[str]], ...] = (
    (RunnableSequence, frozenset({"steps"})),
    (RunnableParallel, frozenset({"steps"})),
    (RunnableAssign, frozenset({"mapper"})),
    (RunnableLambda, frozenset({"func", "afunc"})),
    (RunnableBinding, frozenset({"bound"})),
)


def attributes_of(runnable: Runnable[Any, Any]) -> dict[str, Any]:
    """Return the attributes that can be replaced, with their values."""
    cls = type(runnable)
    if attrs.has(cls):
        given = {
            each.alias: getattr(runnable, each.name) for each in attrs.fields(cls) if each.init
        }
        return {name: value for name, value in given.items() if not name.startswith("_")}
    values = {"name": runnable.name, **values_of(runnable)}
    fixed = {name for base, names in _MADE_FROM if isinstance(runnable, base) for name in names}
    return {
        name: value
        for name, value in values.items()
        if not name.startswith("_") and name not in fixed
    }


def replaced(runnable: R, changes: Mapping[str, Any]) -> R:
    """Return a copy of ``runnable`` with other attributes."""
    if attrs.has(type(runnable)):
        evolve: Any = attrs.evolve  # which does not know that this is an instance of attrs
        evolved: R = evolve(runnable, **changes)
        return evolved
    result = copy.copy(runnable)
    for name in list(getattr(result, "__dict__", {})):
        if isinstance(getattr(type(result), name, None), cached_property):
            delattr(result, name)  # It may depend on what changes.
    for name, value in changes.items():
        setattr(result, name, value)
    return result


def check_attributes(runnable: Runnable[Any, Any], names: Iterable[str]) -> None:
    """Raise if an attribute cannot be replaced.

    Raises:
        ConfigError: it cannot; the message names those that can.
    """
    known = runnable._attributes()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(
            f"{runnable.get_name()} has no attribute {', '.join(map(repr, unknown))} that can be "
            f"configured; it has {', '.join(map(repr, known)) or 'none'}"
        )


def annotation_of(runnable: Runnable[Any, Any], name: str) -> Any:
    """Return the type of an attribute, ``Any`` if it is not known."""
    return hints_of_class(type(runnable)).get(name, Any)
