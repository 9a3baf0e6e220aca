"""Anthropic's messages: as its own events, and as those in the frames of AWS."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import orjson
from attrs import define, field

from tests.chat_models.answers import aws_exception, aws_message, sse
from tests.chat_models.dialects import (
    SIGNATURE,
    Call,
    Dialect,
    Piece,
    Said,
    Text,
    Thought,
    arguments_in,
    piece_of,
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
        told = [{"type": "message_start", "message": start}, {"type": "ping"}]
        blocks = _Blocks()
        for piece in map(piece_of, said):
            told += blocks.take(piece)
        if not ends:
            return told
        reason = {"stop_reason": _reason(Said.by(*said)), "stop_sequence": None}
        return [
            *told,
            *blocks.stop(),
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
            "stop_reason": _reason(told),
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


class _Blocks:
    """The blocks of one stream, which begin and stop around their pieces."""

    def __init__(self) -> None:
        self._count = 0
        self._open: dict[int, str] = {}
        self._calls: dict[int, int] = {}

    def take(self, piece: Piece) -> list[Block]:
        if isinstance(piece, Call):
            block = {"type": "tool_use", "id": piece.id, "name": piece.name, "input": {}}
            begun = [*self._stop_said(), self._begin(block)]
            self._calls[piece.index] = self._count - 1
            return [*begun, self._delta(self._count - 1, type="input_json_delta", partial_json="")]
        if isinstance(piece, Text):
            begun = self._begin_said({"type": "text", "text": ""})
            return [*begun, self._delta(self._count - 1, type="text_delta", text=piece.text)]
        if isinstance(piece, Thought):
            begun = self._begin_said({"type": "thinking", "thinking": "", "signature": ""})
            said = {"type": "thinking_delta", "thinking": piece.text}
            return [*begun, self._delta(self._count - 1, **said)]
        place = self._calls[piece.index]
        return [self._delta(place, type="input_json_delta", partial_json=piece.text)]

    def stop(self) -> list[Block]:
        return [event for index in list(self._open) for event in self._stop(index)]

    def _begin_said(self, block: Block) -> list[Block]:
        """Begin a block, unless the last one is of this type and goes on."""
        if self._open.get(self._count - 1) == block["type"]:
            return []
        return [*self._stop_said(), self._begin(block)]

    def _begin(self, block: Block) -> Block:
        self._open[self._count] = block["type"]
        self._count += 1
        return {"type": "content_block_start", "index": self._count - 1, "content_block": block}

    def _stop_said(self) -> list[Block]:
        # A call may go on beside the next one.
        over = [index for index, kind in self._open.items() if kind != "tool_use"]
        return [event for index in over for event in self._stop(index)]

    def _stop(self, index: int) -> list[Block]:
        thought = self._open.pop(index) == "thinking"
        signed = self._delta(index, type="signature_delta", signature=SIGNATURE)
        return [*([signed] if thought else []), {"type": "content_block_stop", "index": index}]

    def _delta(self, index: int, **delta: Any) -> Block:
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


def _reason(said: Said) -> str:
    return "tool_use" if said.calls else "end_turn"


ANTHROPIC = Anthropic()
ANTHROPIC_OF_AWS = AnthropicOfAws()
