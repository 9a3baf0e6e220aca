"""Embeddings for tests, which ask no model."""

from __future__ import annotations

import hashlib
import random

from ..errors import ConfigError
from ._base import Embeddings


class _Drawn(Embeddings):
    """Vectors of normally distributed numbers.

    Args:
        size: How many numbers a vector has.

    Raises:
        ConfigError: ``size`` is less than 1.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ConfigError(f"size must be at least 1, got {size!r}")
        self.size = size

    def _draw(self, text: str) -> list[float]:
        return [random.gauss(0.0, 1.0) for _ in range(self.size)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text."""
        return [self._draw(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return a vector for a text."""
        return self._draw(text)

    # Nothing here waits, so no thread is needed.

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text; does not wait."""
        return self.embed_documents(texts)

    async def aembed_query(self, text: str) -> list[float]:
        """Return a vector for a text; does not wait."""
        return self.embed_query(text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size})"


class FakeEmbeddings(_Drawn):
    """Vectors that are drawn anew each time: what is found by them means nothing.

    >>> len(FakeEmbeddings(size=3).embed_query("hi"))
    3

    Args:
        size: How many numbers a vector has.

    Raises:
        ConfigError: ``size`` is less than 1.
    """


class DeterministicFakeEmbedding(_Drawn):
    """Vectors that are drawn by the text: the same for the same text, on every machine.

    A text is found by itself; what else is found means nothing.

    >>> fake = DeterministicFakeEmbedding(size=3)
    >>> fake.embed_query("hi") == fake.embed_documents(["ho", "hi"])[1]
    True

    Args:
        size: How many numbers a vector has.

    Raises:
        ConfigError: ``size`` is less than 1.
    """

    def _draw(self, text: str) -> list[float]:
        seed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        source = random.Random(int.from_bytes(seed[:8], "big"))
        return [source.gauss(0.0, 1.0) for _ in range(self.size)]
