"""The forms in which people write messages, and the messages that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import fields

from ..errors import ModelInputError
from ._ai import AIMessage, AIMessageChunk
from ._base import BaseMessage, BaseMessageChunk
from ._roles import (
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
)
from ._tool_calls import invalid_tool_call, parse_arguments, tool_call

if TYPE_CHECKING:
    from ._content import Block

MessageLikeRepresentation: TypeAlias = (
    BaseMessage | str | tuple[str, str] | Sequence[Any] | Mapping[str, Any]
)


_ROLES: dict[str, type[BaseMessage]] = {
    "human": HumanMessage,
    "user": HumanMessage,
    "ai": AIMessage,
    "assistant": AIMessage,
    "system": SystemMessage,
    "developer": SystemMessage,
    "tool": ToolMessage,
    "function": FunctionMessage,
    "chat": ChatMessage,
}
_CHUNKS: tuple[tuple[type[BaseMessage], type[BaseMessageChunk]], ...] = (
    (AIMessage, AIMessageChunk),
    (HumanMessage, HumanMessageChunk),
    (SystemMessage, SystemMessageChunk),
    (ToolMessage, ToolMessageChunk),
    (FunctionMessage, FunctionMessageChunk),
    (ChatMessage, ChatMessageChunk),
)
_ACCEPTED = (
    'a message object, a string (said by the human), a pair such as ("human", "hi"), or a '
    'dict such as {"role": "user", "content": "hi"}'
)


def message_class(role: str) -> type[BaseMessage] | None:
    """The message class of a role, under any of the names that the field gives it."""
    return _ROLES.get(role)


def convert_to_messages(value: object) -> list[BaseMessage]:
    """Turn what people write for messages into messages.

    Args:
        value: A sequence of messages, strings (said by the human), pairs of role and
            content, and dicts with ``role`` and ``content``; or one of these by itself,
            or something with a method ``to_messages``.

    Raises:
        ModelInputError: An item is none of these; the message shows it.

    >>> from streamflow.messages import convert_to_messages
    >>> given = [("system", "Be brief."), {"role": "user", "content": "Hi"}, "Hello?"]
    >>> [message.type for message in convert_to_messages(given)]
    ['system', 'human', 'human']
    """
    if callable(to_messages := getattr(value, "to_messages", None)):
        return list(to_messages())
    if isinstance(value, (str, BaseMessage, Mapping)) or _is_pair(value):
        return [_convert(value)]
    if not isinstance(value, Iterable) or isinstance(value, (bytes, bytearray)):
        raise ModelInputError(f"expected messages, got {_show(value)}. A message is {_ACCEPTED}.")
    return [
        _convert(item, place=f"item {place} of the messages") for place, item in enumerate(value)
    ]


def message_chunk_to_message(chunk: BaseMessage) -> BaseMessage:
    """Turn a chunk, usually the sum of all, into the message; a message stays as it is.

    >>> from streamflow.messages import AIMessageChunk, message_chunk_to_message
    >>> type(message_chunk_to_message(AIMessageChunk("Hi"))).__name__
    'AIMessage'
    """
    for whole, part in _CHUNKS:
        if isinstance(chunk, part):
            return whole(**_values(chunk, whole))
    return chunk


def message_to_chunk(message: BaseMessage) -> BaseMessageChunk:
    """Turn a whole message into the one chunk of a stream; a chunk stays as it is.

    Raises:
        ModelInputError: The class of the message has no chunks.

    >>> from streamflow.messages import AIMessage, message_to_chunk
    >>> type(message_to_chunk(AIMessage("Hi"))).__name__
    'AIMessageChunk'
    """
    if isinstance(message, BaseMessageChunk):
        return message
    for whole, part in _CHUNKS:
        if isinstance(message, whole):
            return part(**_values(message, whole))
    raise ModelInputError(f"{type(message).__name__} has no class for its chunks")


def get_buffer_string(messages: object, human_prefix: str = "Human", ai_prefix: str = "AI") -> str:
    """Render messages as a transcript, a line each: ``Human: hi``.

    Raises:
        ModelInputError: An item is not a message; see `convert_to_messages`.

    >>> from streamflow.messages import AIMessage, HumanMessage, get_buffer_string
    >>> print(get_buffer_string([HumanMessage("Hi"), AIMessage("Hello!")]))
    Human: Hi
    AI: Hello!
    """
    prefixes = {
        "human": human_prefix,
        "ai": ai_prefix,
        "system": "System",
        "tool": "Tool",
        "function": "Function",
    }
    lines = []
    for message in convert_to_messages(messages):
        role = message.role if isinstance(message, ChatMessage) else message.type
        line = f"{prefixes.get(role, role)}: {message.text}"
        if isinstance(message, AIMessage):
            if message.tool_calls:
                line += str(message.tool_calls)
            elif call := message.additional_kwargs.get("function_call"):
                line += str(call)
        lines.append(line)
    return "\n".join(lines)


def _values(message: BaseMessage, kind: type[BaseMessage]) -> dict[str, Any]:
    """What a message has for the fields of a class; what it computes is read."""
    values: dict[str, Any] = {}
    for each in fields(kind):
        value = getattr(message, each.alias)
        # The copy of a container, not the container: two messages must not share one.
        values[each.alias] = value.copy() if isinstance(value, (dict, list)) else value
    return values


def _is_pair(value: object) -> bool:
    # A list of two strings is two messages, but nobody writes a tuple for that.
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[0], str)
        and value[0] in _ROLES
    )


def _convert(item: object, place: str = "the message") -> BaseMessage:
    if isinstance(item, BaseMessage):
        return item
    if isinstance(item, str):
        return HumanMessage(item)
    if isinstance(item, Mapping):
        return _from_dict(dict(item), place)
    if isinstance(item, Sequence) and len(item) == 2 and isinstance(item[0], str):
        return _from_dict({"role": item[0], "content": item[1]}, place)
    raise ModelInputError(f"{place} is {_show(item)}. A message is {_ACCEPTED}.")


def _from_dict(given: dict[str, Any], place: str) -> BaseMessage:
    shown = _show(given)
    role, kind = given.pop("role", None), given.pop("type", None)
    if role is None and kind is None:
        raise ModelInputError(f"{place} has no role: {shown}. A message is {_ACCEPTED}.")
    if role is not None and not (isinstance(kind, str) and kind in _ROLES):
        kind = role  # Some say "type": "message", which tells nothing.
    cls = _ROLES.get(kind) if isinstance(kind, str) else None
    if cls is ChatMessage and role not in (None, kind):
        given["role"] = role
    elif cls is ChatMessage or cls is None:
        known = ", ".join(repr(name) for name in _ROLES if name != "chat")
        raise ModelInputError(f"{place} has the role {kind!r}, which is none of {known}: {shown}")
    if "content" not in given:
        raise ModelInputError(f"{place} has no content: {shown}. A message is {_ACCEPTED}.")
    content = given.pop("content")
    given["content"] = "" if content is None else content
    if not isinstance(given["content"], (str, list)):
        raise ModelInputError(f"{place} has content that is no text and no list of blocks: {shown}")
    if cls is AIMessage:
        try:
            _read_calls(given)
        except (AttributeError, KeyError, TypeError) as error:
            raise ModelInputError(f"{place} has tool calls of no known form: {shown}") from error
    return _build(cls, given, place, shown)


def _build(cls: type[BaseMessage], given: Block, place: str, shown: str) -> BaseMessage:
    known = {each.alias for each in fields(cls)}
    extra = {key: given.pop(key) for key in list(given) if key not in known}
    if extra:
        given["additional_kwargs"] = {**(given.get("additional_kwargs") or {}), **extra}
    try:
        return cls(**given)
    except TypeError as error:
        # The only way for this to fail: a required field is missing.
        raise ModelInputError(
            f"{place} does not make a {cls.__name__}: {error}; {shown}"
        ) from error


def _read_calls(given: Block) -> None:
    """Read tool calls in either form: ours, or the provider's with a function and its text."""
    calls = []
    invalid = list(given.pop("invalid_tool_calls", None) or ())
    for call in given.pop("tool_calls", None) or ():
        function = call.get("function") or {"name": call["name"], "arguments": call["args"]}
        name, args, error = function["name"], function.get("arguments") or {}, None
        if isinstance(args, str):
            text = args
            args, error = parse_arguments(text)
        if args is None:
            invalid.append(invalid_tool_call(name=name, args=text, id=call.get("id"), error=error))
        else:
            calls.append(tool_call(name=name, args=args, id=call.get("id")))
    if calls:
        given["tool_calls"] = calls
    if invalid:
        given["invalid_tool_calls"] = invalid


def _show(value: object, limit: int = 200) -> str:
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= limit else text[: limit - 1] + "…"
