"""Language models: the base classes to subclass, and scripted models for tests."""

from __future__ import annotations

from ._chat import BaseChatModel, SimpleChatModel
from ._fakes import (
    FakeListChatModel,
    FakeListLLM,
    FakeMessagesListChatModel,
    FakeStreamingListLLM,
    GenericFakeChatModel,
)
from ._llm import LLM, BaseLLM
from ._model import BaseLanguageModel, LanguageModelInput
from ._replay import Recording, ReplayChatModel
from ._run_manager import AsyncRunManager, RunManager

__all__ = (
    "LLM",
    "AsyncRunManager",
    "BaseChatModel",
    "BaseLLM",
    "BaseLanguageModel",
    "FakeListChatModel",
    "FakeListLLM",
    "FakeMessagesListChatModel",
    "FakeStreamingListLLM",
    "GenericFakeChatModel",
    "LanguageModelInput",
    "Recording",
    "ReplayChatModel",
    "RunManager",
    "SimpleChatModel",
)
