"""Accounts at Azure: deployments with an address each, and versions of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import ModelArgumentError
from ._account import Account
from ._place import with_query
from ._secret import hidden, in_environment, reveal

if TYPE_CHECKING:
    from ..execution import Execution

_VERSION = ("OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION")
_TOKEN = ("AZURE_OPENAI_AD_TOKEN",)
_RENAMED = {
    "azure_endpoint": "base_url",
    "deployment": "azure_deployment",
    "deployment_name": "azure_deployment",
    "openai_api_key": "api_key",
    "openai_api_version": "api_version",
    "azure_ad_token_provider": "azure_ad_token",
}


class AzureAccount(Account):
    """A deployment in Azure OpenAI, whatever it does."""

    model: str = ""
    """The name of the model, for those who watch; the deployment decides."""
    azure_deployment: str | None = None
    """The name of the deployment; ``model``, if not given."""
    api_version: str | None = None
    """The version of the service, a date."""
    azure_ad_token: Any = None
    """A token of Entra ID instead of a key: text, or a function that returns it."""

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        values = super()._renamed({_RENAMED.get(key, key): v for key, v in values.items()})
        deployment = values.get("azure_deployment") or values.get("model")
        if not deployment:
            raise ModelArgumentError(f"{cls.__name__} needs azure_deployment=, or model=")
        token = hidden(values.get("azure_ad_token"))
        return {"model": deployment, **values, "azure_ad_token": token}

    def _check_key(self) -> None:
        if self.azure_ad_token is None and in_environment(_TOKEN) is None:
            super()._check_key()

    def _address(self, path: str) -> str:
        version = self.api_version or in_environment(_VERSION)
        if not version:
            raise ModelArgumentError(
                f"{type(self).__name__} needs the version of the service: set the environment "
                f"variable {_VERSION[0]}, or give api_version="
            )
        base = self._base().rstrip("/").removesuffix("/openai")
        deployment = quote(self.azure_deployment or self.model, safe="")
        url = f"{base}/openai/deployments/{deployment}{path}"
        return with_query(url, {"api-version": version})

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        token = await reveal(self.azure_ad_token, execution)
        if token is None:
            proof = await super()._authorize(url, headers, body, execution)
            token = None if proof else in_environment(_TOKEN)
            if token is None:
                return proof
        headers["authorization"] = f"Bearer {token}"
        return (token,)
