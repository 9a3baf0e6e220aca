"""Types of dicts with known keys, made while the program runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, get_origin

from ._hints import hints_of_class

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# pydantic, which is to read them, needs the backport before 3.12; before 3.11 there is no
# other way to say that one key may be missing.
if sys.version_info >= (3, 13):
    from typing import NotRequired, Required, TypedDict
else:
    from typing_extensions import NotRequired, Required, TypedDict

__all__ = ("NotRequired", "is_typeddict", "keys_of", "object_type", "without_marks")


def is_typeddict(annotation: Any) -> bool:
    """Whether this is a typed dict, of the standard library or of its backport."""
    return isinstance(annotation, type) and hasattr(annotation, "__optional_keys__")


def object_type(name: str, keys: Mapping[str, Any], optional: Collection[str] = ()) -> Any:
    """Return the type of dicts with these keys.

    Args:
        name: Its name.
        keys: The type of each key's value; ``NotRequired[...]`` for one that may be missing.
        optional: More keys that may be missing.
    """
    marked = {
        key: NotRequired[without_marks(value)] if key in optional else value
        for key, value in keys.items()
    }
    return TypedDict(name, marked)  # type: ignore[operator]  # known only when it runs


def keys_of(annotation: Any) -> dict[str, Any] | None:
    """Return the keys that `object_type` would take for a type; ``None`` if it has none.

    Typed dicts have keys, and pydantic models, whose fields are given as keys.
    """
    if is_typeddict(annotation):
        return {
            key: NotRequired[without_marks(hint)]
            if _may_be_missing(annotation, key, hint)
            else without_marks(hint)
            for key, hint in hints_of_class(annotation).items()
        }
    fields = getattr(annotation, "model_fields", None)
    if isinstance(annotation, type) and fields and "root" not in fields:
        return {
            field.alias or name: field.annotation
            if field.is_required()
            else NotRequired[field.annotation]
            for name, field in fields.items()
        }
    return None


def _may_be_missing(annotation: Any, key: str, hint: Any) -> bool:
    # The class does not know of marks that were text when it was made.
    mark = get_origin(hint)
    return mark is NotRequired or (mark is not Required and key in annotation.__optional_keys__)


def without_marks(annotation: Any) -> Any:
    """Return the type of a key without what says whether the key may be missing."""
    if get_origin(annotation) in (NotRequired, Required):
        return annotation.__args__[0]
    return annotation
