"""The embeddings of IBM watsonx: tokens that are fetched with the key, addresses with a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..chat_models._place import with_query
from ..chat_models._secret import hidden, in_environment
from ..chat_models._watsonx import ChatWatsonx
from ..errors import ModelArgumentError
from ._model import VendorEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ..execution import Execution
    from ._table import EmbeddingVendor, Purpose

_PROOF = (
    "model",
    "api_key",
    "base_url",
    "token",
    "token_url",
    "timeout",
    "connect_timeout",
    "max_retries",
    "insecure_hosts",
)
"""The settings on which a token depends."""


class WatsonxEmbeddings(VendorEmbeddings):
    """Embeddings of IBM watsonx.

    The address of the service is in ``WATSONX_URL``, the key in ``WATSONX_APIKEY``, the
    project in ``WATSONX_PROJECT_ID``, unless they are given.

    >>> from streamflow.embedding_models import WatsonxEmbeddings
    >>> WatsonxEmbeddings(
    ...     model="ibm/slate-125m-english-rtrvr-v2", api_key="…", project_id="mine"
    ... )
    WatsonxEmbeddings(model='ibm/slate-125m-english-rtrvr-v2', project_id='mine')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["watsonx"]

    project_id: str | None = None
    """The project that pays."""
    space_id: str | None = None
    """The space that pays, instead of a project."""
    api_version: str = ChatWatsonx.api_version
    """The version of the service, a date."""
    token: Any = None
    """A token instead of a key: text, or a function that returns it."""
    token_url: str = ChatWatsonx.token_url
    """Where a key is exchanged for a token."""
    _chat: ChatWatsonx | None = None

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        values = super()._renamed({"base_url" if k == "url" else k: v for k, v in values.items()})
        return {**values, "token": hidden(values.get("token"))}

    def _check_key(self) -> None:
        if self.token is None and in_environment(("WATSONX_TOKEN",)) is None:
            super()._check_key()

    def _url(self) -> str:
        return with_query(super()._url(), {"version": self.api_version})

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        body = super()._body(texts, purpose)
        project = self.project_id or in_environment(("WATSONX_PROJECT_ID",))
        space = self.space_id or in_environment(("WATSONX_SPACE_ID",))
        if project:
            return {**body, "project_id": project}
        if space:
            return {**body, "space_id": space}
        raise ModelArgumentError(
            "WatsonxEmbeddings needs a project: set the environment variable WATSONX_PROJECT_ID, "
            "or give project_id= or space_id="
        )

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if self._chat is None:  # which keeps the token until it ends
            self._chat = ChatWatsonx(**self._settings(*_PROOF))
            self._chat._clients = self._clients
        return await self._chat._authorize(url, headers, body, execution)
