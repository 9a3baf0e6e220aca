"""Whether arguments fit a JSON schema, as far as names and simple types say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._unset import UNSET

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
    "null": (type(None),),
}


def problems_of(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Return the name, the problem and the value of each argument that does not fit.

    >>> schema = {"properties": {"a": {"type": "integer"}}, "required": ["a", "b"]}
    >>> problems_of(schema, {"a": "one"})
    [('a', 'must be of type integer', 'one'), ('b', 'Field required', UNSET)]
    """
    properties = schema.get("properties", {})
    wrong: list[tuple[str, str, Any]] = [
        (name, f"must be {said}", value)
        for name, value in values.items()
        if (said := _mismatch(properties.get(name), value)) is not None
    ]
    required = schema.get("required", ())
    return wrong + [(name, "Field required", UNSET) for name in required if name not in values]


def _mismatch(schema: Any, value: Any) -> str | None:
    if not isinstance(schema, Mapping):
        return None
    if "enum" in schema and value not in schema["enum"]:
        return f"one of {schema['enum']}"
    named = schema.get("type")
    kinds = [named] if isinstance(named, str) else named
    if not isinstance(kinds, list) or not all(kind in _TYPES for kind in kinds):
        return None
    if any(_is_a(value, kind) for kind in kinds):
        return None
    return f"of type {' or '.join(kinds)}"


def _is_a(value: Any, kind: str) -> bool:
    # True is an int for Python, but no number in JSON.
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
