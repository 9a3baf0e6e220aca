"""What is added to a message or to a template of one, with ``+``, makes a chat prompt.

Prompts live some layers above messages, so they are loaded when the first one is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..prompts import ChatPromptTemplate


def prompt_of(part: Any) -> ChatPromptTemplate:
    """Return a chat prompt of one message, or of one template."""
    from ..prompts import ChatPromptTemplate  # noqa: PLC0415 - prompts are made of messages

    return ChatPromptTemplate((part,))
