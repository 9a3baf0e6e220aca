"""Messages as OpenAI's chat completions write them, which many providers read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .._json import dumps
from ..errors import ModelInputError
from ._ai import AIMessage
from ._convert import convert_to_messages
from ._media import KINDS, media_of
from ._roles import ChatMessage, SystemMessage, ToolMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._base import BaseMessage
    from ._content import Block
    from ._media import Media

_ROLES = {"human": "user", "ai": "assistant"}
_FORMATS = {"wave": "wav", "mpeg": "mp3"}


def convert_to_openai_messages(
    messages: object,
    *,
    text_format: Literal["string", "block"] = "string",
    include_id: bool = False,
    pass_through_unknown_blocks: bool = True,
) -> Any:
    """Return messages as dicts in the form of OpenAI's chat completions.

    Images, audio and files come out in that form, too, whichever of the usual forms they have
    in the messages. Calls of tools and their results that stand in the content, as Anthropic
    writes them, become the calls and the messages that they are.

    Args:
        messages: Messages, in any form that `convert_to_messages` reads.
        text_format: Write content that is text alone as one ``"string"``, or everything as a
            list of content ``"block"`` dicts.
        include_id: Write the ids of messages.
        pass_through_unknown_blocks: Leave content blocks of an unknown type as they are;
            otherwise they are an error.

    Returns:
        A list of dicts; one dict, if one message was given that makes one.

    Raises:
        ModelInputError: an item is no message, or a content block is unknown, or is of a kind
            of media without holding any.

    >>> from streamflow.messages import AIMessage, convert_to_openai_messages
    >>> convert_to_openai_messages([("human", "Hi"), AIMessage("Hello")])
    [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello'}]
    """
    if text_format not in ("string", "block"):
        raise ModelInputError(f"text_format is 'string' or 'block', got {text_format!r}")
    written: list[dict[str, Any]] = []
    for message in convert_to_messages(messages):
        made = _written(message, text_format, strict=not pass_through_unknown_blocks)
        if include_id and message.id is not None:
            made[-1]["id"] = message.id
        written += made
    one = isinstance(messages, (str, dict)) or hasattr(messages, "pretty_repr")
    return written[0] if one and len(written) == 1 else written


def openai_media(media: Media) -> Block:
    """Return a content block for an image, audio, a file or a video, in OpenAI's form."""
    if media.file_id:
        return {"type": "file", "file": {"file_id": media.file_id}}
    if media.kind == "image":
        detail = {"detail": media.extra["detail"]} if "detail" in media.extra else {}
        return {"type": "image_url", "image_url": {"url": media.data_url, **detail}}
    if media.kind == "audio" and media.data:
        form = media.mime_type.rpartition("/")[2].removeprefix("x-")
        audio = {"data": media.data, "format": _FORMATS.get(form, form)}
        return {"type": "input_audio", "input_audio": audio}
    if media.kind == "video":
        return {"type": "video_url", "video_url": {"url": media.data_url}}
    file = {"filename": media.name or "file", "file_data": media.data_url}
    return {"type": "file", "file": file}


def openai_tool_call(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool call in OpenAI's form, where the arguments are JSON text.

    Args:
        call: A tool call, or an invalid one, whose text is passed on as it is.
    """
    args = call["args"]
    text = args if isinstance(args, str) else dumps(args or {}).decode()
    return {
        "type": "function",
        "id": call["id"],
        "function": {"name": call["name"], "arguments": text},
    }


def _written(message: BaseMessage, text_format: str, *, strict: bool) -> list[dict[str, Any]]:
    role = message.role if isinstance(message, ChatMessage) else message.type
    if isinstance(message, SystemMessage):
        role = message.additional_kwargs.get("__openai_role__", role)
    made: dict[str, Any] = {"role": _ROLES.get(role, role)}
    if message.name is not None:
        made["name"] = message.name
    calls: list[dict[str, Any]] = []
    if isinstance(message, AIMessage):
        whole = (*message.tool_calls, *message.invalid_tool_calls)
        calls = [openai_tool_call(call) for call in whole]
        for key in ("refusal", "function_call", "audio"):
            if message.additional_kwargs.get(key):
                made[key] = message.additional_kwargs[key]
    if isinstance(message, ToolMessage):
        made["tool_call_id"] = message.tool_call_id
    blocks: list[Block] = []
    results: list[dict[str, Any]] = []
    content = message.content
    for block in [content] if isinstance(content, str) else content:
        if isinstance(block, dict) and block.get("type") == "tool_use":
            if block.get("id") not in {call["id"] for call in calls}:
                calls.append(openai_tool_call({**block, "args": block.get("input")}))
        elif isinstance(block, dict) and block.get("type") == "tool_result":
            results.append(_result(block, text_format, strict=strict))
        else:
            blocks.append(_block(block, strict=strict))
    made["content"] = _content(blocks, text_format)
    if calls:
        made["tool_calls"] = calls
    if results and not any(block.get("text") or block["type"] != "text" for block in blocks):
        return results
    return [*results, made]


def _content(blocks: list[Block], text_format: str) -> Any:
    if text_format == "block":
        return blocks
    if all(block["type"] == "text" for block in blocks):
        return "\n".join(block["text"] for block in blocks)
    return blocks


def _block(block: object, *, strict: bool) -> Block:
    if isinstance(block, str):
        return {"type": "text", "text": block}
    if isinstance(block, dict) and block.get("type") == "text":
        return {"type": "text", "text": str(block.get("text") or "")}
    media = media_of(block) if isinstance(block, dict) else None
    if media is not None:
        return openai_media(media)
    if strict or not isinstance(block, dict) or "type" not in block:
        known = ", ".join(repr(name) for name in ("text", *KINDS))
        raise ModelInputError(f"a content block of no known type ({known}): {block!r:.200}")
    return block


def _result(block: Block, text_format: str, *, strict: bool) -> dict[str, Any]:
    content = block.get("content") or ""
    parts = [content] if isinstance(content, str) else content
    return {
        "role": "tool",
        "tool_call_id": block.get("tool_use_id"),
        "content": _content([_block(part, strict=strict) for part in parts], text_format),
    }
