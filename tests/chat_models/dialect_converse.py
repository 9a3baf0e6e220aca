"""Amazon Bedrock's Converse: frames of AWS whose headers name the events."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import orjson
from attrs import define, field

from tests.chat_models.answers import aws_exception, aws_message, converse_stream
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
Event = tuple[str, Any]
COUNTS = {"inputTokens": 5, "cacheReadInputTokens": 4, "outputTokens": 12, "totalTokens": 21}


@define(frozen=True, kw_only=True)
class Converse(Dialect):
    """The dialect of Converse."""

    kind: ClassVar[str] = "application/vnd.amazon.eventstream"
    is_sse: ClassVar[bool] = False
    signs_thoughts: ClassVar[bool] = True
    takes_any_arguments: ClassVar[bool] = False
    details: Mapping[str, int] = field(factory=lambda: {"cache_read": 4})

    def events(self, *said: Piece | str, ends: bool = True) -> list[bytes]:
        return converse_stream(*self.named_events(*said, ends=ends))

    def named_events(self, *said: Piece | str, ends: bool = True) -> list[Event]:
        """Return the events of a stream, as JSON with their names."""
        told: list[Event] = [("messageStart", {"role": "assistant"})]
        told += _Blocks().tell(said, ends=ends)
        if not ends:
            return told
        return [
            *told,
            ("messageStop", {"stopReason": reason_of(Said.by(*said))}),
            ("metadata", {"usage": COUNTS, "metrics": {"latencyMs": 17}}),
        ]

    def whole(self, *said: Piece | str) -> Any:
        told = Said.by(*said)
        return {
            "output": {"message": {"role": "assistant", "content": _blocks(told)}},
            "stopReason": reason_of(told),
            "usage": COUNTS,
            "metrics": {"latencyMs": 17},
        }

    def question(self, text: str) -> Any:
        return {"role": "user", "content": [{"text": text}]}

    def turn(
        self, *said: Piece | str, results: Mapping[str, str], failed: Collection[str] = ()
    ) -> list[Any]:
        blocks = _blocks(Said.by(*said))
        answers = [
            {
                "toolResult": {"toolUseId": id, "content": [{"text": text}]}
                | ({"status": "error"} if id in failed else {})
            }
            for id, text in results.items()
        ]
        return [{"role": "assistant", "content": blocks}, {"role": "user", "content": answers}]

    def tool(self, name: str, description: str, schema: Any) -> Any:
        told = {"name": name, "description": description, "inputSchema": {"json": schema}}
        return {"toolSpec": told}

    def tools_in(self, request: Any) -> Any:
        return request["toolConfig"]["tools"]

    def choice_in(self, request: Any) -> Any:
        return request["toolConfig"].get("toolChoice")

    def schema_in(self, request: Any) -> Any:
        return orjson.loads(
            request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
        )

    def problem(self, body: Any) -> bytes:
        return aws_exception("internalServerException", body)

    def no_json(self) -> bytes:
        return aws_message(b'{"contentBlockInd', **{":event-type": "contentBlockDelta"})

    def no_event(self) -> bytes:
        return converse_stream(("contentBlockDelta", {"contentBlockIndex": 0}))[0]


class _Blocks(Blocks[Event]):
    """Only the blocks of calls tell that they begin."""

    def begins(self, index: int, piece: Piece) -> list[Event]:
        if not isinstance(piece, Call):
            return []
        start = {"toolUse": {"toolUseId": piece.id, "name": piece.name}}
        return [("contentBlockStart", {"contentBlockIndex": index, "start": start})]

    def goes_on(self, index: int, piece: Piece) -> Event:
        if isinstance(piece, Text):
            return _delta(index, text=piece.text)
        if isinstance(piece, Thought):
            return _delta(index, reasoningContent={"text": piece.text})
        assert isinstance(piece, Arguments)
        return _delta(index, toolUse={"input": piece.text})

    def stops(self, index: int, kind: type[Piece]) -> list[Event]:
        signed = _delta(index, reasoningContent={"signature": SIGNATURE})
        stop = ("contentBlockStop", {"contentBlockIndex": index})
        return [signed, stop] if kind is Thought else [stop]


def _delta(index: int, **delta: Any) -> Event:
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}


def _blocks(said: Said) -> list[Block]:
    blocks: list[Block] = []
    if said.thoughts:
        thought = {"text": said.thoughts, "signature": SIGNATURE}
        blocks.append({"reasoningContent": {"reasoningText": thought}})
    if said.text:
        blocks.append({"text": said.text})
    blocks += [
        {"toolUse": {"toolUseId": id, "name": name, "input": arguments_in(text)}}
        for id, name, text in said.calls.values()
    ]
    return blocks


CONVERSE = Converse()
