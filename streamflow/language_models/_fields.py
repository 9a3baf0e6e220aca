"""Constructor arguments from annotations, as authors of models write them.

A model class declares its settings as annotated attributes, with or without a default,
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
from typing import TYPE_CHECKING, Any

from ..errors import ModelArgumentError

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

    def __init__(self, **values: Any) -> None:
        fields = _fields(type(self))
        unknown = values.keys() - fields.keys()
        if unknown:
            raise ModelArgumentError(
                f"{type(self).__name__} has no argument {sorted(unknown)}; "
                f"it takes {sorted(fields)}"
            )
        missing = [
            name for name, default in fields.items() if default is _MISSING and name not in values
        ]
        if missing:
            raise ModelArgumentError(f"{type(self).__name__} needs the arguments {missing}")
        for name, default in fields.items():
            # A mutable default would be shared by all instances.
            setattr(self, name, values[name] if name in values else copy.copy(default))


def _fields(cls: type[Any]) -> dict[str, Any]:
    """Return the arguments of a class with their defaults, those of its bases first."""
    fields: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if not issubclass(base, KeywordFields):
            continue
        for name, annotation in get_annotations(base).items():
            if not name.startswith("_") and "ClassVar" not in str(annotation):
                fields[name] = base.__dict__.get(name, fields.get(name, _MISSING))
    return fields
