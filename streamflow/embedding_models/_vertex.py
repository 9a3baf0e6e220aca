"""The embeddings of Google Vertex AI, in its own protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from .._vendors._google import VertexAccount
from ._purposes import PurposedEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ._table import EmbeddingVendor, Purpose

_ONE_BY_ONE = "gemini-embedding"
"""Models of this name take one text at once."""


class VertexAIEmbeddings(VertexAccount, PurposedEmbeddings):
    """Embeddings of Google Vertex AI.

    The project is in ``GOOGLE_CLOUD_PROJECT``, unless ``project`` is given. The extra
    ``google`` finds out who asks, from wherever Google's own tools keep it; or give a token,
    or a function that returns one, as ``api_key``.

    >>> from streamflow.embedding_models import VertexAIEmbeddings
    >>> VertexAIEmbeddings(model="text-embedding-005", project="mine", location="europe-west4")
    VertexAIEmbeddings(model='text-embedding-005', project='mine', location='europe-west4')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["google_vertexai"]

    _usual_location = "us-central1"

    def _most(self) -> int:
        return 1 if self.model.startswith(_ONE_BY_ONE) else super()._most()

    def _url(self) -> str:
        return f"{self._address(self.vendor.path)}/{quote(self.model, safe='')}:predict"

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        task = self._input_type(purpose)
        body: dict[str, Any] = {
            "instances": [{"content": text, "task_type": task} for text in texts]
        }
        if self.dimensions is not None:
            body["parameters"] = {"outputDimensionality": self.dimensions}
        return body
