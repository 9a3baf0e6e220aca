"""A vector store in the memory of the process."""

from __future__ import annotations

from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ._embedding_store import EmbeddingVectorStore, Match
from ._files import Contents, read_store, write_store
from ._vectors import Rows, check_metric, numpy

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from typing_extensions import Self

    from ..documents import Document
    from ..embeddings import Embeddings
    from ._vectors import Metric

_KIND = "InMemoryVectorStore"


class InMemoryVectorStore(EmbeddingVectorStore):
    """Keeps documents in this process; needs the extra ``vectors``.

    A search compares the query with all vectors. Functions that filter are given the
    document.

    >>> from streamflow.embeddings import DeterministicFakeEmbedding
    >>> store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
    >>> store.add_texts(["a cat", "a dog"], [{"legs": 4}, {"legs": 3}], ids=["1", "2"])
    ['1', '2']
    >>> store.similarity_search("a cat", filter={"legs": 3})
    [Document(metadata={'legs': 3}, page_content='a dog')]

    Args:
        embedding: Makes the vectors.
        metric: How near two are: ``"cosine"``, ``"l2"`` or ``"inner_product"``.

    Raises:
        VectorStoreError: there is no such metric.
    """

    def __init__(self, embedding: Embeddings, *, metric: Metric = "cosine") -> None:
        check_metric(metric)
        super().__init__(embedding)
        self.metric = metric
        self._lock = RLock()
        self._rows = Rows(metric)
        self._documents_kept: list[Document] = []
        self._places: dict[str, int] = {}

    @property
    def dimension(self) -> int | None:
        """How many numbers a vector has; ``None`` as long as there is no document."""
        return self._rows.dimension

    def _insert(self, documents: Sequence[Document], vectors: Any) -> None:
        with self._lock:
            self.delete([each.id for each in documents if each.id in self._places])
            self._rows.append(vectors)
            self._documents_kept.extend(documents)
            self._number()

    def delete(self, ids: Sequence[str] | None = None, **kwargs: Any) -> bool | None:
        """Forget documents, or all of them if no ids are given; unknown ids are passed over.

        Returns:
            True.
        """
        with self._lock:
            gone = set(self._places if ids is None else ids)
            if gone & self._places.keys():
                kept = [p for p, each in enumerate(self._documents_kept) if each.id not in gone]
                self._rows.keep(kept)
                self._documents_kept = [self._documents_kept[place] for place in kept]
                self._places = {}
                self._number()
            return True

    def _number(self) -> None:
        for place in range(len(self._places), len(self._documents_kept)):
            self._places[self._documents_kept[place].id] = place  # type: ignore[index]  # they have ids

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents with these ids, in that order; unknown ids are passed over."""
        with self._lock:
            places = [self._places[id] for id in ids if id in self._places]
            return [_copy(self._documents_kept[place]) for place in places]

    def _nearest(self, vector: Any, k: int) -> Sequence[Match]:
        with self._lock:
            return [
                Match(_copy(self._documents_kept[place]), score, self._rows.array[place])
                for place, score in self._rows.nearest(vector, k)
            ]

    def __len__(self) -> int:
        return len(self._documents_kept)

    def __bool__(self) -> bool:
        return True

    def dump(self, path: str | os.PathLike[str]) -> None:
        """Write everything to a file, whole or not at all. Blocks.

        Raises:
            StorageError: a metadata would not come back from there.
            StorageFileError: there is a file that is no store of this version; it stays.
            OSError: the file cannot be written.
        """
        with self._lock:
            facts = {"metric": self.metric, "dimension": self.dimension}
            vectors = self._rows.array.tobytes() if self._documents_kept else b""
            contents = Contents(facts, vectors, list(self._documents_kept))
        write_store(path, _KIND, contents)

    @classmethod
    def load(cls, path: str | os.PathLike[str], embedding: Embeddings, **kwargs: Any) -> Self:
        """Return what :meth:`dump` has written. Blocks.

        Raises:
            StorageFileError: the file is broken, or of another kind or version.
            OSError: the file cannot be read.
        """
        contents = read_store(path, _KIND)
        store = cls(embedding, **{"metric": contents.facts["metric"], **kwargs})
        if contents.documents:
            vectors = numpy().frombuffer(contents.vectors, dtype="float32")
            store._insert(contents.documents, vectors.reshape(len(contents.documents), -1))
        return store

    def __repr__(self) -> str:
        return f"InMemoryVectorStore({len(self)} documents, metric={self.metric!r})"


def _copy(document: Document) -> Document:
    """Return a document that may be changed without changing the store."""
    return evolve(document, metadata=dict(document.metadata))
