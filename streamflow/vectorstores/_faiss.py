"""A vector store on an index of FAISS, which is the extra ``faiss``."""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..errors import MissingExtraError, StorageFileError, VectorStoreError
from ._base import as_documents
from ._embedding_store import EmbeddingVectorStore, Match
from ._files import Contents, read_store, write_store
from ._vectors import check_metric, normalized, numpy

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from typing_extensions import Self

    from ..documents import Document
    from ..embeddings import Embeddings
    from ._vectors import Metric

_KIND = "FAISS"


def _faiss() -> Any:
    try:
        with warnings.catch_warnings():
            # What generated its bindings is older than some rules of Python 3.12.
            warnings.simplefilter("ignore", DeprecationWarning)
            return import_module("faiss")
    except ImportError as error:
        raise MissingExtraError("FAISS", "faiss") from error


class FAISS(EmbeddingVectorStore):
    """Keeps documents in this process, and their vectors in an exact index of FAISS.

    Needs the extra ``faiss``. Scores are squared distances, the less the nearer, unless
    another ``metric`` is chosen. Functions that filter are given the metadata.

    >>> from streamflow.embeddings import DeterministicFakeEmbedding
    >>> texts = ["harrison worked at kensho", "harrison likes spicy food"]
    >>> store = FAISS.from_texts(texts, embedding=DeterministicFakeEmbedding(size=8))
    >>> store.similarity_search_with_score("harrison likes spicy food", k=1)
    [(Document(page_content='harrison likes spicy food'), 0.0)]

    Args:
        embedding: Makes the vectors.
        metric: How near two are: ``"l2"``, ``"cosine"`` or ``"inner_product"``.

    Raises:
        MissingExtraError: faiss is not installed.
        VectorStoreError: there is no such metric.
    """

    _filters_metadata = True

    def __init__(self, embedding: Embeddings, *, metric: Metric = "l2") -> None:
        check_metric(metric)
        super().__init__(embedding)
        self.metric = metric
        self._faiss = _faiss()
        self._lock = RLock()
        self._index: Any = None
        self._kept: dict[int, Document] = {}
        self._numbers: dict[str, int] = {}
        self._next = 0

    @property
    def dimension(self) -> int | None:
        """How many numbers a vector has; ``None`` as long as there is no document."""
        return None if self._index is None else int(self._index.d)

    @classmethod
    def from_embeddings(
        cls,
        text_embeddings: Iterable[tuple[str, Sequence[float]]],
        embedding: Embeddings,
        metadatas: Iterable[dict[str, Any]] | None = None,
        *,
        ids: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Return a store with texts whose vectors are known.

        Args:
            text_embeddings: Pairs of a text and its vector.
            embedding: Makes the vectors of queries, and of what is added later.
            metadatas: Facts about each text.
            ids: The key of each text; made, if not given.
            kwargs: Further arguments for making the store.
        """
        pairs = list(text_embeddings)
        store = cls(embedding, **kwargs)
        documents = as_documents([text for text, _ in pairs], metadatas, ids)
        store.add_embeddings(documents, [vector for _, vector in pairs])
        return store

    def _insert(self, documents: Sequence[Document], vectors: Any) -> None:
        with self._lock:
            self._put(documents, normalized(vectors) if self.metric == "cosine" else vectors)

    def _put(self, documents: Sequence[Document], vectors: Any) -> None:
        self._remove([each.id for each in documents])
        if self._index is None:
            flat = self._faiss.IndexFlatL2 if self.metric == "l2" else self._faiss.IndexFlatIP
            self._index = self._faiss.IndexIDMap2(flat(vectors.shape[1]))
        numbers = range(self._next, self._next + len(documents))
        self._index.add_with_ids(vectors, numpy().arange(numbers.start, numbers.stop))
        self._next = numbers.stop
        self._kept.update(zip(numbers, documents, strict=True))
        self._numbers.update((each.id, n) for n, each in zip(numbers, documents, strict=True))  # type: ignore[misc]  # they have ids

    def delete(self, ids: Sequence[str] | None = None, **kwargs: Any) -> bool | None:
        """Forget documents, or all of them if no ids are given; unknown ids are passed over.

        Returns:
            True.
        """
        with self._lock:
            self._remove(list(self._numbers) if ids is None else ids)
            return True

    def _remove(self, ids: Sequence[str | None]) -> None:
        gone = [self._numbers.pop(id) for id in ids if id in self._numbers]
        if gone:
            self._index.remove_ids(numpy().array(gone, dtype="int64"))
            for number in gone:
                del self._kept[number]

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents with these ids, in that order; unknown ids are passed over."""
        with self._lock:
            return [_copy(self._kept[self._numbers[id]]) for id in ids if id in self._numbers]

    def _nearest(self, vector: Any, k: int) -> Sequence[Match]:
        with self._lock:
            if not self._kept:
                return []
            query = vector[None]
            if self.metric == "cosine":
                query = normalized(query)
            scores, numbers = self._index.search(query, min(k, len(self._kept)))
            return [
                Match(
                    _copy(self._kept[int(number)]),
                    float(score),
                    self._index.reconstruct(int(number)),
                )
                for number, score in zip(numbers[0], scores[0], strict=True)
                if number >= 0
            ]

    def merge_from(self, other: FAISS) -> None:
        """Add all that another store holds; the other one stays as it is. Blocks.

        Raises:
            VectorStoreError: it measures in another way, has vectors of another size, or
                holds one of the ids that are here.
        """
        if other.metric != self.metric:
            raise VectorStoreError(f"this store measures {self.metric!r}, not {other.metric!r}")
        with other._lock:
            documents, vectors = other._listed()
        with self._lock:
            both = sorted(self._numbers.keys() & {each.id for each in documents})
            if both:
                raise VectorStoreError(f"both stores hold documents with the ids {both}")
            self.add_embeddings(documents, vectors)

    def _listed(self) -> tuple[list[Document], Any]:
        documents = list(self._kept.values())
        if not documents:
            return [], []
        numbers = numpy().array(list(self._kept), dtype="int64")
        return documents, self._index.reconstruct_batch(numbers)

    def __len__(self) -> int:
        return len(self._kept)

    def __bool__(self) -> bool:
        return True

    def save_local(self, folder_path: str | os.PathLike[str], index_name: str = "index") -> None:
        """Write everything to a file in a folder, whole or not at all. Blocks.

        Args:
            folder_path: The folder, which is made if it is not there.
            index_name: The name of the file, without its ending.

        Raises:
            StorageError: a metadata would not come back from there.
            StorageFileError: there is a file that is no store of this version; it stays.
            OSError: the file cannot be written.
        """
        path = _file(folder_path, index_name)
        with self._lock:
            documents, rows = self._listed()
            facts = {"metric": self.metric, "dimension": self.dimension}
            vectors = numpy().ascontiguousarray(rows, dtype="float32").tobytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_store(path, _KIND, Contents(facts, vectors, documents))

    @classmethod
    def load_local(
        cls,
        folder_path: str | os.PathLike[str],
        embeddings: Embeddings,
        index_name: str = "index",
        **kwargs: Any,
    ) -> Self:
        """Return what :meth:`save_local` has written; nothing in the file is executed. Blocks.

        Args:
            folder_path: The folder.
            embeddings: Makes the vectors of queries, and of what is added later.
            index_name: The name of the file, without its ending.
            kwargs: Known from elsewhere, and not used: there is nothing dangerous to allow.

        Raises:
            StorageFileError: the file is broken, or of another kind or version.
            OSError: the file cannot be read.
        """
        path = _file(folder_path, index_name)
        contents = read_store(path, _KIND)
        store = cls(embeddings, metric=contents.facts["metric"])
        count, dimension = len(contents.documents), contents.facts["dimension"]
        if len(contents.vectors) != 4 * count * (dimension or 0):
            raise StorageFileError(str(path), "it has not as many vectors as documents")
        if count:
            vectors = numpy().frombuffer(contents.vectors, dtype="float32")
            # As they were: a vector of length 1 that is normalised again may change.
            store._put(contents.documents, vectors.reshape(count, dimension))
        return store

    def __repr__(self) -> str:
        return f"FAISS({len(self)} documents, metric={self.metric!r})"


def _file(folder: str | os.PathLike[str], name: str) -> Path:
    return Path(folder) / f"{name}.vectors"


def _copy(document: Document) -> Document:
    """Return a document that may be changed without changing the store."""
    return evolve(document, metadata=dict(document.metadata))
