"""Tools and functions in the form in which most providers of models want them told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ToolDefinitionError
from ._docstring import docstring_of, parse_docstring
from ._json_schema import for_model, strict as strict_schema
from ._signature import signature_of

_SCHEMA_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def convert_to_openai_tool(tool: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Return a tool in OpenAI's form: ``{"type": "function", "function": {...}}``.

    Args:
        tool: What `convert_to_openai_function` takes; or a dict that has the form already,
            also of one of the provider's own tools, which is returned as it is.
        strict: The model is to keep to the schema exactly.

    Raises:
        ToolDefinitionError: it cannot be described.

    >>> def add(a: int, b: int = 0) -> int:
    ...     "Add two numbers."
    >>> convert_to_openai_tool(add)["function"]["parameters"]["required"]
    ['a']
    """
    if isinstance(tool, Mapping):
        kind = tool.get("type")
        if isinstance(kind, str) and kind not in _SCHEMA_TYPES and "input_schema" not in tool:
            return dict(tool)
    return {"type": "function", "function": convert_to_openai_function(tool, strict=strict)}


def convert_to_openai_function(function: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Return a function in OpenAI's form: a dict of its name, description and parameters.

    Args:
        function: A tool; a function with type hints; a pydantic model, attrs class,
            dataclass or TypedDict; a JSON schema with a ``title``; or a dict in the form of
            OpenAI, Anthropic or Amazon Bedrock.
        strict: The model is to keep to the schema exactly: all parameters are required,
            and there are no others.

    Raises:
        ToolDefinitionError: it cannot be described.

    >>> def add(a: int, b: int = 0) -> int:
    ...     '''Add two numbers.
    ...
    ...     Args:
    ...         a: The first.
    ...     '''
    >>> described = convert_to_openai_function(add)
    >>> described["name"], described["description"]
    ('add', 'Add two numbers.')
    >>> described["parameters"]["properties"]["a"]
    {'description': 'The first.', 'type': 'integer'}
    """
    described = _described(function)
    if strict is None:
        return described
    if strict and "parameters" in described:
        described["parameters"] = strict_schema(described["parameters"])
    return {**described, "strict": strict}


def _described(function: Any) -> dict[str, Any]:
    if isinstance(function, Mapping):
        return _from_dict(function)
    if hasattr(function, "_openai_function"):
        tool: dict[str, Any] = function._openai_function()
        return tool
    if isinstance(function, type):
        schema = _models().describe(function)
        return _from_schema(schema, function.__name__, with_description=True)
    if callable(function):
        return _from_function(function)
    raise _unknown(function)


def _from_dict(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("type") == "function" and isinstance(given.get("function"), Mapping):
        return dict(given["function"])
    for outer in (given, given.get("toolSpec")):
        if not isinstance(outer, Mapping) or not isinstance(outer.get("name"), str):
            continue
        result = {"name": outer["name"]}
        schema = outer.get("input_schema") or outer.get("inputSchema") or outer.get("parameters")
        if schema is not None:
            result["parameters"] = schema.get("json", schema) if outer is not given else schema
        facts = ("description", "strict")
        return {**result, **{key: outer[key] for key in facts if outer.get(key) is not None}}
    if isinstance(given.get("title"), str):
        return _from_schema(dict(given), given["title"], with_description=False)
    raise _unknown(given)


def _from_schema(schema: dict[str, Any], name: str, *, with_description: bool) -> dict[str, Any]:
    parameters = for_model(schema)
    description = parameters.pop("description", None)
    result = {"name": schema.get("title", name), "parameters": parameters}
    if description is not None or with_description:
        result["description"] = description or ""
    return result


def _from_function(function: Any) -> dict[str, Any]:
    text = parse_docstring(docstring_of(function))
    name = getattr(function, "__name__", None) or type(function).__name__
    signature = signature_of(function).described(text.arguments)
    models = _models()
    visible = {key: each for key, each in signature.arguments.items() if each.injected is None}
    model = models.model_of_signature(type(signature)(visible), name, None)
    parameters = for_model(models.json_schema(model))
    return {"name": name, "description": text.description, "parameters": parameters}


def _models() -> Any:
    from . import _models  # noqa: PLC0415 - loads pydantic, when a schema is asked for

    return _models


def _unknown(thing: Any) -> ToolDefinitionError:
    return ToolDefinitionError(
        f"this cannot be described as a function: {thing!r}. Give a tool, a function, a class that "
        f"describes arguments, a JSON schema with a 'title', or a dict in OpenAI's form."
    )
