"""Requests of OpenAI's chat completions, which most vendors understand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    ToolMessage,
)
from ..messages._media import media_of
from ..messages._openai import openai_media, openai_tool_call
from ._tool_turns import answered_calls, malformed_calls

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from .._vendors._table import Vendor

    Block = dict[str, Any]

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}
# Blocks that are said in another place, or were only for the reader.
_NOT_SENT = frozenset({"reasoning", "thinking", "redacted_thinking", "tool_use", "tool_call"})
_SENT_BACK = ("refusal", "audio", "function_call")
BESIDE_CALLS = "tool_call_extra_content"
"""Where in its `additional_kwargs` a message has what a vendor says beside tool calls, by their
ids. Gemini's calls have a signature there, without which it does not take them back."""


def openai_body(
    vendor: Vendor,
    messages: Sequence[BaseMessage],
    options: Mapping[str, Any],
    *,
    stream: bool,
) -> Block:
    """Return the body of a request.

    Args:
        vendor: Who is asked; it has names of its own for some options.
        messages: What is said.
        options: Settings by OpenAI's names; those that are ``None`` are left out, and those
            that are not known go as they are.
        stream: The answer is to come in pieces.
    """
    answered = answered_calls(messages)
    body: Block = {"messages": [openai_message(each, answered, vendor.name) for each in messages]}
    for name, value in options.items():
        if value is not None:
            body[vendor.renamed.get(name, name)] = value
    if "tools" in body:
        body["tools"] = [openai_tool(tool) for tool in body["tools"]]
        if not body["tools"]:
            del body["tools"]
    if "tool_choice" in body:
        body["tool_choice"] = openai_tool_choice(body["tool_choice"], vendor.any_tool)
    if isinstance(body.get("stop"), str):
        body["stop"] = [body["stop"]]
    if "response_format" in body:
        body["response_format"] = response_format(body["response_format"])
    if stream:
        body["stream"] = True
        if vendor.stream_usage and body.pop("stream_usage", True):
            body.setdefault("stream_options", {"include_usage": True})
    body.pop("stream_usage", None)
    return body


def openai_message(
    message: BaseMessage, answered: Container[str | None] = (), vendor: str | None = None
) -> Block:
    """Return one message as OpenAI writes it.

    Args:
        message: The message.
        answered: The ids of the calls that have results.
        vendor: Who is told. What another one has said beside its calls is left out: most
            refuse what they do not know.

    Raises:
        ModelInputError: a content block cannot be told to a vendor.
    """
    role = message.role if isinstance(message, ChatMessage) else message.type
    said: Block = {"role": _ROLES.get(role, role), "content": openai_content(message.content)}
    if isinstance(message, ToolMessage):
        said["tool_call_id"] = message.tool_call_id
        return said
    if message.name is not None:
        said["name"] = message.name
    if isinstance(message, FunctionMessage) and not isinstance(said["content"], str):
        said["content"] = message.text
    if isinstance(message, AIMessage):
        for key in _SENT_BACK:
            if message.additional_kwargs.get(key):
                said[key] = message.additional_kwargs[key]
        if "audio" in said:
            said["audio"] = {"id": said["audio"].get("id")}
        calls = [openai_tool_call(call) for call in message.tool_calls]
        invalid = malformed_calls(message, answered)
        calls += [openai_tool_call({**bad, "args": bad["args"] or ""}) for bad in invalid]
        if calls:
            said["tool_calls"] = calls
            beside = _beside_calls(message, vendor)
            for call in calls:
                if call["id"] in beside:
                    call["extra_content"] = beside[call["id"]]
        if not said["content"]:
            said["content"] = None if calls or len(said) > 2 else ""
    return said


def _beside_calls(message: AIMessage, vendor: str | None) -> Mapping[str, Any]:
    if message.response_metadata.get("model_provider", vendor) != vendor:
        return {}
    return message.additional_kwargs.get(BESIDE_CALLS) or {}


def openai_content(content: Any) -> str | list[Block]:
    """Return the content of a message: text, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = [part for part in map(_part, content) if part is not None]
    if all(part.keys() == {"type", "text"} and part["type"] == "text" for part in parts):
        # Many vendors take a list from the user only; text alone needs none.
        return "".join(part["text"] for part in parts)
    return parts


def _part(block: str | Block) -> Block | None:
    if isinstance(block, str):
        return {"type": "text", "text": block}
    kind = block.get("type")
    if kind in _NOT_SENT:
        return None
    if kind == "text":
        kept = ("type", "text", "cache_control")
        return {key: block[key] for key in kept if block.get(key) is not None}
    media = media_of(block)
    if media is None:
        return {key: value for key, value in block.items() if key != "index"}
    part = openai_media(media)
    if "cache_control" in media.extra:
        part["cache_control"] = media.extra["cache_control"]
    return part


def openai_tool(tool: Any, *, strict: bool | None = None) -> Block:
    """Return a tool as OpenAI writes it; see `streamflow.tools.convert_to_openai_tool`."""
    if isinstance(tool, dict) and "type" in tool and "input_schema" not in tool and strict is None:
        return tool
    from ..tools import convert_to_openai_tool  # noqa: PLC0415 - schemas, where tools are used

    return convert_to_openai_tool(tool, strict=strict)


def openai_tool_choice(choice: Any, any_tool: str = "required") -> Any:
    """Return which tool is to be called, as OpenAI writes it.

    Args:
        choice: ``"auto"``, ``"none"``; ``"any"``, ``"required"`` or ``True`` for one of them;
            the name of one; or a dict in the form of OpenAI or Anthropic.
        any_tool: The vendor's word for one of them.
    """
    if choice in ("auto", "none"):
        return choice
    if choice is True or choice in ("any", "required"):
        return any_tool
    if choice is False:
        return "none"
    if isinstance(choice, str):
        return {"type": "function", "function": {"name": choice}}
    if isinstance(choice, dict) and choice.get("type") in ("auto", "any", "none"):
        return openai_tool_choice(choice["type"], any_tool)
    if isinstance(choice, dict) and choice.get("type") == "tool":
        return openai_tool_choice(choice["name"], any_tool)
    return choice


def response_format(wanted: Any) -> Any:
    """Return the form that an answer must have: a dict as it is, a class as its schema."""
    if wanted in ("text", "json_object"):
        return {"type": wanted}
    if isinstance(wanted, dict) and "type" in wanted and wanted["type"] != "object":
        return wanted
    from ..tools import convert_to_openai_function  # noqa: PLC0415 - as above

    function = convert_to_openai_function(wanted, strict=True)
    schema = {"name": function["name"], "schema": function["parameters"], "strict": True}
    return {"type": "json_schema", "json_schema": schema}
