"""What a model gives back, with whatever its provider tells about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, field, fields

from ._json import register_type
from .errors import ChunkMergeError
from .messages._join import join_metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from .messages import BaseMessage, BaseMessageChunk

__all__ = (
    "ChatGeneration",
    "ChatGenerationChunk",
    "ChatResult",
    "Generation",
    "GenerationChunk",
    "LLMResult",
)

_ORDER = ("text", "generation_info", "message")


@define(repr=False)
class Generation:
    """One answer of a model of text.

    >>> from streamflow.outputs import Generation
    >>> Generation("Hello", generation_info={"finish_reason": "stop"}).text
    'Hello'
    """

    type: ClassVar[str] = "Generation"

    text: str
    """The answer."""

    generation_info: dict[str, Any] | None = field(default=None, kw_only=True)
    """Facts about the answer, such as why it stopped; over a stream the last one holds."""

    def __repr__(self) -> str:
        names = sorted((each.name for each in fields(type(self))), key=_ORDER.index)
        shown = ((name, getattr(self, name)) for name in names)
        parts = (f"{name}={value!r}" for name, value in shown if value is not None)
        return f"{type(self).__name__}({', '.join(parts)})"


@define(repr=False)
class GenerationChunk(Generation):
    """A part of an answer. Parts of one answer add up.

    >>> from streamflow.outputs import GenerationChunk
    >>> (GenerationChunk("Hel") + GenerationChunk("lo")).text
    'Hello'
    """

    def __add__(self, other: object) -> Self:
        if not isinstance(other, Generation):
            return NotImplemented
        return self.merge_chunks((self, other))

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Self:
        """Add up one or more parts of one answer, the text joined once.

        Raises:
            ChunkMergeError: One of them is no such part.
        """
        first: Self = chunks[0]
        _check_kinds(chunks, GenerationChunk)
        if len(chunks) == 1:
            return first
        text = "".join([chunk.text for chunk in chunks])
        return type(first)(text, generation_info=_join_info(chunks))


@define(repr=False)
class ChatGeneration(Generation):
    """One answer of a chat model.

    >>> from streamflow.messages import AIMessage
    >>> from streamflow.outputs import ChatGeneration
    >>> ChatGeneration(AIMessage("Hello")).text
    'Hello'
    """

    type: ClassVar[str] = "ChatGeneration"

    message: BaseMessage
    """The answer."""

    text: str = field(init=False)
    """The text of the message."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # The text is read off the message when it is first asked for: models make a part
            # for every token, and hardly anybody asks.
            if name != "text":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            text = self.text = self.message.text
            return text


@define(repr=False)
class ChatGenerationChunk(ChatGeneration):
    """A part of an answer. Parts of one answer add up.

    >>> from streamflow.messages import AIMessageChunk
    >>> from streamflow.outputs import ChatGenerationChunk
    >>> parts = [ChatGenerationChunk(AIMessageChunk(part)) for part in ("Hel", "lo")]
    >>> ChatGenerationChunk.merge_chunks(parts).text
    'Hello'
    """

    type: ClassVar[str] = "ChatGenerationChunk"

    message: BaseMessageChunk
    """The part of the message."""

    def __add__(self, other: object) -> Self:
        if isinstance(other, Generation):
            return self.merge_chunks((self, other))
        if isinstance(other, (list, tuple)):
            return self.merge_chunks((self, *other))
        return NotImplemented

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Self:
        """Add up one or more parts of one answer, each field of the message joined once.

        Raises:
            ChunkMergeError: One of them is no such part, or the messages do not add up.
        """
        first: Self = chunks[0]
        _check_kinds(chunks, ChatGenerationChunk)
        if len(chunks) == 1:
            return first
        message = first.message.merge_chunks([chunk.message for chunk in chunks])
        return type(first)(message, generation_info=_join_info(chunks))


@define
class ChatResult:
    """What a chat model gives back for one list of messages.

    >>> from streamflow.messages import AIMessage
    >>> from streamflow.outputs import ChatGeneration, ChatResult
    >>> ChatResult([ChatGeneration(AIMessage("Hello"))]).generations[0].text
    'Hello'
    """

    generations: list[ChatGeneration]
    """The answers, of which most models give one."""

    llm_output: dict[str, Any] | None = None
    """Facts about the whole result."""


@define
class LLMResult:
    """What a model gives back for several prompts.

    >>> from streamflow.outputs import Generation, LLMResult
    >>> LLMResult([[Generation("Hello")]]).generations[0][0].text
    'Hello'
    """

    type: ClassVar[str] = "LLMResult"

    generations: Sequence[Sequence[Generation]]
    """The answers to each prompt."""

    llm_output: dict[str, Any] | None = None
    """Facts about the whole result."""


def _check_kinds(chunks: Sequence[Generation], kind: type[Generation]) -> None:
    for chunk in chunks:
        if not isinstance(chunk, kind):
            raise ChunkMergeError(chunks[0], chunk)


def _join_info(chunks: Sequence[Generation]) -> dict[str, Any] | None:
    given = [chunk.generation_info for chunk in chunks if chunk.generation_info is not None]
    return join_metadata(given) if given else None


for _kind in (
    Generation,
    GenerationChunk,
    ChatGeneration,
    ChatGenerationChunk,
    ChatResult,
    LLMResult,
):
    register_type(_kind)
