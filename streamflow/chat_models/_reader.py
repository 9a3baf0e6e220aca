"""From the bytes of an answer to chunks of a message: what all protocols share.

A reader does no I/O. It never raises either: what it has read before something went wrong
is returned, and the error stands in `error`, so that the same bytes give the same chunks
and the same error wherever they were cut.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import orjson

from .._merge import merge
from ..errors import MalformedStreamError, ModelError, TruncatedStreamError
from ._frames import BadFrame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .._vendors._source import Source
    from ..messages import AIMessageChunk
    from ._frames import Frame, Framing

_MISFITS = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class Reader(ABC):
    """Reads one answer.

    Args:
        source: Whose answer it is.
        framing: Finds the frames in the bytes.
        id: The id of the message.

    Attributes:
        finished: The model has said why it stops; nothing of the message is missing.
        done: Nothing is to come any more, though the body may not have ended.
        error: What went wrong, if something did; no more bytes are read then.
    """

    def __init__(self, source: Source, framing: Framing, id: str | None) -> None:
        self.source = source
        self.finished = False
        self.done = False
        self.error: ModelError | None = None
        self._framing = framing
        self._id = id
        self._begun = False  # an event has come
        # Halves of characters that wait for the other half, by where they stand. None until
        # the first one is met: hardly any answer has them.
        self._halves: dict[object, str] | None = None

    def feed(self, data: bytes) -> list[AIMessageChunk]:
        """Take the next bytes and return the chunks that they complete."""
        return self._read(self._framing.feed, data)

    def end(self) -> list[AIMessageChunk]:
        """Take the end of the body; return the chunks that it completes."""
        if self._is_over:
            return []
        chunks = self._read(self._framing.end)
        self._conclude(chunks)
        return chunks

    @property
    def _is_over(self) -> bool:
        return self.done or self.error is not None

    def _conclude(self, chunks: list[AIMessageChunk]) -> None:
        is_whole = isinstance(self._framing, Whole)
        if self.error is not None:
            if isinstance(self.error, MalformedStreamError) and not is_whole:
                # Only what follows the last event is read at the end: it was cut off.
                self._truncated("in the middle of an event", self.error.body)
        elif self.done:
            pass
        elif self.finished or (is_whole and chunks):
            self._finish(chunks)
        elif is_whole and self._begun:
            reason = "the answer holds no message"
            self.error = self.source.error(MalformedStreamError, reason)
        else:
            said = "before the model had said why it stops" if self._begun else "with nothing"
            self._truncated(said)

    def _truncated(self, where: str, body: Any = None) -> None:
        self.error = self.source.error(TruncatedStreamError, f"the answer ended {where}", body)

    def _read(self, frames: Callable[..., Iterable[Frame]], *data: bytes) -> list[AIMessageChunk]:
        chunks: list[AIMessageChunk] = []
        if self._is_over:
            return chunks
        frame = b""
        try:
            for event, frame in frames(*data):
                self._begun = True
                try:
                    payload = orjson.loads(frame)
                except orjson.JSONDecodeError:
                    if frame.strip() == b"[DONE]":
                        self._take_done(chunks)
                        break
                    payload = self._loosely_read(frame)
                self._take(event, payload, chunks)
                if self.done:
                    break
        except BadFrame as error:
            self.error = self.source.error(MalformedStreamError, str(error))
        except ModelError as error:
            self.error = error
        except _MISFITS as error:
            reason = f"an event is not of the vendor's protocol: {type(error).__name__}: {error}"
            self.error = self.source.error(MalformedStreamError, reason, frame)
        return chunks

    def _take_done(self, chunks: list[AIMessageChunk]) -> None:
        """Read the event behind the last one."""
        if self.finished:
            self._finish(chunks)
        else:
            self._truncated("before the model had said why it stops")

    def _loosely_read(self, frame: bytes) -> Any:
        """Parse JSON whose texts may end in the middle of a character."""
        try:
            payload = json.loads(frame)
        except (ValueError, RecursionError) as error:
            reason = f"an event is not JSON: {error}"
            raise self.source.error(MalformedStreamError, reason, frame) from None
        if self._halves is None:
            self._halves = {}
        return payload

    def _mended(self, place: object, text: str) -> str:
        """Return text with whole characters only; a half at its end waits for the rest."""
        if self._halves is None:
            return text
        text = self._halves.pop(place, "") + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._halves[place] = text[-1]
            text = text[:-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _rest(self, place: object) -> str:
        """Return what stands for a character of which only the first half has come."""
        return "\N{REPLACEMENT CHARACTER}" if self._halves and place in self._halves else ""

    def _finish(self, chunks: list[AIMessageChunk]) -> None:
        """Add the last chunk, with all that is said about the whole answer."""
        self.done = True
        chunks.append(self._last())

    @abstractmethod
    def _take(self, event: str, payload: Any, chunks: list[AIMessageChunk]) -> None:
        """Read one event and add the chunks that it stands for."""

    @abstractmethod
    def _last(self) -> AIMessageChunk:
        """Return the last chunk."""


def text_or_none(value: Any) -> str | None:
    """Return a text of an event.

    Raises:
        TypeError: It is none, so the event is not of the protocol.
    """
    if value is None or isinstance(value, str):
        return value
    raise _NoTextError(f"{value!r:.80} stands where a text belongs")


class _NoTextError(TypeError):
    """Told to the reader, which knows whose event it is."""


class Whole:
    """The framing of an answer that is one document: its end makes the one frame of it.

    Args:
        limit: How many bytes it may have.
    """

    def __init__(self, limit: int = 256 * 1024 * 1024) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Frame]:
        """Keep the bytes."""
        self._size += len(data)
        if self._size > self._limit:
            raise BadFrame(f"the answer has more than {self._limit} bytes")
        self._parts.append(data)
        return []

    def end(self) -> list[Frame]:
        """Return the document."""
        return [("", b"".join(self._parts))] if self._size else []


def message_in(reader: Reader, body: bytes) -> AIMessageChunk:
    """Return the message that a body holds, as one chunk.

    Raises:
        ModelError: it holds none.
    """
    chunks = [*reader.feed(body), *reader.end()]
    if reader.error is not None:
        raise reader.error
    message: AIMessageChunk = merge(chunks)
    return message
