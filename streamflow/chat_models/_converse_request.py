"""Requests of Amazon Bedrock's Converse, which asks the models of all makers in one way."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .._vendors._account import encoded
from ..errors import ModelInputError
from ..messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    SystemMessage,
    ToolMessage,
)
from ..messages._tool_calls import parse_arguments
from ._converse_media import converse_media, tell_documents_apart
from ._openai_request import openai_tool, openai_tool_choice, response_format
from ._tool_turns import answered_calls, malformed_calls

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    Block = dict[str, Any]

MEMBERS: Mapping[str, str] = {
    "additional_model_request_fields": "additionalModelRequestFields",
    "additional_model_response_field_paths": "additionalModelResponseFieldPaths",
    "guardrail_config": "guardrailConfig",
    "inference_config": "inferenceConfig",
    "performance_config": "performanceConfig",
    "project_identifier": "projectIdentifier",
    "prompt_variables": "promptVariables",
    "request_metadata": "requestMetadata",
    "service_tier": "serviceTier",
    "tool_config": "toolConfig",
}
"""What a request has beside messages, under its usual names and those of the protocol."""
# By the protocol's name only: an `output_config` is what models of Anthropic are told.
_KNOWN = frozenset({*MEMBERS.values(), "outputConfig"})
_INFERENCE = {
    "max_tokens": "maxTokens",
    "max_completion_tokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "stop": "stopSequences",
    "stop_sequences": "stopSequences",
}
# Told in another place, or not known to the protocol.
_OTHERS = frozenset({"model", "response_format", "stream_usage", "tool_choice", "tools"})
# Blocks that are said in another place, or were only for the reader.
_NOT_SENT = frozenset({"citations", "tool_call", "tool_call_chunk"})
_NATIVE_TOOLS = ("toolSpec", "systemTool", "cachePoint")
_ROLES = {"ai": "assistant", "assistant": "assistant", "system": "system", "developer": "system"}


def converse_body(messages: Sequence[BaseMessage], options: Mapping[str, Any]) -> Block:
    """Return the body of a request, which does not tell the model: the address does.

    Args:
        messages: What is said; those of the system go to a place of their own.
        options: Settings by the names that all vendors have here. Those that the protocol
            does not know are for the model, and go where it finds them.

    Raises:
        ModelInputError: something cannot be said in this protocol.
    """
    system, said = _conversation(messages)
    body: Block = {}
    inference: Block = {}
    fields: Block = {}
    for name, value in options.items():
        member = MEMBERS.get(name, name)
        if value is None or name in _OTHERS:
            continue
        if name in _INFERENCE:
            inference[_INFERENCE[name]] = value
        elif member in _KNOWN:
            body[member] = value
        else:
            fields[name] = value
    if isinstance(inference.get("stopSequences"), str):
        inference["stopSequences"] = [inference["stopSequences"]]
    if isinstance(body.get("serviceTier"), str):
        body["serviceTier"] = {"type": body["serviceTier"]}
    parts = {
        "inferenceConfig": inference,
        "additionalModelRequestFields": fields,
        "outputConfig": _output(options.get("response_format")),
        "toolConfig": _tools(body.pop("toolConfig", {}), options, said),
    }
    for member, part in parts.items():
        if part:
            body[member] = {**body.get(member, {}), **part}
    if system:
        body["system"] = system
    if said:
        body["messages"] = said
    return body


# ---------------------------------------------------------------------------- messages


def _conversation(messages: Sequence[BaseMessage]) -> tuple[list[Block], list[Block]]:
    """Return what the system says, and what user and assistant say in turn."""
    system: list[Block] = []
    said: list[Block] = []
    answered = answered_calls(messages)
    for message in messages:
        role, parts = _role(message), _said(message, answered)
        if role == "system":
            system += parts
        elif parts and said and said[-1]["role"] == role:
            said[-1]["content"] += parts
        elif parts:
            said.append({"role": role, "content": parts})
    tell_documents_apart(_with_results(said))
    return system, said


def _role(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "system"
    if isinstance(message, ChatMessage):
        return _ROLES.get(message.role, "user")
    return "assistant" if isinstance(message, AIMessage) else "user"


def _with_results(said: Iterable[Block]) -> Iterable[Block]:
    for part in (part for each in said for part in each["content"]):
        yield part
        yield from part.get("toolResult", {}).get("content", ())


def _said(message: BaseMessage, answered: Container[str | None]) -> list[Block]:
    if isinstance(message, FunctionMessage):
        raise ModelInputError(
            "Amazon Bedrock has no function messages; answer a tool call with a ToolMessage"
        )
    parts = _parts(message.content)
    if isinstance(message, ToolMessage):
        # A mark of the cache stands behind the result, not in it.
        marks = [part for part in parts if "cachePoint" in part]
        content = [part for part in parts if "cachePoint" not in part]
        result: Block = {"toolUseId": message.tool_call_id, "content": content}
        if message.status == "error":  # Not all models know a status; success is understood.
            result["status"] = "error"
        return [{"toolResult": result}, *marks[:1]]
    if isinstance(message, AIMessage):
        there = {part["toolUse"].get("toolUseId") for part in parts if "toolUse" in part}
        calls = [_use(call["id"], call["name"], call["args"]) for call in message.tool_calls]
        # The input must be an object; what is wrong with it, the result says.
        malformed = malformed_calls(message, answered)
        calls += [_use(bad["id"], bad["name"], {}) for bad in malformed]
        parts += [call for call in calls if call["toolUse"]["toolUseId"] not in there]
    return parts


def _use(id: Any, name: Any, args: Any) -> Block:
    return {"toolUse": {"toolUseId": id, "name": name, "input": args}}


def _parts(content: Any) -> list[Block]:
    blocks = [content] if isinstance(content, str) else content
    return [part for block in blocks for part in _marked(block)]


def _marked(block: str | Block) -> list[Block]:
    """Return a block as the protocol writes it, with a mark of the cache behind it."""
    if isinstance(block, str):
        block = {"type": "text", "text": block}
    part = _part(block)
    return [] if part is None else [part, *cache_point(block)]


def cache_point(marked: Mapping[str, Any]) -> list[Block]:
    """Return what stands behind something that has a mark of the cache."""
    mark = marked.get("cache_control")
    if not mark:
        return []
    lasting = {"ttl": mark["ttl"]} if isinstance(mark, dict) and mark.get("ttl") else {}
    return [{"cachePoint": {"type": "default", **lasting}}]


def _part(block: Block) -> Block | None:
    kind = block.get("type")
    if kind is None:  # in the words of the protocol
        part: Block = _packed(block)
        return part
    if kind in _NOT_SENT:
        return None
    if kind == "text":
        # The service refuses text of blanks, with which some models begin.
        return {"text": block["text"]} if (block.get("text") or "").strip() else None
    if kind in ("reasoning", "thinking", "redacted_thinking"):
        return _reasoning(block)
    if kind in ("tool_use", "server_tool_use"):
        use = _use(block.get("id"), block.get("name"), _input(block))
        if kind == "server_tool_use":
            use["toolUse"]["type"] = kind
        return use
    if kind == "server_tool_result":
        kept = {"status": block.get("status"), "type": block.get("name")}
        result = {"toolUseId": block.get("tool_use_id"), "content": block.get("content") or []}
        result.update({key: value for key, value in kept.items() if value})
        return {"toolResult": result}
    media = converse_media(block)
    if media is None:
        raise ModelInputError(
            f"Amazon Bedrock's Converse has no content block of type {kind!r}; give a block in "
            f"its own words, without a type, if it has one for that"
        )
    return media


def _packed(value: Any) -> Any:
    """Return a block of the protocol as JSON: bytes, of which AWS' tools take any, as base64."""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _packed(each) for key, each in value.items()}
    return [_packed(each) for each in value] if isinstance(value, (list, tuple)) else value


