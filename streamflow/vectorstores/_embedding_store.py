"""A vector store that makes the vectors itself and measures how near they are."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from attrs import evolve, frozen

from ..bus._offload import in_thread
from ..errors import VectorStoreError
from ._base import VectorStore
from ._filters import condition_of
from ._vectors import as_rows, diverse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from typing_extensions import Self

    from ..documents import Document
    from ..embeddings import Embeddings
    from ._vectors import Metric

_FIRST = 64
"""How many are looked at first for those that a filter lets through."""


@frozen
class Match:
    """What a search has found.

    >>> from streamflow.documents import Document
    >>> Match(Document("hi"), 0.5, [1.0]).score
    0.5
    """

    document: Document
    """The document."""

    score: float
    """How near it is, as the store measures it."""

    vector: Any
    """Its vector: an array of numpy."""


class EmbeddingVectorStore(VectorStore):
    """A store that has embeddings, to be made with few methods.

    Implement ``_insert``, ``_nearest``, ``delete`` and ``get_by_ids``, all of which may block.
    What is embedded is awaited where there is an event loop; the rest works in worker
    threads. Whether a call is allowed beside another is up to the store: those here let one
    work at a time.

    >>> from streamflow.vectorstores import FAISS, InMemoryVectorStore, SQLiteVectorStore
    >>> all(issubclass(each, EmbeddingVectorStore) for each in (FAISS, InMemoryVectorStore))
    True

    Args:
        embedding: Makes the vectors.
    """

    metric: Metric
    """How near two vectors are."""

    _filters_metadata: ClassVar[bool] = False
    """Whether the functions that filter are asked about the metadata, not the document."""

    def __init__(self, embedding: Embeddings) -> None:
        self.embedding = embedding

    # What a store implements.

    @abstractmethod
    def _insert(self, documents: Sequence[Document], vectors: Any) -> None:
        """Keep documents, which all have ids, in place of any with the same ids.

        Args:
            documents: The documents, of which no two have the same id.
            vectors: Their vectors, as the rows of an array.
        """

    @abstractmethod
    def _nearest(self, vector: Any, k: int) -> Sequence[Match]:
        """Return the ``k`` documents that are nearest to a vector, the nearest first."""

    @property
    @abstractmethod
    def dimension(self) -> int | None:
        """How many numbers a vector has; ``None`` as long as there is no document."""

    # Putting documents in.

    @property
    def embeddings(self) -> Embeddings:
        """What makes its vectors."""
        return self.embedding

    @classmethod
    def from_documents(
        cls, documents: Iterable[Document], embedding: Embeddings, **kwargs: Any
    ) -> Self:
        """Return a store with these documents; ``kwargs`` are arguments for making it."""
        return cls(embedding, **kwargs)._filled(list(documents))

    @classmethod
    async def afrom_documents(
        cls, documents: Iterable[Document], embedding: Embeddings, **kwargs: Any
    ) -> Self:
        """Return a store with these documents. As :meth:`from_documents`, awaited."""
        return await cls(embedding, **kwargs)._afilled(list(documents))

    def _filled(self, documents: list[Document]) -> Self:
        self.add_documents(documents)
        return self

    async def _afilled(self, documents: list[Document]) -> Self:
        await self.aadd_documents(documents)
        return self

    def add_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[str]:
        """Keep documents, in place of those with the same ids, and return their ids.

        Args:
            documents: The documents; those without an id get one.
            kwargs: ``ids`` in place of the documents' own.

        Raises:
            VectorStoreError: there are not as many ids as documents, an id is there twice,
                or the vectors do not fit to those that are there.
        """
        return self._embedded(given := _with_ids(documents, **kwargs), self._embed(given))

    async def aadd_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[str]:
        """Keep documents and return their ids. As :meth:`add_documents`, awaited."""
        return await in_thread(
            self._embedded,
            given := _with_ids(documents, **kwargs),
            await self._aembed(given),
        )

    def add_embeddings(
        self, documents: Iterable[Document], vectors: Iterable[Sequence[float]]
    ) -> list[str]:
        """Keep documents whose vectors are known, and return their ids. May block.

        Raises:
            VectorStoreError: there are not as many vectors as documents, an id is there
                twice, or the vectors do not fit to those that are there.
        """
        given = _with_ids(documents)
        rows = vectors if hasattr(vectors, "shape") else list(vectors)
        return self._embedded(given, rows)

    async def aadd_embeddings(
        self, documents: Iterable[Document], vectors: Iterable[Sequence[float]]
    ) -> list[str]:
        """Keep documents whose vectors are known. As :meth:`add_embeddings`, awaited."""
        return await in_thread(self.add_embeddings, documents, vectors)

    def _embed(self, documents: list[Document]) -> Any:
        texts = [each.page_content for each in documents]
        return self.embedding.embed_documents(texts) if texts else []

    async def _aembed(self, documents: list[Document]) -> Any:
        texts = [each.page_content for each in documents]
        return await self.embedding.aembed_documents(texts) if texts else []

    def _embedded(self, documents: list[Document], vectors: Any) -> list[str]:
        if len(vectors) != len(documents):
            raise VectorStoreError(f"{len(documents)} documents, but {len(vectors)} vectors")
        if documents:
            self._insert(documents, as_rows(vectors, self.dimension))
        return [each.id for each in documents if each.id is not None]

    # Searching.

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Return the ``k`` documents that are nearest to a query, the nearest first.

        Args:
            query: What is to be found.
            k: How many documents at most.
            kwargs: ``filter``: only documents for which this function is true, or whose
                metadata is as this dict says: see the guide.

        Raises:
            VectorStoreError: ``k`` is less than 1, or the filter cannot be read.
        """
        return self._documents(self.embedding.embed_query(query), k, **kwargs)

    async def asimilarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Return the nearest documents. As :meth:`similarity_search`, awaited."""
        return await in_thread(
            self._documents, await self.embedding.aembed_query(query), k, **kwargs
        )

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return the nearest documents, each with its score by the store's ``metric``."""
        return self._scored(self.embedding.embed_query(query), k, **kwargs)

    async def asimilarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return documents and scores. As :meth:`similarity_search_with_score`, awaited."""
        return await in_thread(self._scored, await self.embedding.aembed_query(query), k, **kwargs)

    def similarity_search_by_vector(
        self, embedding: Sequence[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """Return the ``k`` documents that are nearest to a vector, the nearest first."""
        return self._documents(embedding, k, **kwargs)

    def similarity_search_with_score_by_vector(
        self, embedding: Sequence[float], k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return the nearest documents, each with its score by the store's ``metric``."""
        return self._scored(embedding, k, **kwargs)

    async def asimilarity_search_with_score_by_vector(
        self, embedding: Sequence[float], k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """As :meth:`similarity_search_with_score_by_vector`, awaited."""
        return await in_thread(self._scored, embedding, k, **kwargs)

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """Return documents that are near to a query and far from one another."""
        return self._varied(self.embedding.embed_query(query), k, fetch_k, lambda_mult, **kwargs)

    async def amax_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """As :meth:`max_marginal_relevance_search`, awaited."""
        vector = await self.embedding.aembed_query(query)
        return await in_thread(self._varied, vector, k, fetch_k, lambda_mult, **kwargs)

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: Sequence[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        **kwargs: Any,
    ) -> list[Document]:
        """Return documents that are near to a vector and far from one another."""
        return self._varied(embedding, k, fetch_k, lambda_mult, **kwargs)

    async def amax_marginal_relevance_search_by_vector(
        self,
        embedding: Sequence[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        **kwargs: Any,
    ) -> list[Document]:
        """As :meth:`max_marginal_relevance_search_by_vector`, awaited."""
        return await in_thread(self._varied, embedding, k, fetch_k, lambda_mult, **kwargs)

    def _documents(self, vector: Any, k: int, **kwargs: Any) -> list[Document]:
        return [match.document for match in self._found(vector, k, **kwargs)]

    def _scored(self, vector: Any, k: int, **kwargs: Any) -> list[tuple[Document, float]]:
        return [(match.document, match.score) for match in self._found(vector, k, **kwargs)]

    def _varied(
        self, vector: Any, k: int, fetch_k: int, lambda_mult: float, **kwargs: Any
    ) -> list[Document]:
        matches = self._found(vector, max(k, fetch_k), **kwargs)
        if not matches:
            return []
        query = as_rows([vector], None)[0]
        candidates = as_rows([match.vector for match in matches], None)
        return [matches[each].document for each in diverse(query, candidates, k, lambda_mult)]

    def _found(
        self, vector: Any, k: int, filter: Any = None, fetch_k: int | None = None
    ) -> Sequence[Match]:
        # fetch_k is known from elsewhere: so many were looked at, and the filter let some of
        # them through. Here as many are looked at as it takes.
        if k < 1:
            raise VectorStoreError(f"k must be at least 1, got {k!r}")
        lets_through = None
        if filter is not None:
            lets_through = condition_of(filter, on_metadata=self._filters_metadata)
        dimension = self.dimension
        if dimension is None:
            return []
        (query,) = as_rows([vector], dimension)
        if lets_through is None:
            return self._nearest(query, k)
        return self._nearest_of(query, k, lets_through)

    def _nearest_of(
        self, query: Any, k: int, lets_through: Callable[[Document], bool]
    ) -> Sequence[Match]:
        """Return the nearest of those that a filter lets through: the search goes on for more."""
        count = max(_FIRST, 4 * k)
        while True:
            matches = self._nearest(query, count)
            found = [match for match in matches if lets_through(match.document)]
            if len(found) >= k or len(matches) < count:
                return found[:k]
            count *= 4

    def _relevance(self, score: float) -> float:
        # The cosine of the angle, if the vectors have the length 1, as most models give them.
        cosine = 1 - score / 2 if self.metric == "l2" else score
        return min(max(cosine, 0.0), 1.0)


def _with_ids(
    documents: Iterable[Document], ids: Iterable[str | None] | None = None
) -> list[Document]:
    """Return copies of documents that have ids, each its own."""
    given = list(documents)
    own = [each.id for each in given] if ids is None else list(ids)
    if len(own) != len(given):
        raise VectorStoreError(f"{len(given)} documents, but {len(own)} ids")
    names = [str(uuid4()) if id is None else id for id in own]
    if len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
        raise VectorStoreError(f"an id is given to one document, these to several: {twice}")
    return [
        evolve(document, id=id, metadata=dict(document.metadata))
        for document, id in zip(given, names, strict=True)
    ]
