"""The vendors of embeddings, as a table of data.

Where a vendor is and what proves who asks stands in the table of chat models; here is only
what its embeddings add to that.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, evolve, field

from .._vendors._table import VENDORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._vendors._table import Vendor

Purpose = Literal["document", "query"]
"""What a text is: one that is to be found, or one that says what is to be found."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NO_WORDS: Mapping[Purpose, str] = MappingProxyType({})


@define(frozen=True)
class EmbeddingVendor:
    """One vendor.

    Attributes:
        name: What `init_embeddings` calls it, and the table of chat models.
        path: Where below the base URL texts are embedded.
        most: How many texts a request may have.
        most_bytes: How many bytes they may have together, if tokens are limited: no text has
            more tokens than bytes.
        model: Where a request says the model.
        texts: Where it has the texts.
        dimensions: Where it says the length of vectors; ``None`` if nobody can choose it.
        purposes: The vendor's words for what the texts are.
        always: More that each request says.
        rows: Where an answer has a row for each text; ``""`` if the answer is the one row.
        vector: Where the vector is in a row; ``""`` if the row is the vector.
        base_url: Where the service is, if not where its chat models are.
        vendor: The vendor as the table of chat models has it, at that address.
    """

    name: str
    path: str
    most: int
    most_bytes: int | None = None
    model: str = "model"
    texts: str = "input"
    dimensions: str | None = "dimensions"
    purposes: Mapping[Purpose, str] = _NO_WORDS
    always: Mapping[str, Any] = _NOTHING
    rows: str = "data"
    vector: str = "embedding"
    base_url: str = field(kw_only=True)
    vendor: Vendor = field(init=False)

    @base_url.default
    def _where_chat_models_are(self) -> str:
        return VENDORS[self.name].base_url

    @vendor.default
    def _of_the_same_name(self) -> Vendor:
        return evolve(VENDORS[self.name], base_url=self.base_url)


_SEARCH: Mapping[Purpose, str] = {"document": "search_document", "query": "search_query"}

EMBEDDING_VENDORS: Mapping[str, EmbeddingVendor] = {
    vendor.name: vendor
    for vendor in (
        EmbeddingVendor("openai", "/embeddings", most=2048, most_bytes=300_000),
        EmbeddingVendor("azure_openai", "/embeddings", most=2048, most_bytes=300_000),
        EmbeddingVendor(
            "mistralai",
            "/embeddings",
            most=512,
            most_bytes=16_000,
            dimensions="output_dimension",
        ),
        EmbeddingVendor("together", "/embeddings", most=100),
        EmbeddingVendor("fireworks", "/embeddings", most=8),
        EmbeddingVendor(
            "nvidia",
            "/embeddings",
            most=50,
            purposes={"document": "passage", "query": "query"},
        ),
        EmbeddingVendor(
            "cohere",
            "/v2/embed",
            most=96,
            texts="texts",
            dimensions="output_dimension",
            purposes=_SEARCH,
            always={"embedding_types": ["float"]},
            rows="embeddings",
            vector="",
            base_url="https://api.cohere.com",
        ),
        EmbeddingVendor("databricks", "/serving-endpoints/embeddings", most=150),
        EmbeddingVendor(
            "google_vertexai",
            "/publishers/google/models",
            most=250,
            most_bytes=20_000,
            purposes={"document": "RETRIEVAL_DOCUMENT", "query": "RETRIEVAL_QUERY"},
            rows="predictions",
            vector="embeddings.values",
        ),
        EmbeddingVendor("bedrock", "/model", most=96, purposes=_SEARCH),
        EmbeddingVendor(
            "watsonx",
            "/ml/v1/text/embeddings",
            most=1000,
            model="model_id",
            texts="inputs",
            dimensions=None,
            rows="results",
        ),
        EmbeddingVendor("ollama", "/api/embed", most=512, rows="embeddings", vector=""),
    )
}
