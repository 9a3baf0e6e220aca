"""How many tokens messages take, roughly."""

from __future__ import annotations

from math import ceil

from .._json import dumps
from ._ai import AIMessage
from ._convert import convert_to_messages
from ._roles import ToolMessage


def count_tokens_approximately(
    messages: object,
    *,
    chars_per_token: float = 4.0,
    extra_tokens_per_message: float = 3.0,
    count_name: bool = True,
    tokens_per_image: int = 85,
) -> int:
    """Return about how many tokens messages take, without a tokenizer.

    Each message is counted by itself, so that the counts of messages add up.

    Args:
        messages: The messages, in any form that `convert_to_messages` reads.
        chars_per_token: How long a token is; four characters are usual in English.
        extra_tokens_per_message: What a message takes beside its text.
        count_name: Whether names are sent.
        tokens_per_image: What an image takes.

    Raises:
        ModelInputError: an item is no message.

    >>> from streamflow.messages import HumanMessage, count_tokens_approximately
    >>> count_tokens_approximately([HumanMessage("Which way to Bern?")])
    9
    """
    total = 0
    for message in convert_to_messages(messages):
        characters, tokens = len(_ROLES.get(message.type, message.type)), extra_tokens_per_message
        content = message.content
        for block in [content] if isinstance(content, str) else content:
            if isinstance(block, str):
                characters += len(block)
            elif block.get("type") == "text":
                characters += len(str(block.get("text", "")))
            elif block.get("type") in ("image", "image_url"):
                tokens += tokens_per_image
            else:
                characters += len(dumps(block))
        if isinstance(message, AIMessage) and message.tool_calls and isinstance(content, str):
            characters += len(dumps(message.tool_calls))
        if isinstance(message, ToolMessage):
            characters += len(message.tool_call_id)
        if message.name and count_name:
            characters += len(message.name)
        total += ceil(characters / chars_per_token + tokens)
    return total


# The roles as they are sent.
_ROLES = {"human": "user", "ai": "assistant"}
