"""The embeddings of vendors that differ in data only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .._vendors._place import host_of
from ._model import VendorEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ..execution import Execution
    from ._table import EmbeddingVendor, Purpose


class OpenAIEmbeddings(VendorEmbeddings):
    """Embeddings of OpenAI, or of any service that speaks its protocol.

    The key is in ``OPENAI_API_KEY``, unless ``api_key`` is given. For another service give
    its ``base_url``; one on this machine needs no key. Many of those take fewer texts at
    once than OpenAI: give ``chunk_size``.

    >>> from streamflow.embedding_models import OpenAIEmbeddings
    >>> OpenAIEmbeddings(model="text-embedding-3-small", dimensions=256, api_key="sk-…")
    OpenAIEmbeddings(model='text-embedding-3-small', dimensions=256)
    >>> OpenAIEmbeddings(model="bge-m3", base_url="http://localhost:8080/v1", chunk_size=32)
    OpenAIEmbeddings(model='bge-m3', base_url='http://localhost:8080/v1', chunk_size=32)
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["openai"]

    model: str = "text-embedding-ada-002"
    encoding_format: Literal["float", "base64"] | None = None
    """How the vendor is to write numbers; the vectors are the same. If not given, OpenAI is
    asked for base64, which is shorter, and others are not asked."""
    openai_organization: str | None = None
    """The organization that pays; else that of ``OPENAI_ORG_ID``, or the key's own."""

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {"organization": "openai_organization"}
        return super()._renamed({names.get(key, key): value for key, value in values.items()})

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        body = super()._body(texts, purpose)
        # Services that imitate OpenAI may refuse what they do not know.
        is_openai = host_of(self.vendor.base_url) in {None, host_of(self._base())}
        if encoding := self.encoding_format or ("base64" if is_openai else None):
            body["encoding_format"] = encoding
        return body

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if self.openai_organization:
            headers["openai-organization"] = self.openai_organization
        return await super()._authorize(url, headers, body, execution)


class MistralAIEmbeddings(VendorEmbeddings):
    """Embeddings of Mistral AI.

    The key is in ``MISTRAL_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.embedding_models import MistralAIEmbeddings
    >>> MistralAIEmbeddings(api_key="…").model
    'mistral-embed'
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["mistralai"]

    model: str = "mistral-embed"


class TogetherEmbeddings(VendorEmbeddings):
    """Embeddings of Together AI.

    The key is in ``TOGETHER_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.embedding_models import TogetherEmbeddings
    >>> TogetherEmbeddings(model="BAAI/bge-base-en-v1.5", api_key="…")
    TogetherEmbeddings(model='BAAI/bge-base-en-v1.5')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["together"]


class FireworksEmbeddings(VendorEmbeddings):
    """Embeddings of Fireworks AI.

    The key is in ``FIREWORKS_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.embedding_models import FireworksEmbeddings
    >>> FireworksEmbeddings(api_key="fw_…").model
    'nomic-ai/nomic-embed-text-v1.5'
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["fireworks"]

    model: str = "nomic-ai/nomic-embed-text-v1.5"


class DatabricksEmbeddings(VendorEmbeddings):
    """Embeddings behind a serving endpoint of Databricks.

    ``model`` (or ``endpoint``) is the name of the endpoint. The address of the workspace is
    in ``DATABRICKS_HOST``, the key in ``DATABRICKS_TOKEN``, unless ``base_url`` and
    ``api_key`` are given.

    >>> from streamflow.embedding_models import DatabricksEmbeddings
    >>> DatabricksEmbeddings(endpoint="databricks-bge-large-en", api_key="dapi…")
    DatabricksEmbeddings(model='databricks-bge-large-en')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["databricks"]

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {"endpoint": "model", "host": "base_url", "databricks_token": "api_key"}
        return super()._renamed({names.get(key, key): value for key, value in values.items()})


class OllamaEmbeddings(VendorEmbeddings):
    """Embeddings of Ollama.

    It is asked on this machine, unless ``OLLAMA_HOST`` or ``base_url`` say otherwise.
    Options of the model (``num_ctx``, …) go to ``model_kwargs={"options": {…}}``.

    >>> from streamflow.embedding_models import OllamaEmbeddings
    >>> OllamaEmbeddings(model="nomic-embed-text")
    OllamaEmbeddings(model='nomic-embed-text')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["ollama"]
