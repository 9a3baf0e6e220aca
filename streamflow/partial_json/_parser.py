"""The parser: finds the JSON in a text that comes in pieces, and shows the value so far."""

from __future__ import annotations

from io import StringIO
from typing import Any, NoReturn

from streamflow._unset import UNSET
from streamflow.errors import OutputParserException
from streamflow.partial_json._finder import Finder, Place
from streamflow.partial_json._machine import STARTS, Machine
from streamflow.partial_json._state import Malformed, TooDeep

__all__ = ("PartialJSONParser",)

_SPACE = " \t\n\r"


class PartialJSONParser:
    r"""Reads JSON in pieces of any size and gives, at any moment, the value so far.

    The value is completed as somebody would who had to stop here: open brackets are closed,
    an open string ends, a number is taken as far as it is one. A key without a value and a
    part of ``true``, ``false`` or ``null`` are left out.

    Each character is read once. Snapshots share what did not change between them; treat them
    as read-only. The parser itself never changes one that somebody still holds.

    By default the JSON may stand in prose or in a fenced block of Markdown, before and after
    which everything is skipped:

    * A text, or a block, that begins with a bracket is JSON from there.
    * Elsewhere a bracket counts once it has shown a key with its colon, or a string as an
      item: ``see [1]`` and ``{name}`` are prose. A bracket of numbers alone is used at the
      end, if there is nothing better (the longest of them).
    * A text, or a ``json`` block, may be one number, string or literal; this too is known
      only at the end.

    Args:
        max_depth: How deep brackets may be nested.
        strict: Refuse line breaks and other control characters inside strings.
        bare: The text is JSON and nothing else, like the arguments of a tool call.

    Example:
        >>> parser = PartialJSONParser()
        >>> for piece in ["Sure:\n```json\n", '{"name": "Fra', 'nce", "popu', 'lation": 67', "4"]:
        ...     if parser.feed(piece):
        ...         print(parser.value)
        {'name': 'Fra'}
        {'name': 'France'}
        {'name': 'France', 'population': 67}
        {'name': 'France', 'population': 674}
    """

    __slots__ = (
        "_error",
        "_fallback",
        "_finder",
        "_first",
        "_kept",
        "_length",
        "_machine",
        "_max_depth",
        "_place",
        "_read",
        "_seen",
        "_shown",
        "_start",
        "_strict",
    )

    def __init__(self, *, max_depth: int = 1_000, strict: bool = False, bare: bool = False) -> None:
        self._max_depth = max_depth
        self._strict = strict
        self._finder = None if bare else Finder()
        self._machine: Machine | None = None
        self._place = Place.START
        # Whether the value of the machine is out; what was out before, if it was no value.
        self._shown = False
        self._kept: Any = UNSET
        self._seen = StringIO()
        self._read = 0
        self._start = 0
        # The longest bracket in prose that held no string; where the first attempt went wrong.
        self._length = 0
        self._fallback: Machine | None = None
        self._first: Malformed | None = None
        self._error: Malformed | None = None
        if bare:
            self._machine = Machine(max_depth, strict=strict)
            self._shown = True

    def feed(self, piece: str) -> bool:
        """Read the next piece.

        Args:
            piece: Some more of the text; it may be empty.

        Returns:
            Whether the value has changed, or has come into being. A value given twice
            under one key counts as a change.

        Raises:
            OutputParserException: The text, which has shown itself to be JSON, is malformed.
                `value` stays as it was before. Every later call raises the same.
        """
        if self._error is not None:
            self._fail(self._error)
        self._seen.write(piece)
        machine = self._machine
        position, changed = 0, False
        try:
            if self._shown and machine is not None and not machine.complete:
                before = machine.version
                try:
                    position = machine.run(piece, 0)
                except Malformed as malformed:
                    position = self._recover(malformed)
                changed = machine.version != before and self._shown
            if position < len(piece):
                changed = self._look(piece, position) or changed
        except Malformed as malformed:
            malformed.position += self._read
            self._error = malformed
            self._fail(malformed)
        self._read += len(piece)
        return changed

    @property
    def value(self) -> Any:
        """The value so far, ``UNSET`` while there is none; treat it as read-only."""
        if self._shown and self._machine is not None:
            return self._machine.value
        return self._kept

    @property
    def complete(self) -> bool:
        """Whether the value is finished; what comes after it does not change it."""
        return self._shown and self._machine is not None and self._machine.complete

    def close(self) -> Any:
        """Take the text as ended.

        Returns:
            The value, completed if the text ended in the middle of it.

        Raises:
            OutputParserException: There is no value, or the text is malformed.
        """
        if self._error is not None:
            self._fail(self._error)
        machine = self._machine
        if machine is not None and (self._shown or self._place is Place.ALONE):
            try:
                machine.end()
            except Malformed as malformed:
                malformed.position += self._read
                self._error = malformed
                self._fail(malformed)
            self._shown = machine.value is not UNSET
        elif self._fallback is not None:
            self._machine = self._fallback
            self._shown = True
        if not self._shown:
            reason = "there is no JSON in this text" if self._read else "the text is empty"
            self._fail(self._first or Malformed(reason, self._read))
        return self.value

    def _look(self, piece: str, position: int) -> bool:
        """Read on where no shown value is being read; return whether one came out of it."""
        changed = False
        while position < len(piece):
            machine = self._machine
            if machine is None:
                found = self._find(piece, position)
                if found is None:
                    break
                position = found
            elif machine.complete:
                stop = self._end_of(machine, piece, position)
                if stop is None:
                    break
                changed, position = changed or self._shown, stop
            else:
                try:
                    position = machine.run(piece, position)
                except Malformed as malformed:
                    position = self._recover(malformed)
                else:
                    changed = self._consider(machine, position) or changed
        return changed

    def _find(self, piece: str, position: int) -> int | None:
        finder = self._finder
        found = None if finder is None else finder.find(piece, position)
        if found is None or finder is None:
            return None
        if finder.place is not Place.ALONE or piece[found] in STARTS:
            self._machine = Machine(self._max_depth, strict=self._strict)
            self._place = finder.place
            self._start = self._read + found
        return found

    def _consider(self, machine: Machine, position: int) -> bool:
        """Show the value if it is one by now; return whether that is news."""
        if self._shown:
            return machine.version > 0
        if self._place is Place.START or machine.certain:
            self._shown = self._place is not Place.ALONE
            return self._shown
        if machine.complete and self._place is Place.PROSE:
            length = self._read + position - self._start
            if length > self._length:
                self._length, self._fallback = length, machine
            self._leave()
        return False

    def _end_of(self, machine: Machine, piece: str, position: int) -> int | None:
        """Look at what follows a finished value; None if the rest of the piece does not matter."""
        while position < len(piece) and piece[position] in _SPACE:
            position += 1
        if position == len(piece):
            return position
        if self._shown:
            if self._finder is None:
                raise Malformed("there is more text after the value", position)
            return None
        if self._finder is not None and self._finder.fenced and piece[position] in "`~":
            self._shown = True
        else:
            self._leave()
        return position

    def _leave(self) -> None:
        self._machine = None
        if self._finder is not None:
            self._finder.resume()

    def _recover(self, malformed: Malformed) -> int:
        """Look on behind what was no JSON after all; raise where that is too late."""
        machine = self._machine
        if self._finder is None or machine is None:
            raise malformed
        # What one piece brings with its fault counts as if it had come before.
        shown = self._shown or (
            self._place is Place.START or (self._place is Place.PROSE and machine.certain)
        )
        if shown and (machine.certain or isinstance(malformed, TooDeep)):
            raise malformed
        if self._place is Place.START and self._first is None:
            self._first = Malformed(malformed.reason, malformed.position + self._read)
        if self._shown:
            self._kept = machine.value
            self._shown = False
        self._leave()
        return max(malformed.position, 0)

    def _fail(self, malformed: Malformed) -> NoReturn:
        raise OutputParserException(
            malformed.reason, text=self._seen.getvalue(), position=malformed.position
        ) from None
