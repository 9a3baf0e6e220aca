"""Calls of tools and their results, as every vendor wants them back: in pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..messages import AIMessage, BaseMessage, ToolMessage

if TYPE_CHECKING:
    from collections.abc import Container, Sequence


def answered_calls(messages: Sequence[BaseMessage]) -> frozenset[str]:
    """Return the ids of the calls whose results are among the messages."""
    return frozenset(each.tool_call_id for each in messages if isinstance(each, ToolMessage))


def malformed_calls(message: AIMessage, answered: Container[str | None]) -> list[Any]:
    """Return the calls with malformed arguments that a vendor is to be told back.

    It refuses a result without its call, and a call without a result. For a call that
    nobody could make, there may be one or not: it tells what was wrong.
    """
    return [bad for bad in message.invalid_tool_calls if bad["id"] in answered]
