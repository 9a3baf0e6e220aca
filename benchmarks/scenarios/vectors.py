"""Vector stores with 100,000 vectors of 384 numbers, beside a plain scan with numpy.

The vectors lie in clusters, as those of texts do. Time is taken for adding all of them, for
the first search (in which a file is read), and for those that follow. Recall is the part of
the ten nearest that a store finds, too; what is nearest is computed in double precision.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.harness import Sample, main

COUNT = 100_000
DIMENSION = 384
QUERIES = 20
NEAREST = 10

PLAIN = "numpy, a plain scan"
IN_FILE = "`SQLiteVectorStore`, sqlite-vec"
LABELS = (PLAIN, "`InMemoryVectorStore`", "`FAISS`", "`SQLiteVectorStore`")


class Data:
    """The vectors, the queries, and what is nearest to each."""

    def __init__(self) -> None:
        np = import_module("numpy")
        documents = import_module("streamflow.documents")
        random = np.random.default_rng(7)
        centers = random.standard_normal((200, DIMENSION))
        around = random.integers(0, len(centers), COUNT + QUERIES)
        every = centers[around] + random.standard_normal((COUNT + QUERIES, DIMENSION))
        every /= np.linalg.norm(every, axis=1, keepdims=True)
        self.vectors = every[:COUNT].astype(np.float32)
        self.queries = every[COUNT:].astype(np.float32)
        self.nearest = [set(np.argsort(-(every[:COUNT] @ q))[:NEAREST]) for q in every[COUNT:]]
        self.documents = [documents.Document(f"text {n}", id=str(n)) for n in range(COUNT)]


@dataclass
class Vectors:
    """Seconds to add, milliseconds to search, and recall, for each store."""

    name: str = "vectors"
    title: str = "100,000 vectors of 384 numbers"
    repeats: int | None = 1

    @property
    def labels(self) -> tuple[str, ...]:
        can_load = hasattr(sqlite3.Connection, "enable_load_extension")
        return (*LABELS, IN_FILE) if can_load and find_spec("sqlite_vec") else LABELS

    @cached_property
    def data(self) -> Data:
        return Data()

    def sample(self, label: str) -> Sample:
        with tempfile.TemporaryDirectory() as folder:
            return self._measured(*self._contender(label, Path(folder)))

    def _contender(
        self, label: str, folder: Path
    ) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
        """How to add everything, and how to find the places of what is nearest."""
        data = self.data
        if label == PLAIN:
            np = import_module("numpy")
            return lambda: None, lambda query: np.argsort(-(data.vectors @ query))[:NEAREST]
        stores = import_module("streamflow.vectorstores")
        store: Any
        if label == "`FAISS`":
            store = stores.FAISS(None)
        elif label == "`InMemoryVectorStore`":
            store = stores.InMemoryVectorStore(None)
        else:
            scan = "sqlite-vec" if label == IN_FILE else "numpy"
            store = stores.SQLiteVectorStore(None, folder / "vectors.db", scan=scan)

        def search(query: Any) -> list[int]:
            return [int(each.id) for each in store.similarity_search_by_vector(query, k=NEAREST)]

        return lambda: store.add_embeddings(data.documents, data.vectors), search

    def _measured(self, add: Callable[[], Any], search: Callable[[Any], Any]) -> Sample:
        start = time.perf_counter()
        add()
        added = time.perf_counter()
        search(self.data.queries[0])
        first = time.perf_counter()
        found = [set(search(query)) for query in self.data.queries]
        end = time.perf_counter()
        hits = sum(len(a & b) for a, b in zip(found, self.data.nearest, strict=True))
        return {
            "add, s": added - start,
            "first search, ms": (first - added) * 1e3,
            "search, ms": (end - first) / QUERIES * 1e3,
            "recall": hits / QUERIES / NEAREST,
        }


SCENARIOS = (Vectors(),)

if __name__ == "__main__":
    main(SCENARIOS[0])
