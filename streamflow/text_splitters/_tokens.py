"""A splitter that counts the tokens of a model."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ConfigError, MissingExtraError
from ._splitter import Piece, PieceSplitter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LONGEST = 16
"""Tokens that together may make one character, or a sequence of those."""


class Tokenizer(Protocol):
    """What turns a text into tokens, and tokens into the same text."""

    def encode(self, text: str, /) -> Sequence[int]:
        """Return the tokens of a text."""

    def decode(self, tokens: Sequence[int], /) -> str:
        """Return the text of tokens."""


class TokenTextSplitter(PieceSplitter):
    """Cuts between tokens, so that no chunk has more of them than it may.

    Chunks are parts of the text: no character is cut, also if it is made of several tokens.

    >>> class Words:
    ...     def encode(self, text):
    ...         self.words = text.split(" ")
    ...         return list(range(len(self.words)))
    ...     def decode(self, tokens):
    ...         return "".join(" " * (each > 0) + self.words[each] for each in tokens)
    >>> splitter = TokenTextSplitter(tokenizer=Words(), chunk_size=2, chunk_overlap=0)
    >>> splitter.split_text("one two three")
    ['one two', ' three']

    Args:
        encoding_name: The name of an encoding of tiktoken, which is the extra ``tiktoken``.
            It reads the encoding from the network the first time.
        model_name: A model, whose encoding is taken instead.
        tokenizer: What makes the tokens instead: an object with ``encode`` and ``decode``.
        strip_whitespace: As for :class:`TextSplitter`; white space stays, if not given.
        kwargs: As for :class:`TextSplitter`, in tokens.

    Raises:
        MissingExtraError: tiktoken is needed and not installed.
        ConfigError: a size cannot be used.
    """

    def __init__(
        self,
        encoding_name: str = "gpt2",
        model_name: str | None = None,
        *,
        tokenizer: Tokenizer | None = None,
        strip_whitespace: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(strip_whitespace=strip_whitespace, **kwargs)
        chosen = tiktoken_encoding(encoding_name, model_name) if tokenizer is None else tokenizer
        self._tokenizer: Any = chosen

    def _spans(self, text: str) -> Iterable[tuple[int, int]]:
        return self._merged(text, list(self._pieces(text)))

    def _pieces(self, text: str) -> Iterator[Piece]:
        """Yield parts of the text that consist of whole tokens."""
        # What looks like a special token in a text is text.
        encode = getattr(self._tokenizer, "encode_ordinary", self._tokenizer.encode)
        tokens = encode(text)
        place = first = 0
        while first < len(tokens):
            count = self._whole(tokens[first : first + _LONGEST], text, place)
            part = self._tokenizer.decode(tokens[first : first + count])
            yield Piece(place, place + len(part), count)
            place, first = place + len(part), first + count

    def _whole(self, tokens: Sequence[int], text: str, place: int) -> int:
        """Return how many of these tokens make the next characters of the text.

        Raises:
            ConfigError: the tokenizer does not give the text back.
        """
        decode = self._tokenizer.decode
        counts = range(1, len(tokens) + 1)
        for count in counts:
            part = decode(tokens[:count])
            if part and text.startswith(part, place):
                # A broken character looks like this one, which the text may also hold.
                if part.endswith("\ufffd"):
                    return max(each for each in counts if decode(tokens[:each]) == part)
                return count
        raise ConfigError(
            f"the tokenizer {type(self._tokenizer).__name__} does not give back "
            f"{text[place : place + 40]!r}: measure with length_function= of another "
            f"splitter instead"
        )


def tiktoken_encoding(encoding_name: str, model_name: str | None) -> Any:
    """Return an encoding of tiktoken.

    Raises:
        MissingExtraError: tiktoken is not installed.
    """
    try:
        tiktoken = import_module("tiktoken")
    except ImportError as error:
        raise MissingExtraError("counting tokens", "tiktoken") from error
    if model_name is not None:
        return tiktoken.encoding_for_model(model_name)
    return tiktoken.get_encoding(encoding_name)
