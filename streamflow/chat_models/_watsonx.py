"""The models of IBM watsonx: tokens that are fetched with the key, addresses with a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._ibm import WatsonxAccount
from .._vendors._place import joined
from .._vendors._table import VENDORS
from ._model import VendorChatModel

if TYPE_CHECKING:
    from .._vendors._table import Vendor
    from ..messages import BaseMessage


class ChatWatsonx(WatsonxAccount, VendorChatModel):
    """A chat model of IBM watsonx.

    The address of the service is in ``WATSONX_URL``, the key in ``WATSONX_APIKEY``, the
    project in ``WATSONX_PROJECT_ID``, unless they are given.

    >>> from streamflow.chat_models import ChatWatsonx
    >>> ChatWatsonx(model="ibm/granite-3-8b-instruct", api_key="…", project_id="mine")
    ChatWatsonx(model='ibm/granite-3-8b-instruct', project_id='mine')
    """

    vendor: ClassVar[Vendor] = VENDORS["watsonx"]
    _connecting = VendorChatModel._connecting | {"token", "token_url"}

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        url = joined(self._base(), self.vendor.path) + ("_stream" if stream else "")
        return self._dated(url)

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        body = super()._body(messages, options, stream=False)
        body["model_id"] = body.pop("model")
        for name, payer in self._payer().items():
            body.setdefault(name, payer)
        if isinstance(body.get("tool_choice"), str):
            body["tool_choice_option"] = body.pop("tool_choice")
        return body
