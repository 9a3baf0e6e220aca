"""What to tell a model about the form of its answer."""

from __future__ import annotations

from typing import Any

import orjson


def json_instructions(schema: Any = None) -> str:
    """Return instructions to answer with JSON, of a schema if one is given."""
    if schema is None:
        return "Answer with JSON and nothing else."
    text = orjson.dumps(schema_of(schema)).decode()
    return (
        "Answer with one JSON value and nothing else: no explanation, no Markdown. The value "
        "must be an instance of the JSON schema below. Answer with the instance, not with the "
        'schema: for {"type": "object", "properties": {"city": {"type": "string"}}} a right '
        'answer is {"city": "Paris"}.\n\n'
        f"The JSON schema:\n{text}"
    )


def schema_of(schema: Any) -> dict[str, Any]:
    """Return the JSON schema of a class; of a JSON schema, itself."""
    if isinstance(schema, dict):
        return schema
    from .._schema import json_schema, model_of  # noqa: PLC0415 - loads pydantic

    name = getattr(schema, "__name__", "Answer")
    described = json_schema(model_of(schema, name))
    return {key: value for key, value in described.items() if key != "title"}
