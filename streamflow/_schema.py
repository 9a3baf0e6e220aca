"""From type annotations to pydantic models and JSON schemas.

This is the one file that imports pydantic, so it is itself imported only where a schema is
asked for. pydantic reads annotations of its own; what is added here:

* classes made with attrs, such as messages, are objects of their fields. A dict of the
  fields becomes an instance. A class attribute ``type`` with a text tells kinds apart; a
  class without one, or an abstract one, stands for those derived from it;
* what pydantic cannot read, or JSON cannot describe, is anything at all: a schema tells
  what is known, and is no reason for a program to fail.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from keyword import iskeyword
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ForwardRef,
    Generic,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import attrs
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    WrapValidator,
    create_model,
)
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from ._hints import hints_of_class
from ._object_types import NotRequired, is_typeddict, keys_of, object_type, without_marks
from ._unset import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

T = TypeVar("T")

__all__ = (
    "BaseModel",
    "ObjectField",
    "ValidationError",
    "json_schema",
    "model_of",
    "object_model",
    "problems_in",
    "with_fields",
)

_CONFIG = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())
_READ: dict[Any, Any] = {}
_REMEMBERED = 1000
"""How many classes are remembered: there are programs that make classes as they run."""


@attrs.frozen
class ObjectField:
    """One key of an object."""

    annotation: Any
    """The type of its value."""
    default: Any = UNSET
    """Its value where it is missing; it must not be, if there is none."""
    title: str | None = None
    """Its name for people."""
    description: str | None = None
    """What it means."""


def model_of(annotation: Any, name: str) -> type[BaseModel]:
    """Return a pydantic model for a type: one with a field for each key, if it is an object."""
    if _is_class(annotation) and issubclass(annotation, BaseModel):
        own: type[BaseModel] = annotation
        return own
    keys = keys_of(annotation) if is_typeddict(annotation) else None
    if keys is not None:
        fields = {key: _field_of(hint) for key, hint in keys.items()}
        text = vars(annotation).get("__doc__")  # not that of dict
        return object_model(name, fields, inspect.cleandoc(text) if text else None)
    try:
        return _named(_root_of(_Reader().read(annotation)), name)
    except PydanticUserError:
        return _named(_root_of(Any), name)


def object_model(
    name: str, fields: Mapping[str, ObjectField], description: str | None = None
) -> type[BaseModel]:
    """Return a pydantic model of objects with these keys, whatever text the keys are."""
    made: dict[str, Any] = {}
    for number, (key, field) in enumerate(fields.items()):
        plain = key.isidentifier() and not iskeyword(key) and not key.startswith("_")
        attribute = key if plain and not hasattr(BaseModel, key) else f"field_{number}"
        while attribute != key and attribute in fields:
            attribute += "_"
        facts: dict[str, Any] = {"title": field.title, "description": field.description}
        if attribute != key:
            facts["alias"] = key
        if isinstance(field.default, FieldInfo):  # the default of a function's parameter
            made[attribute] = (Annotated[_known(field.annotation), _field(facts)], field.default)
            continue
        if not isinstance(field.default, Unset):
            facts["default"] = field.default
        made[attribute] = (_known(field.annotation), _field(facts))
    return create_model(name, __config__=_CONFIG, __doc__=description, **made)


def _field(facts: dict[str, Any]) -> Any:
    # A fact that is None would hide what the annotation says.
    return Field(**{k: v for k, v in facts.items() if k == "default" or v is not None})


def with_fields(
    model: type[BaseModel], keep: Collection[str], name: str, description: str | None
) -> type[BaseModel]:
    """Return a model under another name, of those fields of a model that are to be kept."""
    if all(field in keep for field in model.model_fields):
        return create_model(name, __base__=model, __doc__=description)
    fields: dict[str, Any] = {
        key: (field.annotation, field) for key, field in model.model_fields.items() if key in keep
    }
    return create_model(name, __config__=model.model_config, __doc__=description, **fields)


def problems_in(error: ValidationError) -> list[tuple[str, str, Any]]:
    """Return, for each value that a model does not take, its place and what is wrong.

    The third is the value; ``UNSET`` where it is missing.
    """
    found = []
    for each in error.errors(include_url=False, include_context=False):
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in each["loc"])
        value = UNSET if each["type"] == "missing" else each["input"]
        found.append(("".join(parts).removeprefix("."), each["msg"], value))
    return found


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model."""
    return model.model_json_schema(schema_generator=_Generator)


class _Root(RootModel[T], Generic[T]):
    model_config = ConfigDict(arbitrary_types_allowed=True)


def _root_of(annotation: Any) -> type[BaseModel]:
    model: Any = _Root.__class_getitem__(annotation)
    result: type[BaseModel] = model
    return result


