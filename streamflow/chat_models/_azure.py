"""The models of Azure OpenAI: deployments with an address each, and versions of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .._vendors._azure import AzureAccount
from .._vendors._table import VENDORS
from ._model import VendorChatModel

if TYPE_CHECKING:
    from .._vendors._table import Vendor


class AzureChatOpenAI(AzureAccount, VendorChatModel):
    """A chat model of a deployment in Azure OpenAI.

    The address of the resource is in ``AZURE_OPENAI_ENDPOINT``, the key in
    ``AZURE_OPENAI_API_KEY``, the version of the service in ``OPENAI_API_VERSION``, unless
    they are given.

    >>> from streamflow.chat_models import AzureChatOpenAI
    >>> AzureChatOpenAI(
    ...     azure_endpoint="https://me.openai.azure.com", azure_deployment="my-gpt",
    ...     api_version="2024-10-21", api_key="…",
    ... ).azure_deployment
    'my-gpt'
    """

    vendor: ClassVar[Vendor] = VENDORS["azure_openai"]
    _connecting = VendorChatModel._connecting | {"azure_ad_token"}
