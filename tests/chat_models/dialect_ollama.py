"""Ollama's lines of JSON. A tool call comes whole, its arguments as an object, without an id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import orjson
from attrs import define

from tests.chat_models.dialects import (
    Arguments,
    Call,
    Dialect,
    Piece,
    Said,
    Text,
    Thought,
    arguments_in,
    joined,
    parsed,
)

Line = dict[str, Any]


@define(frozen=True, kw_only=True)
class Ollama(Dialect):
    """The dialect of Ollama."""

    kind: ClassVar[str] = "application/x-ndjson"
    is_sse: ClassVar[bool] = False
    names_calls: ClassVar[bool] = False
    structures_by_calls: ClassVar[bool] = False
    calls_in_pieces: bool = False

    def events(self, *said: Piece | str, ends: bool = True) -> list[bytes]:
        calls = Said.by(*said).calls
        messages: list[Line] = []
        for piece in joined(said):
            if isinstance(piece, Text):
                messages.append({"content": piece.text})
            elif isinstance(piece, Thought):
                messages.append({"content": "", "thinking": piece.text})
            elif isinstance(piece, Call):
                messages.append({"content": "", "tool_calls": [_call(*calls[piece.index][1:])]})
            else:
                assert isinstance(piece, Arguments)  # they came with their call
        lines: list[Line] = [
            {"model": "m-1", "message": {"role": "assistant", **message}, "done": False}
            for message in messages
        ]
        if ends:
            lines.append(self.whole())
        return [orjson.dumps(line) + b"\n" for line in lines]

    def whole(self, *said: Piece | str) -> Any:
        told = Said.by(*said)
        message: Line = {"role": "assistant", "content": told.text}
        if told.thoughts:
            message["thinking"] = told.thoughts
        if told.calls:
            message["tool_calls"] = [_call(*each[1:]) for each in told.calls.values()]
        facts = {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 12}
        return {"model": "m-1", "message": message, **facts}

    def turn(
        self, *said: Piece | str, results: Mapping[str, str], failed: Collection[str] = ()
    ) -> list[Any]:
        told = Said.by(*said)
        names = {id: name for id, name, _ in told.calls.values()}
        calls = [
            {"function": {"name": name, "arguments": arguments_in(text)}}
            for _, name, text in told.calls.values()
        ]
        message = {"role": "assistant", "content": told.text, "tool_calls": calls}
        answers = [
            {"role": "tool", "content": text, "tool_name": names[id]}
            for id, text in results.items()
        ]
        return [message, *answers]

    def tool(self, name: str, description: str, schema: Any) -> Any:
        function = {"name": name, "description": description, "parameters": schema}
        return {"type": "function", "function": function}

    def schema_in(self, request: Any) -> Any:
        return request["format"]

    def problem(self, body: Any) -> bytes:
        return orjson.dumps(body) + b"\n"

    def no_json(self) -> bytes:
        return b'{"model": "m-1", "mess\n'

    def no_event(self) -> bytes:
        return orjson.dumps({"model": "m-1", "message": {"content": 5}}) + b"\n"


def _call(name: str, arguments: str) -> Line:
    return {"function": {"name": name, "arguments": parsed(arguments)}}


OLLAMA = Ollama()