class _Generator(GenerateJsonSchema):
    """Describes as anything what JSON cannot describe."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as in the base

    def handle_invalid_for_json_schema(
        self, schema: core_schema.CoreSchema, error_info: str
    ) -> JsonSchemaValue:
        return {}


def _named(model: type[BaseModel], name: str) -> type[BaseModel]:
    return create_model(name, __base__=model)


def _field_of(hint: Any) -> ObjectField:
    if get_origin(hint) is NotRequired:
        return ObjectField(without_marks(hint), default=None)
    return ObjectField(hint)


def _known(annotation: Any) -> Any:
    """Return a type that pydantic can read: this one, or ``Any``."""
    try:
        readable = _Reader().read(annotation)
        _root_of(readable)
    except PydanticUserError:
        return Any
    return readable


class _Reader:
    """Replaces what pydantic cannot read, at any depth.

    A schema cannot go on for ever, so a class inside of itself is anything.
    """

    def __init__(self) -> None:
        self._above: list[Any] = []
        self._cut: list[Any] = []  # of those above, the ones that were met again

    def read(self, annotation: Any) -> Any:
        if is_typeddict(annotation):
            return self._within(annotation, _read_dict)
        if _is_class(annotation):
            if not attrs.has(annotation):
                return annotation
            kinds = _kinds_of(annotation)
            return _union(self._within(kind, _read_class) for kind in kinds)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is None:
            return annotation if _is_typing(annotation) else Any
        if origin in (Literal, Callable) or not arguments:
            return annotation
        if origin is Annotated:
            parts = (self.read(arguments[0]), *arguments[1:])
            return Annotated[parts]
        changed = tuple(self.read(each) for each in arguments)
        if all(new is old for new, old in zip(changed, arguments, strict=True)):
            return annotation
        if origin in (Union, types.UnionType):
            return _union(changed)
        return origin[changed[0] if len(changed) == 1 else changed]

    def _within(self, cls: Any, read: Callable[[_Reader, Any], Any]) -> Any:
        if cls in self._above:
            self._cut.append(cls)
            return Any
        if cls in _READ:
            return _READ[cls]
        self._above.append(cls)
        result = read(self, cls)
        self._above.remove(cls)
        self._cut = [each for each in self._cut if each is not cls]
        if not self._cut and cls.__module__ != object_type.__module__:
            # The same each time, so that a schema describes it once; but not where a part
            # is missing because of where it was met, and not what is made for one schema.
            if len(_READ) >= _REMEMBERED:
                _READ.clear()
            _READ[cls] = result
        return result


def _is_class(annotation: Any) -> bool:
    # On Python 3.10 list[int] says that it is one.
    return isinstance(annotation, type) and get_origin(annotation) is None


def _is_typing(annotation: Any) -> bool:
    """Whether this stands for a type, by its own right or inside of another one."""
    if isinstance(annotation, type) or annotation is None or annotation is ...:
        return True
    known = type(annotation).__module__ in ("typing", "typing_extensions")
    return known and not isinstance(annotation, ForwardRef)


def _read_dict(reader: _Reader, annotation: Any) -> Any:
    keys = keys_of(annotation) or {}
    changed = {key: reader.read(hint) for key, hint in keys.items()}
    outdated = sys.version_info < (3, 12) and type(annotation).__module__ == "typing"
    if not outdated and all(changed[key] is keys[key] for key in keys):
        return annotation
    return object_type(annotation.__name__, changed)


def _read_class(reader: _Reader, cls: Any) -> Any:
    hints = hints_of_class(cls)
    keys: dict[str, Any] = {"type": Literal[cls.type]} if _has_type(cls) else {}
    optional = set()
    for each in attrs.fields(cls):
        if each.init:
            keys[each.alias] = reader.read(hints.get(each.name, Any))
            if each.default is not attrs.NOTHING:
                optional.add(each.alias)
    fields = object_type(cls.__name__, keys, optional)
    fields.__doc__ = (inspect.getdoc(cls) or "").partition("\n")[0] or None
    return Annotated[fields, WrapValidator(_instance_maker(cls))]


def _union(types: Iterable[Any]) -> Any:
    return Union[tuple(types)]  # noqa: UP007 - how many they are is known when it runs


def _instance_maker(cls: type[Any]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    names = {each.alias for each in attrs.fields(cls) if each.init}

    def instance(value: Any, validated: Callable[[Any], Any]) -> Any:
        if isinstance(value, cls):
            return value
        return cls(**{key: given for key, given in validated(value).items() if key in names})

    return instance


def _kinds_of(cls: type[Any]) -> list[type[Any]]:
    """Return the classes that a class stands for, itself in most cases."""
    # A class with slots is made anew by attrs; what it was before is still there, for a time.
    derived = [
        each
        for each in _derived(cls)
        if "__attrs_attrs__" in vars(each) and not inspect.isabstract(each)
    ]
    if inspect.isabstract(cls):
        return derived or [cls]
    if _has_type(cls):
        return [cls]
    return [each for each in derived if "type" in vars(each) and _has_type(each)] or [cls]


def _has_type(cls: type[Any]) -> bool:
    return isinstance(getattr(cls, "type", None), str)


def _derived(cls: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = []
    for each in cls.__subclasses__():
        found += [each, *_derived(each)]
    return list(dict.fromkeys(found))
