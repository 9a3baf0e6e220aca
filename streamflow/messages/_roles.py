"""The messages that are not a model's: human, system, tool, function and chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from attrs import define, field

from .._json import register_type
from ._base import BaseMessage, BaseMessageChunk, given_fields
from ._join import join_facts, joined_by

if TYPE_CHECKING:
    from collections.abc import Sequence

ToolStatus: TypeAlias = Literal["success", "error"]


def _any_error(statuses: Sequence[ToolStatus]) -> ToolStatus:
    return "error" if "error" in statuses else "success"


@define(repr=False)
class HumanMessage(BaseMessage):
    """What the user says."""

    type: ClassVar[str] = "human"


@define(repr=False)
class HumanMessageChunk(HumanMessage, BaseMessageChunk):
    """A part of a human message."""


@define(repr=False)
class SystemMessage(BaseMessage):
    """What the model is told about its part, usually before anything else."""

    type: ClassVar[str] = "system"


@define(repr=False)
class SystemMessageChunk(SystemMessage, BaseMessageChunk):
    """A part of a system message."""


@define(repr=False)
class ToolMessage(BaseMessage):
    """The result of a tool call, for the model to read."""

    type: ClassVar[str] = "tool"

    tool_call_id: str = field(kw_only=True)
    """The id of the call that this answers."""

    artifact: Any = field(default=None, kw_only=True, metadata=joined_by(join_facts))
    """What the tool made that is not for the model."""

    status: ToolStatus = field(default="success", kw_only=True, metadata=joined_by(_any_error))
    """Whether the tool failed."""


@define(repr=False)
class ToolMessageChunk(ToolMessage, BaseMessageChunk):
    """A part of a tool message."""

    _same: ClassVar[str | None] = "tool_call_id"


@define(repr=False)
class FunctionMessage(BaseMessage):
    """The result of a function, in the older form that has a name instead of a call id."""

    type: ClassVar[str] = "function"

    name: str = field(kw_only=True)
    """The name of the function."""


@define(repr=False)
class FunctionMessageChunk(FunctionMessage, BaseMessageChunk):
    """A part of a function message."""

    _same: ClassVar[str | None] = "name"


@define(repr=False)
class ChatMessage(BaseMessage):
    """A message of a role that no other class stands for."""

    type: ClassVar[str] = "chat"

    role: str = field(kw_only=True)
    """The role, as the provider knows it."""


@define(repr=False)
class ChatMessageChunk(ChatMessage, BaseMessageChunk):
    """A part of a chat message."""

    _same: ClassVar[str | None] = "role"


for _kind in (
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    ChatMessage,
    ChatMessageChunk,
):
    register_type(_kind, encode=given_fields)
