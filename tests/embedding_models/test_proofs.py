"""How embeddings prove who asks, where that takes more than a key."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from streamflow._vendors._client import http
from streamflow.embedding_models import (
    AzureOpenAIEmbeddings,
    BedrockEmbeddings,
    OpenAIEmbeddings,
    VertexAIEmbeddings,
    WatsonxEmbeddings,
)
from streamflow.errors import MissingExtraError, ModelAuthenticationError
from tests.chat_models.server import Answer
from tests.embedding_models.server import EmbeddingServer, vector
from tests.embedding_models.vendors import CONTRACTS, KEY


async def test_bedrock_is_signed_with_credentials(
    embedder: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("botocore")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-example")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    embedder.respond = CONTRACTS["bedrock, of Amazon"].respond
    name = "amazon.titan-embed-text-v2:0"
    async with BedrockEmbeddings(model=name, base_url=embedder.url) as model:
        assert await model.aembed_documents(["a", "b"]) == [vector("a"), vector("b")]
    assert len(embedder.asked) == 2
    for asked in embedder.asked:
        said = asked.headers["authorization"]
        assert said.startswith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")
        assert "/eu-central-1/bedrock/aws4_request" in said
        assert "secret-example" not in repr(asked.headers)


async def test_vertex_asks_for_a_token(embedder: EmbeddingServer) -> None:
    pytest.importorskip("google.auth")

    class Credentials:
        token = "token-0"
        valid = False

        def refresh(self, request: Any) -> None:
            self.token, self.valid = "token-1", True

    contract = CONTRACTS["google_vertexai"]
    embedder.respond = contract.respond
    model = contract.make(embedder, api_key=None, credentials=Credentials())
    assert isinstance(model, VertexAIEmbeddings)
    async with model:
        for _ in range(2):
            assert await model.aembed_query("a") == vector("a")
    assert [asked.headers["authorization"] for asked in embedder.asked] == ["Bearer token-1"] * 2


async def test_azure_takes_a_token_in_place_of_a_key(
    embedder: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def token() -> str:
        return "token-1"

    embedder.respond = CONTRACTS["azure_openai"].respond
    given: Any = {"azure_endpoint": embedder.url, "api_version": "1", "deployment": "d-1"}
    async with AzureOpenAIEmbeddings(**given, azure_ad_token_provider=token) as model:
        assert await model.aembed_query("a") == vector("a")
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-2")
    with AzureOpenAIEmbeddings(**given) as model:
        assert model.embed_query("a") == vector("a")
    proofs = [asked.headers["authorization"] for asked in embedder.asked]
    assert proofs == ["Bearer token-1", "Bearer token-2"]
    assert not any("api-key" in asked.headers for asked in embedder.asked)


async def test_watsonx_keeps_its_token(embedder: EmbeddingServer) -> None:
    contract = CONTRACTS["watsonx"]
    embedder.respond = contract.respond
    async with contract.make(embedder) as model:
        await model.aembed_query("a")
        await model.aembed_query("b")
    assert [asked.target for asked in embedder.asked].count("/identity/token") == 1


async def test_watsonx_takes_a_token_in_place_of_a_key(embedder: EmbeddingServer) -> None:
    contract = CONTRACTS["watsonx"]
    embedder.respond = contract.respond
    model = contract.make(embedder, api_key=None, token=KEY)
    assert isinstance(model, WatsonxEmbeddings)
    assert KEY not in repr(model)
    async with model:
        await model.aembed_query("a")
    assert [asked.headers["authorization"] for asked in embedder.asked] == [f"Bearer {KEY}"]


async def test_watsonx_gets_no_token_for_its_key(embedder: EmbeddingServer) -> None:
    embedder.respond = lambda _: Answer.json({"errorMessage": f"no such key {KEY}"}, 401)
    async with CONTRACTS["watsonx"].make(embedder) as model:
        with pytest.raises(ModelAuthenticationError) as caught:
            await model.aembed_query("a")
    assert KEY not in f"{caught.value} {caught.value.__dict__}"


@pytest.mark.parametrize(
    ("make", "module", "message"),
    [
        (lambda: OpenAIEmbeddings(api_key="k"), "httpx2", "^OpenAIEmbeddings needs .*'models'"),
        (
            lambda: VertexAIEmbeddings(model="m", project="p"),
            "google.auth",
            "^VertexAIEmbeddings without api_key= needs the extra 'google'",
        ),
        (
            lambda: BedrockEmbeddings(region="r"),
            "botocore.session",
            "^BedrockEmbeddings without a key needs the extra 'aws'",
        ),
    ],
    ids=["client", "google", "aws"],
)
def test_what_is_missing_is_told_of_the_class_at_hand(
    make: Any, module: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    http.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with make() as model, pytest.raises(MissingExtraError, match=message):
        model.embed_query("a")
