"""Messages as plain dicts, to be stored as JSON and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import fields

from ..errors import ModelInputError
from ._ai import AIMessageChunk
from ._convert import message_class
from ._roles import (
    ChatMessageChunk,
    FunctionMessageChunk,
    HumanMessageChunk,
    SystemMessageChunk,
    ToolMessageChunk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._base import BaseMessage

_CHUNKS: dict[str, type[BaseMessage]] = {
    cls.__name__: cls
    for cls in (
        AIMessageChunk,
        ChatMessageChunk,
        FunctionMessageChunk,
        HumanMessageChunk,
        SystemMessageChunk,
        ToolMessageChunk,
    )
}


# Fields whose containers are made when they are first asked for.
_EMPTY = {
    "additional_kwargs": dict,
    "response_metadata": dict,
    "tool_calls": list,
    "invalid_tool_calls": list,
    "tool_call_chunks": list,
}


def message_to_dict(message: BaseMessage) -> dict[str, Any]:
    """Return a message as a dict of its kind and its fields.

    >>> from streamflow.messages import HumanMessage, message_to_dict
    >>> message_to_dict(HumanMessage("Hi"))["data"]["content"]
    'Hi'
    """
    # What it was given, not what a chunk reads from that.
    data = {each.alias: getattr(message, each.name) for each in fields(type(message)) if each.init}
    for name, empty in _EMPTY.items():
        if name in data and data[name] is None:
            data[name] = empty()
    name = type(message).__name__
    kind = name if name in _CHUNKS else message.type
    return {"type": kind, "data": {**data, "type": kind}}


def messages_to_dict(messages: Iterable[BaseMessage]) -> list[dict[str, Any]]:
    """Return messages as dicts of their kinds and their fields.

    >>> from streamflow.messages import HumanMessage, messages_to_dict
    >>> [each["type"] for each in messages_to_dict([HumanMessage("Hi")])]
    ['human']
    """
    return [message_to_dict(message) for message in messages]


def messages_from_dict(messages: Iterable[Mapping[str, Any]]) -> list[BaseMessage]:
    """Return the messages that `messages_to_dict` has made dicts of.

    Fields that a message of this version does not have are left out, so that what a later
    one has stored can be read.

    Raises:
        ModelInputError: a dict is none of these.

    >>> from streamflow.messages import HumanMessage, messages_from_dict, messages_to_dict
    >>> messages_from_dict(messages_to_dict([HumanMessage("Hi")]))
    [HumanMessage(content='Hi')]
    """
    return [_from_dict(each, place) for place, each in enumerate(messages)]


def _from_dict(given: Mapping[str, Any], place: int) -> BaseMessage:
    try:
        kind, data = given["type"], given["data"]
        cls = _CHUNKS.get(kind) or message_class(kind)
        if cls is not None:
            known = {each.alias for each in fields(cls) if each.init}
            return cls(**{key: value for key, value in data.items() if key in known})
    except (AttributeError, KeyError, TypeError) as error:
        raise ModelInputError(f"item {place} is no stored message: {error!r}") from error
    raise ModelInputError(f"item {place} is a message of an unknown kind, {kind!r}")
