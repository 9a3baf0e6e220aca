"""What happens to what a parser reads from when it is left, or fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from streamflow.errors import OutputParserException
from streamflow.messages import AIMessageChunk, tool_call_chunk
from streamflow.output_parsers import (
    BaseCumulativeTransformOutputParser,
    CommaSeparatedListOutputParser,
    JsonOutputParser,
    JsonOutputToolsParser,
    StrOutputParser,
    XMLOutputParser,
)


class Length(BaseCumulativeTransformOutputParser[int]):
    def parse_result(self, result: Any, *, partial: bool = False) -> Any:
        return len(result[0].text)


CALL = AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name="a", args='{"a', index=0)])
BROKEN = AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name="a", args='{"a": ]', index=0)])
PARSERS: list[tuple[Any, Any]] = [
    (StrOutputParser(), "a"),
    (JsonOutputParser(), '{"a": 1'),
    (JsonOutputParser(diff=True), '{"a": 1'),
    (JsonOutputToolsParser(), CALL),
    (CommaSeparatedListOutputParser(), "a, "),
    (XMLOutputParser(), "<a><b/>"),
    (Length(), "a"),
]
by_class = pytest.mark.parametrize(
    ("parser", "chunk"), PARSERS, ids=lambda value: type(value).__name__
)


class Source:
    """Yields one chunk, then waits or fails; knows whether it was closed."""

    def __init__(self, chunk: Any, error: Exception | None = None) -> None:
        self.chunk, self.error, self.closed = chunk, error, False

    async def chunks(self) -> AsyncIterator[Any]:
        try:
            yield self.chunk
            if self.error is not None:
                raise self.error
            await anyio.sleep_forever()
        finally:
            self.closed = True


@by_class
async def test_left_early(parser: Any, chunk: Any) -> None:
    source = Source(chunk)
    async with parser.atransform(source.chunks()) as values:
        async for _ in values:
            break
    assert source.closed


@by_class
async def test_cancelled(parser: Any, chunk: Any) -> None:
    source = Source(chunk)
    with anyio.move_on_after(0.01) as scope:
        async for _ in parser.atransform(source.chunks()):
            pass
    assert scope.cancelled_caught
    assert source.closed


@by_class
async def test_an_error_before_it_travels_unchanged(parser: Any, chunk: Any) -> None:
    error = KeyError("before")
    source = Source(chunk, error)
    with pytest.raises(KeyError) as caught:
        async for _ in parser.atransform(source.chunks()):
            pass
    assert caught.value is error
    assert source.closed


async def test_its_own_error_closes_what_is_before_it() -> None:
    for parser, chunk in (
        (JsonOutputToolsParser(), BROKEN),
        (XMLOutputParser(), "<a><b></a>"),
    ):
        source = Source(chunk)
        with anyio.fail_after(5), pytest.raises(OutputParserException):
            async for _ in parser.atransform(source.chunks()):
                pass
        assert source.closed
