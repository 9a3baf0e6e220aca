"""Models as their authors write them: one for each method that is enough by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from anyio.lowlevel import checkpoint

from streamflow.language_models import LLM, BaseChatModel, BaseLLM, SimpleChatModel
from streamflow.messages import AIMessage, AIMessageChunk, BaseMessage
from streamflow.outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    ChatResult,
    Generation,
    GenerationChunk,
    LLMResult,
)

TOKENS = ("to", "k", "en")
TEXT = "token"


def result(text: str = TEXT, **info: Any) -> ChatResult:
    generation = ChatGeneration(message=AIMessage(content=text), generation_info=info or None)
    return ChatResult(generations=[generation])


def part(text: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


class Noting(BaseChatModel):
    """Notes with what its method was called."""

    def note(self, messages: Sequence[BaseMessage], stop: Any, kwargs: dict[str, Any]) -> None:
        self.__dict__.setdefault("calls", []).append((list(messages), stop, kwargs))


class Generates(Noting):
    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.note(messages, stop, kwargs)
        return result()


class AGenerates(Noting):
    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.note(messages, stop, kwargs)
        await checkpoint()
        return result()


class Streams(Noting):
    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        self.note(messages, stop, kwargs)
        for token in TOKENS:
            yield part(token)


class AStreams(Noting):
    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.note(messages, stop, kwargs)
        for token in TOKENS:
            await checkpoint()
            yield part(token)


GENERATING: list[type[Noting]] = [Generates, AGenerates]
STREAMING: list[type[Noting]] = [Streams, AStreams]


class Calls(SimpleChatModel):
    def _call(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> str:
        return TEXT


class ACalls(SimpleChatModel):
    async def _acall(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> str:
        await checkpoint()
        return TEXT


class TextCalls(LLM):
    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any) -> str:
        return TEXT


class TextACalls(LLM):
    async def _acall(self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any) -> str:
        await checkpoint()
        return TEXT


class TextStreams(LLM):
    def _stream(
        self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[GenerationChunk]:
        for token in TOKENS:
            yield GenerationChunk(text=token)


class TextAStreams(LLM):
    async def _astream(
        self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> AsyncIterator[str]:
        for token in TOKENS:
            await checkpoint()
            yield token


class TextGenerates(BaseLLM):
    def _generate(
        self, prompts: list[str], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> LLMResult:
        return LLMResult(generations=[[Generation(text=TEXT)] for _ in prompts])


class TextAGenerates(BaseLLM):
    async def _agenerate(
        self, prompts: list[str], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> LLMResult:
        await checkpoint()
        return LLMResult(generations=[[Generation(text=TEXT)] for _ in prompts])


WHOLE_TEXT: list[type[BaseLLM]] = [TextCalls, TextACalls, TextGenerates, TextAGenerates]
STREAMED_TEXT: list[type[BaseLLM]] = [TextStreams, TextAStreams]
