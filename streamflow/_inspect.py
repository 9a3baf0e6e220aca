"""Facts about a callable, found once: is it async, does it yield, what may be injected."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable


@define(frozen=True)
class Facts:
    """What there is to know before a function is called."""

    name: str | None
    """Its name; ``None`` for a lambda and for objects without one."""
    is_async: bool
    """Calling it returns a coroutine."""
    yields: bool
    """Calling it returns a generator, or an async generator."""
    is_async_generator: bool
    parameters: frozenset[str]
    """The names it takes as keywords, to see whether ``config`` is among them."""


# The facts about a method are those about its function, whatever object it is bound to.
_known: WeakKeyDictionary[Any, Facts] = WeakKeyDictionary()


def facts_of(function: Callable[..., Any]) -> Facts:
    """Return the facts about ``function``: a function, method, partial or callable object."""
    key = getattr(function, "__func__", function)
    try:
        facts = _known.get(key)
        if facts is None:
            facts = _known[key] = _find_facts(function)
    except TypeError:  # neither hashable nor weakly referable: nothing to remember it by
        return _find_facts(function)
    return facts


def _find_facts(function: Callable[..., Any]) -> Facts:
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    if not inspect.isroutine(inner) and not inspect.isclass(inner):
        inner = type(inner).__call__
    is_async_generator = inspect.isasyncgenfunction(inner)
    name = getattr(function, "__name__", None)
    return Facts(
        name=None if name == "<lambda>" else name,
        is_async=inspect.iscoroutinefunction(inner),
        yields=is_async_generator or inspect.isgeneratorfunction(inner),
        is_async_generator=is_async_generator,
        parameters=_keyword_parameters(function),
    )


def _keyword_parameters(function: Callable[..., Any]) -> frozenset[str]:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some builtins have no signature
        return frozenset()
    # The first one takes the input, whatever its name.
    first = next(iter(parameters), None)
    return frozenset(
        name
        for name, parameter in parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        or (parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and name != first)
    )
