"""Answers as vendors script them, whole and as streams, and what is in them for any reader."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import Any

from attrs import define, field

from streamflow.messages import AIMessage
from tests.chat_models.answers import USAGE, call_piece, delta, sse
from tests.chat_models.server import Answer

UNICODE = 'Grüße, 世界 👩‍👩‍👧 \u2028\x00 "quoted" \\n\n\ttabs '


@define
class Facts:
    """What is to be the same, whoever reads the answer."""

    text: str
    calls: list[tuple[str, str, Any]]
    finish: str
    model: str
    id: str
    usage: dict[str, Any]
    refusal: str = ""
    thoughts: list[tuple[str, str]] = field(factory=list)


def pieces(text: str | None) -> list[str]:
    return [text[start : start + 3] for start in range(0, len(text or ""), 3)] if text else []


def facts_of(message: AIMessage) -> Facts:
    told = message.response_metadata
    usage: Any = message.usage_metadata or {}
    blocks = message.content if isinstance(message.content, list) else []
    return Facts(
        text=message.text,
        calls=[(call["id"], call["name"], call["args"]) for call in message.tool_calls],
        finish=told.get("finish_reason") or told["stop_reason"],
        model=told["model_name"],
        id=told["id"],
        usage={
            "input": usage.get("input_tokens"),
            "output": usage.get("output_tokens"),
            "total": usage.get("total_tokens"),
            **usage.get("input_token_details", {}),
            **usage.get("output_token_details", {}),
        },
        refusal=message.additional_kwargs.get("refusal") or "",
        thoughts=[
            (block.get("reasoning", ""), block.get("signature", block.get("redacted", "")))
            for block in blocks
            if isinstance(block, dict) and block["type"] == "reasoning"
        ],
    )


def call(id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


BARE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


AUDIO = {
    **USAGE,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 7},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 5},
}


OPENAI: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "text": ({"content": "so it goes"}, "stop", USAGE),
    "nothing": ({"content": ""}, "stop", BARE),
    "unicode": ({"content": UNICODE}, "stop", USAGE),
    "long": ({"content": UNICODE * 50}, "stop", USAGE),
    "audio tokens": ({"content": "so it goes"}, "stop", AUDIO),
    "filtered": ({"content": "so it"}, "content_filter", USAGE),
    "refusal": ({"content": None, "refusal": "I can not do that."}, "stop", USAGE),
    "a call": (
        {"content": None, "tool_calls": [call("a", "add", '{"a": 1, "b": 2}')]},
        "tool_calls",
        USAGE,
    ),
    "a call without arguments": (
        {"content": None, "tool_calls": [call("a", "now", "{}")]},
        "tool_calls",
        USAGE,
    ),
    "text and a call": (
        {"content": "Let me see.", "tool_calls": [call("a", "add", '{"a": 1, "b": 2}')]},
        "tool_calls",
        USAGE,
    ),
    "interleaved calls": (
        {
            "content": None,
            "tool_calls": [
                call("a", "add", '{"a": 1, "b": 2}'),
                call("b", "search", '{"query": "世界 \\ud83d\\ude00", "deep": {"x": [1, null]}}'),
                call("c", "add", '{"a": -1, "b": 2.5e3}'),
            ],
        },
        "tool_calls",
        USAGE,
    ),
}


def openai_answer(name: str, stream: bool) -> Answer:
    said, finish, usage = OPENAI[name]
    told = {"id": "c-1", "created": 1, "model": "m-1", "object": "chat.completion"}
    if not stream:
        message = {"role": "assistant", **said}
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return Answer.json({**told, "choices": [choice], "usage": usage})
    calls = said.get("tool_calls", [])
    begun = [
        call_piece(number, each["id"], each["function"]["name"], "")
        for number, each in enumerate(calls)
    ]
    rest = zip_longest(*(pieces(each["function"]["arguments"]) for each in calls))
    chunks = [
        delta(role="assistant", content=""),
        *(delta(content=piece) for piece in pieces(said["content"])),
        *(delta(refusal=piece) for piece in pieces(said.get("refusal"))),
        *(delta(tool_calls=[each]) for each in begun),
        *(
            delta(tool_calls=[{"index": number, "function": {"arguments": piece}}])
            for row in rest
            for number, piece in enumerate(row)
            if piece
        ),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        {"choices": [], "usage": usage},
    ]
    told["object"] = "chat.completion.chunk"
    return Answer(sse(*({**chunk, **told} for chunk in chunks), b"[DONE]"))


def openai_facts(completion: Any) -> Facts:
    [choice] = completion.choices
    said, usage = choice.message, completion.usage
    of_input, of_output = usage.prompt_tokens_details, usage.completion_tokens_details
    details = {
        "cache_read": of_input and of_input.cached_tokens,
        "reasoning": of_output and of_output.reasoning_tokens,
    }
    if of_input and of_input.audio_tokens is not None:
        details["audio"] = of_output.audio_tokens
    return Facts(
        text=said.content or "",
        calls=[
            (each.id, each.function.name, json.loads(each.function.arguments))
            for each in said.tool_calls or []
        ],
        finish=choice.finish_reason,
        model=completion.model,
        id=completion.id,
        usage={
            "input": usage.prompt_tokens,
            "output": usage.completion_tokens,
            "total": usage.total_tokens,
            **{name: count for name, count in details.items() if count is not None},
        },
        refusal=said.refusal or "",
    )


COUNTS = {"input_tokens": 5, "output_tokens": 12}


CACHED = {**COUNTS, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 3}


def use(id: str, name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": name, "input": arguments}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


THOUGHT = {"type": "thinking", "thinking": f"Hm. {UNICODE}", "signature": "c2lnbmVk"}


ANTHROPIC: dict[str, tuple[list[dict[str, Any]], str, dict[str, Any]]] = {
    "text": ([text("so it goes")], "end_turn", COUNTS),
    "nothing": ([], "end_turn", COUNTS),
    "unicode": ([text(UNICODE)], "end_turn", CACHED),
    "long": ([text(UNICODE * 50)], "max_tokens", COUNTS),
    "two texts": ([text("so it "), text("goes")], "stop_sequence", COUNTS),
    "refusal": ([text("I can not")], "refusal", COUNTS),
    "thinking": ([THOUGHT, text("so it goes")], "end_turn", CACHED),
    "redacted": (
        [{"type": "redacted_thinking", "data": "c2VjcmV0"}, text("so it goes")],
        "end_turn",
        COUNTS,
    ),
    "a call": ([use("a", "add", a=1, b=2)], "tool_use", COUNTS),
    "a call without arguments": ([use("a", "now")], "tool_use", COUNTS),
    "thinking and calls": (
        [
            THOUGHT,
            text("Let me see."),
            use("a", "add", a=1, b=2),
            use("b", "search", query="世界 😀", deep={"x": [1, None]}),
        ],
        "tool_use",
        CACHED,
    ),
}


def anthropic_answer(name: str, stream: bool) -> Answer:
    blocks, stop, usage = ANTHROPIC[name]
    told = {"id": "c-1", "type": "message", "role": "assistant", "model": "m-1"}
    ended = {"stop_reason": stop, "stop_sequence": None}
    if not stream:
        return Answer.json({**told, **ended, "content": blocks, "usage": usage})
    begun = {**usage, "output_tokens": 1}
    opened = {**told, "content": [], "usage": begun, "stop_reason": None, "stop_sequence": None}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": opened}]
    for index, block in enumerate(blocks):
        begin, deltas = block_deltas(block)
        events += [
            {"type": "content_block_start", "index": index, "content_block": begin},
            *({"type": "content_block_delta", "index": index, "delta": each} for each in deltas),
            {"type": "content_block_stop", "index": index},
        ]
    counted = {"output_tokens": usage["output_tokens"]}
    events += [
        {"type": "message_delta", "delta": ended, "usage": counted},
        {"type": "message_stop"},
    ]
    return Answer([piece for each in events for piece in sse(each, event=each["type"])])


def block_deltas(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """How a block begins in a stream, and what follows."""
    if block["type"] == "text":
        return text(""), [{"type": "text_delta", "text": p} for p in pieces(block["text"])]
    if block["type"] == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": p} for p in pieces(block["thinking"])]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        return {"type": "thinking", "thinking": "", "signature": ""}, deltas
    if block["type"] == "tool_use":
        arguments = json.dumps(block["input"]) if block["input"] else ""
        deltas = [{"type": "input_json_delta", "partial_json": p} for p in ["", *pieces(arguments)]]
        return {**block, "input": {}}, deltas
    return block, []


def anthropic_facts(message: Any) -> Facts:
    usage = message.usage
    details = {
        "cache_read": usage.cache_read_input_tokens,
        "cache_creation": usage.cache_creation_input_tokens,
    }
    known = {name: count for name, count in details.items() if count is not None}
    asked = usage.input_tokens + sum(known.values())
    return Facts(
        text="".join(block.text for block in message.content if block.type == "text"),
        calls=[
            (block.id, block.name, block.input)
            for block in message.content
            if block.type == "tool_use"
        ],
        finish=message.stop_reason,
        model=message.model,
        id=message.id,
        usage={
            "input": asked,
            "output": usage.output_tokens,
            "total": asked + usage.output_tokens,
            **known,
        },
        thoughts=[
            (block.thinking, block.signature) if block.type == "thinking" else ("", block.data)
            for block in message.content
            if block.type in ("thinking", "redacted_thinking")
        ],
    )
