"""A vector store as a step of a chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import VectorStoreError
from ..retrievers import BaseRetriever
from ._base import check_search_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..documents import Document
    from ._base import VectorStore


class VectorStoreRetriever(BaseRetriever):
    """Finds documents in a vector store; made by ``store.as_retriever(...)``.

    >>> from streamflow.embeddings import DeterministicFakeEmbedding
    >>> from streamflow.vectorstores import InMemoryVectorStore
    >>> store = InMemoryVectorStore.from_texts(["a", "b"], DeterministicFakeEmbedding(size=8))
    >>> store.as_retriever(search_kwargs={"k": 1}).invoke("b")
    [Document(page_content='b')]

    Args:
        vectorstore: The store.
        search_type: ``"similarity"``, ``"mmr"`` or ``"similarity_score_threshold"``.
        search_kwargs: For the method of the store that searches so; those that a call is
            given come on top.

    Raises:
        VectorStoreError: there is no such type, or the ``score_threshold`` is missing.
    """

    vectorstore: VectorStore
    search_type: str = "similarity"
    search_kwargs: dict[str, Any] = {}  # noqa: RUF012 - a default, copied for each instance

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        check_search_type(self.search_type)
        if self.search_type == "similarity_score_threshold":
            threshold = self.search_kwargs.get("score_threshold")
            if not isinstance(threshold, (int, float)) or isinstance(threshold, bool):
                raise VectorStoreError(
                    f"search_type='similarity_score_threshold' needs a number as "
                    f"search_kwargs={{'score_threshold': ...}}, got {threshold!r}"
                )

    def _get_relevant_documents(self, query: str, **kwargs: Any) -> list[Document]:
        arguments = {**self.search_kwargs, **kwargs}
        return self.vectorstore.search(query, self.search_type, **arguments)

    async def _aget_relevant_documents(self, query: str, **kwargs: Any) -> list[Document]:
        arguments = {**self.search_kwargs, **kwargs}
        return await self.vectorstore.asearch(query, self.search_type, **arguments)

    def add_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[str]:
        """Keep documents in the store and return their ids. May block."""
        return self.vectorstore.add_documents(documents, **kwargs)

    async def aadd_documents(self, documents: Iterable[Document], **kwargs: Any) -> list[str]:
        """Keep documents in the store. As :meth:`add_documents`, awaited."""
        return await self.vectorstore.aadd_documents(documents, **kwargs)

    def _own_metadata(self) -> Mapping[str, Any]:
        facts = {"ls_vector_store_provider": type(self.vectorstore).__name__}
        if self.vectorstore.embeddings is not None:
            facts["ls_embedding_provider"] = type(self.vectorstore.embeddings).__name__
        return {**super()._own_metadata(), **facts}

    def __repr__(self) -> str:
        return (
            f"VectorStoreRetriever(vectorstore={self.vectorstore!r}, "
            f"search_type={self.search_type!r}, search_kwargs={self.search_kwargs!r})"
        )