def _input(block: Block) -> Any:
    """Return what a tool is given, of which a stream has text."""
    given = block.get("partial_json", block.get("input"))
    return parse_arguments(given)[0] or {} if isinstance(given, str) else given or {}


def _reasoning(block: Block) -> Block | None:
    """Return reasoning as it came; without a signature the service does not take it back."""
    redacted = block.get("redacted") or block.get("data")
    if redacted:
        return {"reasoningContent": {"redactedContent": redacted}}
    if not block.get("signature"):
        return None
    text = block.get("reasoning") or block.get("thinking") or ""
    return {"reasoningContent": {"reasoningText": {"text": text, "signature": block["signature"]}}}


# ----------------------------------------------------------------------- tools, output


def _tools(given: Block, options: Mapping[str, Any], said: list[Block]) -> Block:
    """Return the tools that the model may call, and which of them it is to call.

    The protocol cannot say that no tool is to be called, other than by not telling of any;
    but it wants tools as soon as the conversation has calls of some.
    """
    choice = openai_tool_choice(options.get("tool_choice"), "any")
    tools = [*given.get("tools", ())]
    tools += [part for tool in options.get("tools") or () for part in converse_tool(tool)]
    used = dict.fromkeys(
        part["toolUse"]["name"] for each in said for part in each["content"] if "toolUse" in part
    )
    if not used and choice == "none":
        return {}
    if not tools:
        choice = None
        tools = [_spec(name, None, None) for name in used]
    if not tools:
        return {}
    told: Block = {**given, "tools": tools}
    if choice in ("auto", "any"):
        told["toolChoice"] = {choice: {}}
    elif isinstance(choice, dict):
        is_function = choice.get("type") == "function"
        told["toolChoice"] = _named(choice["function"]["name"]) if is_function else choice
    return told


def _named(name: str) -> Block:
    return {"tool": {"name": name}}


def converse_tool(tool: Any) -> list[Block]:
    """Return a tool as Converse writes it, with a mark of the cache behind it if it has one.

    Raises:
        ModelInputError: it is a tool that another vendor's service has.
    """
    if isinstance(tool, dict) and any(name in tool for name in _NATIVE_TOOLS):
        return [tool]
    function = openai_tool(tool).get("function")
    if function is None:
        raise ModelInputError(
            f"Amazon Bedrock's Converse has no tool of type {tool['type']!r}; what a model has of "
            f"its own goes to additionalModelRequestFields"
        )
    spec = _spec(function["name"], function.get("description"), function.get("parameters"))
    if function.get("strict") is not None:
        spec["toolSpec"]["strict"] = function["strict"]
    return [spec, *(cache_point(tool) if isinstance(tool, dict) else ())]


def _spec(name: str, description: str | None, schema: Any) -> Block:
    told: Block = {"name": name}
    if description:
        told["description"] = description
    told["inputSchema"] = {"json": schema or {"type": "object", "properties": {}}}
    return {"toolSpec": told}


def _output(wanted: Any) -> Block:
    """Return the form that an answer must have."""
    if wanted is None:
        return {}
    form = response_format(wanted)
    if form["type"] == "text":
        return {}
    if form["type"] != "json_schema":
        raise ModelInputError(
            f"Amazon Bedrock's Converse has no answers of the form {form['type']!r}; give a schema "
            f"(method='json_schema')"
        )
    described = form["json_schema"]
    schema = {"schema": encoded(described["schema"]).decode()}
    schema.update({key: described[key] for key in ("name", "description") if described.get(key)})
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
