"""JSON schemas as models are shown them: whole, and without what only people read."""

from __future__ import annotations

from typing import Any

_REFERENCE = "#/$defs/"
_BY_NAME = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_DATA = ("default", "const", "enum", "examples", "required")


def for_model(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with what it refers to in its place, and without titles.

    A definition that refers to itself has no end; it stays where it is, and is referred to.

    >>> item = {"title": "Item", "type": "string"}
    >>> for_model({"$defs": {"Item": item}, "type": "array", "items": {"$ref": "#/$defs/Item"}})
    {'type': 'array', 'items': {'type': 'string'}}
    """
    definitions = schema.get("$defs", {})
    endless = {name for name in definitions if _reaches(definitions, name, name, set())}
    rest = {key: value for key, value in schema.items() if key != "$defs"}
    whole = _named(rest)
    if whole in definitions:  # one that refers to itself is a definition, too
        rest = {**definitions[whole], **{key: rest[key] for key in rest if key != "$ref"}}
    result: dict[str, Any] = _shown(rest, definitions, endless)
    if endless:
        kept = {name: definitions[name] for name in definitions if name in endless}
        result["$defs"] = {name: _shown(each, definitions, endless) for name, each in kept.items()}
    return result


def strict(schema: Any) -> Any:
    """Return a schema whose objects have all of their properties, and no others."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, dict):
            result[key] = {name: strict(each) for name, each in value.items()}
        else:
            result[key] = value if key in _DATA else strict(value)
    if result.get("type") == "object" or "properties" in result:
        result["additionalProperties"] = False
        if "properties" in result:
            result["required"] = list(result["properties"])
    return result


def _shown(schema: Any, definitions: dict[str, Any], endless: set[str]) -> Any:
    if isinstance(schema, list):
        return [_shown(each, definitions, endless) for each in schema]
    if not isinstance(schema, dict):
        return schema
    name = _named(schema)
    if name is not None and name not in endless and name in definitions:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return _shown({**definitions[name], **beside}, definitions, endless)
    result = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key in _BY_NAME and isinstance(value, dict):
            result[key] = {name: _shown(each, definitions, endless) for name, each in value.items()}
        else:
            result[key] = value if key in _DATA else _shown(value, definitions, endless)
    return result


def _named(schema: dict[str, Any]) -> str | None:
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REFERENCE):
        return reference.removeprefix(_REFERENCE)
    return None


def _reaches(definitions: dict[str, Any], start: str, target: str, seen: set[str]) -> bool:
    """Whether a definition refers to another one, however far."""
    if start in seen:
        return False
    seen.add(start)
    return any(
        name == target or _reaches(definitions, name, target, seen)
        for name in _references(definitions.get(start))
    )


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {name for each in schema for name in _references(each)}
    if not isinstance(schema, dict):
        return set()
    name = _named(schema)
    own = {name} if name is not None else set()
    return own.union(*(_references(each) for each in schema.values()))
