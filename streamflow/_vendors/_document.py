"""An answer that is one document of JSON."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from attrs import define, field

from ..errors import MalformedStreamError, TruncatedStreamError

if TYPE_CHECKING:
    from ..errors import ModelError
    from ._source import Source

T = TypeVar("T")

_LARGEST = 256 * 1024 * 1024


@define
class DocumentReader(ABC, Generic[T]):
    """Reads one answer, when all of it is there; an exchange feeds it.

    Args:
        source: Whose answer it is.
    """

    source: Source
    # What an exchange asks a reader: here nothing is finished, or wrong, before the end.
    finished: bool = field(default=False, init=False)
    done: bool = field(default=False, init=False)
    error: ModelError | None = field(default=None, init=False)
    _parts: list[bytes] = field(factory=list, init=False)
    _size: int = field(default=0, init=False)

    def feed(self, data: bytes) -> tuple[()]:
        """Keep the next bytes.

        Raises:
            MalformedStreamError: they are too many.
        """
        self._parts.append(data)
        self._size += len(data)
        if self._size > _LARGEST:
            raise self.malformed(f"the answer has more than {_LARGEST} bytes")
        return ()

    def end(self) -> tuple[T]:
        """Return what the document says.

        Raises:
            TruncatedStreamError: the answer is empty.
            MalformedStreamError: it is not what was asked for.
            ModelError: it is an error, though the status says otherwise.
        """
        body = b"".join(self._parts)
        if not body.strip():
            raise self.source.error(TruncatedStreamError, "the answer is empty")
        return (self._read(self._parsed(body)),)

    @abstractmethod
    def _read(self, document: Any) -> T:
        """Return what a document says."""

    def malformed(self, reason: str, body: Any = None) -> ModelError:
        """Return the error of a document that is not what was asked for."""
        return self.source.error(MalformedStreamError, reason, body)

    def _parsed(self, body: bytes) -> Any:
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass  # json takes more: a number that is NaN, half a character in some text.
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            reason = "the answer is not JSON; base_url may be wrong"
            raise self.malformed(reason, body) from None
