"""The binary event stream of AWS: bytes in, events out.

A message is: its length, the length of its headers, a checksum of both; the headers; the
payload; a checksum of all. The headers name the event, and the payload is its JSON; or, where
Bedrock passes on what a vendor says, JSON in which the vendor's own event stands as base64.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from typing import TYPE_CHECKING

import orjson

from ._frames import LARGEST, BadFrame, check_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._frames import Frame

_PRELUDE = struct.Struct(">III")
_OVERHEAD = _PRELUDE.size + 4
# The events in which another one may stand.
_PASSED_ON = ("chunk", "")
# How many bytes the value of a header has, by its type; -1 if it says so itself.
_WIDTHS = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 6: -1, 7: -1, 8: 8, 9: 16}


class AwsEvents:
    """Finds the events in a body of type ``application/vnd.amazon.eventstream``.

    Args:
        limit: How many bytes a message may have.
    """

    def __init__(self, limit: int = LARGEST) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the events that are complete with ``data``.

        Raises:
            BadFrame: a message is damaged or too large.
        """
        held = self._bytes
        held += data
        while len(held) >= _OVERHEAD:
            size, of_headers, checksum = _PRELUDE.unpack_from(held)
            if checksum != zlib.crc32(held[:8]):
                raise BadFrame("the length of an AWS message is damaged")
            check_size(size, self._limit)
            if size < _OVERHEAD + of_headers:
                raise BadFrame("an AWS message is shorter than its headers")
            if len(held) < size:
                return
            message = bytes(held[:size])
            del held[:size]
            yield _event(message, of_headers)

    def end(self) -> list[Frame]:
        """Return nothing: a message that has not ended is lost."""
        return []


def _event(message: bytes, of_headers: int) -> Frame:
    if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:], "big"):
        raise BadFrame("an AWS message is damaged")
    body = _PRELUDE.size + of_headers
    headers = _headers(message[_PRELUDE.size : body])
    payload = message[body:-4]
    event = headers.get(":event-type", "")
    is_event = headers.get(":message-type", "event") == "event"
    if is_event and event not in _PASSED_ON:
        return event, payload
    try:
        facts = orjson.loads(payload) if payload else {}
        if not is_event:
            kind = headers.get(":exception-type") or headers.get(":error-code") or "error"
            text = headers.get(":error-message") or facts.get("message") or payload.decode()
            return "error", orjson.dumps({"error": {**facts, "type": kind, "message": text}})
        if "bytes" in facts:
            return "", base64.b64decode(facts["bytes"])
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise BadFrame(f"the payload of an AWS message cannot be read: {error}") from error
    return event, payload


def _headers(data: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    place = 0
    try:
        while place < len(data):
            end = place + 1 + data[place]
            name = data[place + 1 : end].decode()
            kind = data[end]
            width, place = _WIDTHS[kind], end + 1
            if width < 0:
                width = int.from_bytes(data[place : place + 2], "big")
                place += 2
            if kind == 7:
                headers[name] = data[place : place + width].decode()
            place += width
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise BadFrame(f"the headers of an AWS message cannot be read: {error!r}") from error
    return headers
