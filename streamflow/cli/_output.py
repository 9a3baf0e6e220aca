"""Writing to standard output, and what becomes of it if nobody reads there any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TextIO

from .._json import dumps, dumps_flagged
from ..views._v2 import EventView

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ..bus import AnyMessage
    from ..views import StreamEvent


class OutputLost(Exception):  # noqa: N818 - told from what a chain raises, which may be an OSError
    """Nothing more can be written: the reader has gone, the disk is full.

    Args:
        error: What the operating system said.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.reader_left = isinstance(error, BrokenPipeError)
        self.reason = error.strerror or str(error)


class Output:
    """Text and JSON lines on one stream, each written through at once.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._within_line = False

    def text(self, text: str) -> None:
        """Write a piece of text as it is.

        Raises:
            OutputLost: it cannot be written.
        """
        if text:
            self._write(text)
            self._within_line = not text.endswith("\n")

    def line(self, line: str | bytes) -> None:
        """Write a line of its own.

        Raises:
            OutputLost: it cannot be written.
        """
        self.end_line()
        self._write(line + "\n" if isinstance(line, str) else line + b"\n")

    def value(self, value: Any) -> None:
        """Write a chunk of output: text as it is, anything else as a line of JSON.

        Raises:
            OutputLost: it cannot be written.
        """
        if isinstance(value, str):
            self.text(value)
        else:
            self.line(dumps(value))

    def end_line(self) -> None:
        """Begin a new line, unless the last one has ended.

        Raises:
            OutputLost: it cannot be written.
        """
        if self._within_line:
            self._write("\n")
            self._within_line = False

    def flush(self) -> None:
        """Write out what somebody else has written to the stream.

        Raises:
            OutputLost: it cannot be written.
        """
        try:
            self.stream.flush()
        except OSError as error:
            raise OutputLost(error) from error

    def mute(self) -> None:
        """Let what is still to be written go nowhere; the interpreter flushes as it ends."""
        try:
            descriptor = self.stream.fileno()
        except (OSError, ValueError):
            return  # not a file of the operating system, or closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)

    def _write(self, data: str | bytes) -> None:
        try:
            if isinstance(data, str):
                self._write_text(data)
            else:
                self._write_bytes(data)
            self.stream.flush()
        except OSError as error:
            raise OutputLost(error) from error

    def _write_text(self, text: str) -> None:
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            # A terminal that knows fewer characters, or half of a surrogate pair.
            encoding = self.stream.encoding
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def _write_bytes(self, data: bytes) -> None:
        # JSON is UTF-8, whatever the terminal's own encoding is.
        buffer = getattr(self.stream, "buffer", None)
        if buffer is None:
            self.stream.write(data.decode())
        else:
            buffer.write(data)


class ChunkWriter:
    """Writes the chunks of a chain's output as they come.

    Args:
        output: Where to.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self.take = output.value

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Also after a failure, so that what is said of it begins on a line of its own.
        if exc_type is not OutputLost:
            self._output.end_line()


class EventWriter:
    """Writes messages as event dicts, a line of JSON for each.

    Args:
        output: Where to.
        input: What the chain is given, for the first event.
    """

    def __init__(self, output: Output, input: Any) -> None:
        self._output = output
        # A log in which a run starts and nothing tells of its end would be a riddle.
        self._view = EventView(input, include_errors=True)

    def take(self, message: AnyMessage) -> None:
        """Write one message.

        Raises:
            OutputLost: it cannot be written.
        """
        event = self._view.show(message)
        if event is not None:
            self._output.line(event_line(event))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is open between two lines."""


def event_line(event: StreamEvent) -> bytes:
    """Return an event in JSON, with ``"lossy": true`` if something in it will not come back."""
    line, lossy = dumps_flagged(event)
    return line[:-1] + b',"lossy":true}' if lossy else line
