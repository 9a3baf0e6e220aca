"""The stores that all must do the same, and embeddings whose vectors can be reasoned about."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from streamflow.embeddings import Embeddings
from streamflow.vectorstores import FAISS, InMemoryVectorStore, SQLiteVectorStore

pytest.importorskip("numpy")

ANIMALS = ["cat", "cats", "dog", "dogs", "fish"]


class Letters(Embeddings):
    """Counts letters; knows by which colour of method it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def _vector(self, text: str) -> list[float]:
        return [float(text.count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.append("embed_documents")
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.asked.append("embed_query")
        return self._vector(text)

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.append("aembed_documents")
        return [self._vector(text) for text in texts]

    async def aembed_query(self, text: str) -> list[float]:
        self.asked.append("aembed_query")
        return self._vector(text)


KINDS: dict[str, Any] = {"memory": InMemoryVectorStore, "sqlite": SQLiteVectorStore}
if importlib.util.find_spec("faiss") is not None:
    KINDS["faiss"] = FAISS


def arguments(kind: str, folder: Path) -> dict[str, Any]:
    return {"path": folder / "vectors.db"} if kind == "sqlite" else {}


def make(kind: str, folder: Path, embedding: Embeddings | None = None, **kwargs: Any) -> Any:
    return KINDS[kind](embedding or Letters(), **arguments(kind, folder), **kwargs)


def texts(documents: Any) -> list[str]:
    return [each.page_content for each in documents]
