"""What each vendor expects of a request, and how it answers: the contract of each model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from tests.chat_models.answers import (
    anthropic_events,
    anthropic_whole,
    aws_events,
    converse_events,
    converse_whole,
    ollama_lines,
    ollama_whole,
    openai_events,
    openai_whole,
)
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
        events: A stream of these texts.
        whole: A whole answer of this text.
        before: Answers to what is asked before.
        kind: The content type of a stream.
    """

    cls: type[VendorChatModel]
    path: str
    stream_path: str | None = None
    auth: tuple[str, str] = ("authorization", f"Bearer {KEY}")
    base: str = ""
    model: str = "m-1"
    settings: dict[str, Any] = field(factory=dict)
    events: Callable[..., list[bytes]] = openai_events
    whole: Callable[[str], Any] = openai_whole
    before: tuple[Answer, ...] = ()
    kind: str = "text/event-stream"

    def make(self, server: Server, **settings: Any) -> VendorChatModel:
        base_url = server.url + self.base
        given: dict[str, Any] = {"model": self.model, "api_key": KEY, "base_url": base_url}
        if self.cls is ChatWatsonx:
            given["token_url"] = f"{server.url}/identity/token"
        return self.cls(**{**given, **self.settings, **settings})

    def streams(self, *texts: str) -> list[Answer]:
        headers = {"content-type": self.kind}
        return [*self.before, Answer(self.events(*texts), headers=headers)]

    def answers(self, text: str) -> list[Answer]:
        return [*self.before, Answer.json(self.whole(text))]


_TOKEN = Answer.json({"access_token": "token-1", "expires_in": 3600})
_CLAUDE = "anthropic.claude-3-haiku-20240307-v1:0"
_CLAUDE_PATH = "/model/anthropic.claude-3-haiku-20240307-v1%3A0"

CONTRACTS: dict[str, Contract] = {
    "openai": Contract(cls=ChatOpenAI, base="/v1", path="/v1/chat/completions"),
    "anthropic": Contract(
        cls=ChatAnthropic,
        path="/v1/messages",
        auth=("x-api-key", KEY),
        events=anthropic_events,
        whole=anthropic_whole,
    ),
    "azure_openai": Contract(
        cls=AzureChatOpenAI,
        path="/openai/deployments/d-1/chat/completions?api-version=2024-10-21",
        auth=("api-key", KEY),
        settings={"azure_deployment": "d-1", "api_version": "2024-10-21"},
    ),
    "azure_openai, v1": Contract(
        cls=AzureChatOpenAI,
        base="/openai/v1",
        path="/openai/v1/chat/completions",
        auth=("api-key", KEY),
        settings={"azure_deployment": "d-1"},
    ),
    "groq": Contract(cls=ChatGroq, base="/openai/v1", path="/openai/v1/chat/completions"),
    "mistralai": Contract(cls=ChatMistralAI, base="/v1", path="/v1/chat/completions"),
    "together": Contract(cls=ChatTogether, base="/v1", path="/v1/chat/completions"),
    "fireworks": Contract(
        cls=ChatFireworks, base="/inference/v1", path="/inference/v1/chat/completions"
    ),
    "nvidia": Contract(cls=ChatNVIDIA, base="/v1", path="/v1/chat/completions"),
    "cohere": Contract(
        cls=ChatCohere, base="/compatibility/v1", path="/compatibility/v1/chat/completions"
    ),
    "databricks": Contract(cls=ChatDatabricks, path="/serving-endpoints/chat/completions"),
    "google_vertexai": Contract(
        cls=ChatVertexAI,
        path="/v1/projects/p-1/locations/global/endpoints/openapi/chat/completions",
        settings={"project": "p-1"},
    ),
    "bedrock": Contract(
        cls=ChatBedrock,
        model=_CLAUDE,
        path=f"{_CLAUDE_PATH}/invoke",
        stream_path=f"{_CLAUDE_PATH}/invoke-with-response-stream",
        events=aws_events,
        whole=anthropic_whole,
        kind="application/vnd.amazon.eventstream",
    ),
    "bedrock, a model of another": Contract(
        cls=ChatBedrock,
        path="/model/m-1/converse",
        stream_path="/model/m-1/converse-stream",
        events=converse_events,
        whole=converse_whole,
        kind="application/vnd.amazon.eventstream",
    ),
    "bedrock_converse": Contract(
        cls=ChatBedrockConverse,
        path="/model/m-1/converse",
        stream_path="/model/m-1/converse-stream",
        events=converse_events,
        whole=converse_whole,
        kind="application/vnd.amazon.eventstream",
    ),
    "watsonx": Contract(
        cls=ChatWatsonx,
        path="/ml/v1/text/chat?version=2024-10-08",
        stream_path="/ml/v1/text/chat_stream?version=2024-10-08",
        auth=("authorization", "Bearer token-1"),
        settings={"project_id": "p-1"},
        before=(_TOKEN,),
    ),
    "ollama": Contract(
        cls=ChatOllama,
        path="/api/chat",
        events=ollama_lines,
        whole=ollama_whole,
        kind="application/x-ndjson",
    ),
    "openrouter": Contract(cls=ChatOpenRouter, base="/api/v1", path="/api/v1/chat/completions"),
}
