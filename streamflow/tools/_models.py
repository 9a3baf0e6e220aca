"""pydantic models of the arguments of tools.

pydantic is loaded with this module, which is itself loaded when a schema is asked for.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import attrs

from .._hints import hints_of_class
from .._object_types import NotRequired, is_typeddict, keys_of
from .._schema import (
    BaseModel,
    ObjectField,
    ValidationError,
    json_schema,
    object_model,
    problems_in,
    with_fields,
)
from .._unset import UNSET
from ..errors import ToolDefinitionError
from ._docstring import docstring_of, parse_docstring
from ._signature import Argument, Signature, description_in

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = (
    "BaseModel",
    "ValidationError",
    "describe",
    "is_model",
    "json_schema",
    "model_of_class",
    "model_of_signature",
    "problems_in",
    "values_in",
    "with_fields",
)


def is_model(thing: Any) -> bool:
    """Whether this is a class of pydantic models."""
    return isinstance(thing, type) and issubclass(thing, BaseModel)


def model_of_signature(signature: Signature, name: str, description: str | None) -> type[BaseModel]:
    """Return a model of the arguments of a function whose values are checked."""
    fields = {
        each.name: ObjectField(each.hint, each.default, None, each.description)
        for each in signature.arguments.values()
        if each.in_schema
    }
    return object_model(name, fields, description)


def model_of_class(cls: Any) -> type[BaseModel]:
    """Return a model for the class that describes the arguments.

    Args:
        cls: A pydantic model, an attrs class, a dataclass or a typed dict.

    Raises:
        ToolDefinitionError: it is none of these.
    """
    if is_model(cls):
        model: type[BaseModel] = cls
        return model
    fields = _fields_of(cls)
    if fields is None:
        raise ToolDefinitionError(
            f"{cls!r} describes no arguments: give a pydantic model, an attrs class, a dataclass, "
            f"a TypedDict or a JSON schema of an object."
        )
    text = parse_docstring(docstring_of(cls))
    described = Signature(fields).described(text.arguments)
    return model_of_signature(described, cls.__name__, text.description or None)


def describe(cls: Any) -> dict[str, Any]:
    """Return the JSON schema of a class; see `model_of_class`."""
    return json_schema(model_of_class(cls))


def values_in(cls: Any, instance: BaseModel, keys: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the values that an instance of the model of a class has.

    Args:
        cls: The class; one that is no model is instantiated, since it may check more.
        instance: An instance of its model.
        keys: For each field of the model the name of the argument.

    Raises:
        TypeError, ValueError: the class does not take the values.
    """
    if is_model(cls):
        return {key: getattr(instance, field) for field, key in keys}
    values, given = vars(instance), instance.model_fields_set
    if is_typeddict(cls):
        optional = _may_be_missing(cls)
        return {key: values[f] for f, key in keys if f in given or key not in optional}
    made = cls(**{key: values[field] for field, key in keys if field in given})
    names = {each.alias: each.name for each in attrs.fields(cls)} if attrs.has(cls) else {}
    return {key: getattr(made, names.get(key, key)) for _, key in keys}


@lru_cache(maxsize=256)
def _may_be_missing(cls: Any) -> frozenset[str]:
    """Return the keys of a typed dict that need not be there."""
    keys = (keys_of(cls) or {}).items()
    return frozenset(key for key, hint in keys if get_origin(hint) is NotRequired)


def _fields_of(cls: Any) -> dict[str, Argument] | None:
    if not isinstance(cls, type):
        return None
    if is_typeddict(cls):
        return {key: _key(key, hint) for key, hint in (keys_of(cls) or {}).items()}
    hints = hints_of_class(cls)
    if attrs.has(cls):
        return {
            each.alias: _attribute(each.alias, hints.get(each.name, Any), each)
            for each in attrs.fields(cls)
            if each.init
        }
    if dataclasses.is_dataclass(cls):
        return {
            each.name: _attribute(each.name, hints.get(each.name, Any), each)
            for each in dataclasses.fields(cls)
            if each.init
        }
    return None


def _attribute(name: str, hint: Any, field: Any) -> Argument:
    default: Any = field.default
    factory = getattr(field, "default_factory", dataclasses.MISSING)
    if default is attrs.NOTHING or default is dataclasses.MISSING:
        default = UNSET
    elif hasattr(default, "takes_self"):
        # One that needs the instance has no value yet; the class fills it in.
        default = None if default.takes_self else default.factory()
    if factory is not dataclasses.MISSING:
        default = factory()
    return Argument(name, hint, default, description_in(hint) or field.metadata.get("description"))


def _key(name: str, hint: Any) -> Argument:
    """Return the key of a typed dict as an argument.

    ``Annotated[int, 3, "how many"]`` gives the default and the description, with ``...``
    for no default.
    """
    default: Any = UNSET
    if get_origin(hint) is NotRequired:
        hint, default = get_args(hint)[0], None
    if get_origin(hint) is Annotated:
        marks = get_args(hint)[1:]
        if len(marks) == 2 and isinstance(marks[1], str):
            default = default if marks[0] is ... else marks[0]
            return Argument(name, get_args(hint)[0], default, marks[1])
    return Argument(name, hint, default, description_in(hint))
