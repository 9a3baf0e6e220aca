"""Chat models: messages in, one message out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ModelInputError
from ..messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    BaseMessageChunk,
    HumanMessage,
    convert_to_messages,
    message_chunk_to_message,
)
from ..outputs import ChatGeneration, ChatResult, Generation
from ..prompt_values import PromptValue
from ._model import BaseLanguageModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..bus import Run


class BaseChatModel(BaseLanguageModel[BaseMessage]):
    """A chat model.

    To make one, subclass it and implement one of

    * ``_generate(messages, stop=None, run_manager=None, **kwargs) -> ChatResult``
    * ``_agenerate(...)``, the same with ``async``
    * ``_stream(messages, stop=None, run_manager=None, **kwargs)``, a generator of
      ``ChatGenerationChunk`` or message chunks
    * ``_astream(...)``, the same with ``async``

    The others follow. Annotated attributes of the class become arguments of its
    constructor. When somebody listens to the run, a model that can stream does, also
    under ``invoke``, so that its tokens are seen.
    """

    run_type: ClassVar[str] = "chat_model"

    def _read(self, input: Any) -> list[BaseMessage]:
        return read_messages(input)

    def _shown(self, prompt: Any) -> Any:
        return {"messages": [prompt]}

    def _as_chunk(self, token: str, chunk: Any, run: Run) -> BaseMessageChunk:
        if chunk is None:
            message: BaseMessageChunk = AIMessageChunk(content=token)
        elif isinstance(chunk, ChatGeneration):
            message = chunk.message  # type: ignore[assignment]  # a chunk's message is one
            if chunk.generation_info:
                message.response_metadata = {**chunk.generation_info, **message.response_metadata}
        elif isinstance(chunk, Generation):
            message = AIMessageChunk(content=chunk.text)
        elif isinstance(chunk, str):
            message = AIMessageChunk(content=chunk)
        else:
            message = chunk
        if message.id is None:
            message.id = f"run-{run.id}"
        return message

    def _as_output(self, chunk: Any) -> BaseMessage:
        return message_chunk_to_message(chunk)

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        result = await self._call_author("_generate", "_agenerate", prompt, run, kwargs)
        return _only_message(result, run)


class SimpleChatModel(BaseChatModel):
    """A chat model that answers with text: implement ``_call``.

    ``_call(messages, stop=None, run_manager=None, **kwargs) -> str``; or ``_acall``, the
    same with ``async``.
    """

    def _can_generate(self) -> bool:
        return True

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        text = await self._call_author("_call", "_acall", prompt, run, kwargs)
        return AIMessage(content=text, id=f"run-{run.id}")


def read_messages(value: Any) -> list[BaseMessage]:
    """Return the messages that an input of a chat model stands for.

    Raises:
        ModelInputError: it is none of the forms that a model reads.
    """
    if isinstance(value, str):
        return [HumanMessage(content=value)]
    if isinstance(value, PromptValue):
        return value.to_messages()
    if isinstance(value, BaseMessage):
        return [value]
    if isinstance(value, (list, tuple)):
        return convert_to_messages(value)
    raise ModelInputError(
        f"a chat model reads a string, a list of messages or a prompt value, got "
        f"{type(value).__name__}: {value!r:.80}"
    )


def _only_message(result: ChatResult | BaseMessage, run: Run) -> BaseMessage:
    if isinstance(result, BaseMessage):
        message, info = result, None
    else:
        generation = result.generations[0]
        message, info = generation.message, generation.generation_info
    if info:
        merged: Mapping[str, Any] = {**info, **message.response_metadata}
        message.response_metadata = dict(merged)
    if message.id is None:
        message.id = f"run-{run.id}"
    return message
