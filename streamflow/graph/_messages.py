"""States that are conversations."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict
from uuid import uuid4

from ..errors import InvalidUpdateError
from ..messages import (
    BaseMessage,
    BaseMessageChunk,
    RemoveMessage,
    convert_to_messages,
    message_chunk_to_message,
)

REMOVE_ALL_MESSAGES = "__remove_all__"
"""The id of a ``RemoveMessage`` that removes all messages before it."""


def add_messages(left: Any, right: Any) -> list[BaseMessage]:
    """Return one list of messages for two: what is new is added, the rest takes its place.

    A message with the id of one in the first list takes the place of that one; a
    ``RemoveMessage`` removes it. Messages may be given in any form that models read. Those
    without an id get one.

    >>> from streamflow.graph import add_messages
    >>> from streamflow.messages import AIMessage, HumanMessage
    >>> add_messages([HumanMessage("hello", id="1")], [AIMessage("hi", id="2")])
    [HumanMessage(content='hello', id='1'), AIMessage(content='hi', id='2')]
    >>> add_messages([HumanMessage("hello", id="1")], HumanMessage("good day", id="1"))
    [HumanMessage(content='good day', id='1')]

    Args:
        left: The messages so far.
        right: One message or several.

    Raises:
        InvalidUpdateError: a message is to be removed that is not there.
    """
    before, new = _messages(left), _messages(right)
    for number in range(len(new) - 1, -1, -1):
        if isinstance(new[number], RemoveMessage) and new[number].id == REMOVE_ALL_MESSAGES:
            return new[number + 1 :]
    places = {message.id: place for place, message in enumerate(before)}
    merged: list[BaseMessage | None] = list(before)
    for message in new:
        at = places.get(message.id)
        removes = isinstance(message, RemoveMessage)
        if at is not None:
            merged[at] = None if removes else message
        elif removes:
            raise InvalidUpdateError(
                f"there is no message with the id {message.id!r} to be removed; there are "
                f"{list(places)}"
            )
        else:
            places[message.id] = len(merged)
            merged.append(message)
    return [message for message in merged if message is not None]


def _messages(given: Any) -> list[BaseMessage]:
    if type(given) is list and all(isinstance(each, BaseMessage) and each.id for each in given):
        found: list[BaseMessage] = given
        if not any(isinstance(each, BaseMessageChunk) for each in found):
            return found
    else:
        many = isinstance(given, list) or (
            isinstance(given, tuple) and not (len(given) == 2 and isinstance(given[0], str))
        )
        found = convert_to_messages(list(given) if many else [given])
    whole = [
        message_chunk_to_message(each) if isinstance(each, BaseMessageChunk) else each
        for each in found
    ]
    return [each if each.id else each.with_id(str(uuid4())) for each in whole]


class MessagesState(TypedDict):
    """A state that is a conversation.

    >>> from streamflow.graph import MessagesState
    >>> class State(MessagesState):
    ...     language: str
    >>> sorted(State.__annotations__)
    ['language', 'messages']
    """

    messages: Annotated[list[Any], add_messages]
