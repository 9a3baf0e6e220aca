"""The runnables inside of a runnable."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ._base import Runnable
from ._lambda import RunnableLambda

if TYPE_CHECKING:
    from collections.abc import Iterator


def inner_runnables(runnable: Runnable[Any, Any]) -> list[Runnable[Any, Any]]:
    """Return the runnables that ``runnable`` holds directly, each once.

    They are found by looking: in its attributes, in lists and dicts there, and in the
    variables that its function names. So a runnable of a user's own needs to say nothing.
    """
    found: dict[int, Runnable[Any, Any]] = {}
    values = list(values_of(runnable).values())
    if isinstance(runnable, RunnableLambda):
        for function in (runnable.func, runnable.afunc):
            values.extend(_named_by(function))
    for each in _runnables_in(values, depth=3):
        if each is not runnable:
            found.setdefault(id(each), each)
    return list(found.values())


def values_of(thing: object) -> dict[str, Any]:
    """Return the attributes of an instance, whether it has a dict, slots, or both."""
    values: dict[str, Any] = dict(getattr(thing, "__dict__", {}))
    for base in type(thing).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name != "__dict__" and hasattr(thing, name):
                values.setdefault(name, getattr(thing, name))
    return values


def _runnables_in(values: Any, depth: int) -> Iterator[Runnable[Any, Any]]:
    for value in values:
        if isinstance(value, Runnable):
            yield value
        elif depth and type(value) in (list, tuple):
            yield from _runnables_in(value, depth - 1)
        elif depth and type(value) is dict:
            yield from _runnables_in(value.values(), depth - 1)


def _named_by(function: Any) -> list[Any]:
    """Return the values of the variables outside of a function that its code names."""
    function = getattr(function, "__func__", function)
    if not inspect.isfunction(function):
        return []
    try:
        variables = inspect.getclosurevars(function)
    except ValueError:  # a variable of an enclosing function has no value yet
        return []
    return [*variables.nonlocals.values(), *variables.globals.values()]
