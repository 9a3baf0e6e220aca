"""The tool calls of a model as data, and as instances of the classes that describe them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._unset import UNSET
from ..errors import OutputParserException
from ..messages import AIMessage
from ..outputs import ChatGeneration
from ._calls import Calls, OpenCall
from ._reading import CumulativeReadingParser, standing
from ._typed import Maker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._reading import Reading


class JsonOutputToolsParser(CumulativeReadingParser[Any]):
    """Reads the tool calls of a message: ``{"args": ..., "type": name}`` for each.

    Over a stream, the calls so far are passed on whenever they have changed, with their
    arguments as `JsonOutputParser` completes them.

    Args:
        strict: Refuse line breaks and other control characters inside strings.
        return_id: Add the ``id`` of each call.
        first_tool_only: Give the first call, ``None`` if there is none, not a list.
        diff: Over a stream, pass on JSON patches: see `JsonOutputParser`.

    Raises:
        OutputParserException: the arguments of a call are no whole JSON object, or the input
            is no message of a model.

    >>> from streamflow.messages import AIMessage, tool_call
    >>> message = AIMessage("", tool_calls=[tool_call(name="add", args={"a": 1}, id="x")])
    >>> JsonOutputToolsParser().invoke(message)
    [{'args': {'a': 1}, 'type': 'add'}]
    """

    strict: bool = False
    return_id: bool = False
    first_tool_only: bool = False

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input."""
        return AIMessage | ChatGeneration

    def _reading(self) -> Reading:
        return _Reading(self)

    def _values(self, calls: Sequence[OpenCall], made: dict[int, Any]) -> list[Any]:
        """Return what to give for the calls; ``made`` keeps what need not be made again."""
        return [self._as_dict(call) for call in calls if call.name]

    def _as_dict(self, call: OpenCall) -> dict[str, Any]:
        more = {"id": call.id} if self.return_id else {}
        return {"args": call.args, **more, "type": call.name}


class JsonOutputKeyToolsParser(JsonOutputToolsParser):
    """Reads the arguments of the calls of one tool.

    Args:
        key_name: The name of the tool.
        strict: As for `JsonOutputToolsParser`, and so are the others.
        return_id: Give whole calls with their ``id``, not the arguments alone.
        first_tool_only: Give the first call, ``None`` if there is none, not a list.
        diff: Over a stream, pass on JSON patches.

    >>> from streamflow.messages import AIMessageChunk, tool_call_chunk
    >>> pieces = ['{"a"', ": 1", "2}"]
    >>> chunks = [
    ...     AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name="add", args=args, index=0)])
    ...     for args in pieces
    ... ]
    >>> parser = JsonOutputKeyToolsParser(key_name="add", first_tool_only=True)
    >>> list(parser.transform(iter(chunks)))
    [{}, {'a': 1}, {'a': 12}]
    """

    key_name: str

    def _values(self, calls: Sequence[OpenCall], made: dict[int, Any]) -> list[Any]:
        named = [call for call in calls if call.name == self.key_name]
        return [self._as_dict(call) if self.return_id else call.args for call in named]


class PydanticToolsParser(JsonOutputToolsParser):
    """Reads the tool calls of a message as instances of the classes that describe the tools.

    Over a stream, each instance comes when its call is complete; or, with ``partial``,
    as soon and as often as there is something to make one of.

    Args:
        tools: Pydantic models, attrs classes, dataclasses or TypedDicts.
        partial: Over a stream, yield partial instances: see `PydanticOutputParser`.
        strict: As for `JsonOutputToolsParser`.
        first_tool_only: Give the first instance, ``None`` if there is none, not a list.

    Raises:
        OutputParserException: the arguments of a call make no such instance, or the tool is
            none of these.

    >>> from attrs import frozen
    >>> from streamflow.messages import AIMessage, tool_call
    >>> @frozen
    ... class Add:
    ...     a: int
    >>> message = AIMessage("", tool_calls=[tool_call(name="Add", args={"a": 1}, id="x")])
    >>> PydanticToolsParser(tools=[Add]).invoke(message)
    [Add(a=1)]
    """

    tools: list[Any]
    partial: bool = False

    def _values(self, calls: Sequence[OpenCall], made: dict[int, Any]) -> list[Any]:
        values = []
        for number, call in enumerate(calls):
            if not call.name or not isinstance(call.args, dict):
                continue  # if it stays so, the end of the answer tells
            if call.whole and number not in made:
                made[number] = self._maker_of(call).whole(call.args, call.text)
            value = made.get(number, UNSET)
            if value is UNSET and self.partial:
                value = self._maker_of(call).part(call.args)
            if value is not UNSET:
                values.append(value)
        return values

    def _maker_of(self, call: OpenCall) -> Maker:
        maker = self._makers.get(call.name or "")
        if maker is None:
            raise OutputParserException(
                f"there is no tool {call.name!r}, only {', '.join(map(repr, self._makers))}",
                text=call.text,
            )
        return maker

    @cached_property
    def _makers(self) -> dict[str, Maker]:
        from ..tools import convert_to_openai_function  # noqa: PLC0415 - loads pydantic

        return {convert_to_openai_function(tool)["name"]: Maker(tool) for tool in self.tools}


class _Reading:
    """The tool calls of one answer."""

    def __init__(self, parser: JsonOutputToolsParser) -> None:
        self._parser = parser
        self._calls = Calls(strict=parser.strict)
        self._made: dict[int, Any] = {}
        self._last: Any = UNSET

    def feed(self, chunk: Any) -> Iterable[Any]:
        return self._news() if self._calls.feed(chunk, self._parser) else ()

    def close(self) -> Iterable[Any]:
        for call in self._calls.all:
            call.end()
        if self._last is UNSET and not self._parser.first_tool_only:
            self._last = None  # so that a list without items is news
        return self._news()

    def _news(self) -> Iterable[Any]:
        values: Any = self._parser._values(self._calls.all, self._made)
        if self._parser.first_tool_only:
            if not values:
                return ()
            values = values[0]
        elif not values and self._last is UNSET:
            return ()
        if self._last is not UNSET and type(values) is type(self._last) and values == self._last:
            return ()
        self._last = values
        return (standing(values),)
