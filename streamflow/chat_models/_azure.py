"""The models of Azure OpenAI: deployments with an address each, and versions of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from ..errors import ModelArgumentError
from ._model import VendorChatModel
from ._place import with_query
from ._secret import hidden, in_environment, reveal
from ._vendors import VENDORS

if TYPE_CHECKING:
    from ..execution import Execution
    from ._vendors import Vendor

_VERSION = ("OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION")


class AzureChatOpenAI(VendorChatModel):
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

    model: str = ""
    """The name of the model, for those who watch; the deployment decides."""
    azure_deployment: str | None = None
    """The name of the deployment; ``model``, if not given."""
    api_version: str | None = None
    azure_ad_token: Any = None
    """A token of Entra ID instead of a key: text, or a function that returns it."""

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {
            "azure_endpoint": "base_url",
            "deployment_name": "azure_deployment",
            "openai_api_version": "api_version",
            "azure_ad_token_provider": "azure_ad_token",
        }
        values = super()._renamed({names.get(key, key): value for key, value in values.items()})
        deployment = values.get("azure_deployment") or values.get("model")
        if not deployment:
            raise ModelArgumentError("AzureChatOpenAI needs azure_deployment=, or model=")
        return {
            "model": deployment,
            **values,
            "azure_ad_token": hidden(values.get("azure_ad_token")),
        }

    def _check_key(self) -> None:
        if self.azure_ad_token is None and in_environment(("AZURE_OPENAI_AD_TOKEN",)) is None:
            super()._check_key()

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        version = self.api_version or in_environment(_VERSION)
        if not version:
            raise ModelArgumentError(
                f"AzureChatOpenAI needs the version of the service: set the environment variable "
                f"{_VERSION[0]}, or give api_version="
            )
        base = self._base().rstrip("/").removesuffix("/openai")
        deployment = quote(self.azure_deployment or self.model, safe="")
        url = f"{base}/openai/deployments/{deployment}/chat/completions"
        return with_query(url, {"api-version": version})

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        token = await reveal(self.azure_ad_token, execution)
        if token is None and await self._key(execution) is None:
            token = in_environment(("AZURE_OPENAI_AD_TOKEN",))
        if token is None:
            return await super()._authorize(url, headers, body, execution)
        headers["authorization"] = f"Bearer {token}"
        return (token,)
