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
    """What the user says.

    >>> from streamflow.messages import HumanMessage
    >>> HumanMessage("Which way?").type
    'human'
    """

    type: ClassVar[str] = "human"


@define(repr=False)
class HumanMessageChunk(HumanMessage, BaseMessageChunk):
    """A part of a human message.

    >>> from streamflow.messages import HumanMessageChunk
    >>> (HumanMessageChunk("Which ") + HumanMessageChunk("way?")).content
    'Which way?'
    """


@define(repr=False)
class SystemMessage(BaseMessage):
    """What the model is told about its part, usually before anything else.

    >>> from streamflow.messages import SystemMessage
    >>> SystemMessage("Be brief.").type
    'system'
    """

    type: ClassVar[str] = "system"


@define(repr=False)
class SystemMessageChunk(SystemMessage, BaseMessageChunk):
    """A part of a system message.

    >>> from streamflow.messages import SystemMessageChunk
    >>> (SystemMessageChunk("Be ") + SystemMessageChunk("brief.")).content
    'Be brief.'
    """


@define(repr=False)
class ToolMessage(BaseMessage):
    """The result of a tool call, for the model to read.

    >>> from streamflow.messages import ToolMessage
    >>> ToolMessage("17 C", tool_call_id="call_1").tool_call_id
    'call_1'
    """

    type: ClassVar[str] = "tool"

    tool_call_id: str = field(kw_only=True)
    """The id of the call that this answers."""

    artifact: Any = field(default=None, kw_only=True, metadata=joined_by(join_facts))
    """What the tool made that is not for the model."""

    status: ToolStatus = field(default="success", kw_only=True, metadata=joined_by(_any_error))
    """Whether the tool failed."""


@define(repr=False)
class ToolMessageChunk(ToolMessage, BaseMessageChunk):
    """A part of a tool message.

    >>> from streamflow.messages import ToolMessageChunk
    >>> first, last = (ToolMessageChunk(each, tool_call_id="call_1") for each in ("17 ", "C"))
    >>> (first + last).content
    '17 C'
    """

    _same: ClassVar[str | None] = "tool_call_id"


@define(repr=False)
class FunctionMessage(BaseMessage):
    """The result of a function, in the older form that has a name instead of a call id.

    >>> from streamflow.messages import FunctionMessage
    >>> FunctionMessage("17 C", name="weather").name
    'weather'
    """

    type: ClassVar[str] = "function"

    name: str = field(kw_only=True)
    """The name of the function."""


@define(repr=False)
class FunctionMessageChunk(FunctionMessage, BaseMessageChunk):
    """A part of a function message.

    >>> from streamflow.messages import FunctionMessageChunk
    >>> first, last = (FunctionMessageChunk(each, name="weather") for each in ("17 ", "C"))
    >>> (first + last).content
    '17 C'
    """

    _same: ClassVar[str | None] = "name"


@define(repr=False)
class ChatMessage(BaseMessage):
    """A message of a role that no other class stands for.

    >>> from streamflow.messages import ChatMessage
    >>> ChatMessage("Order!", role="judge").role
    'judge'
    """

    type: ClassVar[str] = "chat"

    role: str = field(kw_only=True)
    """The role, as the provider knows it."""


@define(repr=False)
class ChatMessageChunk(ChatMessage, BaseMessageChunk):
    """A part of a chat message.

    >>> from streamflow.messages import ChatMessageChunk
    >>> (ChatMessageChunk("Or", role="judge") + ChatMessageChunk("der!", role="judge")).content
    'Order!'
    """

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
