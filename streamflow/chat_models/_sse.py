"""Server-sent events: bytes in, events out.

Works on bytes, so that a character that is cut in two needs no care, and so that JSON is
parsed from what came over the wire. A line ends with CR, LF or both; a line that ends with
CR is complete at once, and an LF that follows is skipped when it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._frames import LARGEST, check_size

if TYPE_CHECKING:
    from ._frames import Frame

_BOM = b"\xef\xbb\xbf"
_DATA, _END = b"data: ", b"\n\n"


class ServerSentEvents:
    """Finds the events in a body of type ``text/event-stream``.

    Args:
        limit: How many bytes an event may have.
    """

    def __init__(self, limit: int = LARGEST) -> None:
        self._limit = limit
        self._rest: list[bytes] = []  # of a line that has not ended
        self._rest_size = 0
        self._data_size = 0
        self._event = ""
        self._data: list[bytes] = []
        self._after_cr = False
        self._at_start = True
        self._between = False  # two events: nothing is kept of a line or an event

    def feed(self, data: bytes) -> list[Frame]:
        """Return the events that are complete with ``data``.

        Raises:
            BadFrame: an event is too large.
        """
        if self._between and data.startswith(_DATA) and data.endswith(_END):
            # Nearly every piece: whole events of one line each, found without looking at lines.
            events = data[len(_DATA) : -len(_END)].split(_END + _DATA)
            plain = b"\r" not in data and data.count(b"\n") == 2 * len(events)
            if plain and len(data) <= self._limit:
                return [("", event) for event in events]
        found = self._feed_lines(data)
        self._between = not (
            self._rest or self._data or self._event or self._after_cr or self._at_start
        )
        return found

    def _feed_lines(self, data: bytes) -> list[Frame]:
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        rest = lines.pop()
        if not lines:
            if rest:
                self._keep(rest)
            return []
        if self._rest:
            lines[0] = b"".join((*self._rest, lines[0]))
            self._rest.clear()
            self._rest_size = 0
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BOM)
        events = self._read(lines)
        if rest:
            self._keep(rest)
        return events

    def end(self) -> list[Frame]:
        """Return the last event, if the body ended before the empty line behind it."""
        self._after_cr = False
        return self.feed(b"\n\n") if self._rest else self.feed(b"\n")

    def _keep(self, rest: bytes) -> None:
        self._rest.append(rest)
        self._rest_size += len(rest)
        check_size(self._rest_size + self._data_size, self._limit)

    def _read(self, lines: list[bytes]) -> list[Frame]:
        events: list[Frame] = []
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                # Nearly every line: one space behind the colon is not part of the data.
                value = line[6:] if line.startswith(b" ", 5) else line[5:]
                data.append(value)
                self._data_size += len(value)
                check_size(self._data_size, self._limit)
            elif not line:
                if data:
                    event = data[0] if len(data) == 1 else b"\n".join(data)
                    events.append((self._event, event))
                    data.clear()
                self._event = ""
                self._data_size = 0
            elif line.startswith(b"event:"):
                self._event = line[6:].strip().decode("utf-8", "replace")
            elif line == b"data":
                data.append(b"")
        return events
