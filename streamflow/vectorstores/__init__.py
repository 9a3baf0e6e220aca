"""Vector stores: documents that are found by what they mean.

Storing and searching compute with numpy, which is the extra ``vectors``; `FAISS` needs the
extra ``faiss``. Both are loaded when a store is first used.
"""

from __future__ import annotations

from ._base import VectorStore
from ._embedding_store import EmbeddingVectorStore, Match
from ._faiss import FAISS
from ._memory import InMemoryVectorStore
from ._retriever import VectorStoreRetriever
from ._sqlite_store import SQLiteVectorStore

__all__ = (
    "FAISS",
    "EmbeddingVectorStore",
    "InMemoryVectorStore",
    "Match",
    "SQLiteVectorStore",
    "VectorStore",
    "VectorStoreRetriever",
)
