"""Amazon Bedrock's Converse: frames of AWS whose headers name the events."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import orjson
from attrs import define, field

from tests.chat_models.answers import aws_exception, aws_message, converse_stream
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
        blocks = _Blocks()
        told: list[Event] = [("messageStart", {"role": "assistant"})]
        for piece in map(piece_of, said):
            told += blocks.take(piece)
        if not ends:
            return told
        return [
            *told,
            *blocks.stop(),
            ("messageStop", {"stopReason": _reason(Said.by(*said))}),
            ("metadata", {"usage": COUNTS, "metrics": {"latencyMs": 17}}),
        ]

    def whole(self, *said: Piece | str) -> Any:
        told = Said.by(*said)
        return {
            "output": {"message": {"role": "assistant", "content": _blocks(told)}},
            "stopReason": _reason(told),
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


class _Blocks:
    """The blocks of one stream; only those of calls tell that they begin."""

    def __init__(self) -> None:
        self._count = 0
        self._open: dict[int, type[Piece]] = {}
        self._calls: dict[int, int] = {}

    def take(self, piece: Piece) -> list[Event]:
        if isinstance(piece, Call):
            events = [*self._stop_said(), self._begin(piece)]
            self._calls[piece.index] = self._count - 1
            return events
        if isinstance(piece, Text):
            return [*self._go_on(Text), self._delta(self._count - 1, text=piece.text)]
        if isinstance(piece, Thought):
            said = {"text": piece.text}
            return [*self._go_on(Thought), self._delta(self._count - 1, reasoningContent=said)]
        return [self._delta(self._calls[piece.index], toolUse={"input": piece.text})]

    def stop(self) -> list[Event]:
        return [event for index in list(self._open) for event in self._stop(index)]

    def _begin(self, call: Call) -> Event:
        self._open[self._count] = Call
        self._count += 1
        start = {"toolUse": {"toolUseId": call.id, "name": call.name}}
        return "contentBlockStart", {"contentBlockIndex": self._count - 1, "start": start}

    def _go_on(self, kind: type[Piece]) -> list[Event]:
        """Go on with the last block if it is of this kind, and with a new one otherwise."""
        if self._open.get(self._count - 1) is kind:
            return []
        stopped = self._stop_said()
        self._open[self._count] = kind
        self._count += 1
        return stopped

    def _stop_said(self) -> list[Event]:
        # A call may go on beside the next one.
        over = [index for index, kind in self._open.items() if kind is not Call]
        return [event for index in over for event in self._stop(index)]

    def _stop(self, index: int) -> list[Event]:
        stop: list[Event] = [("contentBlockStop", {"contentBlockIndex": index})]
        if self._open.pop(index) is Thought:
            return [self._delta(index, reasoningContent={"signature": SIGNATURE}), *stop]
        return stop

    def _delta(self, index: int, **delta: Any) -> Event:
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


def _reason(said: Said) -> str:
    return "tool_use" if said.calls else "end_turn"


CONVERSE = Converse()
