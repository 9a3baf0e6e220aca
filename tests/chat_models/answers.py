"""Answers in the protocol of each vendor: as streams, and as wholes."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import orjson

from tests.chat_models.server import Answer

USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 12,
    "total_tokens": 21,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 3},
}


def sse(*payloads: Any, event: str | None = None) -> list[bytes]:
    """Server-sent events, a piece each; bytes as they are."""
    named = b"" if event is None else b"event: " + event.encode() + b"\n"
    return [
        named + b"data: " + (p if isinstance(p, bytes) else orjson.dumps(p)) + b"\n\n"
        for p in payloads
    ]


def delta(index: int = 0, **delta: Any) -> dict[str, Any]:
    return {"model": "m-1", "id": "c-1", "choices": [{"index": index, "delta": delta}]}


def finish(reason: str = "stop") -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def call_piece(index: Any = 0, id: Any = None, name: Any = None, args: Any = None) -> Any:
    function = {"name": name, "arguments": args}
    return {"index": index, "id": id, "type": "function", "function": function}


def openai_events(*texts: str) -> list[bytes]:
    """What a stream of OpenAI's has for these pieces of text."""
    return sse(
        delta(role="assistant", content=""),
        *(delta(content=text) for text in texts),
        finish(),
        {"model": "m-1", "choices": [], "usage": USAGE},
        b"[DONE]",
    )


def openai_whole(text: str, **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": text, **message}
    choice = {"index": 0, "message": said, "finish_reason": "stop"}
    return {"id": "c-1", "model": "m-1", "choices": [choice], "usage": USAGE}


ANTHROPIC_USAGE = {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 1}


def anthropic_payloads(*texts: str) -> list[dict[str, Any]]:
    start = {"id": "c-1", "model": "m-1", "content": [], "usage": ANTHROPIC_USAGE}
    return [
        {"type": "message_start", "message": start},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": text},
            }
            for text in texts
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 12},
        },
        {"type": "message_stop"},
    ]


def anthropic_events(*texts: str) -> list[bytes]:
    return [piece for each in anthropic_payloads(*texts) for piece in sse(each, event=each["type"])]


def anthropic_whole(text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "c-1",
        "model": "m-1",
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {**ANTHROPIC_USAGE, "output_tokens": 12},
    }


def aws_message(payload: bytes, **headers: str) -> bytes:
    """One message of AWS' binary event stream."""
    told = b""
    for name, value in {":message-type": "event", **headers}.items():
        name = name.replace("_", "-")
        told += struct.pack(">B", len(name)) + name.encode() + b"\x07"
        told += struct.pack(">H", len(value)) + value.encode()
    prelude = struct.pack(">II", 12 + len(told) + len(payload) + 4, len(told))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + told + payload
    return message + struct.pack(">I", zlib.crc32(message))


def aws_events(*texts: str) -> list[bytes]:
    return [
        aws_message(orjson.dumps({"bytes": base64.b64encode(orjson.dumps(each)).decode()}))
        for each in anthropic_payloads(*texts)
    ]


CONVERSE_USAGE = {
    "inputTokens": 5,
    "outputTokens": 12,
    "totalTokens": 21,
    "cacheReadInputTokens": 4,
}
CONVERSE_END: list[tuple[str, Any]] = [
    ("messageStop", {"stopReason": "end_turn"}),
    ("metadata", {"usage": CONVERSE_USAGE, "metrics": {"latencyMs": 17}}),
]


def converse_stream(*events: tuple[str, Any]) -> list[bytes]:
    """Events of Converse by their names, a message each."""
    return [aws_message(orjson.dumps(payload), **{":event-type": name}) for name, payload in events]


def converse_events(*texts: str) -> list[bytes]:
    return converse_stream(
        ("messageStart", {"role": "assistant"}),
        *(("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": t}}) for t in texts),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        *CONVERSE_END,
    )


def converse_call(name: str, *pieces: str) -> list[bytes]:
    """A stream in which a tool is called, its arguments in pieces."""
    start = {"toolUse": {"toolUseId": "c1", "name": name}}
    deltas = [{"toolUse": {"input": piece}} for piece in pieces]
    return converse_stream(
        ("messageStart", {"role": "assistant"}),
        ("contentBlockStart", {"contentBlockIndex": 0, "start": start}),
        *(("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta}) for delta in deltas),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": "tool_use"}),
        CONVERSE_END[-1],
    )


def converse_whole(text: str) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn",
        "usage": CONVERSE_USAGE,
        "metrics": {"latencyMs": 17},
    }


def ollama_lines(*texts: str) -> list[bytes]:
    lines: list[Any] = [{"model": "m-1", "message": {"content": t}, "done": False} for t in texts]
    lines.append(ollama_whole(""))
    return [orjson.dumps(line) + b"\n" for line in lines]


def ollama_whole(text: str) -> dict[str, Any]:
    facts = {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 12}
    return {"model": "m-1", "message": {"role": "assistant", "content": text}, **facts}


def stream(*texts: str) -> Answer:
    """A stream of OpenAI's, which most vendors send."""
    return Answer(openai_events(*texts))
