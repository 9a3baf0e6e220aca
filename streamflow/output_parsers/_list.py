"""Lists that a model writes as text, item by item."""

from __future__ import annotations

import re
from abc import abstractmethod
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, ClassVar

from ._reading import ReadingParser, text_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._reading import Reading


class ListOutputParser(ReadingParser[list[str]]):
    """The base of the parsers of lists. Over a stream, they yield lists of one item each."""

    @abstractmethod
    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""

    def _nothing(self) -> list[str]:
        return []


class CommaSeparatedListOutputParser(ListOutputParser):
    """Reads items between commas or line breaks; in double quotes an item may hold both.

    >>> parser = CommaSeparatedListOutputParser()
    >>> parser.invoke('red, "blue, light", green')
    ['red', 'blue, light', 'green']
    >>> list(parser.transform(iter(["re", "d, bl", "ue"])))
    [['red'], ['blue']]
    """

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""
        return "Answer with a list of values between commas and nothing else: `red, green, blue`."

    def _reading(self) -> Reading:
        return _Fields(self)


class _State(Enum):
    START = auto()  # of an item: no more than space has come
    PLAIN = auto()
    QUOTED = auto()
    CLOSED = auto()  # a quote has come that ends the item, if it is not the first of two


class _Fields:
    """Comma-separated values, quoted as in a table of text."""

    def __init__(self, reader: object) -> None:
        self._reader = reader
        self._state = _State.START
        self._item: list[str] = []
        self._owes = False  # after a comma there is an item, even if nothing follows

    def feed(self, chunk: Any) -> Iterator[list[str]]:
        for part in _PARTS.findall(text_in(chunk, self._reader)):
            state = self._state
            if state is _State.QUOTED:
                if part == '"':
                    self._state = _State.CLOSED
                else:
                    self._item.append(part)
            elif part == ",":
                yield self._take()
                self._owes = True
            elif part in "\r\n":
                if state is not _State.START or self._owes:
                    yield self._take()
            elif part == '"' and state is not _State.PLAIN:
                if state is _State.CLOSED:
                    self._item.append(part)
                self._state = _State.QUOTED
            elif state is not _State.START or not part.isspace():
                self._item.append(part)
                self._state = _State.PLAIN

    def close(self) -> Iterable[list[str]]:
        return (self._take(),) if self._owes or self._state is not _State.START else ()

    def _take(self) -> list[str]:
        item = "".join(self._item)
        if self._state is _State.PLAIN:
            item = item.rstrip()
        self._item, self._state, self._owes = [], _State.START, False
        return [item]


_PARTS = re.compile(r'[^",\s]+|[^\S\r\n]+|.', re.DOTALL)


class _PatternListParser(ListOutputParser):
    """Reads what the first group of a pattern matches."""

    pattern: str
    _own_pattern: ClassVar[str]

    def _reading(self) -> Reading:
        return _Matches(self, self.pattern, by_lines=self.pattern == self._own_pattern)


_NUMBERED = r"\d+\.\s([^\n]+)"
_MARKED = r"^\s*[-*]\s([^\n]+)$"


class NumberedListOutputParser(_PatternListParser):
    r"""Reads a list whose items have numbers, a line each.

    Args:
        pattern: The regular expression of an item; its first group is the text.

    >>> parser = NumberedListOutputParser()
    >>> parser.invoke("Colours:\n1. red\n2. green")
    ['red', 'green']
    >>> list(parser.transform(iter(["1. re", "d\n2", ". green"])))
    [['red'], ['green']]
    """

    pattern: str = _NUMBERED
    _own_pattern = _NUMBERED

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""
        return (
            "Answer with a numbered list, one item on each line, and nothing else:\n\n"
            "1. red\n\n2. green\n\n3. blue"
        )


class MarkdownListOutputParser(_PatternListParser):
    r"""Reads a list of Markdown whose items begin with ``-`` or ``*``, a line each.

    Args:
        pattern: The regular expression of an item; its first group is the text.

    >>> parser = MarkdownListOutputParser()
    >>> parser.invoke("Colours:\n- red\n- green")
    ['red', 'green']
    """

    pattern: str = _MARKED
    _own_pattern = _MARKED

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""
        return "Answer with a list in Markdown and nothing else:\n\n- red\n- green\n- blue"


class _Matches:
    """The matches of a pattern.

    A match may go on with what comes, so it counts when a line break follows it, which
    the patterns of streamflow's own do not cross; that of a user, when another match does.
    """

    def __init__(self, reader: object, pattern: str, *, by_lines: bool) -> None:
        self._reader = reader
        self._search = re.compile(pattern, re.MULTILINE).finditer
        self._by_lines = by_lines
        self._text = ""
        self._new: list[str] = []

    def feed(self, chunk: Any) -> Iterable[list[str]]:
        text = text_in(chunk, self._reader)
        self._new.append(text)
        if "\n" not in text:
            return ()
        return self._found(closed=False)

    def close(self) -> Iterable[list[str]]:
        return self._found(closed=True)

    def _found(self, *, closed: bool) -> list[list[str]]:
        text = "".join((self._text, *self._new))
        self._new.clear()
        matches = list(self._search(text))
        if not closed and matches and not (self._by_lines and matches[-1].end() < len(text)):
            matches.pop()
        start = matches[-1].end() if matches else 0
        if self._by_lines:
            # An item begins on the last line, or on the one before if that has no text yet.
            last = text.rfind("\n")
            start = max(start, text.rfind("\n", 0, max(last, 0)))
        self._text = text[start:]
        return [[match.group(1 if match.re.groups else 0)] for match in matches]
