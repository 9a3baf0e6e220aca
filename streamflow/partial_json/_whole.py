"""Whole texts: what the parser of pieces gives for all of a text at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamflow.errors import OutputParserException
from streamflow.partial_json._parser import PartialJSONParser

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("parse_and_check_json_markdown", "parse_json_markdown", "parse_partial_json")


def parse_partial_json(text: str, *, strict: bool = False) -> Any:
    """Parse JSON that may end anywhere.

    Args:
        text: JSON and nothing else, or the beginning of it.
        strict: Refuse line breaks and other control characters inside strings.

    Returns:
        The value, completed as `PartialJSONParser` does.

    Raises:
        OutputParserException: The text is malformed, or has no value yet.

    Example:
        >>> parse_partial_json('{"name": "France", "cities": ["Par')
        {'name': 'France', 'cities': ['Par']}
    """
    try:
        # Mostly the text is whole; the standard library reads it at the speed of C.
        return json.loads(text, strict=strict)
    except (ValueError, RecursionError):
        pass
    parser = PartialJSONParser(strict=strict, bare=True)
    parser.feed(text)
    return parser.close()


def parse_json_markdown(text: str) -> Any:
    r"""Parse the JSON in an answer that may have prose and a fence around it.

    Args:
        text: The answer; the JSON in it may end anywhere.

    Returns:
        The value, completed as `PartialJSONParser` does.

    Raises:
        OutputParserException: There is no JSON in the text, or it is malformed.

    Example:
        >>> parse_json_markdown("Here it is:\n```json\n[1, 2]\n```\nEnjoy!")
        [1, 2]
    """
    parser = PartialJSONParser()
    parser.feed(text)
    return parser.close()


def parse_and_check_json_markdown(text: str, expected_keys: Iterable[str]) -> dict[str, Any]:
    """Parse the JSON object in an answer and see that it has some keys.

    Args:
        text: As for `parse_json_markdown`.
        expected_keys: The keys that the object must have; it may have others.

    Returns:
        The object.

    Raises:
        OutputParserException: There is no JSON in the text, it is malformed, it is no
            object, or a key is missing.

    Example:
        >>> parse_and_check_json_markdown('{"answer": 42}', ["answer"])
        {'answer': 42}
    """
    value = parse_json_markdown(text)
    if not isinstance(value, dict):
        reason = f"a JSON object was expected, not {type(value).__name__}"
        raise OutputParserException(reason, text=text)
    missing = [key for key in expected_keys if key not in value]
    if missing:
        reason = f"the JSON object has no key {', '.join(map(repr, missing))}, only {list(value)}"
        raise OutputParserException(reason, text=text)
    return value
