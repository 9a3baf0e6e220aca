"""What each vendor expects of a request, and how it answers: the contract of each model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from attrs import define, field

from streamflow.chat_models import (
    AzureChatOpenAI,
    ChatAnthropic,
    ChatBedrock,
    ChatBedrockConverse,
    ChatCohere,
    ChatDatabricks,
    ChatFireworks,
    ChatGroq,
    ChatMistralAI,
    ChatNVIDIA,
    ChatOllama,
    ChatOpenAI,
    ChatOpenRouter,
    ChatTogether,
    ChatVertexAI,
    ChatWatsonx,
    VendorChatModel,
)
from streamflow.errors import ModelError
from tests.chat_models import refusals as refuse
from tests.chat_models.dialect_anthropic import ANTHROPIC, ANTHROPIC_OF_AWS
from tests.chat_models.dialect_converse import CONVERSE
from tests.chat_models.dialect_ollama import OLLAMA
from tests.chat_models.dialect_openai import OPENAI, OpenAI
from tests.chat_models.dialects import Dialect, Piece
from tests.chat_models.refusals import USUAL, Form, Refusal, refusals
from tests.chat_models.server import Answer, Server

KEY = "key-0123456789"


@define(kw_only=True)
class Contract:
    """A vendor as it is imitated.

    Args:
        cls: The class of its models.
        path: Where a question is expected, with the query.
        stream_path: Where one is expected that wants a stream; the same, if not given.
        auth: The header with the key, and its value.
        base: What stands behind the address of the server in ``base_url``.
        model: The name of the model.
        settings: Arguments beside model, key and address.
        dialect: How it says what a model says.
        form: How it says that something is wrong.
        refusals: What it says then.
        request_id: The header in which it names the request; ``None`` if it does not.
        code_header: The header in which it says what is wrong, if one does.
        before: Answers to what is asked before.
    """

    cls: type[VendorChatModel]
    path: str
    stream_path: str | None = None
    auth: tuple[str, str] = ("authorization", f"Bearer {KEY}")
    base: str = ""
    model: str = "m-1"
    settings: dict[str, Any] = field(factory=dict)
    dialect: Dialect = OPENAI
    form: Form = refuse.of_openai
    refusals: Mapping[type[ModelError], Refusal] = field(factory=lambda: USUAL)
    request_id: str | None = "x-request-id"
    code_header: str | None = None
    before: tuple[Answer, ...] = ()

    def make(self, server: Server, **settings: Any) -> VendorChatModel:
        base_url = server.url + self.base
        given: dict[str, Any] = {"model": self.model, "api_key": KEY, "base_url": base_url}
        if self.cls is ChatWatsonx:
            given["token_url"] = f"{server.url}/identity/token"
        return self.cls(**{**given, **self.settings, **settings})

    def streams(self, *said: Piece | str) -> list[Answer]:
        return [*self.before, self.dialect.answer(*said)]

    def answers(self, *said: Piece | str) -> list[Answer]:
        return [*self.before, Answer.json(self.dialect.whole(*said))]

    def refuses(self, refusal: Refusal, **headers: str) -> Answer:
        named = {} if self.request_id is None else {self.request_id: "r-1"}
        if self.code_header is not None:
            named[self.code_header] = f"{refusal.code}:http://internal.amazon.com/coral/"
        return Answer.json(self.form(refusal), refusal.status, **named, **headers)


_TOKEN = Answer.json({"access_token": "token-1", "expires_in": 3600})
_CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"


def _azure(path: str, base: str = "", **settings: Any) -> Contract:
    """Return the contract of Azure at one of its addresses."""
    return Contract(
        cls=AzureChatOpenAI,
        base=base,
        path=path,
        auth=("api-key", KEY),
        settings={"azure_deployment": "d-1", **settings},
        dialect=OpenAI(
            first={"choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
            details={"cache_read": 4, "reasoning": 3},
        ),
        form=refuse.of_azure,
        refusals=refusals(
            key=(401, "401", "Access denied due to invalid subscription key"),
            model=(404, "DeploymentNotFound"),
            rate=(429, "429"),
        ),
        request_id="apim-request-id",
    )


def _bedrock(
    cls: type[VendorChatModel],
    dialect: Dialect,
    model: str = "m-1",
    ways: tuple[str, str] = ("converse", "converse-stream"),
) -> Contract:
    """Return the contract of Bedrock in one of its protocols."""
    path = f"/model/{quote(model)}"
    return Contract(
        cls=cls,
        model=model,
        path=f"{path}/{ways[0]}",
        stream_path=f"{path}/{ways[1]}",
        dialect=dialect,
        form=refuse.of_aws,
        refusals=refusals(
            request=(400, "ValidationException"),
            key=(
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            permission=(403, "AccessDeniedException"),
            model=(404, "ResourceNotFoundException"),
            rate=(429, "ThrottlingException"),
            context=(400, "ValidationException", "Input is too long for requested model."),
            content=(400, "ValidationException", "Output blocked by content filtering policy"),
            capacity=(503, "ServiceUnavailableException"),
            server=(500, "InternalServerException"),
            time=(408, "ModelTimeoutException"),
        ),
        request_id="x-amzn-requestid",
        code_header="x-amzn-errortype",
    )


CONTRACTS: dict[str, Contract] = {
    "openai": Contract(cls=ChatOpenAI, base="/v1", path="/v1/chat/completions"),
    "anthropic": Contract(
        cls=ChatAnthropic,
        path="/v1/messages",
        auth=("x-api-key", KEY),
        dialect=ANTHROPIC,
        form=refuse.of_anthropic,
        refusals=refusals(
            key=(401, "authentication_error"),
            model=(404, "not_found_error"),
            rate=(429, "rate_limit_error"),
            context=(400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
            content=(400, "invalid_request_error", "Output blocked by content filtering policy"),
            capacity=(529, "overloaded_error", "Overloaded"),
            server=(500, "api_error"),
            time=(504, "timeout_error"),
        ),
        request_id="request-id",
    ),
    "azure_openai": _azure(
        "/openai/deployments/d-1/chat/completions?api-version=2024-10-21", api_version="2024-10-21"
    ),
    "azure_openai, v1": _azure("/openai/v1/chat/completions", "/openai/v1"),
    "groq": Contract(
        cls=ChatGroq,
        base="/openai/v1",
        path="/openai/v1/chat/completions",
        dialect=OpenAI(
            thoughts="reasoning",
            usage_comes="x_groq",
            calls_in_pieces=False,
            problem_event="error",
            details={"cache_read": 4, "reasoning": 3},
        ),
        refusals=refusals(
            context=(400, "context_length_exceeded", "Please reduce the length of the messages"),
            capacity=(498, "capacity_exceeded"),
        ),
    ),
    "mistralai": Contract(
        cls=ChatMistralAI,
        base="/v1",
        path="/v1/chat/completions",
        dialect=OpenAI(thoughts="parts", usage_comes="at the end", calls_in_pieces=False),
        form=refuse.of_mistral,
        refusals=refusals(
            context=(
                400,
                "invalid_request_error",
                "Prompt contains 9 tokens, too large for model with 8 maximum context length",
            ),
        ),
        request_id="mistral-correlation-id",
    ),
    "together": Contract(
        cls=ChatTogether,
        base="/v1",
        path="/v1/chat/completions",
        dialect=OpenAI(thoughts="reasoning", usage_comes="at the end"),
        refusals=refusals(
            context=(
                422,
                "invalid_request_error",
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8",
            ),
        ),
        request_id="cf-ray",
    ),
    "fireworks": Contract(
        cls=ChatFireworks,
        base="/inference/v1",
        path="/inference/v1/chat/completions",
        dialect=OpenAI(
            thoughts="reasoning_content", usage_comes="at the end", details={"cache_read": 4}
        ),
        form=refuse.of_fireworks,
        refusals=refusals(
            context=(
                400,
                "invalid_request_error",
                "The prompt is too long: 9, model maximum context length: 8",
            ),
        ),
    ),
    "nvidia": Contract(
        cls=ChatNVIDIA,
        base="/v1",
        path="/v1/chat/completions",
        dialect=OpenAI(thoughts="reasoning_content", repeats_ids=True),
        form=refuse.of_nvidia,
        request_id="nvcf-reqid",
    ),
    "cohere": Contract(
        cls=ChatCohere,
        base="/compatibility/v1",
        path="/compatibility/v1/chat/completions",
        dialect=OpenAI(),
        form=refuse.of_cohere,
        refusals=refusals(
            context=(400, "", "too many tokens: the limit for this model is 8 tokens"),
            content=(498, "", "blocked output: please adjust your prompt and try again"),
        ),
        request_id="x-trace-id",
    ),
    "databricks": Contract(
        cls=ChatDatabricks,
        path="/serving-endpoints/chat/completions",
        dialect=OpenAI(thoughts="summaries", usage_comes="always"),
        form=refuse.of_databricks,
        refusals=refusals(
            key=(401, "unauthenticated"),
            context=(400, "bad_request", "The prompt is too long: it exceeds the context window"),
            content=(400, "bad_request", "input_guardrail_triggered"),
        ),
    ),
    "google_vertexai": Contract(
        cls=ChatVertexAI,
        path="/v1/projects/p-1/locations/global/endpoints/openapi/chat/completions",
        settings={"project": "p-1"},
        dialect=OpenAI(
            thoughts="tags",
            usage_comes="at the end",
            calls_in_pieces=False,
            indexed=False,
            signs_calls=True,
            calls_reason="stop",
            details={"reasoning": 3},
        ),
        form=refuse.of_google,
        refusals=refusals(
            request=(400, "invalid_argument"),
            key=(401, "unauthenticated"),
            permission=(403, "permission_denied"),
            model=(404, "not_found"),
            rate=(429, "resource_exhausted"),
            context=(
                400,
                "invalid_argument",
                "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            ),
            content=(
                400,
                "invalid_argument",
                "The prompt contains words that violate Google's Responsible AI practices.",
            ),
            capacity=(503, "unavailable"),
            server=(500, "internal"),
            time=(504, "deadline_exceeded"),
        ),
        request_id="x-goog-request-id",
    ),
    "bedrock": _bedrock(
        ChatBedrock, ANTHROPIC_OF_AWS, _CLAUDE, ("invoke", "invoke-with-response-stream")
    ),
    "bedrock, a model of another": _bedrock(ChatBedrock, CONVERSE),
    "bedrock_converse": _bedrock(ChatBedrockConverse, CONVERSE),
    "watsonx": Contract(
        cls=ChatWatsonx,
        path="/ml/v1/text/chat?version=2024-10-08",
        stream_path="/ml/v1/text/chat_stream?version=2024-10-08",
        auth=("authorization", "Bearer token-1"),
        settings={"project_id": "p-1"},
        dialect=OpenAI(
            thoughts="reasoning_content",
            done=False,
            event="message",
            repeats_ids=True,
            problem_event="error",
            chunk={"model_id": "m-1", "created_at": "2026-01-01T00:00:00Z"},
        ),
        form=refuse.of_ibm,
        refusals=refusals(
            key=(401, "authentication_token_not_valid"),
            context=(
                400,
                "invalid_input_argument",
                "the number of input tokens 9 cannot exceed the total tokens limit 8",
            ),
        ),
        request_id="x-global-transaction-id",
        before=(_TOKEN,),
    ),
    "ollama": Contract(
        cls=ChatOllama,
        path="/api/chat",
        dialect=OLLAMA,
        form=refuse.of_ollama,
        refusals=refusals(
            context=(400, "", "the input length exceeds the context length"),
            content=(400, "", "refused by the content policy"),
            capacity=(503, "", "server busy, please try again. maximum pending requests exceeded"),
        ),
        request_id=None,
    ),
    "openrouter": Contract(
        cls=ChatOpenRouter,
        base="/api/v1",
        path="/api/v1/chat/completions",
        dialect=OpenAI(
            thoughts="reasoning",
            preamble=b": OPENROUTER PROCESSING\n\n",
            details={"cache_read": 4, "reasoning": 3},
        ),
        form=refuse.of_openrouter,
        refusals=refusals(
            context=(400, "", "This endpoint's maximum context length is 8 tokens."),
            content=(403, "", "Your chosen model requires moderation and your input was flagged"),
            time=(408, ""),
        ),
        request_id="cf-ray",
    ),
}
