"""Values checked against a class, whole or as far as they have come.

Like `_schema`, this loads pydantic, so it is itself imported where a schema is asked for.

A partial value is checked against a partial form of the class: every field may be missing,
at any depth. A field that is missing has its default, and where there is none ``None``; a
key of a typed dict is missing. A part that is not valid, such as the beginning of one of
several words, is left out as if it had not come yet.
"""

from __future__ import annotations

import copy
import dataclasses
import types
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import attrs
from pydantic import BaseModel, TypeAdapter, ValidationError, WrapValidator, create_model
from pydantic.errors import PydanticUserError

from ._hints import hints_of_class
from ._object_types import is_typeddict, keys_of, object_type, without_marks
from ._schema import _Reader
from ._unset import UNSET
from .errors import OutputParserException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("ValidationError", "partial_validator_of", "validator_of")

# How often a partial value is tried again without what was wrong with it: a part that is
# left out may show that another one is wrong.
_ATTEMPTS = 8


def validator_of(cls: Any) -> Callable[[Any], Any]:
    """Return a function that makes an instance of a class out of JSON data.

    Args:
        cls: A pydantic model, an attrs class, a dataclass, a typed dict, or another type.

    Returns:
        The function; it raises ``ValidationError``, or what the class raises.
    """
    validate: Callable[[Any], Any] = _adapter(_Reader().read(cls)).validate_python
    return validate


def partial_validator_of(cls: Any) -> Callable[[Any], Any]:
    """Return a function that makes an instance out of a part of its data.

    Returns:
        The function; it returns ``UNSET`` if there is nothing valid to make one of.
    """
    try:
        adapter = _adapter(_Partial().of(cls))
    except PydanticUserError:
        # There are types that stand no partial form, such as unions told apart by a field.
        adapter = _adapter(_Reader().read(cls))

    def validate(value: Any) -> Any:
        for _ in range(_ATTEMPTS):
            try:
                return adapter.validate_python(value)
            except ValidationError as error:
                for place in {_place_of(each) for each in error.errors(include_url=False)}:
                    value = _without(value, place)
                if value is UNSET:
                    break
            except Exception:  # noqa: BLE001 - validators of a class see parts they do not expect
                break
        return UNSET

    return validate


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    return adapter


class _Partial:
    """Makes the partial form of types; a class inside of itself stays whole."""

    def __init__(self) -> None:
        self._above: list[Any] = []

    def of(self, annotation: Any) -> Any:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if isinstance(annotation, type) and origin is None:
            return self._of_class(annotation)
        if origin is Literal or not arguments:
            return _Reader().read(annotation)
        if origin is Annotated:
            parts = (self.of(arguments[0]), *arguments[1:])
            return Annotated[parts]
        changed = tuple(self.of(each) for each in arguments)
        if origin in (Union, types.UnionType):
            return Union[changed]  # noqa: UP007 - how many they are is known when it runs
        return origin[changed[0] if len(changed) == 1 else changed]

    def _of_class(self, cls: Any) -> Any:
        if cls in self._above:
            return _Reader().read(cls)
        self._above.append(cls)
        try:
            if is_typeddict(cls):
                keys = {key: self.of(without_marks(hint)) for key, hint in _keys(cls)}
                return object_type(cls.__name__, keys, keys)
            if issubclass(cls, BaseModel):
                return cls if "root" in cls.model_fields else self._of_model(cls)
            if attrs.has(cls) or dataclasses.is_dataclass(cls):
                return self._of_fields(cls)
            return cls
        finally:
            self._above.remove(cls)

    def _of_model(self, cls: type[BaseModel]) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            part, facts = self.of(field.annotation), copy.copy(field)
            if field.is_required():
                part, facts.default = Union[part, None], None  # noqa: UP007 - some types know no `|`
            fields[name] = (part, facts)
        return create_model(cls.__name__, __base__=cls, __module__=cls.__module__, **fields)

    def _of_fields(self, cls: Any) -> Any:
        hints, keys, required = hints_of_class(cls), {}, []
        for name, key, has_default in _fields_of(cls):
            keys[key] = self.of(hints.get(name, Any))
            if not has_default:
                required.append(key)
        data = object_type(cls.__name__, keys, keys)
        return Annotated[data, WrapValidator(_maker(cls, required))]


def _keys(cls: Any) -> list[tuple[str, Any]]:
    return list((keys_of(cls) or {}).items())


def _fields_of(cls: Any) -> list[tuple[str, str, bool]]:
    """Return the name of each field, that of its argument, and whether it has a default."""
    if attrs.has(cls):
        return [
            (each.name, each.alias or each.name, each.default is not attrs.NOTHING)
            for each in attrs.fields(cls)
            if each.init
        ]
    none = dataclasses.MISSING
    return [
        (each.name, each.name, each.default is not none or each.default_factory is not none)
        for each in dataclasses.fields(cls)
        if each.init
    ]


def _maker(cls: Any, required: list[str]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    def make(value: Any, validated: Callable[[Any], Mapping[str, Any]]) -> Any:
        given = validated(value)
        try:
            return cls(**{**dict.fromkeys(required), **given})
        except Exception as error:  # a class may check its values, and knows of no parts
            raise OutputParserException(f"{type(error).__name__}: {error}") from error

    return make


def _place_of(error: Any) -> tuple[int | str, ...]:
    place: tuple[int | str, ...] = error["loc"]
    # What is wrong with a part in which something is missing is that it is there.
    return place[:-1] if error["type"] == "missing" else place


def _without(value: Any, place: tuple[int | str, ...]) -> Any:
    """Return a copy of ``value`` without what is at a place, which pydantic may embellish."""
    for index, key in enumerate(place):
        if isinstance(value, dict) and key in value:
            changed = dict(value)
            inner = _without(value[key], place[index + 1 :])
            if inner is UNSET:
                del changed[key]
            else:
                changed[key] = inner
            return changed
        if isinstance(value, list) and isinstance(key, int) and key < len(value):
            inner = _without(value[key], place[index + 1 :])
            return [*value[:key], *([] if inner is UNSET else [inner]), *value[key + 1 :]]
    return UNSET
