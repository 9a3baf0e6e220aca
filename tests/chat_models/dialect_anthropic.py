"""Anthropic's messages: as its own events, and as those in the frames of AWS."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import orjson
from attrs import define, field

from tests.chat_models.answers import aws_exception, aws_message, sse
from tests.chat_models.blocks import Blocks, reason_of
from tests.chat_models.dialects import (
    SIGNATURE,
    Arguments,
    Call,
    Dialect,
    Piece,
    Said,
    Text,
    Thought,
    arguments_in,
)

Block = dict[str, Any]
COUNTS = {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 1}


@define(frozen=True, kw_only=True)
class Anthropic(Dialect):
    """The dialect of Anthropic itself."""

    signs_thoughts: ClassVar[bool] = True
    takes_any_arguments: ClassVar[bool] = False
    details: Mapping[str, int] = field(factory=lambda: {"cache_read": 4})

    def events(self, *said: Piece | str, ends: bool = True) -> list[bytes]:
        return [self._event(each) for each in self.payloads(*said, ends=ends)]

    def payloads(self, *said: Piece | str, ends: bool = True) -> list[Block]:
        """Return the events of a stream, as JSON."""
        start = {"id": "c-1", "model": "m-1", "content": [], "usage": COUNTS}
        begun = [{"type": "message_start", "message": start}, {"type": "ping"}]
        told = [*begun, *_Blocks().tell(said, ends=ends)]
        if not ends:
            return told
        reason = {"stop_reason": reason_of(Said.by(*said)), "stop_sequence": None}
        return [
            *told,
            {"type": "message_delta", "delta": reason, "usage": {"output_tokens": 12}},
            {"type": "message_stop"},
        ]

    def whole(self, *said: Piece | str) -> Any:
        told = Said.by(*said)
        return {
            "type": "message",
            "id": "c-1",
            "model": "m-1",
            "role": "assistant",
            "content": _blocks(told),
            "stop_reason": reason_of(told),
            "usage": {**COUNTS, "output_tokens": 12},
        }

    def turn(
        self, *said: Piece | str, results: Mapping[str, str], failed: Collection[str] = ()
    ) -> list[Any]:
        blocks = _blocks(Said.by(*said))
        answers = [
            {"type": "tool_result", "tool_use_id": id, "content": text}
            | ({"is_error": True} if id in failed else {})
            for id, text in results.items()
        ]
        return [{"role": "assistant", "content": blocks}, {"role": "user", "content": answers}]

    def tool(self, name: str, description: str, schema: Any) -> Any:
        return {"name": name, "description": description, "input_schema": schema}

    def problem(self, body: Any) -> bytes:
        return sse(body, event="error")[0]

    def no_json(self) -> bytes:
        return b'event: content_block_delta\ndata: {"type": "content_blo\n\n'

    def no_event(self) -> bytes:
        return self._event({"type": "content_block_delta", "index": 0})

    def _event(self, payload: Block) -> bytes:
        return sse(payload, event=payload["type"])[0]


@define(frozen=True, kw_only=True)
class AnthropicOfAws(Anthropic):
    """The same events, each as base64 in a frame of AWS."""

    kind: ClassVar[str] = "application/vnd.amazon.eventstream"
    is_sse: ClassVar[bool] = False

    def problem(self, body: Any) -> bytes:
        return aws_exception("internalServerException", body)

    def no_json(self) -> bytes:
        return aws_message(b'{"bytes": "e30')

    def _event(self, payload: Block) -> bytes:
        data = base64.b64encode(orjson.dumps(payload)).decode()
        return aws_message(orjson.dumps({"bytes": data}), **{":event-type": "chunk"})


class _Blocks(Blocks[Block]):
    def begins(self, index: int, piece: Piece) -> list[Block]:
        if isinstance(piece, Call):
            block = {"type": "tool_use", "id": piece.id, "name": piece.name, "input": {}}
            return [_begin(index, block), self.goes_on(index, Arguments(piece.index, ""))]
        if isinstance(piece, Thought):
            return [_begin(index, {"type": "thinking", "thinking": "", "signature": ""})]
        return [_begin(index, {"type": "text", "text": ""})]

    def goes_on(self, index: int, piece: Piece) -> Block:
        if isinstance(piece, Text):
            return _delta(index, type="text_delta", text=piece.text)
        if isinstance(piece, Thought):
            return _delta(index, type="thinking_delta", thinking=piece.text)
        assert isinstance(piece, Arguments)
        return _delta(index, type="input_json_delta", partial_json=piece.text)

    def stops(self, index: int, kind: type[Piece]) -> list[Block]:
        signed = _delta(index, type="signature_delta", signature=SIGNATURE)
        stop = {"type": "content_block_stop", "index": index}
        return [signed, stop] if kind is Thought else [stop]


def _begin(index: int, block: Block) -> Block:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _delta(index: int, **delta: Any) -> Block:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _blocks(said: Said) -> list[Block]:
    blocks: list[Block] = []
    if said.thoughts:
        blocks.append({"type": "thinking", "thinking": said.thoughts, "signature": SIGNATURE})
    if said.text:
        blocks.append({"type": "text", "text": said.text})
    blocks += [
        {"type": "tool_use", "id": id, "name": name, "input": arguments_in(text)}
        for id, name, text in said.calls.values()
    ]
    return blocks


ANTHROPIC = Anthropic()
ANTHROPIC_OF_AWS = AnthropicOfAws()
