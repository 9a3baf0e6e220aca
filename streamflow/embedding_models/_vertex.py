"""The embeddings of Google Vertex AI, in its own protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from ..chat_models._secret import in_environment
from ..chat_models._vertex import ChatVertexAI
from ..errors import ModelArgumentError
from ._purposes import PurposedEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ..execution import Execution
    from ._table import EmbeddingVendor, Purpose

_ONE_BY_ONE = "gemini-embedding"
"""Models of this name take one text at once."""


class VertexAIEmbeddings(PurposedEmbeddings):
    """Embeddings of Google Vertex AI.

    The project is in ``GOOGLE_CLOUD_PROJECT``, unless ``project`` is given. The extra
    ``google`` finds out who asks, from wherever Google's own tools keep it; or give a token,
    or a function that returns one, as ``api_key``.

    >>> from streamflow.embedding_models import VertexAIEmbeddings
    >>> VertexAIEmbeddings(model="text-embedding-005", project="mine", location="europe-west4")
    VertexAIEmbeddings(model='text-embedding-005', project='mine', location='europe-west4')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["google_vertexai"]

    project: str | None = None
    """The project that pays."""
    location: str | None = None
    """Where the model runs; else that of ``GOOGLE_CLOUD_LOCATION``, or ``"us-central1"``."""
    credentials: Any = None
    """Credentials of google-auth, instead of those that it finds."""
    _chat: ChatVertexAI | None = None

    def _most(self) -> int:
        return 1 if self.model.startswith(_ONE_BY_ONE) else super()._most()

    def _url(self) -> str:
        place = self.location or in_environment(("GOOGLE_CLOUD_LOCATION",)) or "us-central1"
        project = self.project or in_environment(("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"))
        if not project:
            raise ModelArgumentError(
                "VertexAIEmbeddings needs a project: set the environment variable "
                "GOOGLE_CLOUD_PROJECT, or give project="
            )
        region = "" if place == "global" else f"{place}-"
        base = self.base_url or f"https://{region}aiplatform.googleapis.com"
        base = f"{base.rstrip('/')}/v1/projects/{project}/locations/{place}"
        return f"{base}{self.vendor.path}/{quote(self.model, safe='')}:predict"

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        task = self._input_type(purpose)
        body: dict[str, Any] = {
            "instances": [{"content": text, "task_type": task} for text in texts]
        }
        if self.dimensions is not None:
            body["parameters"] = {"outputDimensionality": self.dimensions}
        return body

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if self._chat is None:  # which has found out before who asks
            self._chat = ChatVertexAI(**self._settings("model", "api_key", "credentials"))
        return await self._chat._authorize(url, headers, body, execution)
