"""The embeddings of Azure OpenAI: deployments with an address each, versions of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .._vendors._azure import AzureAccount
from ._openai import OpenAIEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ._table import EmbeddingVendor


class AzureOpenAIEmbeddings(AzureAccount, OpenAIEmbeddings):
    """Embeddings of a deployment in Azure OpenAI.

    The address of the resource is in ``AZURE_OPENAI_ENDPOINT``, the key in
    ``AZURE_OPENAI_API_KEY``, the version of the service in ``OPENAI_API_VERSION``, unless
    they are given.

    >>> from streamflow.embedding_models import AzureOpenAIEmbeddings
    >>> AzureOpenAIEmbeddings(
    ...     azure_endpoint="https://me.openai.azure.com", azure_deployment="my-embeddings",
    ...     api_version="2024-10-21", api_key="…",
    ... ).azure_deployment
    'my-embeddings'
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["azure_openai"]
