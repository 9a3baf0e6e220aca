"""The models of Google Vertex AI, through the address that speaks OpenAI's protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._google import VertexAccount
from .._vendors._table import VENDORS
from ._model import VendorChatModel

if TYPE_CHECKING:
    from .._vendors._table import Vendor


class ChatVertexAI(VertexAccount, VendorChatModel):
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

    def _body(self, messages: Any, options: dict[str, Any], *, stream: bool) -> dict[str, Any]:
        model = options["model"]
        options = {**options, "model": model if "/" in model else f"google/{model}"}
        return super()._body(messages, options, stream=stream)
