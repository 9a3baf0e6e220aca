"""What turns texts into vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ..bus._offload import in_thread


class Embeddings(ABC):
    """Turns texts into vectors, near one another if the texts mean something alike.

    To make one, implement ``embed_documents`` and ``embed_query``, which may block: on an
    event loop they are called in worker threads, unless the methods with an ``a`` are
    implemented as well.

    >>> class Length(Embeddings):
    ...     def embed_documents(self, texts):
    ...         return [self.embed_query(text) for text in texts]
    ...     def embed_query(self, text):
    ...         return [float(len(text))]
    >>> Length().embed_query("four")
    [4.0]
    """

    @abstractmethod
    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts that are to be found, in order."""

    @abstractmethod
    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a text that says what is to be found."""

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts. As :meth:`embed_documents`, awaited."""
        return await in_thread(self.embed_documents, texts)

    async def aembed_query(self, text: str) -> list[float]:
        """Return the vector of a query. As :meth:`embed_query`, awaited."""
        return await in_thread(self.embed_query, text)
