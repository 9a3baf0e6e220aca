"""The embeddings of Azure OpenAI, whose models are deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._azure import AzureAccount
from ._openai import OpenAIEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ._table import EmbeddingVendor, Purpose


class AzureOpenAIEmbeddings(AzureAccount, OpenAIEmbeddings):
    """Embeddings of a deployment in Azure OpenAI.

    The address of the resource is in ``AZURE_OPENAI_ENDPOINT``, the key in
    ``AZURE_OPENAI_API_KEY``, unless they are given. With a date as ``api_version``, or in
    ``OPENAI_API_VERSION``, that version of the service is asked, where each deployment has an
    address; otherwise the newer service at ``/openai/v1``, which needs none.

    >>> from streamflow.embedding_models import AzureOpenAIEmbeddings
    >>> AzureOpenAIEmbeddings(
    ...     azure_endpoint="https://me.openai.azure.com", azure_deployment="my-embeddings",
    ...     api_key="…",
    ... ).azure_deployment
    'my-embeddings'
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["azure_openai"]

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        return self._naming_deployment(super()._body(texts, purpose))
