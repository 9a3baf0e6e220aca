"""Scripted models under the names that test suites know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..errors import ScriptError
from ..messages import AIMessage, AIMessageChunk, BaseMessage, message_to_chunk
from ._chat import BaseChatModel, message_of_run
from ._scripted import ScriptedChatModel, ScriptedLLM, script_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from ..bus import Run


class GenericFakeChatModel(ScriptedChatModel):
    """Answers with the messages of an iterator, one for each call.

    Streaming, it yields the content word by word, the spaces between the words as chunks
    of their own; what else the message holds (tool calls, usage) comes with the last.

    >>> from streamflow.language_models import GenericFakeChatModel
    >>> model = GenericFakeChatModel(messages=iter(["so it goes"]))
    >>> [chunk.content for chunk in model.stream("hm")]
    ['so', ' ', 'it', ' ', 'goes']
    """

    messages: Iterator[AIMessage | str]
    """The answers; strings are contents."""

    @property
    def _llm_type(self) -> str:
        return "generic-fake-chat-model"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {}  # An iterator is used up by reading it; every instance counts as the same.

    async def _play(self, prompt: Any, run: Run) -> AsyncIterator[BaseMessage]:
        for chunk in split_message(self._next()):
            yield chunk

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        return message_of_run(self._next(), run)

    def _next(self) -> AIMessage:
        message = next(self.messages, None)
        if message is None:
            raise ScriptError("GenericFakeChatModel has no message left in its iterator")
        return AIMessage(content=message) if isinstance(message, str) else message


def split_message(message: BaseMessage) -> Iterator[BaseMessage]:
    """Yield chunks that add up to ``message``: one a word or space, the rest with the last."""
    if not isinstance(message.content, str):
        yield message_to_chunk(message)
        return
    *words, last = [word for word in re.split(r"(\s)", message.content) if word] or [""]
    for word in words:
        yield AIMessageChunk(content=word, id=message.id)
    yield evolve(message_to_chunk(message), content=last)


class FakeListChatModel(ScriptedChatModel):
    """Answers with strings in turn, from the start again after the last.

    Streaming, it yields character by character.

    >>> from streamflow.language_models import FakeListChatModel
    >>> model = FakeListChatModel(responses=["yes", "no"])
    >>> [model.invoke("well?").content for _ in range(3)]
    ['yes', 'no', 'yes']
    """

    responses: list[str]
    """The answers."""
    sleep: float | None = None
    """Seconds to wait before each answer, or before each chunk."""
    i: int = 0
    """Which answer is next."""
    error_on_chunk_number: int | None = None
    """The number of the chunk, from 0, in whose place a stream fails."""

    @property
    def _llm_type(self) -> str:
        return "fake-list-chat-model"

    async def _play(self, prompt: Any, run: Run) -> AsyncIterator[AIMessageChunk]:
        for n, character in enumerate(_next_of(self)):
            if self.sleep is not None:
                await run.execution.sleep(self.sleep)
            if n == self.error_on_chunk_number:
                raise ScriptError(f"FakeListChatModel fails at chunk {n}, as it was told to")
            yield AIMessageChunk(content=character, id=f"run-{run.id}")

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        if self.sleep is not None:
            await run.execution.sleep(self.sleep)
        return AIMessage(content=_next_of(self), id=f"run-{run.id}")


class FakeMessagesListChatModel(BaseChatModel):
    """Answers with messages in turn, from the start again after the last. Does not stream.

    >>> from streamflow.language_models import FakeMessagesListChatModel
    >>> from streamflow.messages import AIMessage
    >>> FakeMessagesListChatModel(responses=[AIMessage("yes")]).invoke("well?").content
    'yes'
    """

    responses: list[BaseMessage]
    """The answers."""
    sleep: float | None = None
    """Seconds to wait before each answer."""
    i: int = 0
    """Which answer is next."""

    _takes_openai_tools = True
    _takes_response_format = True

    @property
    def _llm_type(self) -> str:
        return "fake-messages-list-chat-model"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return script_of(super()._identifying_params)

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        if self.sleep is not None:
            await run.execution.sleep(self.sleep)
        return message_of_run(_next_of(self), run)


class FakeListLLM(ScriptedLLM):
    """Answers with strings in turn, from the start again after the last. Does not stream.

    >>> from streamflow.language_models import FakeListLLM
    >>> FakeListLLM(responses=["yes"]).invoke("well?")
    'yes'
    """

    responses: list[str]
    """The answers."""
    sleep: float | None = None
    """Seconds to wait before each answer, or before each chunk."""
    i: int = 0
    """Which answer is next."""

    _streaming = False

    @property
    def _llm_type(self) -> str:
        return "fake-list"

    async def _play(self, prompt: Any, run: Run) -> AsyncIterator[str]:
        if self.sleep is not None:
            await run.execution.sleep(self.sleep)
        yield _next_of(self)


class FakeStreamingListLLM(FakeListLLM):
    """Answers with strings in turn, character by character.

    >>> from streamflow.language_models import FakeStreamingListLLM
    >>> list(FakeStreamingListLLM(responses=["yes"]).stream("well?"))
    ['y', 'e', 's']
    """

    error_on_chunk_number: int | None = None
    """The number of the chunk, from 0, in whose place a stream fails."""

    _streaming = True

    async def _play(self, prompt: Any, run: Run) -> AsyncIterator[str]:
        for n, character in enumerate(_next_of(self)):
            if self.sleep is not None:
                await run.execution.sleep(self.sleep)
            if n == self.error_on_chunk_number:
                raise ScriptError(f"FakeStreamingListLLM fails at chunk {n}, as it was told to")
            yield character


def _next_of(model: Any) -> Any:
    response = model.responses[model.i]
    model.i = (model.i + 1) % len(model.responses)
    return response
