"""What makes documents out of documents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ..bus._offload import in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._document import Document


class BaseDocumentTransformer(ABC):
    """Makes documents out of documents; implement ``transform_documents``, which may block.

    >>> from streamflow.documents import Document
    >>> class Shout(BaseDocumentTransformer):
    ...     def transform_documents(self, documents, **kwargs):
    ...         return [Document(each.page_content.upper()) for each in documents]
    >>> Shout().transform_documents([Document("hi")])
    [Document(page_content='HI')]
    """

    @abstractmethod
    def transform_documents(
        self, documents: Sequence[Document], **kwargs: Any
    ) -> Sequence[Document]:
        """Return what becomes of ``documents``."""

    async def atransform_documents(
        self, documents: Sequence[Document], **kwargs: Any
    ) -> Sequence[Document]:
        """Return what becomes of ``documents``: in a worker thread, unless overridden."""
        return await in_thread(self.transform_documents, documents, **kwargs)
