"""What every splitter does: cut a text into pieces, and put pieces together to chunks."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve

from ..documents import BaseDocumentTransformer, Document
from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from typing_extensions import Self

_logger = logging.getLogger("streamflow")


class Piece(NamedTuple):
    """A part of a text that is not cut."""

    start: int
    end: int
    length: int


class TextSplitter(BaseDocumentTransformer):
    r"""Cuts texts into chunks. To make one, implement ``split_text``.

    >>> class Lines(TextSplitter):
    ...     def split_text(self, text):
    ...         return text.splitlines()
    >>> from streamflow.documents import Document
    >>> Lines(add_start_index=True).split_documents([Document("one\ntwo")])[1]
    Document(metadata={'start_index': 4}, page_content='two')

    Args:
        chunk_size: How long a chunk is at most. A piece that cannot be cut may be longer.
        chunk_overlap: How much of the end of a chunk may be the beginning of the next one.
        length_function: How long a text is; the number of its characters, if not given.
        keep_separator: Where what separates two pieces goes: to the ``"start"`` of the second
            (or true), to the ``"end"`` of the first, or, between chunks, away (false).
        add_start_index: Tell in the metadata, as ``start_index``, where in its text a chunk
            begins.
        strip_whitespace: Remove white space at both ends of each chunk.

    Raises:
        ConfigError: a size is less than 1, or the overlap less than 0 or more than the size.
    """

    def __init__(
        self,
        chunk_size: int = 4000,
        chunk_overlap: int = 200,
        length_function: Callable[[str], int] = len,
        keep_separator: bool | str = False,
        add_start_index: bool = False,
        strip_whitespace: bool = True,
    ) -> None:
        if chunk_size < 1:
            raise ConfigError(f"chunk_size must be at least 1, got {chunk_size!r}")
        if not 0 <= chunk_overlap <= chunk_size:
            raise ConfigError(
                f"chunk_overlap must be from 0 to chunk_size ({chunk_size}), got {chunk_overlap!r}"
            )
        if keep_separator not in (True, False, "start", "end"):
            raise ConfigError(
                f"keep_separator is True, False, 'start' or 'end', got {keep_separator!r}"
            )
        self.chunk_size = chunk_size
        self.chunk_overlap = chunk_overlap
        self.length_function = length_function
        self.keep_separator = keep_separator
        self.add_start_index = add_start_index
        self.strip_whitespace = strip_whitespace

    @abstractmethod
    def split_text(self, text: str) -> list[str]:
        """Return the chunks of a text, in order."""

    def create_documents(
        self, texts: Iterable[str], metadatas: Iterable[dict[str, Any]] | None = None
    ) -> list[Document]:
        """Return the chunks of texts as documents, with the metadata of their text.

        Raises:
            ConfigError: there are not as many metadatas as texts.
        """
        all_texts = list(texts)
        all_metadatas = [{} for _ in all_texts] if metadatas is None else list(metadatas)
        if len(all_metadatas) != len(all_texts):
            raise ConfigError(f"{len(all_texts)} texts, but {len(all_metadatas)} metadatas")
        pairs = zip(all_texts, all_metadatas, strict=True)
        return self.split_documents(Document(text, metadata=facts) for text, facts in pairs)

    def split_documents(self, documents: Iterable[Document]) -> list[Document]:
        """Return the chunks of documents, with the metadata of their document."""
        chunks = []
        for document in documents:
            for start, chunk in self._located(document.page_content):
                metadata = dict(document.metadata)
                if self.add_start_index:
                    metadata["start_index"] = start
                chunks.append(evolve(document, page_content=chunk, metadata=metadata, id=None))
        return chunks

    def transform_documents(
        self, documents: Sequence[Document], **kwargs: Any
    ) -> Sequence[Document]:
        """Return the chunks of documents. As :meth:`split_documents`."""
        return self.split_documents(documents)

    @classmethod
    def from_tiktoken_encoder(
        cls, encoding_name: str = "gpt2", model_name: str | None = None, **kwargs: Any
    ) -> Self:
        """Return a splitter that measures in tokens; needs the extra ``tiktoken``.

        Args:
            encoding_name: The name of an encoding of tiktoken.
            model_name: A model, whose encoding is taken instead.
            kwargs: Further arguments for the splitter.

        Raises:
            MissingExtraError: tiktoken is not installed.
        """
        from ._tokens import tiktoken_encoding  # noqa: PLC0415 - it reads this module

        encoding = tiktoken_encoding(encoding_name, model_name)
        return cls(length_function=lambda text: len(encoding.encode_ordinary(text)), **kwargs)

    @classmethod
    def from_huggingface_tokenizer(cls, tokenizer: Any, **kwargs: Any) -> Self:
        """Return a splitter that measures in tokens.

        Args:
            tokenizer: Has a method ``tokenize``, from a text to a list.
            kwargs: Further arguments for the splitter.
        """
        return cls(length_function=lambda text: len(tokenizer.tokenize(text)), **kwargs)

    def _located(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where chunks begin, and the chunks: looked for, as only they are known."""
        start = 0
        for chunk in self.split_text(text):
            place = text.find(chunk, start)
            # What overlaps begins before the end of the one before, but after its beginning.
            start = place + 1 if place >= 0 else start
            yield place, chunk


class PieceSplitter(TextSplitter):
    """A splitter whose chunks are parts of the text, put together from pieces."""

    @abstractmethod
    def _spans(self, text: str) -> Iterable[tuple[int, int]]:
        """Return where chunks begin and end."""

    def split_text(self, text: str) -> list[str]:
        """Return the chunks of a text, in order."""
        return [chunk for _, chunk in self._located(text)]

    def _located(self, text: str) -> Iterator[tuple[int, str]]:
        for start, end in self._spans(text):
            chunk = text[start:end]
            if self.strip_whitespace:
                start += len(chunk) - len(chunk.lstrip())
                chunk = chunk.strip()
            if chunk:
                yield start, chunk

    def _merged(self, text: str, pieces: Collection[Piece]) -> Iterator[tuple[int, int]]:
        """Yield where chunks of pieces begin and end, as long as may be, with overlaps.

        What lies between two pieces of a chunk belongs to the chunk.
        """
        size, overlap = self.chunk_size, self.chunk_overlap
        chunk: deque[tuple[Piece, int]] = deque()  # with the length of the gap before each
        total = 0
        for piece in pieces:
            gap = self._gap(text, chunk[-1][0].end, piece.start) if chunk else 0
            if chunk and total + gap + piece.length > size:
                if total > size:
                    _logger.warning("a chunk has the length %d, which is more than %d", total, size)
                yield chunk[0][0].start, chunk[-1][0].end
                while chunk and (total > overlap or total + gap + piece.length > size):
                    total -= chunk.popleft()[0].length
                    if chunk:
                        first, before = chunk[0]
                        total -= before
                        chunk[0] = (first, 0)
                if not chunk:
                    gap = 0
            chunk.append((piece, gap))
            total += gap + piece.length
        if chunk:
            yield chunk[0][0].start, chunk[-1][0].end

    def _gap(self, text: str, start: int, end: int) -> int:
        return self.length_function(text[start:end]) if end > start else 0
