"""Tool calls: whole, in pieces as a model streams them, and those that make no sense.

A model streams a call as pieces: the first names the tool and the call, the rest continue
the text of its arguments, and an ``index`` tells parallel calls apart. That is how it should
be; in the field several calls come with the same index, names and ids come with every piece,
or there is no index at all. So pieces are put together in two steps:

1. `join_tool_call_chunks`, whenever chunks are added up. A piece continues the latest call
   of its index unless it names another id or another tool. The call keeps the name and id
   that it began with. Comparing with those alone makes the step associative.
2. `read_tool_calls`, when somebody reads the calls. What is left in two halves, since the
   name or the id came late, is united here, and the text of the arguments parsed, once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import orjson

# pydantic, which may be asked about these, needs the backport before 3.12.
if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._content import Block


class _ToolCallKeys(TypedDict):
    name: str
    args: dict[str, Any]
    id: str | None


class ToolCall(_ToolCallKeys, total=False):
    """A model's wish to call a tool.

    >>> from streamflow.messages import ToolCall
    >>> call: ToolCall = {"name": "weather", "args": {"city": "Bern"}, "id": "call_1"}
    """

    type: Literal["tool_call"]


class _ToolCallChunkKeys(TypedDict):
    name: str | None
    args: str | None
    id: str | None
    index: int | str | None


class ToolCallChunk(_ToolCallChunkKeys, total=False):
    """A piece of a tool call: ``args`` is a part of the JSON text of the arguments.

    >>> from streamflow.messages import ToolCallChunk
    >>> piece: ToolCallChunk = {"name": "weather", "args": '{"ci', "id": "call_1", "index": 0}
    """

    type: Literal["tool_call_chunk"]


class _InvalidToolCallKeys(TypedDict):
    name: str | None
    args: str | None
    id: str | None
    error: str | None


class InvalidToolCall(_InvalidToolCallKeys, total=False):
    """A tool call that cannot be made, with its text as it came and what is wrong.

    >>> from streamflow.messages import AIMessageChunk, tool_call_chunk
    >>> chunk = AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name="add", args="[1")])
    >>> [call["name"] for call in chunk.invalid_tool_calls]
    ['add']
    """

    type: Literal["invalid_tool_call"]


def tool_call(
    *,
    name: str,
    args: dict[str, Any],
    id: str | None = None,
) -> ToolCall:
    """Make a tool call.

    >>> from streamflow.messages import tool_call
    >>> tool_call(name="weather", args={"city": "Bern"}, id="call_1")["type"]
    'tool_call'
    """
    return {"name": name, "args": args, "id": id, "type": "tool_call"}


def tool_call_chunk(
    *,
    name: str | None = None,
    args: str | None = None,
    id: str | None = None,
    index: int | str | None = None,
) -> ToolCallChunk:
    """Make a piece of a tool call.

    >>> from streamflow.messages import tool_call_chunk
    >>> tool_call_chunk(name="weather", args='{"ci', index=0)["type"]
    'tool_call_chunk'
    """
    return {"name": name, "args": args, "id": id, "index": index, "type": "tool_call_chunk"}


def invalid_tool_call(
    *,
    name: str | None = None,
    args: str | None = None,
    id: str | None = None,
    error: str | None = None,
) -> InvalidToolCall:
    """Make a tool call that cannot be made.

    >>> from streamflow.messages import invalid_tool_call
    >>> invalid_tool_call(name="weather", args="{", error="not JSON")["error"]
    'not JSON'
    """
    return {"name": name, "args": args, "id": id, "error": error, "type": "invalid_tool_call"}


class _Call:
    """A call while its pieces are collected."""

    __slots__ = ("args", "extra", "id", "index", "name")

    def __init__(self, piece: ToolCallChunk) -> None:
        self.name = piece.get("name")
        self.id = piece.get("id")
        self.index = piece.get("index")
        self.args: list[str] | None = None
        self.extra: Block | None = None
        self.take(piece)

    def take(self, piece: ToolCallChunk) -> None:
        args = piece.get("args")
        if args is not None:
            if self.args is None:
                self.args = []
            self.args.append(args)
        if not piece.keys() <= _KEYS:
            # Keys of a provider's own: what came first stays.
            added = {key: value for key, value in piece.items() if key not in _KEYS}
            self.extra = {**added, **(self.extra or {})}

    def continues(self, piece: ToolCallChunk) -> bool:
        name, key = piece.get("name"), piece.get("id")
        return (not name or name == self.name) and (not key or key == self.id)

    def completes(self, piece: ToolCallChunk) -> bool:
        """Whether the piece is the other half of this call, as far as one can tell."""
        name, key = piece.get("name"), piece.get("id")
        if self.index is None:
            # Without an index, only a piece that names no tool is surely no new call.
            return not name and (not key or key == self.id)
        return (not name or not self.name or name == self.name) and (
            not key or not self.id or key == self.id
        )

    def as_chunk(self) -> ToolCallChunk:
        args = None if self.args is None else "".join(self.args)
        chunk = tool_call_chunk(name=self.name, args=args, id=self.id, index=self.index)
        if self.extra:
            chunk.update(self.extra)  # type: ignore[typeddict-item]  # a provider's own keys
        return chunk


_KEYS = frozenset(tool_call_chunk())


def join_tool_call_chunks(lists: Sequence[list[ToolCallChunk]]) -> list[ToolCallChunk]:
    """Join the pieces of many chunks; those without an index stay as they came."""
    calls: list[_Call] = []
    latest: dict[int | str, _Call] = {}
    for pieces in lists:
        for piece in pieces:
            index = piece.get("index")
            call = None if index is None else latest.get(index)
            if call is not None and call.continues(piece):
                call.take(piece)
                continue
            call = _Call(piece)
            calls.append(call)
            if index is not None:
                latest[index] = call
    return [call.as_chunk() for call in calls]


def read_tool_calls(
    pieces: list[ToolCallChunk],
) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """Read whole calls out of all the pieces that have come."""
    calls: list[_Call] = []
    latest: dict[int | str | None, _Call] = {}
    for piece in join_tool_call_chunks([pieces]):
        call = latest.get(piece["index"])
        if call is not None and call.completes(piece):
            call.name = call.name or piece["name"]
            call.id = call.id or piece["id"]
            call.take(piece)
        else:
            latest[piece["index"]] = call = _Call(piece)
            calls.append(call)
    return _parse(calls)


def _parse(calls: Iterable[_Call]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for call in calls:
        text = "".join(call.args or ())
        args, error = parse_arguments(text)
        if args is not None and call.name:
            valid.append(tool_call(name=call.name, args=args, id=call.id))
        else:
            error = error or "the call names no tool"
            invalid.append(invalid_tool_call(name=call.name, args=text, id=call.id, error=error))
    return valid, invalid


def parse_arguments(text: str) -> tuple[dict[str, Any] | None, str | None]:
    """Parse the arguments of a call: the dict, or None and what is wrong with the text."""
    if not text.strip():
        return {}, None
    try:
        args = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return None, f"the arguments are not valid JSON: {error}"
    if not isinstance(args, dict):
        return None, f"the arguments are JSON, but {type(args).__name__}, not an object"
    return args, None
