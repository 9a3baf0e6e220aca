"""Models of vendors are made with the arguments that they have, and no others."""

from __future__ import annotations

import pytest
from typing_extensions import assert_type

from streamflow.chat_models import (
    AzureChatOpenAI,
    ChatBedrock,
    ChatBedrockConverse,
    ChatGroq,
    ChatOpenAI,
    ChatVertexAI,
    ChatWatsonx,
    ConfigurableChatModel,
    VendorChatModel,
    init_chat_model,
)
from streamflow.embedding_models import OpenAIEmbeddings, WatsonxEmbeddings
from streamflow.errors import ModelArgumentError


def test_chat_models() -> None:
    model = ChatGroq(model="x", api_key="k", temperature=0, max_retries=1)
    assert_type(model.model, str)
    assert_type(model.temperature, "float | None")
    made: list[VendorChatModel] = [
        model,
        AzureChatOpenAI(azure_deployment="d", api_key="k", base_url="https://me.example"),
        ChatBedrock(model="x", region="eu-central-1"),
        ChatBedrockConverse(model="x", service_tier="flex", guardrail_config={"trace": "enabled"}),
        ChatVertexAI(model="x", project="mine", location="global"),
        ChatWatsonx(model="x", api_key="k", project_id="mine"),
    ]
    assert [each.model for each in made] == ["x", "d", "x", "x", "x", "x"]


def test_models_by_name() -> None:
    assert_type(init_chat_model("groq:x", api_key="k"), VendorChatModel)
    assert_type(init_chat_model(api_key="k"), ConfigurableChatModel)


def test_embeddings() -> None:
    assert_type(OpenAIEmbeddings(api_key="k").dimensions, "int | None")
    assert WatsonxEmbeddings(model="x", api_key="k", project_id="mine").model == "x"


def test_arguments_are_checked() -> None:
    with pytest.raises(ModelArgumentError):
        ChatOpenAI(api_key="k")  # type: ignore[call-arg]  # as it should be
    with pytest.raises(ModelArgumentError):
        ChatOpenAI(model="x", api_key="k", temprature=1.0)  # type: ignore[call-arg]  # as it should be
    with pytest.raises(ModelArgumentError):
        ChatOpenAI(model="x", api_key="k", _clients=None)  # type: ignore[call-arg]  # as it should be
