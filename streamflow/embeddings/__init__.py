"""Embeddings: models that turn texts into vectors, and stores of what they have made."""

from __future__ import annotations

from ._base import Embeddings
from ._cached import (
    CacheBackedEmbeddings,
    EmbeddingsCache,
    InMemoryEmbeddingsCache,
    SQLiteEmbeddingsCache,
)
from ._fake import DeterministicFakeEmbedding, FakeEmbeddings

__all__ = (
    "CacheBackedEmbeddings",
    "DeterministicFakeEmbedding",
    "Embeddings",
    "EmbeddingsCache",
    "FakeEmbeddings",
    "InMemoryEmbeddingsCache",
    "SQLiteEmbeddingsCache",
)
