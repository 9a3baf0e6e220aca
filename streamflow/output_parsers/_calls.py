"""The tool calls of one answer, with their arguments as far as they have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ..errors import OutputParserException
from ..messages import AIMessage, AIMessageChunk
from ..messages._tool_calls import _Call
from ..outputs import ChatGeneration
from ..partial_json import PartialJSONParser

if TYPE_CHECKING:
    from ..messages import InvalidToolCall, ToolCall


class OpenCall:
    """A tool call whose arguments may not have come to their end."""

    def __init__(self, name: str | None, id: str | None, *, strict: bool) -> None:
        self.name = name
        self.id = id
        self.args: Any = {}
        self.whole = False
        """Whether all of the arguments are there."""
        self._pieces: list[str] = []
        self._parser = PartialJSONParser(bare=True, strict=strict)

    @property
    def text(self) -> str:
        """The text of the arguments, for errors."""
        return "".join(self._pieces)

    def feed(self, text: str) -> bool:
        """Read on; return whether the arguments have changed."""
        self._pieces.append(text)
        changed = self._parser.feed(text)
        if changed:
            self.args = self._parser.value
        self.whole = self._parser.complete
        return changed

    def end(self) -> None:
        """Take the arguments as they are.

        Raises:
            OutputParserException: they are no whole JSON object, or no tool is named.
        """
        text = self.text
        self.whole = self.whole or not text.strip()  # or it is a tool without arguments
        if not self.whole or not isinstance(self.args, dict):
            raise OutputParserException(
                f"the arguments of the tool call {self.name!r} are no whole JSON object", text=text
            )
        if not self.name:
            raise OutputParserException("a tool call names no tool", text=text)


class Calls:
    """All tool calls of an answer."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._latest: dict[int | str | None, tuple[_Call, OpenCall]] = {}
        self.all: list[OpenCall] = []
        """The calls in the order in which they began."""

    def feed(self, chunk: Any, reader: object) -> bool:
        """Read a message, a chunk of one or a generation; return whether something changed.

        Raises:
            OutputParserException: the input has no message, or a call is malformed.
        """
        message = chunk.message if isinstance(chunk, ChatGeneration) else chunk
        if not isinstance(message, AIMessage):
            raise OutputParserException(
                f"{type(reader).__name__} reads the tool calls of a model's messages, got "
                f"{type(message).__name__}: {message!r:.80}"
            )
        pieces = message.tool_call_chunks if isinstance(message, AIMessageChunk) else []
        if not pieces:
            return self._take(message)
        changed = [self._continue(piece) for piece in pieces]
        return any(changed)

    def _take(self, message: AIMessage) -> bool:
        """Read calls that came whole."""
        for bad in message.invalid_tool_calls:
            raise _invalid(bad)
        for call in message.tool_calls:
            self.all.append(_closed(call))
        return bool(message.tool_calls)

    def _continue(self, piece: Any) -> bool:
        index = piece.get("index")
        known = self._latest.get(index)
        if known is not None and (
            (index is not None and known[0].continues(piece)) or known[0].completes(piece)
        ):
            whole, call = known
            before = whole.name, whole.id
            whole.name = call.name = whole.name or piece.get("name")
            whole.id = call.id = whole.id or piece.get("id")
            changed = before != (whole.name, whole.id)
        else:
            start: Any = {**piece, "args": None}
            whole = _Call(start)
            call = OpenCall(whole.name, whole.id, strict=self._strict)
            self._latest[index] = (whole, call)
            self.all.append(call)
            changed = True
        return call.feed(piece.get("args") or "") or changed


def _closed(call: ToolCall) -> OpenCall:
    done = OpenCall(call["name"], call.get("id"), strict=False)
    done.args, done.whole = call["args"], True
    done._pieces = [orjson.dumps(call["args"], default=repr).decode()]
    return done


def _invalid(call: InvalidToolCall) -> OutputParserException:
    reason = f"the tool call {call['name']!r} makes no sense: {call['error']}"
    return OutputParserException(reason, text=call["args"])
