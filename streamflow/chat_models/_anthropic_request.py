"""Requests of Anthropic's messages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from ..errors import ModelInputError
from ..messages import AIMessage, BaseMessage, FunctionMessage, SystemMessage, ToolMessage
from ..messages._media import media_of
from ..messages._tool_calls import parse_arguments
from ._openai_request import openai_tool
from ._tool_turns import answered_calls, malformed_calls

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    Block = dict[str, Any]

_RENAMED = {"stop": "stop_sequences", "max_completion_tokens": "max_tokens"}
# Told in another place of the body, or not known to it.
_OTHERS = frozenset({"tool_choice", "tools", "parallel_tool_calls", "stream_usage", "user"})


def anthropic_body(
    messages: Sequence[BaseMessage],
    options: Mapping[str, Any],
    *,
    stream: bool,
) -> Block:
    """Return the body of a request.

    Args:
        messages: What is said; those of the system go to a place of their own.
        options: Settings by the names that all vendors have here; those that are not known
            go as they are.
        stream: The answer is to come in pieces.
    """
    body: Block = {"messages": anthropic_messages(messages)}
    system = [part for each in messages if _is_system(each) for part in _parts(each.content)]
    if system:
        plain = len(system) == 1 and system[0].keys() == {"type", "text"}
        body["system"] = system[0]["text"] if plain else system
    for name, value in options.items():
        if value is not None and name not in _OTHERS:
            body[_RENAMED.get(name, name)] = value
    if isinstance(body.get("stop_sequences"), str):
        body["stop_sequences"] = [body["stop_sequences"]]
    if options.get("user"):
        body["metadata"] = {"user_id": options["user"], **body.get("metadata", {})}
    if options.get("tools"):
        body["tools"] = [anthropic_tool(tool) for tool in options["tools"]]
    choice = _tool_choice(options.get("tool_choice"), options.get("parallel_tool_calls"))
    if choice is not None:
        body["tool_choice"] = choice
    if stream:
        body["stream"] = True
    return body


def anthropic_messages(messages: Sequence[BaseMessage]) -> list[Block]:
    """Return what user and assistant say in turn; what one says in a row is one message."""
    said: list[Block] = []
    answered = answered_calls(messages)
    for message in messages:
        if _is_system(message):
            continue
        role = "assistant" if isinstance(message, AIMessage) else "user"
        parts = _said(message, answered)
        if not parts:
            continue
        if said and said[-1]["role"] == role:
            said[-1]["content"] += parts
        else:
            said.append({"role": role, "content": parts})
    for each in said:
        content = each["content"]
        if len(content) == 1 and content[0].keys() == {"type", "text"}:
            each["content"] = content[0]["text"]
    return said


def _is_system(message: BaseMessage) -> bool:
    return isinstance(message, SystemMessage)


def _said(message: BaseMessage, answered: Container[str | None]) -> list[Block]:
    if isinstance(message, FunctionMessage):
        raise ModelInputError(
            "Anthropic has no function messages; answer a tool call with a ToolMessage"
        )
    parts = _parts(message.content)
    if isinstance(message, ToolMessage):
        result: Block = {"type": "tool_result", "tool_use_id": message.tool_call_id}
        mark = next((part.pop("cache_control") for part in parts if "cache_control" in part), None)
        if parts:
            plain = len(parts) == 1 and parts[0].keys() == {"type", "text"}
            result["content"] = parts[0]["text"] if plain else parts
        if mark is not None:
            result["cache_control"] = mark
        if message.status == "error":
            result["is_error"] = True
        return [result]
    if isinstance(message, AIMessage):
        there = {part.get("id") for part in parts if part["type"] == "tool_use"}
        parts += [
            {"type": "tool_use", "id": call["id"], "name": call["name"], "input": call["args"]}
            for call in message.tool_calls
            if call["id"] not in there
        ]
        parts += [
            # Its arguments must be an object; what is wrong with them, the result says.
            {"type": "tool_use", "id": bad["id"], "name": bad["name"], "input": {}}
            for bad in malformed_calls(message, answered)
            if bad["id"] not in there
        ]
    return parts


def _parts(content: Any) -> list[Block]:
    blocks = [content] if isinstance(content, str) else content
    return [part for part in map(_part, blocks) if part is not None]


def _part(block: str | Block) -> Block | None:
    if isinstance(block, str):
        return {"type": "text", "text": block} if block else None
    kind = block.get("type")
    if kind == "text":
        kept = ("type", "text", "cache_control")
        return {key: block[key] for key in kept if block.get(key)} if block.get("text") else None
    if kind == "reasoning":
        return _thinking(block)
    if kind == "citations":
        return None  # only for the reader
    media = media_of(block)
    if media is None:
        part = {key: value for key, value in block.items() if key != "index"}
        if "partial_json" in part:  # as it came in a stream
            part["input"] = parse_arguments(part.pop("partial_json") or "")[0] or {}
        return part
    if media.kind not in ("image", "file"):
        raise ModelInputError(f"Anthropic's models do not read {media.kind}")
    source: Block
    if media.file_id:
        source = {"type": "file", "file_id": media.file_id}
    elif media.data and media.mime_type.startswith("text/"):
        text = base64.b64decode(media.data).decode("utf-8", "replace")
        source = {"type": "text", "media_type": "text/plain", "data": text}
    elif media.data:
        source = {"type": "base64", "media_type": media.mime_type, "data": media.data}
    else:
        source = {"type": "url", "url": media.url}
    part = {"type": "image" if media.kind == "image" else "document", "source": source}
    if media.kind == "file" and media.name:
        part["title"] = media.name
    if "cache_control" in media.extra:
        part["cache_control"] = media.extra["cache_control"]
    return part


def _thinking(block: Block) -> Block | None:
    """Return reasoning as it came; without a signature the vendor does not take it back."""
    if block.get("redacted"):
        return {"type": "redacted_thinking", "data": block["redacted"]}
    if not block.get("signature"):
        return None
    text = block.get("reasoning") or ""
    return {"type": "thinking", "thinking": text, "signature": block["signature"]}


def anthropic_tool(tool: Any) -> Block:
    """Return a tool as Anthropic writes it: a function of OpenAI's form, or its own."""
    if (
        isinstance(tool, dict)
        and "function" not in tool
        and ("input_schema" in tool or "type" in tool)
    ):
        return tool
    marks = {"cache_control": tool["cache_control"]} if _is_marked(tool) else {}
    function = openai_tool(tool)["function"]
    described = {
        "name": function["name"],
        "description": function.get("description"),
        "input_schema": function.get("parameters") or {"type": "object", "properties": {}},
        "strict": function.get("strict"),
    }
    return {**{key: value for key, value in described.items() if value is not None}, **marks}


def _is_marked(tool: Any) -> bool:
    return isinstance(tool, dict) and bool(tool.get("cache_control"))


def _tool_choice(choice: Any, parallel: bool | None) -> Block | None:
    """Return which tool is to be called, as Anthropic writes it."""
    if isinstance(choice, dict) and choice.get("type") == "function":
        choice = choice["function"]["name"]
    if choice is True or choice == "required":
        choice = "any"
    elif choice is False:
        choice = "none"
    if isinstance(choice, str):
        choice = {"type": choice} if choice in ("auto", "any", "none") else _named(choice)
    if parallel is not None and (choice is None or choice.get("type") != "none"):
        choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": not parallel}
    told: Block | None = choice
    return told


def _named(name: str) -> Block:
    return {"type": "tool", "name": name}
