"""What each vendor expects of a request, and how it answers: the contract of its embeddings."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import define

from streamflow.embedding_models import (
    AzureOpenAIEmbeddings,
    BedrockEmbeddings,
    CohereEmbeddings,
    DatabricksEmbeddings,
    FireworksEmbeddings,
    MistralAIEmbeddings,
    NVIDIAEmbeddings,
    OllamaEmbeddings,
    OpenAIEmbeddings,
    TogetherEmbeddings,
    VendorEmbeddings,
    VertexAIEmbeddings,
    WatsonxEmbeddings,
)
from tests.chat_models.server import Answer, Asked, Server
from tests.embedding_models.server import SIZE, vector

KEY = "key-0123456789"


def _rows(body: Any) -> Any:
    """OpenAI's answer, in an order of its own."""
    texts = body["input"]
    rows = [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
    if body.get("encoding_format") == "base64":
        for row in rows:
            packed = struct.pack(f"<{SIZE}f", *row["embedding"])
            row["embedding"] = base64.b64encode(packed).decode()
    return {"object": "list", "data": rows[::-1], "usage": {"total_tokens": 1}}


def _cohere(body: Any) -> Any:
    return {"id": "e-1", "embeddings": {"float": [vector(text) for text in body["texts"]]}}


def _vertex(body: Any) -> Any:
    texts = [each["content"] for each in body["instances"]]
    return {"predictions": [{"embeddings": {"values": vector(text)}} for text in texts]}


def _watsonx(body: Any) -> Any:
    return {"results": [{"embedding": vector(text)} for text in body["inputs"]]}


def _ollama(body: Any) -> Any:
    return {"model": "m-1", "embeddings": [vector(text) for text in body["input"]]}


@define(kw_only=True)
class Contract:
    """A vendor as it is imitated.

    Args:
        cls: The class of its embeddings.
        path: Where texts are expected, with the query.
        document: What a request for a document "a" has.
        query: What one for a query "a" has; the same, if not given.
        auth: The header with the key, and its value.
        base: What stands behind the address of the server in ``base_url``.
        model: The name of the model.
        settings: Arguments beside model, key and address.
        answer: The answer to a request.
        dimensions: What a request has for ``dimensions=3``; ``None`` if it cannot.
    """

    cls: type[VendorEmbeddings]
    path: str
    document: Mapping[str, Any] = MappingProxyType({"model": "m-1", "input": ["a"]})
    query: Mapping[str, Any] | None = None
    auth: tuple[str, str] = ("authorization", f"Bearer {KEY}")
    base: str = ""
    model: str = "m-1"
    settings: Mapping[str, Any] = MappingProxyType({})
    answer: Callable[[Any], Any] = _rows
    dimensions: Mapping[str, Any] | None = MappingProxyType({"dimensions": 3})

    def make(self, server: Server, **settings: Any) -> VendorEmbeddings:
        base_url = server.url + self.base
        given: dict[str, Any] = {"model": self.model, "api_key": KEY, "base_url": base_url}
        if self.cls is WatsonxEmbeddings:
            given["token_url"] = f"{server.url}/identity/token"
        return self.cls(**{**given, **self.settings, **settings})

    def respond(self, asked: Asked) -> Answer:
        """Answer as the vendor does."""
        if asked.target == "/identity/token":
            return Answer.json({"access_token": "token-1", "expires_in": 3600})
        return Answer.json(self.answer(asked.json))


CONTRACTS: dict[str, Contract] = {
    "openai": Contract(cls=OpenAIEmbeddings, base="/v1", path="/v1/embeddings"),
    "azure_openai": Contract(
        cls=AzureOpenAIEmbeddings,
        path="/openai/deployments/d-1/embeddings?api-version=2024-10-21",
        auth=("api-key", KEY),
        settings={"azure_deployment": "d-1", "api_version": "2024-10-21"},
        document={"model": "m-1", "input": ["a"], "encoding_format": "base64"},
    ),
    "azure_openai, v1": Contract(
        cls=AzureOpenAIEmbeddings,
        base="/openai/v1",
        path="/openai/v1/embeddings",
        auth=("api-key", KEY),
        settings={"azure_deployment": "d-1"},
        document={"model": "d-1", "input": ["a"], "encoding_format": "base64"},
    ),
    "mistralai": Contract(
        cls=MistralAIEmbeddings,
        base="/v1",
        path="/v1/embeddings",
        dimensions={"output_dimension": 3},
    ),
    "together": Contract(cls=TogetherEmbeddings, base="/v1", path="/v1/embeddings"),
    "fireworks": Contract(
        cls=FireworksEmbeddings, base="/inference/v1", path="/inference/v1/embeddings"
    ),
    "nvidia": Contract(
        cls=NVIDIAEmbeddings,
        base="/v1",
        path="/v1/embeddings",
        document={"model": "m-1", "input": ["a"], "input_type": "passage"},
        query={"model": "m-1", "input": ["a"], "input_type": "query"},
    ),
    "cohere": Contract(
        cls=CohereEmbeddings,
        path="/v2/embed",
        document={
            "model": "m-1",
            "texts": ["a"],
            "embedding_types": ["float"],
            "input_type": "search_document",
        },
        query={
            "model": "m-1",
            "texts": ["a"],
            "embedding_types": ["float"],
            "input_type": "search_query",
        },
        answer=_cohere,
        dimensions={"output_dimension": 3},
    ),
    "databricks": Contract(cls=DatabricksEmbeddings, path="/serving-endpoints/embeddings"),
    "google_vertexai": Contract(
        cls=VertexAIEmbeddings,
        path="/v1/projects/p-1/locations/us-central1/publishers/google/models/m-1:predict",
        settings={"project": "p-1"},
        document={"instances": [{"content": "a", "task_type": "RETRIEVAL_DOCUMENT"}]},
        query={"instances": [{"content": "a", "task_type": "RETRIEVAL_QUERY"}]},
        answer=_vertex,
        dimensions={"parameters": {"outputDimensionality": 3}},
    ),
    "bedrock, of Amazon": Contract(
        cls=BedrockEmbeddings,
        model="amazon.titan-embed-text-v2:0",
        path="/model/amazon.titan-embed-text-v2%3A0/invoke",
        document={"inputText": "a"},
        answer=lambda body: {"embedding": vector(body["inputText"]), "inputTextTokenCount": 1},
    ),
    "bedrock, of Cohere": Contract(
        cls=BedrockEmbeddings,
        model="cohere.embed-english-v3",
        path="/model/cohere.embed-english-v3/invoke",
        document={"texts": ["a"], "input_type": "search_document"},
        query={"texts": ["a"], "input_type": "search_query"},
        answer=lambda body: {"embeddings": [vector(text) for text in body["texts"]]},
        dimensions={"output_dimension": 3},
    ),
    "watsonx": Contract(
        cls=WatsonxEmbeddings,
        path="/ml/v1/text/embeddings?version=2024-10-08",
        auth=("authorization", "Bearer token-1"),
        settings={"project_id": "p-1"},
        document={"model_id": "m-1", "inputs": ["a"], "project_id": "p-1"},
        answer=_watsonx,
        dimensions=None,
    ),
    "ollama": Contract(cls=OllamaEmbeddings, path="/api/embed", answer=_ollama),
}
