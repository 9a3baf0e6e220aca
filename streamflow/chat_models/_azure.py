"""The models of Azure OpenAI, which are deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._azure import AzureAccount
from .._vendors._table import VENDORS
from ._model import VendorChatModel

if TYPE_CHECKING:
    from .._vendors._table import Vendor


class AzureChatOpenAI(AzureAccount, VendorChatModel):
    """A chat model of a deployment in Azure OpenAI.

    The address of the resource is in ``AZURE_OPENAI_ENDPOINT``, the key in
    ``AZURE_OPENAI_API_KEY``, unless they are given. With a date as ``api_version``, or in
    ``OPENAI_API_VERSION``, that version of the service is asked, where each deployment has an
    address; otherwise the newer service at ``/openai/v1``, which needs none.

    >>> from streamflow.chat_models import AzureChatOpenAI
    >>> AzureChatOpenAI(
    ...     azure_endpoint="https://me.openai.azure.com", azure_deployment="my-gpt", api_key="…"
    ... ).azure_deployment
    'my-gpt'
    """

    vendor: ClassVar[Vendor] = VENDORS["azure_openai"]
    _connecting = VendorChatModel._connecting | {"azure_ad_token"}

    def _body(self, messages: Any, options: dict[str, Any], *, stream: bool) -> dict[str, Any]:
        return self._naming_deployment(super()._body(messages, options, stream=stream))
