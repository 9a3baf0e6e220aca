"""Accounts at Azure: one address for all deployments, or one each with versions of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import ModelArgumentError
from ._account import Account
from ._place import joined, with_query
from ._secret import hidden, in_environment, reveal

if TYPE_CHECKING:
    from ..execution import Execution

_V1 = "/openai/v1"
# Versions that have no date, and what of them is said to the service.
_UNDATED = {"v1": None, "preview": "preview", "latest": "preview"}
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
    """The version of the service: ``"v1"``, ``"preview"`` or a date. If none is given, and none
    in the environment, it is ``"v1"``, whose address has no version, and all deployments."""
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
        if self.azure_ad_token is None:
            super()._check_key()

    def _version(self) -> str:
        """Return the version of the service; an address of the newer form has no dated one."""
        version = self._setting("api_version") or "v1"
        is_v1 = self._base().rstrip("/").endswith(_V1)
        return "v1" if is_v1 and version not in _UNDATED else version

    def _address(self, path: str) -> str:
        version = self._version()
        base = self._base().rstrip("/").removesuffix(_V1).removesuffix("/openai")
        if version in _UNDATED:
            told = _UNDATED[version]
            return with_query(joined(base, _V1 + path), {"api-version": told} if told else {})
        deployment = quote(self.azure_deployment or self.model, safe="")
        url = joined(base, f"/openai/deployments/{deployment}{path}")
        return with_query(url, {"api-version": version})

    def _naming_deployment(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request, which names the deployment if the address does not."""
        if self.azure_deployment and self._version() in _UNDATED:
            body["model"] = self.azure_deployment
        return body

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        token = await reveal(self.azure_ad_token, execution)
        if token is None:
            proof = await super()._authorize(url, headers, body, execution)
            token = None if proof else in_environment(self._service().tokens)
            if token is None:
                return proof
        headers["authorization"] = f"Bearer {token}"
        return (token,)
