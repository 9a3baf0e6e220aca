"""Chat models: messages in, one message out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import evolve

from ..errors import ModelInputError
from ..messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    BaseMessageChunk,
    HumanMessage,
    convert_to_messages,
    message_chunk_to_message,
    message_to_chunk,
)
from ..messages._base import given_fields
from ..outputs import ChatGeneration, ChatGenerationChunk, Generation
from ..prompt_values import PromptValue
from ._model import BaseLanguageModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..bus import Run
    from ..execution import AsyncStream, Stream
    from ..runnables import RunnableConfig
    from ._model import LanguageModelInput


class BaseChatModel(BaseLanguageModel[AIMessage]):
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

    if TYPE_CHECKING:
        # Streamed, messages are chunks, which add up. (A model that cannot stream yields its
        # one message as it is, to which nothing is added.)

        def stream(
            self,
            input: LanguageModelInput,
            config: RunnableConfig | None = None,
            **kwargs: Any,
        ) -> Stream[AIMessageChunk]: ...

        def astream(
            self,
            input: LanguageModelInput,
            config: RunnableConfig | None = None,
            **kwargs: Any,
        ) -> AsyncStream[AIMessageChunk]: ...

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return AIMessage

    def _read(self, input: Any) -> list[BaseMessage]:
        return read_messages(input)

    def _shown(self, prompt: Any) -> Any:
        return {"messages": [prompt]}

    def _as_chunk(self, token: str, chunk: Any, run: Run) -> BaseMessage:
        if isinstance(chunk, ChatGeneration):
            return message_of_run(chunk.message, run, chunk.generation_info)
        if isinstance(chunk, BaseMessage):
            return message_of_run(chunk, run)
        if chunk is not None:
            token = chunk.text if isinstance(chunk, Generation) else str(chunk)
        return AIMessageChunk(content=token, id=f"run-{run.id}")

    def _as_output(self, chunk: Any) -> BaseMessage:
        return message_chunk_to_message(chunk)

    def _recorded(self, part: Any, run: Run) -> ChatGeneration:
        message = _copied(part)
        if message.id == f"run-{run.id}":
            message.id = None  # Another run that gets it puts its own.
        if isinstance(message, BaseMessageChunk):
            return ChatGenerationChunk(message)
        return ChatGeneration(message)

    def _replayed(self, part: Generation, run: Run, *, first: bool) -> BaseMessage:
        if isinstance(part, ChatGeneration):
            message = _copied(part.message)
        else:
            message = AIMessage(part.text)
        if first:
            message.response_metadata = {**message.response_metadata, "cached": True}
        if message.id is None:
            message.id = f"run-{run.id}"
        return message_to_chunk(message) if self._can_stream() else message

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        result = await self._call_author("_generate", "_agenerate", prompt, run, kwargs)
        if isinstance(result, BaseMessage):
            return message_of_run(result, run)
        generation = result.generations[0]
        return message_of_run(generation.message, run, generation.generation_info)


class SimpleChatModel(BaseChatModel):
    """A chat model that answers with text: implement ``_call``.

    ``_call(messages, stop=None, run_manager=None, **kwargs) -> str``; or ``_acall``, the
    same with ``async``.
    """

    def _can_generate(self) -> bool:
        return hasattr(self, "_call") or hasattr(self, "_acall")

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


def _copied(message: BaseMessage) -> BaseMessage:
    """Return a copy with containers of its own: a cache must not share them with users."""
    given = given_fields(message)
    for key, value in given.items():
        if isinstance(value, (dict, list)):
            given[key] = value.copy()
    return type(message)(**given)


def message_of_run(
    message: BaseMessage, run: Run, info: Mapping[str, Any] | None = None
) -> BaseMessage:
    """Return ``message`` with the id of ``run``, if it has none, and ``info`` in its metadata.

    It is not changed itself: its author may hold it, and give it again in another run.
    """
    if message.id is None:
        message = message.with_id(f"run-{run.id}")
    if info:
        message = evolve(message, response_metadata={**info, **message.response_metadata})
    return message
