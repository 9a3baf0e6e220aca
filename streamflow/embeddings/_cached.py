"""Embeddings that are kept, so that no text is embedded twice."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from array import array
from typing import TYPE_CHECKING

from .._storage import Storage
from ..bus._offload import in_thread
from ._base import Embeddings

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

_AT_ONCE = 500
"""Keys that one statement asks for; SQLite has a limit of variables."""


class EmbeddingsCache(ABC):
    """Keeps vectors under keys, for :class:`CacheBackedEmbeddings`.

    To make one, implement ``get`` and ``put``, which may block.

    >>> class Forgetful(EmbeddingsCache):
    ...     def get(self, keys):
    ...         return {}
    ...     def put(self, vectors):
    ...         pass
    >>> Forgetful().get([b"a"])
    {}
    """

    @abstractmethod
    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, list[float]]:
        """Return the vectors that are there."""

    @abstractmethod
    def put(self, vectors: Mapping[bytes, Sequence[float]]) -> None:
        """Keep vectors, in place of any before."""


class InMemoryEmbeddingsCache(EmbeddingsCache):
    """Keeps vectors in this process.

    >>> cache = InMemoryEmbeddingsCache()
    >>> cache.put({b"a": [1.0]})
    >>> cache.get([b"a", b"b"])
    {b'a': [1.0]}
    """

    def __init__(self) -> None:
        self._vectors: dict[bytes, array[float]] = {}

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, list[float]]:
        """Return the vectors that are there."""
        kept = ((key, self._vectors.get(key)) for key in keys)
        return {key: vector.tolist() for key, vector in kept if vector is not None}

    def put(self, vectors: Mapping[bytes, Sequence[float]]) -> None:
        """Keep vectors, in place of any before."""
        self._vectors.update({key: array("d", vector) for key, vector in vectors.items()})

    def __repr__(self) -> str:
        return "InMemoryEmbeddingsCache()"


_VERSION = 1

_TABLE = """
    CREATE TABLE embeddings (
        key BLOB PRIMARY KEY,
        vector BLOB NOT NULL
    ) WITHOUT ROWID
"""


class SQLiteEmbeddingsCache(EmbeddingsCache):
    """Keeps vectors in a file, for this process and others, also at the same time.

    The file holds the numbers as they are, and of the texts only hashes.

    >>> with SQLiteEmbeddingsCache(":memory:") as cache:
    ...     cache.put({b"a": [1.0]})
    ...     cache.get([b"a", b"b"])
    {b'a': [1.0]}

    Args:
        path: The file, which is made if it is not there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database = Storage(path, "embeddings", _VERSION, (_TABLE,))

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, list[float]]:
        """Return the vectors that are there. Blocks while it reads.

        Raises:
            StorageError: the file cannot be read, or is broken or of another version.
        """
        found: dict[bytes, list[float]] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            places = ",".join("?" * len(some))
            query = f"SELECT key, vector FROM embeddings WHERE key IN ({places})"  # noqa: S608 - places
            for key, data in self._database.read(query, *some):
                found[key] = array("d", data).tolist()
        return found

    def put(self, vectors: Mapping[bytes, Sequence[float]]) -> None:
        """Keep vectors, in place of any before. Blocks while it writes.

        Raises:
            StorageError: the file cannot be written, or is broken or of another version.
        """
        rows = [(key, array("d", vector).tobytes()) for key, vector in vectors.items()]
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SQLiteEmbeddingsCache({self._database.path!r})"


class CacheBackedEmbeddings(Embeddings):
    """Asks a model for the vectors of texts it has not seen, and keeps them.

    >>> from streamflow.embeddings import DeterministicFakeEmbedding
    >>> model = DeterministicFakeEmbedding(size=3)
    >>> kept = CacheBackedEmbeddings(model, namespace="fake of 3")
    >>> kept.embed_documents(["hi", "hi"]) == model.embed_documents(["hi", "hi"])
    True

    Args:
        underlying: The model.
        cache: Where vectors are kept; in memory, if not given.
        namespace: What the vectors depend on beside the text, such as the model's name. Two
            models that share a cache must not share a namespace.
        batch_size: How many texts the model is asked for at once, each batch kept when it is
            there; all of them, if not given.
        cache_queries: Keep the vectors of queries, too, apart from those of documents.
    """

    def __init__(
        self,
        underlying: Embeddings,
        cache: EmbeddingsCache | None = None,
        *,
        namespace: str,
        batch_size: int | None = None,
        cache_queries: bool = False,
    ) -> None:
        self.underlying = underlying
        self.cache = InMemoryEmbeddingsCache() if cache is None else cache
        self.namespace = namespace
        self.batch_size = batch_size
        self.cache_queries = cache_queries

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts, of which new ones are embedded, each once. Blocks."""
        keys, found = self._look_up("document", texts)
        for batch in self._missing(keys, found, texts):
            vectors = self.underlying.embed_documents(list(batch.values()))
            self._keep(found, batch, vectors)
        return [found[key] for key in keys]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts. As :meth:`embed_documents`, awaited."""
        return await self._aembed(texts)

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a query. Blocks while the model is asked."""
        if not self.cache_queries:
            return self.underlying.embed_query(text)
        (key,), found = self._look_up("query", [text])
        if key not in found:
            self._keep(found, {key: text}, [self.underlying.embed_query(text)])
        return found[key]

    async def aembed_query(self, text: str) -> list[float]:
        """Return the vector of a query. As :meth:`embed_query`, awaited."""
        return await self._aembed_query(text)

    # What awaits the model is the same again: the two ask it by different methods.

    async def _aembed(self, texts: list[str]) -> list[list[float]]:
        keys, found = await in_thread(self._look_up, "document", texts)
        for batch in self._missing(keys, found, texts):
            vectors = await self.underlying.aembed_documents(list(batch.values()))
            await in_thread(self._keep, found, batch, vectors)
        return [found[key] for key in keys]

    async def _aembed_query(self, text: str) -> list[float]:
        if not self.cache_queries:
            return await self.underlying.aembed_query(text)
        (key,), found = await in_thread(self._look_up, "query", [text])
        if key not in found:
            vector = await self.underlying.aembed_query(text)
            await in_thread(self._keep, found, {key: text}, [vector])
        return found[key]

    def _look_up(self, kind: str, texts: list[str]) -> tuple[list[bytes], dict[bytes, list[float]]]:
        keys = [_key(self.namespace, kind, text) for text in texts]
        return keys, dict(self.cache.get(list(dict.fromkeys(keys))))

    def _missing(
        self, keys: list[bytes], found: Mapping[bytes, object], texts: list[str]
    ) -> list[dict[bytes, str]]:
        """Return the texts that have no vector, under their keys, in batches."""
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        items, size = list(new.items()), self.batch_size or max(1, len(new))
        return [dict(items[start : start + size]) for start in range(0, len(items), size)]

    def _keep(
        self,
        found: dict[bytes, list[float]],
        batch: Mapping[bytes, str],
        vectors: Sequence[list[float]],
    ) -> None:
        new = dict(zip(batch, vectors, strict=True))
        self.cache.put(new)
        found.update(new)

    def __repr__(self) -> str:
        return f"CacheBackedEmbeddings({self.underlying!r}, namespace={self.namespace!r})"


def _key(*parts: str) -> bytes:
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big") + data)
    return hashed.digest()
