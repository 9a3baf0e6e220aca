"""Constructor arguments from annotations, as authors of models and tools write them.

A class declares its settings as annotated attributes, with or without a default,
and is made with keyword arguments::

    class MyModel(BaseChatModel):
        model: str
        temperature: float = 0.0

    MyModel(model="small")
"""

from __future__ import annotations

import copy
import sys
from functools import partial
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import ModelArgumentError

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Return a decorator that does nothing: only type checkers read it."""
        return lambda cls: cls


if sys.version_info >= (3, 14):
    from annotationlib import Format

    # As text: a name that only type checkers import has no value.
    get_annotations = partial(get_annotations, format=Format.STRING)

_MISSING = object()


@dataclass_transform(kw_only_default=True)
class KeywordFields:
    """Sets the annotated attributes of its subclasses from keyword arguments.

    Names that begin with an underscore and ``ClassVar`` annotations are no arguments.
    """

    _argument_error: ClassVar[type[Exception]] = ModelArgumentError
    """What is raised for arguments that are not there, or are missing."""

    def __init__(self, **values: Any) -> None:
        fields = fields_of(type(self))
        unknown = values.keys() - fields.keys()
        if unknown:
            raise self._argument_error(
                f"{type(self).__name__} has no argument {sorted(unknown)}; "
                f"it takes {sorted(fields)}"
            )
        missing = [
            name for name, default in fields.items() if default is _MISSING and name not in values
        ]
        if missing:
            raise self._argument_error(f"{type(self).__name__} needs the arguments {missing}")
        for name, default in fields.items():
            setattr(self, name, values[name] if name in values else _made(default))


def fields_of(cls: type[Any]) -> dict[str, Any]:
    """Return the arguments of a class with their defaults, those of its bases first."""
    fields: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if not issubclass(base, KeywordFields):
            continue
        own = vars(base)
        for name in [name for name in fields if name in own]:  # with or without an annotation
            if isinstance(own[name], property):
                del fields[name]  # a property: its value is computed
            else:
                fields[name] = own[name]
        for name, annotation in get_annotations(base).items():
            if not name.startswith("_") and "ClassVar" not in str(annotation):
                fields[name] = own.get(name, fields.get(name, _MISSING))
    return {
        name: _MISSING if _is_pydantic(value) and value.is_required() else value
        for name, value in fields.items()
    }


def _made(default: Any) -> Any:
    """Return a default for one instance: a mutable one would be shared by all."""
    if _is_pydantic(default):
        return default.get_default(call_default_factory=True)
    return copy.copy(default)


def _is_pydantic(default: Any) -> bool:
    """Whether this is what pydantic's ``Field()`` returns, by which many write defaults."""
    return type(default).__name__ == "FieldInfo" and hasattr(default, "get_default")
