"""Documents: texts with what is known of them, and what makes documents out of documents."""

from __future__ import annotations

from ._document import Document
from ._transformer import BaseDocumentTransformer

__all__ = ("BaseDocumentTransformer", "Document")
