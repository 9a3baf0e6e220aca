"""What every vector store offers.

Each method exists plain and, with an ``a`` in front, awaited. A store implements the plain
ones; the others call those in worker threads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ..bus._offload import in_thread
from ..documents import Document
from ..errors import MissingImplementationError, VectorStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from typing_extensions import Self

    from ..embeddings import Embeddings
    from ._retriever import VectorStoreRetriever

SEARCH_TYPES = {
    "similarity": "similarity_search",
    "mmr": "max_marginal_relevance_search",
    "similarity_score_threshold": "similarity_search_with_relevance_scores",
}
"""The types of searches, and the methods that do them."""


class VectorStore(ABC):
    """Keeps documents and finds those that are near to a query.

    To connect a service of your own, implement ``add_texts`` (or ``add_documents``),
    ``similarity_search``, and whatever else it can do. A store that computes with vectors is
    made with less by `EmbeddingVectorStore`.

    >>> from streamflow.embeddings import DeterministicFakeEmbedding
    >>> from streamflow.vectorstores import InMemoryVectorStore
    >>> texts = ["harrison worked at kensho", "harrison likes spicy food"]
    >>> store = InMemoryVectorStore.from_texts(texts, DeterministicFakeEmbedding(size=8))
    >>> store.similarity_search("harrison worked at kensho", k=1)
    [Document(page_content='harrison worked at kensho')]
    """

    @property
    def embeddings(self) -> Embeddings | None:
        """What makes its vectors, if it is known here."""
        return None

    # Putting documents in and out. All of it may block.

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        embedding: Embeddings,
        metadatas: Iterable[dict[str, Any]] | None = None,
        *,
        ids: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Return a store with these texts.

        Args:
            texts: The texts.
            embedding: Makes the vectors.
            metadatas: Facts about each text.
            ids: The key of each text; made, if not given.
            kwargs: Further arguments for making the store.

        Raises:
            VectorStoreError: there are not as many metadatas or ids as texts.
        """
        return cls.from_documents(as_documents(texts, metadatas, ids), embedding, **kwargs)

    @classmethod
    async def afrom_texts(
        cls,
        texts: Iterable[str],
        embedding: Embeddings,
        metadatas: Iterable[dict[str, Any]] | None = None,
        *,
        ids: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Return a store with these texts. As :meth:`from_texts`, awaited."""
        return await cls.afrom_documents(as_documents(texts, metadatas, ids), embedding, **kwargs)

    @classmethod
    def from_documents(
        cls, documents: Iterable[Document], embedding: Embeddings, **kwargs: Any
    ) -> Self:
        """Return a store with these documents; for ``kwargs`` see :meth:`from_texts`."""
        raise MissingImplementationError(
            f"{cls.__name__} cannot be made from documents: implement from_documents."
        )

    @classmethod
    async def afrom_documents(
        cls, documents: Iterable[Document], embedding: Embeddings, **kwargs: Any
    ) -> Self:
        """Return a store with these documents. As :meth:`from_documents`, awaited."""
        return await in_thread(cls.from_documents, documents, embedding, **kwargs)

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: Iterable[dict[str, Any]] | None = None,
        *,
        ids: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Keep texts, in place of those with the same ids, and return their ids.

        Raises:
            VectorStoreError: there are not as many metadatas or ids as texts.
        """
        if type(self).add_documents is VectorStore.add_documents:
            raise MissingImplementationError(
                f"{type(self).__name__} cannot keep documents: implement add_texts or "
                f"add_documents."
            )
        return self.add_documents(as_documents(texts, metadatas, ids), **kwargs)

    async def aadd_texts(
        self,
        texts: Iterable[str],
        metadatas: Iterable[dict[str, Any]] | None = None,
        *,
        ids: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Keep texts and return their ids. As :meth:`add_texts`, awaited."""
        return await self.aadd_documents(as_documents(texts, metadatas, ids), **kwargs)

    def add_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[str]:
        """Keep documents, in place of those with the same ids, and return their ids."""
        given = list(documents)
        ids = [each.id for each in given]
        if any(ids):
            kwargs.setdefault("ids", ids)
        texts = [each.page_content for each in given]
        return self.add_texts(texts, [each.metadata for each in given], **kwargs)

    async def aadd_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[str]:
        """Keep documents and return their ids. As :meth:`add_documents`, awaited."""
        return await in_thread(self.add_documents, documents, **kwargs)

    def delete(self, ids: Sequence[str] | None = None, **kwargs: Any) -> bool | None:
        """Forget documents, or all of them if no ids are given; unknown ids are passed over.

        Returns:
            Whether it was done; ``None`` if that is not known.
        """
        raise MissingImplementationError(f"{type(self).__name__} cannot delete")

    async def adelete(self, ids: Sequence[str] | None = None, **kwargs: Any) -> bool | None:
        """Forget documents. As :meth:`delete`, awaited."""
        return await in_thread(self.delete, ids, **kwargs)

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents with these ids, in that order; unknown ids are passed over."""
        raise MissingImplementationError(f"{type(self).__name__} cannot look up ids")

    async def aget_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the documents with these ids. As :meth:`get_by_ids`, awaited."""
        return await in_thread(self.get_by_ids, ids)

    # Searching. All of it may block.

    def search(self, query: str, search_type: str, **kwargs: Any) -> list[Document]:
        """Return the documents that a type of search finds.

        Args:
            query: What is to be found.
            search_type: ``"similarity"``, ``"mmr"`` or ``"similarity_score_threshold"``.
            kwargs: For the method that searches so.

        Raises:
            VectorStoreError: there is no such type.
        """
        return without_scores(self._searching(search_type)(query, **kwargs))

    async def asearch(self, query: str, search_type: str, **kwargs: Any) -> list[Document]:
        """Return the documents that a type of search finds. As :meth:`search`, awaited."""
        return without_scores(await self._searching(search_type, "a")(query, **kwargs))

    def _searching(self, search_type: str, prefix: str = "") -> Callable[..., Any]:
        check_search_type(search_type)
        method: Callable[..., Any] = getattr(self, prefix + SEARCH_TYPES[search_type])
        return method

    @abstractmethod
    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Return the ``k`` documents that are nearest to a query, the nearest first."""

    async def asimilarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Return the nearest documents. As :meth:`similarity_search`, awaited."""
        return await in_thread(self.similarity_search, query, k, **kwargs)

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return the nearest documents, each with what the store measures nearness by."""
        raise MissingImplementationError(f"{type(self).__name__} tells no scores")

    async def asimilarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return documents and scores. As :meth:`similarity_search_with_score`, awaited."""
        return await in_thread(self.similarity_search_with_score, query, k, **kwargs)

    def similarity_search_with_relevance_scores(
        self, query: str, k: int = 4, *, score_threshold: float | None = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """Return the nearest documents, each with a number from 0 to 1, which is best.

        Args:
            query: What is to be found.
            k: How many documents at most.
            score_threshold: Pass over those with less.
            kwargs: As for :meth:`similarity_search_with_score`.
        """
        return self._relevant(
            self.similarity_search_with_score(query, k, **kwargs), score_threshold
        )

    async def asimilarity_search_with_relevance_scores(
        self, query: str, k: int = 4, *, score_threshold: float | None = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """As :meth:`similarity_search_with_relevance_scores`, awaited."""
        return self._relevant(
            await self.asimilarity_search_with_score(query, k, **kwargs), score_threshold
        )

    def _relevant(
        self, scored: list[tuple[Document, float]], threshold: float | None
    ) -> list[tuple[Document, float]]:
        relevant = [(document, self._relevance(score)) for document, score in scored]
        return [hit for hit in relevant if threshold is None or hit[1] >= threshold]

    def _relevance(self, score: float) -> float:
        """Return a score of this store as a number from 0 to 1, which is best."""
        raise MissingImplementationError(f"{type(self).__name__} does not tell how relevant")

    def similarity_search_by_vector(
        self, embedding: Sequence[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """Return the ``k`` documents that are nearest to a vector, the nearest first."""
        raise MissingImplementationError(f"{type(self).__name__} does not search by vectors")

    async def asimilarity_search_by_vector(
        self, embedding: Sequence[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """Return the nearest documents. As :meth:`similarity_search_by_vector`, awaited."""
        return await in_thread(self.similarity_search_by_vector, embedding, k, **kwargs)

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """Return documents that are near to a query and far from one another.

        Args:
            query: What is to be found.
            k: How many documents.
            fetch_k: How many of the nearest are chosen from.
            lambda_mult: From 0, only the distance from the others counts, to 1, only the
                nearness.
            kwargs: As for :meth:`similarity_search`.
        """
        raise MissingImplementationError(f"{type(self).__name__} does not search for variety")

    async def amax_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **kwargs: Any
    ) -> list[Document]:
        """As :meth:`max_marginal_relevance_search`, awaited."""
        return await in_thread(
            self.max_marginal_relevance_search, query, k, fetch_k, lambda_mult, **kwargs
        )

    def as_retriever(self, **kwargs: Any) -> VectorStoreRetriever:
        """Return a retriever that searches here.

        Args:
            kwargs: ``search_type`` (see :meth:`search`), ``search_kwargs`` (such as ``k``,
                ``filter``, ``score_threshold``, ``fetch_k`` and ``lambda_mult``), ``name``,
                ``tags`` and ``metadata``.
        """
        return _retriever_of(self, kwargs)


def _retriever_of(store: VectorStore, kwargs: Mapping[str, Any]) -> VectorStoreRetriever:
    from ._retriever import VectorStoreRetriever  # noqa: PLC0415 - it reads this module

    made_of = [store] if store.embeddings is None else [store, store.embeddings]
    tags = [*(kwargs.get("tags") or ()), *(type(each).__name__ for each in made_of)]
    return VectorStoreRetriever(**{**kwargs, "vectorstore": store, "tags": tags})


def without_scores(found: list[Any]) -> list[Document]:
    """Return the documents of what a search has found, with scores or without."""
    return [each[0] if isinstance(each, tuple) else each for each in found]


def check_search_type(search_type: str) -> None:
    """Raise if there is no such type of search.

    Raises:
        VectorStoreError: there is none.
    """
    if search_type not in SEARCH_TYPES:
        raise VectorStoreError(
            f"there is no search_type {search_type!r}; there are {', '.join(SEARCH_TYPES)}"
        )


def as_documents(
    texts: Iterable[str],
    metadatas: Iterable[dict[str, Any]] | None,
    ids: Iterable[str | None] | None,
) -> list[Document]:
    """Return documents for texts, with a metadata and an id for each.

    Raises:
        VectorStoreError: there are not as many of them as texts.
    """
    all_texts = list(texts)
    all_metadatas = [{} for _ in all_texts] if metadatas is None else list(metadatas)
    all_ids = [None for _ in all_texts] if ids is None else list(ids)
    for name, given in (("metadatas", all_metadatas), ("ids", all_ids)):
        if len(given) != len(all_texts):
            raise VectorStoreError(f"{len(all_texts)} texts, but {len(given)} {name}")
    return [
        Document(text, metadata=dict(metadata or {}), id=id)
        for text, metadata, id in zip(all_texts, all_metadatas, all_ids, strict=True)
    ]
