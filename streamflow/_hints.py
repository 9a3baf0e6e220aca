"""Type hints, as far as they can be evaluated; ``Any`` for those that cannot.

A hint may name what its module imports for type checkers only. That is no reason not to
know the others.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping


def hints_of_class(cls: type[Any]) -> dict[str, Any]:
    """Return the types of the annotated attributes of a class and its bases."""
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        module = sys.modules.get(base.__module__)
        for name, hint in _annotations(base).items():
            hints[name] = _evaluated(hint, vars(module) if module else {}, dict(vars(base)))
    return hints


def hints_of_function(function: Any) -> dict[str, Any]:
    """Return the types of the parameters of a callable, and of ``"return"``."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isclass(function):
        return {**hints_of_function(function.__init__), "return": function}
    if not inspect.isroutine(function):
        function = getattr(type(function), "__call__", function)  # noqa: B004 - its own code
    function = inspect.unwrap(function)
    known = getattr(function, "__globals__", {})
    return {name: _evaluated(hint, known, {}) for name, hint in _annotations(function).items()}


def _evaluated(hint: Any, known: dict[str, Any], local: dict[str, Any]) -> Any:
    holder = types.SimpleNamespace(__annotations__={"hint": hint})
    try:
        return get_type_hints(holder, known, local, include_extras=True)["hint"]
    except Exception:  # noqa: BLE001 - whatever stands there, it is no type that is known here
        return Any


def _annotations(thing: Any) -> Mapping[str, Any]:
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 - not there before

        return annotationlib.get_annotations(thing, format=annotationlib.Format.FORWARDREF)
    if isinstance(thing, type):
        return inspect.get_annotations(thing)
    annotations: Mapping[str, Any] = getattr(thing, "__annotations__", {})
    return annotations
