"""Parts of answers, as the protocols of vendors frame and form them."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import orjson

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


def aws_exception(kind: str, body: Any) -> bytes:
    """The message in which a service of AWS tells that something is wrong."""
    told = {":message-type": "exception", ":exception-type": kind}
    return aws_message(orjson.dumps(body), **told)


def converse_stream(*events: tuple[str, Any]) -> list[bytes]:
    """Events of Converse by their names, a message each."""
    return [aws_message(orjson.dumps(payload), **{":event-type": name}) for name, payload in events]
