"""Accounts at Amazon: requests are signed, unless there is a key of Bedrock."""

from __future__ import annotations

from importlib import import_module
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError, ModelArgumentError
from ._account import Account
from ._secret import in_environment

if TYPE_CHECKING:
    from ..execution import Execution

_RENAMED = {"region_name": "region", "endpoint_url": "base_url"}


class BedrockAccount(Account):
    """A model of Amazon Bedrock, whatever it does."""

    region: str | None = None
    """Where the model runs."""
    credentials_profile_name: str | None = None
    """Which of several credentials on this machine to sign with."""

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        return super()._renamed({_RENAMED.get(key, key): v for key, v in values.items()})

    def _begin(self) -> None:
        super()._begin()
        self._signer = Signer(type(self).__name__, self.credentials_profile_name)

    def _region(self) -> str:
        return self._needed("region", "a region")

    def _base(self) -> str:
        base = self.base_url or in_environment(self._service().urls)
        return (base or f"https://bedrock-runtime.{self._region()}.amazonaws.com").rstrip("/")

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        proof = await super()._authorize(url, headers, body, execution)
        if proof:
            return proof
        # Credentials may be read from a file, or fetched from a service of the machine.
        return await execution.call(self._signer.sign, self._region(), url, headers, body)


class Signer:
    """Signs requests with the credentials that AWS' own tools find.

    Args:
        owner: Who signs, for errors.
        profile: Which of several credentials to use.
    """

    def __init__(self, owner: str, profile: str | None) -> None:
        self._owner = owner
        self._profile = profile
        self._session: Any = None
        self._lock = Lock()

    def __reduce__(self) -> Any:
        return Signer, (self._owner, self._profile)

    def sign(self, region: str, url: str, headers: dict[str, str], body: bytes) -> tuple[str, ...]:
        """Add a signature to headers; return what in it nobody may see. Blocks.

        Raises:
            MissingExtraError: AWS' library is not installed.
            ModelArgumentError: there are no credentials.
        """
        try:
            sessions = import_module("botocore.session")
            auth = import_module("botocore.auth")
            requests = import_module("botocore.awsrequest")
        except ImportError as error:
            raise MissingExtraError(f"{self._owner} without a key", "aws") from error
        with self._lock:
            if self._session is None:
                self._session = sessions.Session(profile=self._profile)
            credentials = self._session.get_credentials()
        if credentials is None:
            raise ModelArgumentError(
                f"{self._owner} finds no credentials of AWS, and no key in AWS_BEARER_TOKEN_BEDROCK"
            )
        frozen = credentials.get_frozen_credentials()
        signed = {"content-type": headers["content-type"]}
        request = requests.AWSRequest(method="POST", url=url, data=body, headers=signed)
        auth.SigV4Auth(frozen, "bedrock", region).add_auth(request)
        headers.update({name.lower(): value for name, value in request.headers.items()})
        return tuple(filter(None, (frozen.secret_key, frozen.token, headers["authorization"])))
