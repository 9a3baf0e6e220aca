"""Splitters that look for characters between which a text may be cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from ._languages import SEPARATORS, Language
from ._splitter import Piece, PieceSplitter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from typing_extensions import Self


class CharacterTextSplitter(PieceSplitter):
    r"""Cuts at one separator.

    >>> splitter = CharacterTextSplitter("\n\n", chunk_size=9, chunk_overlap=0)
    >>> splitter.split_text("one\n\ntwo\n\nthree")
    ['one\n\ntwo', 'three']

    Args:
        separator: Where to cut; between all characters, if it is empty.
        is_separator_regex: It is a regular expression.
        kwargs: As for :class:`TextSplitter`.

    Raises:
        ConfigError: a size, or the regular expression, cannot be used.
    """

    def __init__(
        self, separator: str = "\n\n", is_separator_regex: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._pattern = _pattern(separator, is_separator_regex)

    def _spans(self, text: str) -> Iterable[tuple[int, int]]:
        cuts = _cut(text, 0, len(text), self._pattern, self.keep_separator)
        measure = self.length_function
        pieces = [Piece(start, end, measure(text[start:end])) for start, end in cuts]
        return self._merged(text, pieces)


class RecursiveCharacterTextSplitter(PieceSplitter):
    r"""Cuts at the first separator that is there, and what is too long at the next ones.

    By default paragraphs stay together, then lines, then words.

    >>> splitter = RecursiveCharacterTextSplitter(chunk_size=9, chunk_overlap=0)
    >>> splitter.split_text("one two\n\nthree four")
    ['one two', 'three', 'four']

    Args:
        separators: Where to cut, the best first; between all characters, if one is empty.
        keep_separator: As for :class:`TextSplitter`.
        is_separator_regex: They are regular expressions.
        kwargs: As for :class:`TextSplitter`.

    Raises:
        ConfigError: a size, or a regular expression, cannot be used, or there is no separator.
    """

    def __init__(
        self,
        separators: Sequence[str] | None = None,
        keep_separator: bool | str = True,
        is_separator_regex: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(keep_separator=keep_separator, **kwargs)
        chosen = ["\n\n", "\n", " ", ""] if separators is None else list(separators)
        if not chosen:
            raise ConfigError("separators must name one at least, got none")
        self._patterns = [_pattern(each, is_separator_regex) for each in chosen]

    @classmethod
    def from_language(cls, language: Language | str, **kwargs: Any) -> Self:
        """Return a splitter that cuts code, or marked up text, where its parts begin.

        Args:
            language: One of `Language`, or its name.
            kwargs: Further arguments for the splitter.

        Raises:
            ConfigError: there are no separators for it.
        """
        separators = cls.get_separators_for_language(language)
        return cls(separators=separators, is_separator_regex=True, **kwargs)

    @staticmethod
    def get_separators_for_language(language: Language | str) -> list[str]:
        """Return the separators of a language, as regular expressions.

        Raises:
            ConfigError: there are none for it.
        """
        try:
            return list(SEPARATORS[Language(language)])
        except ValueError:
            known = ", ".join(each.value for each in Language)
            raise ConfigError(f"there is no language {language!r}; there are {known}") from None

    def _spans(self, text: str) -> Iterable[tuple[int, int]]:
        return self._recursive(text, 0, len(text), 0)

    def _recursive(self, text: str, start: int, end: int, level: int) -> Iterator[tuple[int, int]]:
        patterns = self._patterns
        while level < len(patterns) - 1 and not _occurs(patterns[level], text, start, end):
            level += 1
        # Between all characters: there is nothing left to cut.
        is_last = level == len(patterns) - 1 or patterns[level] is None
        short: list[Piece] = []
        for first, last in _cut(text, start, end, patterns[level], self.keep_separator):
            length = self.length_function(text[first:last])
            if length < self.chunk_size:
                short.append(Piece(first, last, length))
                continue
            yield from self._merged(text, short)
            short = []
            if is_last:
                yield first, last
            else:
                yield from self._recursive(text, first, last, level + 1)
        yield from self._merged(text, short)


_Pattern = re.Pattern[str]


def _pattern(separator: str, is_regex: bool) -> _Pattern | None:
    """Return what is looked for; ``None`` for what is between all characters."""
    if not separator:
        return None
    try:
        return re.compile(separator if is_regex else re.escape(separator))
    except re.error as error:
        raise ConfigError(f"{separator!r} is no regular expression: {error}") from None


def _occurs(pattern: _Pattern | None, text: str, start: int, end: int) -> bool:
    return pattern is None or pattern.search(text[start:end]) is not None


def _cut(
    text: str, start: int, end: int, pattern: _Pattern | None, keep: bool | str
) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of a part of a text begin and end, without empty ones."""
    if pattern is None:
        for place in range(start, end):
            yield place, place + 1
        return
    begin = start
    # In the part alone: what stands before it is not seen by the pattern.
    for found in pattern.finditer(text[start:end]):
        first, last = found.start() + start, found.end() + start
        until = last if keep == "end" else first
        if until > begin:
            yield begin, until
        begin = last if keep in (False, "end") else first
    if end > begin:
        yield begin, end
