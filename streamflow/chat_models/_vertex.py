"""The models of Google Vertex AI, through the address that speaks OpenAI's protocol."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import MissingExtraError, ModelArgumentError
from ._model import VendorChatModel
from ._place import joined
from ._secret import in_environment
from ._vendors import VENDORS

if TYPE_CHECKING:
    from ..execution import Execution
    from ._vendors import Vendor

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class ChatVertexAI(VendorChatModel):
    """A chat model of Google Vertex AI.

    The project is in ``GOOGLE_CLOUD_PROJECT``, unless ``project`` is given. The extra
    ``google`` finds out who asks, from wherever Google's own tools keep it; or give a token,
    or a function that returns one, as ``api_key``.

    >>> from streamflow.chat_models import ChatVertexAI
    >>> ChatVertexAI(model="gemini-2.5-flash", project="mine", location="europe-west4")
    ChatVertexAI(model='gemini-2.5-flash', project='mine', location='europe-west4')
    """

    vendor: ClassVar[Vendor] = VENDORS["google_vertexai"]
    _connecting = VendorChatModel._connecting | {"credentials"}

    project: str | None = None
    """The project that pays."""
    location: str | None = None
    """Where the model runs; else that of ``GOOGLE_CLOUD_LOCATION``, or ``"global"``."""
    credentials: Any = None
    """Credentials of google-auth, instead of those that it finds."""

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        place = self.location or in_environment(("GOOGLE_CLOUD_LOCATION",)) or "global"
        project = self.project or in_environment(("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"))
        if not project:
            raise ModelArgumentError(
                "ChatVertexAI needs a project: set the environment variable "
                "GOOGLE_CLOUD_PROJECT, or give project="
            )
        host = (
            "aiplatform.googleapis.com"
            if place == "global"
            else f"{place}-aiplatform.googleapis.com"
        )
        base = (self.base_url or f"https://{host}").rstrip("/")
        return joined(f"{base}/v1/projects/{project}/locations/{place}", self.vendor.path)

    def _body(self, messages: Any, options: dict[str, Any], *, stream: bool) -> dict[str, Any]:
        model = options["model"]
        options = {**options, "model": model if "/" in model else f"google/{model}"}
        return super()._body(messages, options, stream=stream)

    async def _key(self, execution: Execution) -> str | None:
        return await super()._key(execution) or await execution.call(self._token)

    def _token(self) -> str:
        try:
            auth = import_module("google.auth")
            requests = import_module("google.auth.transport.requests")
        except ImportError as error:
            raise MissingExtraError("ChatVertexAI without api_key=", "google") from error
        if self.credentials is None:
            self.credentials, _ = auth.default(scopes=[_SCOPE])
        if not self.credentials.valid:
            self.credentials.refresh(requests.Request())
        return str(self.credentials.token)
