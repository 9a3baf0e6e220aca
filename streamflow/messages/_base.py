"""The message and the chunk of a message, from which those of each role derive."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, evolve, field, fields

from ..errors import ChunkMergeError, MessageMergeError
from ._composition import prompt_of
from ._content import Block, Content, join_content, show_content, text_of
from ._join import JOIN, first_given, join_deltas, join_metadata, joined_by
from ._lazy import Lazy, none_if_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from ..prompts import ChatPromptTemplate

    Plan = tuple[tuple[str, Callable[[object], Any], Callable[[Sequence[Any]], object], bool], ...]

_TITLE_WIDTH = 80
# The order in which a repr shows fields; those of a user's own classes follow.
_ORDER = (
    "content",
    "additional_kwargs",
    "response_metadata",
    "name",
    "id",
    "role",
    "tool_call_id",
    "artifact",
    "status",
    "tool_calls",
    "invalid_tool_calls",
    "usage_metadata",
    "tool_call_chunks",
)


@define(repr=False)
class BaseMessage:
    """A message of a conversation; its class tells the role of who says it.

    Messages are equal if they are of one class and all their fields are. They are not
    copied on their way: a message that somebody else may hold should not be changed.

    >>> from streamflow.messages import AIMessage, BaseMessage
    >>> isinstance(AIMessage("Hi"), BaseMessage)
    True
    """

    type: ClassVar[str]
    """The role: human, ai, system, tool, function or chat. A chunk has the role of its whole."""

    content: Content = field(metadata=joined_by(join_content))
    """What is said: text, or a list of texts and content blocks."""

    _additional_kwargs: Block | None = field(
        default=None,
        kw_only=True,
        alias="additional_kwargs",
        eq=none_if_empty,
        metadata=joined_by(join_deltas),
    )
    additional_kwargs = Lazy[Block](dict)
    """What a provider sends beyond the fields here; over a stream its texts add up."""

    _response_metadata: Block | None = field(
        default=None,
        kw_only=True,
        alias="response_metadata",
        eq=none_if_empty,
        metadata=joined_by(join_metadata),
    )
    response_metadata = Lazy[Block](dict)
    """Facts about the response, such as why it stopped; over a stream the last one holds."""

    name: str | None = field(default=None, kw_only=True)
    """Who speaks, among several of one role."""

    id: str | None = field(default=None, kw_only=True)
    """What identifies the message; all chunks of one message share it."""

    @property
    def text(self) -> str:
        """The text of the content, without blocks that are no text."""
        return text_of(self.content)

    def __repr__(self) -> str:
        shown = {a.alias: getattr(self, a.alias) for a in fields(type(self)) if a.repr and a.init}
        keys = [key for key in _ORDER if key in shown]
        keys += [key for key in shown if key not in _ORDER]
        parts = (
            f"{key}={shown[key]!r}" for key in keys if key == "content" or _tells(key, shown[key])
        )
        return f"{type(self).__name__}({', '.join(parts)})"

    def __add__(self, other: object) -> ChatPromptTemplate:
        """Make a chat prompt of this message and what follows it."""
        return prompt_of(self) + other

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Any:
        """Return the last one: a whole message is no part of the next one.

        Raises:
            ChunkMergeError: One of them is no message of this class.
        """
        for chunk in chunks:
            if not isinstance(chunk, cls):
                raise ChunkMergeError(chunks[0], chunk)
        return chunks[-1]

    def with_id(self, id: str) -> Self:
        """Return a copy that has ``id``; the message itself stays as it is."""
        return evolve(self, id=id)

    def pretty_repr(self) -> str:
        """Render the message for people: a title line, then what it says."""
        title = pretty_title(f"{self.type.title()} Message")
        name = f"\nName: {self.name}" if self.name else ""
        return f"{title}{name}\n\n{show_content(self.content)}"

    def pretty_print(self) -> None:
        """Print the message for people."""
        print(self.pretty_repr())  # noqa: T201 - printing is what was asked for


@define(repr=False)
class BaseMessageChunk(BaseMessage):
    """A part of a message that is still being written. Parts of one message add up.

    >>> from streamflow.messages import AIMessageChunk, BaseMessageChunk
    >>> chunk = AIMessageChunk("Hel") + AIMessageChunk("lo")
    >>> isinstance(chunk, BaseMessageChunk), chunk.content
    (True, 'Hello')
    """

    _same: ClassVar[str | None] = None
    """A field in which all parts of one message agree."""

    def __add__(self, other: object) -> Self:  # type: ignore[override]  # the parts of one whole
        if isinstance(other, BaseMessage):
            return self.merge_chunks((self, other))
        if isinstance(other, (list, tuple)):
            return self.merge_chunks((self, *other))
        return NotImplemented

    @classmethod
    def merge_chunks(cls, chunks: Sequence[Any]) -> Self:
        """Add up one or more chunks of one message, each field joined once.

        Raises:
            ChunkMergeError: A chunk is of another role than the first one, or no chunk.
            MessageMergeError: A chunk belongs to another message than the first one.
        """
        first: Self = chunks[0]
        if len(chunks) == 1:
            return first
        kind = type(first)
        if set(map(type, chunks)) != {kind}:
            for chunk in chunks:
                if not isinstance(chunk, BaseMessageChunk) or chunk.type != first.type:
                    raise ChunkMergeError(first, chunk)
        if kind._same is not None:
            _check_same(kind._same, chunks)
        joined: dict[str, Any] = {}
        for alias, read, join, may_be_empty in _plan(kind):
            if may_be_empty and not any(map(read, chunks)):
                continue  # most fields of most chunks
            given = [value for value in map(read, chunks) if value is not None]
            if given:
                joined[alias] = join(given)
        return kind(**joined)


def pretty_title(title: str) -> str:
    """Render a title as a line across the page."""
    return f" {title} ".center(_TITLE_WIDTH, "=")


def given_fields(message: BaseMessage) -> dict[str, Any]:
    """What a message was given, by the names of its arguments; what is None is left out."""
    values = (
        (each.alias, getattr(message, each.name)) for each in fields(type(message)) if each.init
    )
    return {alias: value for alias, value in values if value is not None}


_PLANS: dict[type, Plan] = {}


def _plan(kind: type) -> Plan:
    """Look up, once per class, how each field is read and joined, and if empty means none."""
    plan = _PLANS.get(kind)
    if plan is None:
        plan = _PLANS[kind] = tuple(
            (
                each.alias,
                attrgetter(each.name),
                each.metadata.get(JOIN, first_given),
                each.eq_key is none_if_empty,
            )
            for each in fields(kind)
            if each.init
        )
    return plan


def _check_same(name: str, chunks: Sequence[BaseMessageChunk]) -> None:
    first = getattr(chunks[0], name)
    for chunk in chunks:
        if getattr(chunk, name) != first:
            raise MessageMergeError(name, chunks[0], chunk)


def _tells(key: str, value: object) -> bool:
    if key == "status":
        return value != "success"
    # Only what is known to be empty: an artifact may be a table without a truth value.
    return value is not None and not (isinstance(value, (dict, list, str)) and not value)
