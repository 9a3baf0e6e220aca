"""What a model says, whole and in parts, with the tools that it calls."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar

from attrs import define, field

from .._json import register_type
from ._base import BaseMessage, BaseMessageChunk, given_fields
from ._join import join_flat, joined_by
from ._lazy import Lazy, none_if_empty
from ._tool_calls import (
    InvalidToolCall,
    ToolCall,
    ToolCallChunk,
    join_tool_call_chunks,
    read_tool_calls,
)
from ._usage import UsageMetadata, add_usage

if TYPE_CHECKING:
    from typing_extensions import Self


@define(repr=False)
class AIMessage(BaseMessage):
    """What a model says.

    >>> from streamflow.messages import AIMessage
    >>> call = {"name": "weather", "args": {"city": "Bern"}, "id": "call_1"}
    >>> AIMessage("Let me see.", tool_calls=[call]).tool_calls[0]["args"]
    {'city': 'Bern'}
    """

    type: ClassVar[str] = "ai"

    _tool_calls: list[ToolCall] | None = field(
        default=None,
        kw_only=True,
        alias="tool_calls",
        eq=none_if_empty,
        metadata=joined_by(join_flat),
    )
    tool_calls = Lazy[list[ToolCall]](list)
    """The tools that the model wants to be called."""

    _invalid_tool_calls: list[InvalidToolCall] | None = field(
        default=None,
        kw_only=True,
        alias="invalid_tool_calls",
        eq=none_if_empty,
        metadata=joined_by(join_flat),
    )
    invalid_tool_calls = Lazy[list[InvalidToolCall]](list)
    """Calls whose arguments could not be read."""

    usage_metadata: UsageMetadata | None = field(
        default=None, kw_only=True, metadata=joined_by(add_usage)
    )
    """How many tokens the response took, if the provider told."""

    def with_id(self, id: str) -> Self:
        """Return a copy that has ``id``; the message itself stays as it is."""
        known = _BESIDE_TEXT.get(type(self))
        if known is not None and known[0](self) == known[1]:
            # Nearly every token, and many an answer: it takes long to copy every field.
            return type(self)(self.content, id=id)
        return super().with_id(id)

    def pretty_repr(self) -> str:
        """Render the message for people, with its tool calls."""
        lines = [super().pretty_repr()]
        if self.tool_calls:
            lines.append("Tool Calls:")
        for call in self.tool_calls:
            lines += [f"  {call['name']} ({call['id']})", f" Call ID: {call['id']}", "  Args:"]
            lines += [f"    {name}: {value}" for name, value in call["args"].items()]
        if self.invalid_tool_calls:
            lines.append("Invalid Tool Calls:")
        for bad in self.invalid_tool_calls:
            lines += [f"  {bad['name']} ({bad['id']})", f" Call ID: {bad['id']}"]
            lines += [f"  Error: {bad['error']}", "  Args:", f"    {bad['args']}"]
        return "\n".join(lines)


@define(repr=False)
class AIMessageChunk(AIMessage, BaseMessageChunk):
    """A part of what a model says.

    ``tool_calls`` and ``invalid_tool_calls`` are read from ``tool_call_chunks`` when they
    are first asked for, since only the last of the parts added up is likely to be asked.
    Calls that were given whole stay and come first.

    >>> from streamflow.messages import AIMessageChunk
    >>> piece = {"name": "weather", "args": '{"city": "Be', "id": "call_1", "index": 0}
    >>> rest = {"name": None, "args": 'rn"}', "id": None, "index": 0}
    >>> whole = AIMessageChunk("", tool_call_chunks=[piece]) + AIMessageChunk(
    ...     "", tool_call_chunks=[rest]
    ... )
    >>> whole.tool_calls[0]["args"]
    {'city': 'Bern'}
    """

    _tool_call_chunks: list[ToolCallChunk] | None = field(
        default=None,
        kw_only=True,
        alias="tool_call_chunks",
        eq=none_if_empty,
        metadata=joined_by(join_tool_call_chunks),
    )
    tool_call_chunks = Lazy[list[ToolCallChunk]](list)
    """Pieces of tool calls, as they stream."""

    _read: tuple[list[ToolCall], list[InvalidToolCall]] | None = field(
        default=None, init=False, eq=False, repr=False
    )

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tools to be called, as far as their arguments have come."""
        return self._calls()[0]

    @tool_calls.setter
    def tool_calls(self, calls: list[ToolCall]) -> None:
        self._read = (calls, self._calls()[1])

    @property
    def invalid_tool_calls(self) -> list[InvalidToolCall]:
        """Calls whose arguments are not, or not yet, a JSON object."""
        return self._calls()[1]

    @invalid_tool_calls.setter
    def invalid_tool_calls(self, calls: list[InvalidToolCall]) -> None:
        self._read = (self._calls()[0], calls)

    def _calls(self) -> tuple[list[ToolCall], list[InvalidToolCall]]:
        if self._read is None:
            calls, invalid = read_tool_calls(self._tool_call_chunks or [])
            # A message from elsewhere may hold the same calls in both forms.
            seen = {each["id"] for each in (*calls, *invalid)} - {None}
            whole = [each for each in self._tool_calls or () if each.get("id") not in seen]
            broken = [each for each in self._invalid_tool_calls or () if each.get("id") not in seen]
            self._read = (whole + calls, broken + invalid)
        return self._read


for _kind in (AIMessage, AIMessageChunk):
    register_type(_kind, encode=given_fields)


def _none_of(*names: str) -> tuple[attrgetter[tuple[object, ...]], tuple[None, ...]]:
    """Return what reads these fields, and what it reads where none is given."""
    return attrgetter(*names), (None,) * len(names)


_OF_ANSWERS = (
    "_additional_kwargs",
    "_response_metadata",
    "name",
    "_tool_calls",
    "_invalid_tool_calls",
    "usage_metadata",
)
# The fields that a message of text alone lacks, by its class.
_BESIDE_TEXT = {
    AIMessage: _none_of(*_OF_ANSWERS),
    AIMessageChunk: _none_of(*_OF_ANSWERS, "_tool_call_chunks", "_read"),
}
