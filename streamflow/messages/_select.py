"""Choosing among messages, and joining those that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ._ai import AIMessage
from ._convert import convert_to_messages
from ._kinds import is_one_of
from ._roles import ChatMessage, ToolMessage
from ._step import also_a_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._base import BaseMessage
    from ._content import Block, Content
    from ._kinds import Kind


@also_a_step
def filter_messages(
    messages: object = None,
    *,
    include_names: Sequence[str] | None = None,
    exclude_names: Sequence[str] | None = None,
    include_types: Sequence[Kind] | None = None,
    exclude_types: Sequence[Kind] | None = None,
    include_ids: Sequence[str] | None = None,
    exclude_ids: Sequence[str] | None = None,
    exclude_tool_calls: Sequence[str] | bool | None = None,
) -> Any:
    """Return the messages that fit.

    A message is kept if nothing excludes it and, where there are ``include_`` arguments, one
    of them fits.

    Args:
        messages: The messages, in any form that `convert_to_messages` reads. Without them, a
            runnable that waits for them is returned.
        include_names: Keep those with these names ...
        exclude_names: Leave out those with these names.
        include_types: ... or of these types: roles such as ``"human"``, or classes ...
        exclude_types: Leave out those of these types.
        include_ids: ... or with these ids.
        exclude_ids: Leave out those with these ids.
        exclude_tool_calls: Leave out all tool calls with their results, or those with these
            ids. A message that called other tools too stays, with the others.

    Raises:
        ModelInputError: an item is no message.

    >>> from streamflow.messages import AIMessage, HumanMessage, filter_messages
    >>> filter_messages([HumanMessage("Hi"), AIMessage("Hello")], include_types=["human"])
    [HumanMessage(content='Hi')]
    """
    kept = []
    includes = (include_names, include_types, include_ids)
    for message in convert_to_messages(messages):
        if (
            message.name in (exclude_names or ())
            or is_one_of(message, exclude_types)
            or message.id in (exclude_ids or ())
        ):
            continue
        left = _without_calls(message, exclude_tool_calls)
        if left is None:
            continue
        if all(each is None for each in includes) or (
            message.name in (include_names or ())
            or is_one_of(message, include_types)
            or message.id in (include_ids or ())
        ):
            kept.append(left)
    return kept


def _without_calls(message: BaseMessage, ids: Sequence[str] | bool | None) -> BaseMessage | None:
    """Return what is left of a message without tool calls, if anything is."""
    if not ids:
        return message
    if isinstance(message, ToolMessage):
        return None if ids is True or message.tool_call_id in ids else message
    if not isinstance(message, AIMessage) or not message.tool_calls:
        return message
    calls = [] if ids is True else [call for call in message.tool_calls if call["id"] not in ids]
    if not calls:
        return None
    if len(calls) == len(message.tool_calls):
        return message
    gone = {call["id"] for call in message.tool_calls} - {call["id"] for call in calls}
    content: Content = message.content
    if isinstance(content, list):
        content = [block for block in content if not _is_call(block, gone)]
    return evolve(message, tool_calls=calls, content=content)


def _is_call(block: str | Block, ids: set[str | None]) -> bool:
    """Whether a content block is one of these tool calls, as some providers repeat them."""
    if isinstance(block, str):
        return False
    return block.get("type") in ("tool_use", "tool_call") and block.get("id") in ids


@also_a_step
def merge_message_runs(messages: object = None, *, chunk_separator: str = "\n") -> Any:
    """Return the messages with those that one role says in a row made one.

    Results of tools stay apart, since each answers a call of its own, and so do messages of
    speakers with different names. The messages given stay as they are.

    Args:
        messages: The messages, in any form that `convert_to_messages` reads. Without them, a
            runnable that waits for them is returned.
        chunk_separator: What stands between two texts.

    Raises:
        ModelInputError: an item is no message.

    >>> from streamflow.messages import HumanMessage, merge_message_runs
    >>> merge_message_runs([HumanMessage("One"), HumanMessage("Two")], chunk_separator=", ")
    [HumanMessage(content='One, Two')]
    """
    runs: list[list[BaseMessage]] = []
    for message in convert_to_messages(messages):
        if runs and _continues(runs[-1][-1], message):
            runs[-1].append(message)
        else:
            runs.append([message])
    return [_merged(run, chunk_separator) for run in runs]


def _continues(before: BaseMessage, message: BaseMessage) -> bool:
    if isinstance(message, ToolMessage) or type(before) is not type(message):
        return False
    if isinstance(message, ChatMessage) and message.role != getattr(before, "role", None):
        return False
    return before.name == message.name


def _merged(run: Sequence[BaseMessage], separator: str) -> BaseMessage:
    first, *others = run
    if not others:
        return first
    changes: dict[str, Any] = {"content": _joined([each.content for each in run], separator)}
    if isinstance(first, AIMessage):
        for name in ("tool_calls", "invalid_tool_calls"):
            changes[name] = [call for each in run for call in getattr(each, name)]
    for name in ("additional_kwargs", "response_metadata"):
        changes[name] = {key: value for each in run for key, value in getattr(each, name).items()}
    return evolve(first, **changes)


def _joined(contents: Iterable[Content], separator: str) -> Content:
    parts: list[str | Block] = []
    for content in contents:
        for part in [content] if isinstance(content, str) else content:
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] = f"{parts[-1]}{separator}{part}"
            else:
                parts.append(part)
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else parts
