"""Language models: the base classes to subclass, and scripted models for tests.

>>> from streamflow.language_models import FakeListChatModel
>>> FakeListChatModel(responses=["Hello!"]).invoke("Hi").content
'Hello!'
"""

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
from ._recording import Recording
from ._replay import ReplayChatModel
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
