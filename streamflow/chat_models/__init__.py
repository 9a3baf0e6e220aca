"""Chat models of vendors, over one HTTP client: on asyncio, on trio and without a loop.

The extra ``models`` installs the client, which is loaded with the first request.
"""

from __future__ import annotations

from ._anthropic import ChatAnthropic
from ._azure import AzureChatOpenAI
from ._bedrock import ChatBedrock, ChatBedrockConverse
from ._init import ConfigurableChatModel, init_chat_model
from ._model import VendorChatModel
from ._ollama import ChatOllama
from ._openai import (
    ChatCohere,
    ChatDatabricks,
    ChatFireworks,
    ChatGroq,
    ChatMistralAI,
    ChatNVIDIA,
    ChatOpenAI,
    ChatOpenRouter,
    ChatTogether,
)
from ._vertex import ChatVertexAI
from ._watsonx import ChatWatsonx

__all__ = (
    "AzureChatOpenAI",
    "ChatAnthropic",
    "ChatBedrock",
    "ChatBedrockConverse",
    "ChatCohere",
    "ChatDatabricks",
    "ChatFireworks",
    "ChatGroq",
    "ChatMistralAI",
    "ChatNVIDIA",
    "ChatOllama",
    "ChatOpenAI",
    "ChatOpenRouter",
    "ChatTogether",
    "ChatVertexAI",
    "ChatWatsonx",
    "ConfigurableChatModel",
    "VendorChatModel",
    "init_chat_model",
)
