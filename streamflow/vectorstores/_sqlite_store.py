"""A vector store in a file that stays."""

from __future__ import annotations

from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, Literal

from .._json import dumps_flagged, loads
from ..documents import Document
from ..errors import MissingExtraError, StorageError, VectorStoreError
from ._embedding_store import EmbeddingVectorStore, Match
from ._files import not_back
from ._vector_file import VectorFile, can_load_extension
from ._vectors import Rows, check_metric, numpy

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from typing_extensions import Self

    from ..embeddings import Embeddings
    from ._vectors import Metric

_AT_ONCE = 500
"""Rows that one statement asks for; SQLite has a limit of variables."""

_DISTANCES = {"cosine": "vec_distance_cosine", "l2": "vec_distance_l2"}


class SQLiteVectorStore(EmbeddingVectorStore):
    """Keeps documents and vectors in one file of SQLite, for this process and others.

    What is added at once is stored at once, whole or not at all. A search compares the query
    with all vectors: with numpy (the extra ``vectors``), on a copy of them that is kept in
    memory, or in the file, by sqlite-vec (the extra ``sqlite-vec``). Functions that filter
    are given the document.

    >>> from streamflow.embeddings import DeterministicFakeEmbedding
    >>> with SQLiteVectorStore(DeterministicFakeEmbedding(size=8), path=":memory:") as store:
    ...     ids = store.add_texts(["a cat", "a dog"])
    ...     store.similarity_search("a dog", k=1)
    [Document(page_content='a dog')]

    Args:
        embedding: Makes the vectors. A file is always used with the same one.
        path: The file, which is made if it is not there; ``":memory:"`` for none.
        metric: How near two are: ``"cosine"``, ``"l2"`` or ``"inner_product"``. A file
            has one.
        scan: What compares: ``"numpy"``, or ``"sqlite-vec"``, which takes longer and no memory.

    Raises:
        VectorStoreError: there is no such metric or scan, or sqlite-vec does not know the
            metric.
        MissingExtraError: what is to compare is not installed, or this Python cannot load
            extensions of SQLite.
    """

    def __init__(
        self,
        embedding: Embeddings,
        path: str | os.PathLike[str] = "streamflow-vectors.db",
        *,
        metric: Metric = "cosine",
        scan: Literal["numpy", "sqlite-vec"] = "numpy",
    ) -> None:
        check_metric(metric)
        super().__init__(embedding)
        self.metric = metric
        self._in_file = _scans_in_file(scan, metric)
        self._file = VectorFile(path, extension=self._in_file)
        self._lock = RLock()
        self._forget_copy()

    @property
    def dimension(self) -> int | None:
        """How many numbers a vector has; ``None`` before the first document. Blocks."""
        settings = dict(self._file.read("SELECT name, value FROM vector_settings"))
        if settings.get("metric", self.metric) != self.metric:
            raise VectorStoreError(
                f"{self._file.path} measures {settings['metric']!r}, not {self.metric!r}: "
                f"pass metric={settings['metric']!r}"
            )
        dimension: int | None = settings.get("dimension")
        return dimension

    def _insert(self, documents: Sequence[Document], vectors: Any) -> None:
        rows = [
            (each.id, each.page_content, self._metadata(each), vector.tobytes())
            for each, vector in zip(documents, vectors, strict=True)
        ]
        size = int(vectors.shape[1])
        with self._file.writing() as connection:
            put = "INSERT OR IGNORE INTO vector_settings VALUES (?, ?)"
            connection.executemany(put, [("metric", self.metric), ("dimension", size)])
            (kept,) = connection.execute(
                "SELECT value FROM vector_settings WHERE name = 'dimension'"
            ).fetchone()
            if kept != size:  # somebody else was the first, and is only seen now
                raise VectorStoreError(f"the store holds vectors of {kept} numbers, not {size}")
            _remove(connection, [(each.id,) for each in documents])
            connection.executemany(
                "INSERT INTO vectors (id, content, metadata, vector) VALUES (?, ?, ?, ?)", rows
            )

    def _metadata(self, document: Document) -> str:
        data, lossy = dumps_flagged(document.metadata)
        if lossy:  # better to fail now than when it is found
            raise StorageError(f"document {document.id!r} of {self._file.path}", not_back(data))
        return data.decode()

    def delete(self, ids: Sequence[str] | None = None, **kwargs: Any) -> bool | None:
        """Forget documents, or all of them if no ids are given; unknown ids are passed over.

        Returns:
            True.

        Raises:
            StorageError: the file cannot be written, or is broken or of another version.
        """
        with self._file.writing() as connection:
            if ids is None:
                connection.execute("DELETE FROM vectors")
                _count_removal(connection)
            else:
                _remove(connection, [(id,) for id in ids])
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents with these ids, in that order; unknown ids are passed over.

        Raises:
            StorageError: the file cannot be read, or is broken or of another version.
        """
        found = {document.id: document for document in self._rows_of("id", list(ids)).values()}
        return [found[id] for id in ids if id in found]

    def _nearest(self, vector: Any, k: int) -> Sequence[Match]:
        if self._in_file:
            return self._nearest_in_file(vector, k)
        with self._lock:
            while True:
                self._renew_copy()
                near = self._copy.nearest(vector, k)
                places = [self._positions[place] for place, _ in near]
                found = self._rows_of("position", places)
                # If one is gone, it was deleted meanwhile: the search begins again.
                if len(found) == len(places):
                    return [
                        Match(found[self._positions[place]], score, self._copy.array[place])
                        for place, score in near
                    ]

    def _nearest_in_file(self, vector: Any, k: int) -> Sequence[Match]:
        distance = f"{_DISTANCES[self.metric]}(vector, ?) AS distance"
        rows = self._file.read(
            f"SELECT id, content, metadata, vector, {distance} FROM vectors "  # noqa: S608 - of the table above
            "ORDER BY distance, position LIMIT ?",
            vector.tobytes(),
            k,
        )
        return [
            Match(
                self._document(id, content, metadata),
                _score(self.metric, apart),
                memoryview(data).cast("f"),
            )
            for id, content, metadata, data, apart in rows
        ]

    # The copy of the vectors in memory.

    def _forget_copy(self) -> None:
        self._copy = Rows(self.metric)
        self._positions: list[int] = []
        self._removals = 0

    def _renew_copy(self) -> None:
        """Read what was added since; read all, if something was removed."""
        rows = self._file.read("SELECT value FROM vector_settings WHERE name = 'removals'")
        removals = rows[0][0] if rows else 0
        if removals != self._removals:
            self._forget_copy()
            self._removals = removals
        last = self._positions[-1] if self._positions else 0
        new = self._file.read(
            "SELECT position, vector FROM vectors WHERE position > ? ORDER BY position", last
        )
        if new:
            data = b"".join([vector for _, vector in new])
            self._copy.append(numpy().frombuffer(data, "float32").reshape(len(new), -1))
            self._positions.extend(position for position, _ in new)

    def _rows_of(self, column: Literal["id", "position"], keys: list[Any]) -> dict[int, Document]:
        found: dict[int, Document] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            places = ",".join("?" * len(some))
            rows = self._file.read(
                f"SELECT position, id, content, metadata FROM vectors "  # noqa: S608 - two names, and places
                f"WHERE {column} IN ({places})",
                *some,
            )
            for position, id, content, metadata in rows:
                found[position] = self._document(id, content, metadata)
        return found

    def _document(self, id: str, content: str, metadata: str) -> Document:
        return Document(content, metadata=loads(metadata), id=id)

    def __len__(self) -> int:
        count: int = self._file.read("SELECT count(*) FROM vectors")[0][0]
        return count

    def __bool__(self) -> bool:
        return True

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            self._forget_copy()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SQLiteVectorStore({self._file.path!r}, metric={self.metric!r})"


def _scans_in_file(scan: str, metric: str) -> bool:
    """Whether sqlite-vec is to compare, not numpy."""
    if scan not in ("numpy", "sqlite-vec"):
        raise VectorStoreError(f"scan is 'numpy' or 'sqlite-vec', got {scan!r}")
    numpy()  # the vectors are written with it in any case
    if scan == "numpy":
        return False
    if metric not in _DISTANCES:
        raise VectorStoreError(f"sqlite-vec measures {list(_DISTANCES)}, not {metric!r}")
    if not can_load_extension():
        raise MissingExtraError(
            "scan='sqlite-vec', on a Python whose sqlite3 can load extensions,", "sqlite-vec"
        )
    return True


def _score(metric: str, distance: float) -> float:
    return 1 - distance if metric == "cosine" else distance**2


def _remove(connection: Any, ids: list[tuple[str | None]]) -> None:
    if connection.executemany("DELETE FROM vectors WHERE id = ?", ids).rowcount > 0:
        _count_removal(connection)


def _count_removal(connection: Any) -> None:
    connection.execute("INSERT OR IGNORE INTO vector_settings VALUES ('removals', 0)")
    connection.execute("UPDATE vector_settings SET value = value + 1 WHERE name = 'removals'")
