"""The dialects of vendors: how each says, in its own bytes, what a model says.

What a model says is told to a dialect in pieces that belong to none: texts, thoughts, the
beginnings of tool calls, and pieces of the arguments of each. The dialect makes the events
of a stream of them, or a whole answer; and it knows what goes wrong in its own form.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from attrs import define, field

from tests.chat_models.server import Answer

SIGNATURE = "c2lnbmVk"
"""What those sign with who sign something."""


@define(frozen=True)
class Text:
    """A piece of the text."""

    text: str


@define(frozen=True)
class Thought:
    """A piece of what the model thinks before."""

    text: str


@define(frozen=True)
class Call:
    """The beginning of a tool call."""

    index: int
    id: str
    name: str


@define(frozen=True)
class Arguments:
    """A piece of the arguments of the call with this index."""

    index: int
    text: str


Piece = Text | Thought | Call | Arguments


def call(index: int, id: str, name: str, *arguments: str) -> tuple[Piece, ...]:
    """A tool call whose pieces come one after the other."""
    return Call(index, id, name), *(Arguments(index, text) for text in arguments)


@define
class Said:
    """All that a model says, whichever dialect told it.

    Attributes:
        text: The answer.
        thoughts: What it thought before.
        calls: Of each tool call the id, the name, and the arguments as they are written.
    """

    text: str = ""
    thoughts: str = ""
    calls: dict[int, tuple[str, str, str]] = field(factory=dict)

    @classmethod
    def by(cls, *pieces: Piece | str) -> Said:
        """Put pieces together; a plain text is a piece of the text."""
        said = cls()
        for piece in map(piece_of, pieces):
            if isinstance(piece, Text):
                said.text += piece.text
            elif isinstance(piece, Thought):
                said.thoughts += piece.text
            elif isinstance(piece, Call):
                said.calls[piece.index] = (piece.id, piece.name, "")
            else:
                id, name, arguments = said.calls[piece.index]
                said.calls[piece.index] = (id, name, arguments + piece.text)
        return said

    @property
    def good(self) -> list[tuple[str, str, Any]]:
        """The calls whose arguments are an object, parsed."""
        return [
            (id, name, parsed(text)) for id, name, text in self.calls.values() if _is_good(text)
        ]

    @property
    def bad(self) -> list[tuple[str, str, str]]:
        """The others."""
        return [each for each in self.calls.values() if not _is_good(each[2])]


def piece_of(piece: Piece | str) -> Piece:
    return Text(piece) if isinstance(piece, str) else piece


def parsed(arguments: str) -> Any:
    """Arguments as an object; as the text that they are, if they are none."""
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


def arguments_in(text: str) -> Any:
    """Arguments where only an object can stand: without what is none, if they are none."""
    return parsed(text) if _is_good(text) else {}


def _is_good(arguments: str) -> bool:
    return isinstance(parsed(arguments), dict)


def joined(pieces: tuple[Piece | str, ...]) -> list[Piece]:
    """The same, with all arguments of a call in one piece behind its beginning."""
    calls = Said.by(*pieces).calls
    told: list[Piece] = []
    for piece in map(piece_of, pieces):
        if not isinstance(piece, Arguments):
            told.append(piece)
        if isinstance(piece, Call):
            told.append(Arguments(piece.index, calls[piece.index][2]))
    return told


@define(frozen=True, kw_only=True)
class Dialect(ABC):
    """One of them.

    Attributes:
        kind: The content type of a stream.
        is_sse: A stream is one of server-sent events.
        thinks: It tells what the model thinks.
        signs_thoughts: Thoughts have a signature, and are told back with it.
        calls_in_pieces: The arguments of a call come in pieces.
        names_calls: Calls have ids.
        takes_any_arguments: A whole answer can have arguments that are no object.
        structures_by_calls: A value of a schema comes as a call, if nobody says otherwise.
        details: What is counted beside the tokens of input and output.
    """

    kind: ClassVar[str] = "text/event-stream"
    is_sse: ClassVar[bool] = True
    signs_thoughts: ClassVar[bool] = False
    names_calls: ClassVar[bool] = True
    takes_any_arguments: ClassVar[bool] = True
    structures_by_calls: ClassVar[bool] = True
    thinks: bool = True
    calls_in_pieces: bool = True
    details: Mapping[str, int] = field(factory=dict)

    def answer(self, *said: Piece | str, ends: bool = True, **settings: Any) -> Answer:
        """Return the stream as an answer of a server."""
        return self.of_events(self.events(*said, ends=ends), **settings)

    def of_events(self, events: list[bytes], **settings: Any) -> Answer:
        return Answer(events, headers={"content-type": self.kind}, **settings)

    @property
    def usage(self) -> dict[str, Any]:
        """The tokens of each answer, as a message has them."""
        told: dict[str, Any] = {"input_tokens": 9, "output_tokens": 12, "total_tokens": 21}
        for key, names in (
            ("input_token_details", ("cache_read",)),
            ("output_token_details", ("reasoning",)),
        ):
            counts = {name: self.details[name] for name in names if name in self.details}
            if counts:
                told[key] = counts
        return told

    @abstractmethod
    def events(self, *said: Piece | str, ends: bool = True) -> list[bytes]:
        """Return a stream, an event each.

        Args:
            said: What the model says; a plain text is a piece of the text.
            ends: Whether it says why it stops, and all that follows.
        """

    @abstractmethod
    def whole(self, *said: Piece | str) -> Any:
        """Return an answer that is not streamed, as JSON."""

    # What a vendor is told.

    def question(self, text: str) -> Any:
        """Return the message in which a user asks."""
        return {"role": "user", "content": text}

    @abstractmethod
    def turn(
        self, *said: Piece | str, results: Mapping[str, str], failed: Collection[str] = ()
    ) -> list[Any]:
        """Return the messages by which a vendor is told what its model has said.

        Args:
            said: What it has said.
            results: What came of its calls, by their ids.
            failed: The ids of those that went wrong.
        """

    @abstractmethod
    def tool(self, name: str, description: str, schema: Any) -> Any:
        """Return a tool, as the vendor is told of it."""

    def tools_in(self, request: Any) -> Any:
        """Return the tools of which a request tells."""
        return request["tools"]

    def choice_in(self, request: Any) -> Any:
        """Return which of them a request wants to be called, if it wants one."""
        return request.get("tool_choice", request.get("tool_choice_option"))

    def schema_in(self, request: Any) -> Any:
        """Return the schema that a request wants the text of the answer to have."""
        return request["response_format"]["json_schema"]["schema"]

    # What goes wrong in the middle of a stream.

    @abstractmethod
    def problem(self, body: Any) -> bytes:
        """Return the event in which a vendor tells that something is wrong."""

    @abstractmethod
    def no_json(self) -> bytes:
        """Return an event that holds no JSON."""

    @abstractmethod
    def no_event(self) -> bytes:
        """Return an event that holds JSON, but none of the protocol."""
