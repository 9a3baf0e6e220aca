"""The models of Amazon Bedrock: which protocol each is asked in, and by which names they go."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.chat_models import ChatBedrock, ChatBedrockConverse, init_chat_model
from tests.chat_models.dialect_converse import CONVERSE
from tests.chat_models.server import Answer, Server

USER = {"role": "user", "content": [{"text": "Hi"}]}
CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"
PROFILE = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2"
PATHS = {
    "m": "/model/m",
    CLAUDE: "/model/anthropic.claude-3-haiku-20240307-v1%3A0",
    f"eu.{CLAUDE}": "/model/eu.anthropic.claude-3-haiku-20240307-v1%3A0",
    LLAMA: "/model/us.meta.llama3-3-70b-instruct-v1%3A0",
    PROFILE: "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3A"
    "application-inference-profile%2Fa1b2",
}


@pytest.mark.parametrize(
    ("model", "way"),
    [
        (ChatBedrock(model=LLAMA), "converse"),
        (ChatBedrock(model=CLAUDE), "invoke"),
        (ChatBedrock(model=f"eu.{CLAUDE}"), "invoke"),
        (ChatBedrock(model=CLAUDE, use_converse=True), "converse"),
        (ChatBedrock(model=CLAUDE, beta_use_converse_api=True), "converse"),
        (ChatBedrock(model="m", beta_use_converse_api=False), "converse"),
        (ChatBedrock(model=PROFILE), "converse"),
        (ChatBedrock(model=PROFILE, provider="anthropic"), "invoke"),
        (ChatBedrock(model=PROFILE, provider="meta"), "converse"),
        (ChatBedrockConverse(model=CLAUDE), "converse"),
        (ChatBedrockConverse(model=PROFILE, provider="anthropic"), "converse"),
        (init_chat_model(CLAUDE, model_provider="bedrock_converse"), "converse"),
        (init_chat_model(f"bedrock-converse:{CLAUDE}"), "converse"),
    ],
    ids=repr,
)
async def test_models_are_asked_in_their_protocol(model: Any, way: str, server: Server) -> None:
    content = [{"type": "text", "text": "a"}]
    both = {**CONVERSE.whole("a"), "type": "message", "content": content, "usage": {}}
    server.answer(Answer.json({**both, "stop_reason": "end_turn"}))
    asked = type(model)(**{**model._attributes(), "base_url": server.url, "api_key": "k"})
    async with asked:
        assert (await asked.ainvoke("Hi")).content == "a"
    [request] = server.asked
    assert request.target == f"{PATHS[model.model]}/{way}"
    is_converse = way == "converse"
    assert request.json == (
        {"messages": [USER]}
        if is_converse
        else {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 1024,
            "messages": [{"role": "user", "content": "Hi"}],
        }
    )
    assert asked._takes_response_format is is_converse


async def test_arguments_of_converse(server: Server) -> None:
    server.answer(Answer.json(CONVERSE.whole("a")))
    model = ChatBedrockConverse(
        model="m",
        base_url=server.url,
        api_key="k",
        guardrails={"guardrailIdentifier": "g", "guardrailVersion": "1"},
        additional_model_request_fields={"inferenceConfig": {"topK": 20}},
        performance_config={"latency": "optimized"},
        service_tier="priority",
        top_k=5,
    )
    async with model:
        await model.ainvoke("Hi")
        assert server.asked[-1].json == {
            "messages": [USER],
            "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"},
            "additionalModelRequestFields": {"inferenceConfig": {"topK": 20}, "top_k": 5},
            "performanceConfig": {"latency": "optimized"},
            "serviceTier": {"type": "priority"},
        }
        await model.ainvoke("Hi", requestMetadata={"a": "b"}, top_k=6)
    assert server.asked[-1].json["requestMetadata"] == {"a": "b"}
    assert server.asked[-1].json["additionalModelRequestFields"]["top_k"] == 6


@pytest.mark.parametrize(
    "name",
    [
        "amazon.nova-lite-v1:0",
        "eu.amazon.nova-lite-v1:0",
        "us.meta.llama3-3-70b-instruct-v1:0",
        "mistral.mistral-large-2402-v1:0",
        "apac.anthropic.claude-sonnet-4-20250514-v1:0",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us-gov.anthropic.claude-3-haiku-20240307-v1:0",
        "openai.gpt-oss-20b-1:0",
        "us.deepseek.r1-v1:0",
        "cohere.command-r-v1:0",
        PROFILE,
    ],
)
def test_models_of_bedrock_are_known_by_their_names(name: str) -> None:
    model = init_chat_model(name)
    assert (type(model), model.model) == (ChatBedrock, name)
