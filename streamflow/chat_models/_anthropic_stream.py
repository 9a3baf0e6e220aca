"""Answers of Anthropic's messages.

A stream has blocks (text, thinking, tool uses), each with a start, deltas and a stop. An
answer that is not streamed has the same blocks, whole, and is read by the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ..errors import MalformedStreamError
from ..messages import AIMessageChunk
from ._blocks import BlockReader
from ._usage import anthropic_usage

if TYPE_CHECKING:
    from .._vendors._source import Source
    from ._frames import Framing


class AnthropicReader(BlockReader):
    """Reads one answer; see `Reader`."""

    def __init__(self, source: Source, framing: Framing, id: str | None) -> None:
        super().__init__(source, framing, id)
        self._usage: dict[str, Any] = {}

    def _take(self, event: str, payload: Any, chunks: list[AIMessageChunk]) -> None:
        if payload.__class__ is not dict:
            if isinstance(payload, list) and payload:
                raise self.source.refusal(payload)
            raise self.source.error(MalformedStreamError, "an event is no JSON object", payload)
        kind = payload.get("type") or event
        if kind == "content_block_delta":
            self._take_delta(payload.get("index", 0), payload["delta"], chunks)
        elif kind == "content_block_start":
            self._start(payload.get("index", 0), payload["content_block"], chunks)
        elif kind == "message_start":
            self._open(payload["message"])
        elif kind == "message_delta":
            self._count(payload.get("usage"))
            self._stop(payload.get("delta") or {})
        elif kind == "message_stop":
            self.finished = True
            self._finish(chunks)
        elif kind == "message":
            self._take_whole(payload, chunks)
        elif kind == "error" or "error" in payload or ("type" not in payload and not event):
            raise self.source.refusal(payload)

    def _take_whole(self, message: dict[str, Any], chunks: list[AIMessageChunk]) -> None:
        self._open(message)
        for index, block in enumerate(message["content"]):
            self._start(index, block, chunks)
        self._stop(message)

    def _open(self, message: dict[str, Any]) -> None:
        for key, name in (("model", "model_name"), ("id", "id")):
            if message.get(key):
                self._facts[name] = message[key]
        self._count(message.get("usage"))

    def _stop(self, facts: dict[str, Any]) -> None:
        if facts.get("stop_reason"):
            self.finished = True
        for key in ("stop_reason", "stop_sequence", "container"):
            if facts.get(key):
                self._facts[key] = facts[key]

    def _count(self, usage: dict[str, Any] | None) -> None:
        # Counts run on: what is said later holds.
        self._usage.update({key: n for key, n in (usage or {}).items() if n is not None})

    def _start(self, index: int, block: dict[str, Any], chunks: list[AIMessageChunk]) -> None:
        kind = self._kinds[index] = block["type"]
        if kind == "text":
            self._add_text(block.get("text") or "", chunks)
            if block.get("citations"):
                self._add_citations(index, block["citations"], chunks)
        elif kind == "thinking":
            said = {"reasoning": block.get("thinking"), "signature": block.get("signature")}
            self._add_reasoning(index, said, chunks)
        elif kind == "redacted_thinking":
            self._add_reasoning(index, {"redacted": block.get("data")}, chunks)
        elif kind == "tool_use":
            args = orjson.dumps(block["input"]).decode() if block.get("input") else ""
            self._begin_call(index, block.get("name"), args, block.get("id"), chunks)
        else:
            # What the vendor does by itself, such as a search on the web: told as it is.
            self._add_block(index, block, chunks)

    def _take_delta(self, index: int, delta: dict[str, Any], chunks: list[AIMessageChunk]) -> None:
        kind = delta["type"]
        if kind == "text_delta":
            self._add_text(delta["text"], chunks)
        elif kind == "input_json_delta":
            self._continue_input(index, delta.get("partial_json") or "", chunks)
        elif kind == "thinking_delta":
            self._add_reasoning(index, {"reasoning": delta["thinking"]}, chunks)
        elif kind == "signature_delta":
            self._add_reasoning(index, {"signature": delta["signature"]}, chunks)
        elif kind == "citations_delta":
            self._add_citations(index, [delta["citation"]], chunks)

    def _last(self) -> AIMessageChunk:
        return AIMessageChunk(
            self._rest("text"),
            id=self._id,
            response_metadata=self._facts,
            usage_metadata=anthropic_usage(self._usage) if self._usage else None,
        )
