"""Where the JSON begins in an answer that has prose and fences around it.

The rules, in the order in which they apply:

* A text that begins with a bracket, after white space, is JSON from there.
* So is a fenced block (three or more backticks or tildes) whose content begins with a bracket.
* Elsewhere in prose a bracket is taken for JSON once it has shown a key with its colon, or a
  string as an item. So ``see [1]`` and ``{name}`` are prose.
* A text or a ``json`` block that is one number, string or literal is JSON as well; as
  prose may begin like that, this is known only at its end.
* A block in another language that does not begin with a bracket is skipped.
"""

from __future__ import annotations

import re
from enum import Enum

__all__ = ("Finder", "Place")

_MARK = re.compile(r"[\[{`~]")
_FENCE = re.compile(r"`+|~+")
_TICKS = re.compile(r"[`~]")
_INFO_END = re.compile(r"[\n\[{`~]")
_LEADING = re.compile(r"[\s\ufeff]*")
_TAG = 12


class Place(Enum):
    """Where a value may begin."""

    START = "at the start of the text or of a block"
    ALONE = "the same, for a value without brackets"
    PROSE = "in prose"


class Finder:
    """Reads a text up to where a value may begin; goes on after what was none."""

    __slots__ = ("_fenced", "_marks", "_state", "_tag", "place")

    def __init__(self) -> None:
        # Of "start", "prose", "info", "content" and "other".
        self._state = "start"
        # The backticks or tildes just read, which may be a fence or go on to be one.
        self._marks = ""
        self._tag = ""
        self._fenced = False
        self.place = Place.START

    @property
    def fenced(self) -> bool:
        """Whether a block is open."""
        return self._fenced

    def resume(self) -> None:
        """What began here was no value: look on from the next character."""
        self._state = "other" if self._fenced and self._is_other() else "prose"

    def find(self, text: str, position: int) -> int | None:
        """Return where a value may begin, and set `place`; None if the text has no such place."""
        end = len(text)
        while position < end:
            if self._marks:
                position = self._read_marks(text, position)
                continue
            state = self._state
            if state in {"start", "content"}:
                position = _LEADING.match(text, position).end()  # type: ignore[union-attr]  # matches anything
                if position == end:
                    return None
                if self._starts(text[position]):
                    return position
            elif state == "info":
                position = self._read_info(text, position)
            else:
                found = (_TICKS if state == "other" else _MARK).search(text, position)
                if found is None:
                    return None
                position = found.start()
                if found[0] in "[{":
                    self.place = Place.PROSE
                    return position
                self._marks = found[0]
                position += 1
        return None

    def _starts(self, char: str) -> bool:
        """Whether a value begins with the first character of the text or of a block."""
        if char in "[{":
            self.place = Place.START
            return True
        if self._state == "content" and char in "`~":
            self._state = "prose"
            return False
        alone = not self._fenced or self._tag.strip().lower().startswith("json")
        self.resume()
        self.place = Place.ALONE
        return alone

    def _read_marks(self, text: str, position: int) -> int:
        mark = self._marks[0]
        stop = position
        while stop < len(text) and text[stop] == mark:
            stop += 1
        # Three are a fence, more are no more than that.
        self._marks = (self._marks + text[position : min(stop, position + 3)])[:3]
        if stop < len(text):
            if len(self._marks) == 3:
                self._fenced = not self._fenced
                self._state = "info" if self._fenced else "prose"
                self._tag = ""
            self._marks = ""
        return stop

    def _read_info(self, text: str, position: int) -> int:
        """Read what stands behind the opening fence: the language."""
        found = _INFO_END.search(text, position)
        stop = len(text) if found is None else found.start()
        self._tag = (self._tag + text[position : min(stop, position + _TAG)])[:_TAG]
        if found is None:
            return stop
        if found[0] in "`~":
            self._state = "prose"
            return stop
        self._state = "content"
        # A bracket on the same line is the content itself.
        return stop + (found[0] == "\n")

    def _is_other(self) -> bool:
        tag = self._tag.strip().lower()
        return bool(tag) and not tag.startswith("json")
