"""What people write who subclass must pass the type checker, strict as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

import pytest
from typing_extensions import assert_type

from streamflow.language_models import LLM, BaseChatModel, RunManager, SimpleChatModel
from streamflow.messages import AIMessage, AIMessageChunk, BaseMessage
from streamflow.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from streamflow.runnables import Runnable, RunnableConfig


class Counts(Runnable[str, int]):
    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return len(input)


class ACounts(Runnable[str, int]):
    async def ainvoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> int:
        return len(input)


class Streams(Runnable[str, int]):
    # What an override yields is not what callers get, which is a stream: hence Any.
    def stream(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        yield len(input)


class Transforms(Runnable[str, int]):
    def transform(
        self, input: Iterator[str], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Any:
        for chunk in input:
            yield len(chunk)


class Provider(BaseChatModel):
    ls_provider: ClassVar[str | None] = "mine"

    model: str
    temperature: float = 0.0

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: RunManager | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content="hi"))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: RunManager | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="hi"))

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="hi"))


class Simple(SimpleChatModel):
    def _call(
        self, messages: list[BaseMessage], stop: list[str] | None = None, **kwargs: Any
    ) -> str:
        return "hi"


class Text(LLM):
    def _call(self, prompt: str, stop: list[str] | None = None, **kwargs: Any) -> str:
        return prompt


def test_custom_runnables() -> None:
    assert_type(Counts().invoke("abc"), int)
    assert_type(next(Counts().stream("abc")), int)
    steps: list[Runnable[str, int]] = [Counts(), ACounts(), Transforms()]
    assert [step.invoke("abc") for step in steps] == [3, 3, 3]
    assert list(Streams().stream("abc")) == [3]


def test_custom_models() -> None:
    model = Provider(model="small", temperature=0.5)
    assert_type(model.model, str)
    assert_type(model.invoke("hi"), AIMessage)
    assert [chunk.content for chunk in model.stream("hi")] == ["hi"]
    assert Simple().invoke("hi").content == "hi"
    assert_type(Text().invoke("hi"), str)


def test_arguments_of_models_are_checked() -> None:
    with pytest.raises(TypeError):
        Provider()  # type: ignore[call-arg]  # as it should be
    with pytest.raises(TypeError):
        Provider(model="small", temprature=1.0)  # type: ignore[call-arg]  # as it should be
    with pytest.raises(TypeError):
        Provider("small")  # type: ignore[call-arg]  # as it should be
