"""Embeddings by name."""

from __future__ import annotations

import pytest

from streamflow.embedding_models import (
    AzureOpenAIEmbeddings,
    BedrockEmbeddings,
    OllamaEmbeddings,
    OpenAIEmbeddings,
    init_embeddings,
)
from streamflow.embedding_models._table import EMBEDDING_VENDORS
from streamflow.errors import ConfigError, ModelArgumentError
from tests.embedding_models.vendors import CONTRACTS


def test_by_name() -> None:
    model = init_embeddings("openai:text-embedding-3-small", api_key="k", dimensions=8)
    assert isinstance(model, OpenAIEmbeddings)
    assert (model.model, model.dimensions) == ("text-embedding-3-small", 8)


def test_a_model_may_have_a_colon_of_its_own() -> None:
    model = init_embeddings("ollama:nomic-embed-text:v1.5")
    assert (type(model), model.model) == (OllamaEmbeddings, "nomic-embed-text:v1.5")
    model = init_embeddings("amazon.titan-embed-text-v2:0", provider="aws")
    assert (type(model), model.model) == (BedrockEmbeddings, "amazon.titan-embed-text-v2:0")


def test_azure() -> None:
    model = init_embeddings("azure-openai:my-embeddings", api_key="k")
    assert isinstance(model, AzureOpenAIEmbeddings)
    assert model.azure_deployment is None


@pytest.mark.parametrize("name", EMBEDDING_VENDORS)
def test_every_vendor_has_a_name(name: str) -> None:
    contract = next(each for each in CONTRACTS.values() if each.cls.vendor.name == name)
    assert type(init_embeddings(f"{name}:m-1", api_key="k")) is contract.cls


@pytest.mark.parametrize(
    ("model", "provider", "says"),
    [
        ("m-1", "nobody", "there is no provider 'nobody'; known are azure_openai, bedrock"),
        ("nobody:m-1", None, "there is no provider 'nobody'; known are azure_openai, bedrock"),
        ("groq:m-1", None, "'groq' has chat models, but no embeddings here; known are"),
        ("m-1", None, "nothing tells whose model 'm-1' is. Write the provider before it"),
        ("openai:", None, "no model is named behind 'openai:'"),
    ],
)
def test_names_that_lead_nowhere(model: str, provider: str | None, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        init_embeddings(model, provider=provider)
    assert says in str(caught.value)


def test_a_missing_key() -> None:
    with pytest.raises(ModelArgumentError, match="variable OPENAI_API_KEY, or give api_key="):
        init_embeddings("openai:m-1")


def test_an_argument_that_there_is_not() -> None:
    with pytest.raises(ModelArgumentError, match=r"OpenAIEmbeddings has no argument \['size'\]"):
        init_embeddings("openai:m-1", api_key="k", size=3)


def test_azure_needs_a_deployment() -> None:
    with pytest.raises(ModelArgumentError, match="needs azure_deployment=, or model="):
        AzureOpenAIEmbeddings(api_key="k")
