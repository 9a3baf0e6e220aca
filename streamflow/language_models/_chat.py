"""Chat models: messages in, one message out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from attrs import evolve

from ..errors import MissingImplementationError, ModelInputError
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
    from collections.abc import Callable, Mapping, Sequence

    from ..bus import Run
    from ..execution import AsyncStream, Stream
    from ..runnables import Runnable, RunnableConfig
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

    >>> from streamflow.language_models import BaseChatModel
    >>> class Echo(BaseChatModel):
    ...     def _stream(self, messages, stop=None, **kwargs):
    ...         yield from messages[-1].content.split()
    >>> [chunk.content for chunk in Echo().stream("so it goes")]
    ['so', 'it', 'goes']
    """

    run_type: ClassVar[str] = "chat_model"

    _takes_openai_tools: ClassVar[bool] = False
    """Its methods take ``tools`` and ``tool_choice`` in OpenAI's form."""
    _takes_response_format: ClassVar[bool] = False
    """Its methods take ``response_format`` in OpenAI's form."""

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

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return this model with tools that it may call.

        An author overrides this for a provider with a form of its own, or sets
        ``_takes_openai_tools = True`` on a class whose methods take ``tools`` and
        ``tool_choice`` as OpenAI does.

        >>> from streamflow.language_models import FakeListChatModel
        >>> def add(a: int, b: int) -> int:
        ...     "Add two numbers."
        >>> bound = FakeListChatModel(responses=["3"]).bind_tools([add])
        >>> [tool["function"]["name"] for tool in bound.kwargs["tools"]]
        ['add']

        Args:
            tools: What `streamflow.tools.convert_to_openai_tool` takes: tools, functions,
                classes that describe arguments, JSON schemas.
            tool_choice: The name of the tool to be called; or ``"any"``, ``"auto"``,
                ``"none"``.
            kwargs: More that the model is to be called with.

        Raises:
            MissingImplementationError: the class does not say how tools are bound.
            ToolDefinitionError: a tool cannot be described.
        """
        if not self._takes_openai_tools:
            raise MissingImplementationError(
                f"{type(self).__name__} does not say how it takes tools: override bind_tools, or "
                f"set _takes_openai_tools = True if its methods take tools= and tool_choice= in "
                f"OpenAI's form."
            )
        from ._structured import bind_openai_tools  # noqa: PLC0415 - has use for this class

        return bind_openai_tools(self, tools, tool_choice, kwargs)

    def with_structured_output(
        self,
        schema: Any,
        *,
        include_raw: bool = False,
        method: Literal["function_calling", "json_schema", "json_mode"] | None = None,
        strict: bool | None = None,
        partial: bool = False,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return this model with answers that are values of a schema.

        Over a stream, dicts (for a TypedDict or a JSON schema) come as far as they have been
        written; an instance of a class comes when it is complete, unless ``partial`` is set.

        >>> from streamflow.language_models import ReplayChatModel
        >>> schema = {"title": "city", "type": "object", "properties": {"name": {}}}
        >>> model = ReplayChatModel(recording=['{"name": "Pa', 'ris"}'])
        >>> list(model.with_structured_output(schema, method="json_mode").stream("France?"))
        [{'name': 'Pa'}, {'name': 'Paris'}]

        Args:
            schema: A pydantic model, an attrs class, a dataclass, a TypedDict, or a JSON
                schema with a ``title``, which alone is not checked.
            include_raw: Give ``{"raw": the message, "parsed": the value, "parsing_error":
                what was wrong}``, and do not raise what was wrong. Over a stream the dicts
                come in parts, which add up.
            method: How the model is told: by a tool that it has to call, by a schema of its
                answer, or only that it has to be JSON. If not given, the first of these
                two that the model knows.
            strict: Whether the provider is to enforce the schema.
            partial: Over a stream, yield partial instances, too: see `PydanticOutputParser`.
            kwargs: More that the model is to be called with.

        Raises:
            MissingImplementationError: the class does not say how tools are bound, or takes
                no schema of an answer.
            ConfigError: there is no such method.
            ToolDefinitionError: the schema cannot be described.
        """
        from ._structured import structured  # noqa: PLC0415 - has use for this class

        return structured(
            self,
            schema,
            method=method,
            include_raw=include_raw,
            strict=strict,
            partial=partial,
            kwargs=kwargs,
        )

    def _binds_tools(self) -> bool:
        return self._takes_openai_tools or type(self).bind_tools is not BaseChatModel.bind_tools

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

    def _converter(self, run: Run) -> Callable[[Any], Any]:
        own, as_chunk = f"run-{run.id}", self._as_chunk

        def convert(chunk: Any) -> Any:
            plain = type(chunk) is ChatGenerationChunk and chunk.generation_info is None
            message = chunk.message if plain else chunk
            if type(message) is not AIMessageChunk:
                message = as_chunk("", chunk, run)
            # A copy would double the cost of a token, so what the author yields is given the
            # id; if it comes again in another run, it is that run's copy.
            if message.id is None:
                message.id = own
            elif message.id != own and message.id.startswith("run-"):
                return message.with_id(own)
            return message

        return convert

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

    >>> from streamflow.language_models import SimpleChatModel
    >>> class Echo(SimpleChatModel):
    ...     def _call(self, messages, stop=None, **kwargs):
    ...         return messages[-1].content
    >>> Echo().invoke("Hello").content
    'Hello'
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
