"""Scripted models that call tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streamflow.language_models import GenericFakeChatModel
from streamflow.messages import AIMessage


def calling(*calls: tuple[str, dict[str, Any]], content: str = "", start: int = 1) -> AIMessage:
    """An answer that calls tools; the ids count from ``start``."""
    return AIMessage(
        content,
        tool_calls=[
            {"name": name, "args": args, "id": f"c{number}", "type": "tool_call"}
            for number, (name, args) in enumerate(calls, start)
        ],
    )


def saying(*answers: str | AIMessage) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter(answers))


def shown(messages: Sequence[Any]) -> list[tuple[str, str]]:
    return [(message.type, message.text) for message in messages]
