"""What goes into a runnable and what comes out, as types.

A class may say so (``InputType``, ``OutputType``, ``get_input_schema``,
``get_output_schema``). Else it follows from the parts of the runnable, from the hints of
its function, or from what its class fills in for ``Runnable[Input, Output]``. What
cannot be known is ``Any``. Nothing here needs pydantic: a dict with known keys is a typed
dict.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin

from .._hints import hints_of_function
from .._object_types import keys_of, object_type
from ._base import Runnable
from ._binding import RunnableBinding
from ._configurable import DynamicRunnable
from ._fluent_types import Typed
from ._generator import RunnableGenerator
from ._lambda import RunnableLambda
from ._passthrough import RunnableAssign, RunnablePassthrough, RunnablePick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Configurable = Mapping[str, Any]
    AnyRunnable = Runnable[Any, Any]

_STREAMS = (Iterator, Iterable, Generator, AsyncIterator, AsyncIterable, AsyncGenerator)


class RunnableTyped(RunnableBinding[Any, Any]):
    """A runnable that says other types of itself; made by ``runnable.with_types(...)``.

    Args:
        bound: The runnable.
        input_type: The type of its input; what it says itself, if not given.
        output_type: The type of its output; what it says itself, if not given.
    """

    def __init__(self, bound: AnyRunnable, input_type: Any = None, output_type: Any = None) -> None:
        super().__init__(bound)
        self.bound = bound  # also a binding, which would be taken apart
        self.input_type = input_type
        self.output_type = output_type
        self.kwargs, self.config = {}, {}


def input_type(runnable: AnyRunnable, configurable: Configurable) -> Any:
    """Return the type of the input."""
    cls = type(runnable)
    if cls.get_input_schema is not Typed.get_input_schema:
        return runnable.get_input_schema({"configurable": dict(configurable)})
    if cls.InputType is not Typed.InputType:
        return runnable.InputType
    if isinstance(runnable, RunnableTyped) and runnable.input_type is not None:
        return runnable.input_type
    inner = _plain(runnable, configurable)
    if inner is not runnable:
        return input_type(inner, configurable)
    if isinstance(runnable, RunnableLambda):
        return _function_input(runnable.func)
    if isinstance(runnable, RunnableGenerator):
        return _item(_function_input(runnable._transform))
    if isinstance(runnable, RunnableAssign):
        return _assign_input(runnable, dict[str, Any], configurable)
    if isinstance(runnable, RunnablePick):
        keys = [runnable.keys] if isinstance(runnable.keys, str) else runnable.keys
        optional = () if isinstance(runnable.keys, str) else keys
        return object_type("PickInput", dict.fromkeys(keys, Any), optional)
    return _input_of_parts(runnable, configurable)


def output_type(runnable: AnyRunnable, configurable: Configurable) -> Any:
    """Return the type of the output."""
    cls = type(runnable)
    if cls.get_output_schema is not Typed.get_output_schema:
        return runnable.get_output_schema({"configurable": dict(configurable)})
    if cls.OutputType is not Typed.OutputType:
        return runnable.OutputType
    if isinstance(runnable, RunnableTyped) and runnable.output_type is not None:
        return runnable.output_type
    inner = _plain(runnable, configurable)
    if inner is not runnable:
        return output_type(inner, configurable)
    if isinstance(runnable, RunnableLambda):
        return _function_output(runnable.func, yields=runnable._facts.yields)
    if isinstance(runnable, RunnableGenerator):
        return _function_output(runnable._transform, yields=True)
    if isinstance(runnable, RunnableAssign):
        given = input_type(runnable, configurable)
        return _assign_output(runnable, keys_of(given) or {}, configurable)
    return _output_of_parts(runnable, configurable)


def _plain(runnable: AnyRunnable, configurable: Configurable) -> AnyRunnable:
    """Return what runs in the place of ``runnable``."""
    if isinstance(runnable, DynamicRunnable):
        return runnable._in_place(configurable)
    return runnable.bound if isinstance(runnable, RunnableBinding) else runnable


# What is made of parts.


def _input_of_parts(runnable: AnyRunnable, configurable: Configurable) -> Any:
    parts = runnable._parts()
    steps = [part.step for part in parts.items]
    if not steps:
        return _filled_in(type(runnable))[0]
    if parts.join == "row":
        return _row_input(steps, configurable)
    types = [input_type(step, configurable) for step in steps]
    if parts.join == "together":
        return _for_all(types)
    if parts.join == "each":
        return list[types[0]]  # type: ignore[valid-type]  # known when it runs
    return next((each for each in types if each is not Any), Any)


def _output_of_parts(runnable: AnyRunnable, configurable: Configurable) -> Any:
    parts = runnable._parts()
    steps = [part.step for part in parts.items]
    if not steps:
        return _filled_in(type(runnable))[1]
    if parts.join == "row":
        return _row_output(steps, configurable)
    types = [output_type(step, configurable) for step in steps]
    if parts.join == "together":
        keys = (part.key for part in parts.items)
        return object_type("ParallelOutput", dict(zip(keys, types, strict=True)))
    if parts.join == "each":
        return list[types[0]]  # type: ignore[valid-type]  # known when it runs
    if any(each is Any for each in types):
        return Any
    return Union[tuple(types)]  # noqa: UP007 - how many they are is known when it runs


def _row_input(steps: Sequence[AnyRunnable], configurable: Configurable) -> Any:
    """Return the input of a sequence, whose first steps may pass their input on."""
    first, *rest = steps
    if rest and not _says(first, "input"):
        inner = _plain(first, configurable)
        if isinstance(inner, RunnablePassthrough):
            return _row_input(rest, configurable)
        if isinstance(inner, RunnableAssign):
            return _assign_input(inner, _row_input(rest, configurable), configurable)
    return input_type(first, configurable)


def _row_output(steps: Sequence[AnyRunnable], configurable: Configurable) -> Any:
    """Return the output of a sequence, whose last steps may pass on what they get."""
    *before, last = steps
    if before and not _says(last, "output"):
        inner = _plain(last, configurable)
        if isinstance(inner, RunnablePassthrough):
            return _row_output(before, configurable)
        if isinstance(inner, (RunnableAssign, RunnablePick)):
            keys = keys_of(_row_output(before, configurable))
            if keys is not None and isinstance(inner, RunnableAssign):
                return _assign_output(inner, keys, configurable)
            if keys is not None and isinstance(inner, RunnablePick):
                return _picked(inner, keys)
    return output_type(last, configurable)


def _says(runnable: AnyRunnable, what: str) -> bool:
    return isinstance(runnable, RunnableTyped) and getattr(runnable, f"{what}_type") is not None


def _for_all(types: Sequence[Any]) -> Any:
    """Return the type of an input that several branches read."""
    asked = [each for each in types if each is not Any]
    objects = [keys_of(each) for each in asked]
    merged: dict[str, Any] = {}
    for keys in objects:
        if keys is None:
            return asked[0] if all(each == asked[0] for each in asked) else Any
        merged = {**keys, **merged}
    return object_type("ParallelInput", merged) if asked else Any


def _assign_input(runnable: RunnableAssign, later: Any, configurable: Configurable) -> Any:
    """Return the input of an assign before steps that read ``later``."""
    needed = keys_of(input_type(runnable.mapper, configurable))
    passed = keys_of(later)
    if needed is None and passed is None:
        return dict[str, Any]
    steps = runnable.mapper.steps
    rest = {key: hint for key, hint in (passed or {}).items() if key not in steps}
    return object_type("AssignInput", {**rest, **(needed or {})})


def _assign_output(
    runnable: RunnableAssign, keys: Mapping[str, Any], configurable: Configurable
) -> Any:
    added = keys_of(output_type(runnable.mapper, configurable)) or {}
    return object_type("AssignOutput", {**keys, **added})


def _picked(runnable: RunnablePick, keys: Mapping[str, Any]) -> Any:
    if isinstance(runnable.keys, str):
        return keys.get(runnable.keys, Any)
    return object_type("PickOutput", {key: keys[key] for key in runnable.keys if key in keys})


# What is made of functions and classes.


def _function_input(function: Any) -> Any:
    if isinstance(function, operator.itemgetter):
        keys = function.__reduce__()[1]
        if all(isinstance(key, str) for key in keys):
            return object_type("ItemsInput", dict.fromkeys(keys, Any))
        return Any
    try:
        parameters = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some builtins have no signature
        return Any
    return hints_of_function(function).get(parameters[0], Any) if parameters else Any


def _function_output(function: Callable[..., Any], *, yields: bool) -> Any:
    found = hints_of_function(function).get("return", Any)
    if yields:
        return _item(found)
    # A function that returns a runnable yields what that yields.
    cls = get_origin(found) or found
    return Any if isinstance(cls, type) and issubclass(cls, Runnable) else found


def _item(annotation: Any) -> Any:
    arguments = get_args(annotation)
    return arguments[0] if get_origin(annotation) in _STREAMS and arguments else Any


def _filled_in(cls: type[Any]) -> tuple[Any, Any]:
    """Return what a class fills in for the parameters of ``Runnable[Input, Output]``."""
    found = _arguments(cls)
    if found is None or len(found) != 2:
        return Any, Any
    # What is still open is anything.
    first, second = (Any if isinstance(each, TypeVar) else _substituted(each, {}) for each in found)
    return first, second


def _arguments(cls: type[Any]) -> tuple[Any, ...] | None:
    if cls is Runnable:
        return tuple(Runnable.__parameters__)  # type: ignore[attr-defined]  # it is generic
    for base in cls.__dict__.get("__orig_bases__", cls.__bases__):
        origin = get_origin(base) or base
        if not (isinstance(origin, type) and issubclass(origin, Runnable)):
            continue
        found = _arguments(origin)
        if found is None:
            continue
        given = dict(zip(getattr(origin, "__parameters__", ()), get_args(base), strict=False))
        return tuple(_substituted(each, given) for each in found)
    return None


def _substituted(annotation: Any, given: Mapping[Any, Any]) -> Any:
    if isinstance(annotation, TypeVar):
        return given.get(annotation, annotation)
    left = getattr(annotation, "__parameters__", ())
    return annotation[tuple(given.get(each, Any) for each in left)] if left else annotation
