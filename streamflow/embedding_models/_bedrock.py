"""The embeddings of Amazon Bedrock: Amazon's own, one text at once, and Cohere's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from ..chat_models._bedrock import ChatBedrock
from ..chat_models._secret import in_environment
from ..errors import ModelArgumentError
from ._purposes import PurposedEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ..execution import Execution
    from ._table import EmbeddingVendor, Purpose

_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")


class BedrockEmbeddings(PurposedEmbeddings):
    """Embeddings of Amazon Bedrock.

    The region is in ``AWS_REGION``, unless ``region`` is given. A key of Bedrock is in
    ``AWS_BEARER_TOKEN_BEDROCK``, unless ``api_key`` is given; without one, requests are
    signed with the credentials that AWS' own tools find, which takes the extra ``aws``.
    Models of Cohere take many texts at once, Amazon's one.

    >>> from streamflow.embedding_models import BedrockEmbeddings
    >>> BedrockEmbeddings(model="amazon.titan-embed-text-v2:0", region="eu-central-1")
    BedrockEmbeddings(model='amazon.titan-embed-text-v2:0', region='eu-central-1')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["bedrock"]

    model: str = "amazon.titan-embed-text-v1"
    region: str | None = None
    """Where the model runs."""
    credentials_profile_name: str | None = None
    """Which of several credentials on this machine to sign with."""
    _chat: ChatBedrock | None = None

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {"region_name": "region", "endpoint_url": "base_url"}
        return super()._renamed({names.get(key, key): value for key, value in values.items()})

    def _is_cohere(self) -> bool:
        return "cohere." in self.model

    def _most(self) -> int:
        return super()._most() if self._is_cohere() else 1

    def _places(self) -> tuple[str, str]:
        return ("embeddings", "") if self._is_cohere() else ("", "embedding")

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        if self._is_cohere():
            body: dict[str, Any] = {"texts": texts, "input_type": self._input_type(purpose)}
            name = "output_dimension"
        else:
            body, name = {"inputText": texts[0]}, "dimensions"
        return body if self.dimensions is None else {**body, name: self.dimensions}

    def _url(self) -> str:
        base = self.base_url or in_environment(self.vendor.vendor.urls)
        base = base or f"https://bedrock-runtime.{self._region()}.amazonaws.com"
        return f"{base.rstrip('/')}{self.vendor.path}/{quote(self.model, safe='')}/invoke"

    def _region(self) -> str:
        region = self.region or in_environment(_REGION)
        if not region:
            raise ModelArgumentError(
                "BedrockEmbeddings needs a region: set the environment variable AWS_REGION, or "
                "give region="
            )
        return region

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if self._chat is None:  # which keeps the credentials
            settings = self._settings("model", "api_key", "region", "credentials_profile_name")
            self._chat = ChatBedrock(**settings)
        return await self._chat._authorize(url, headers, body, execution)
