"""Accounts at Google: addresses with a project, tokens of google-auth."""

from __future__ import annotations

from importlib import import_module
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import MissingExtraError
from ._account import Account
from ._place import joined

if TYPE_CHECKING:
    from ..execution import Execution

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_HOST = "aiplatform.googleapis.com"


class VertexAccount(Account):
    """A model of Google Vertex AI, whatever it does."""

    _usual_location: ClassVar[str] = "global"

    project: str | None = None
    """The project that pays."""
    location: str | None = None
    """Where the model runs; else ``GOOGLE_CLOUD_LOCATION`` says, or it is ``"global"`` for chat
    models and ``"us-central1"`` for embeddings."""
    credentials: Any = None
    """Credentials of google-auth, instead of those that it finds."""

    def _begin(self) -> None:
        super()._begin()
        self._tokens = GoogleTokens(type(self).__name__, self.credentials)

    def _address(self, path: str) -> str:
        place = self._setting("location") or self._usual_location
        project = self._needed("project", "a project")
        host = _HOST if place == "global" else f"{place}-{_HOST}"
        base = (self.base_url or f"https://{host}").rstrip("/")
        return joined(f"{base}/v1/projects/{project}/locations/{place}", path)

    async def _key(self, execution: Execution) -> str | None:
        # Google's tools may read a file, or ask a service of the machine.
        return await super()._key(execution) or await execution.call(self._tokens.current)


class GoogleTokens:
    """Tokens of Google's own tools, fetched anew when one has run out.

    Args:
        owner: Who needs them, for errors.
        credentials: Credentials of google-auth, instead of those that it finds.
    """

    def __init__(self, owner: str, credentials: Any) -> None:
        self._owner = owner
        self._credentials = credentials
        self._lock = Lock()

    def __reduce__(self) -> Any:
        return GoogleTokens, (self._owner, self._credentials)

    def current(self) -> str:
        """Return a token. Blocks.

        Raises:
            MissingExtraError: Google's library is not installed.
        """
        try:
            auth = import_module("google.auth")
            requests = import_module("google.auth.transport.requests")
        except ImportError as error:
            raise MissingExtraError(f"{self._owner} without api_key=", "google") from error
        with self._lock:
            if self._credentials is None:
                self._credentials, _ = auth.default(scopes=[_SCOPE])
            if not self._credentials.valid:
                self._credentials.refresh(requests.Request())
            return str(self._credentials.token)
