"""The embeddings of Amazon Bedrock: Amazon's own, one text at once, and Cohere's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from .._vendors._aws import BedrockAccount
from ._purposes import PurposedEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ._table import EmbeddingVendor, Purpose


class BedrockEmbeddings(BedrockAccount, PurposedEmbeddings):
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
        return f"{self._base()}{self.vendor.path}/{quote(self.model, safe='')}/invoke"
