"""What a tool has returned, as a message for the model."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import attrs

from .._merge import merge_lossless
from ..messages import ToolMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS = frozenset(
    ("text", "image_url", "image", "audio", "video", "file", "document", "json", "search_result")
)
"""Types of the parts of a message that models read as they are."""


def combined(values: Sequence[Any]) -> Any:
    """Return one value for those that a generator has yielded: their sum, or the last one."""
    if not values:
        return None
    whole, problem = merge_lossless(values)
    return whole if problem is None else values[-1]


def adds_up(values: Sequence[Any]) -> bool:
    """Whether the values of a generator have a sum."""
    return len(values) < 2 or merge_lossless(values)[1] is None


def as_message(content: Any, artifact: Any, name: str, call_id: str | None, status: Any) -> Any:
    """Return the answer to a tool call.

    What a tool has made for its caller, a tool message or a command, is the answer itself.
    """
    parts = content if isinstance(content, (list, tuple)) and content else [content]
    if all(_is_answer(part) for part in parts):
        return content
    return ToolMessage(
        content if _is_content(content) else as_text(content),
        name=name,
        tool_call_id="" if call_id is None else call_id,
        artifact=artifact,
        status=status,
    )


def as_text(value: Any) -> str:
    """Return a value as text for a model: JSON, if it can be."""
    plain = value if isinstance(value, _IN_JSON) else _plain(value)
    if isinstance(plain, str):
        return plain
    try:
        return json.dumps(plain, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError, RecursionError):  # keys that are no text, or a circle
        return str(value)


_IN_JSON = (str, int, float, dict, list, tuple, type(None))


def _plain(value: Any) -> Any:
    """Return what stands for a value in JSON; its text, if nothing else does."""
    if hasattr(type(value), "model_dump"):
        return value.model_dump(mode="json")
    if attrs.has(type(value)):
        return attrs.asdict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def _is_answer(value: Any) -> bool:
    return isinstance(value, ToolMessage) or getattr(type(value), "_is_tool_answer", False)


def _is_content(value: Any) -> bool:
    if isinstance(value, str):
        return True
    return isinstance(value, list) and all(
        isinstance(part, str) or (isinstance(part, dict) and part.get("type") in _BLOCKS)
        for part in value
    )
