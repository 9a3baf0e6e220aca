"""Texts cut into pieces in any way, and parsers fed with them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from streamflow.messages import AIMessageChunk, tool_call_chunk
from streamflow.runnables import Runnable

cut_sizes = st.lists(st.integers(0, 9), max_size=40)


def cut(text: str, sizes: list[int]) -> list[str]:
    """The text in pieces of these sizes, the rest as one more."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(text[start : start + size])
        start += size
    return [*pieces, text[start:]]


def streamed(parser: Runnable[Any, Any], pieces: list[Any]) -> list[Any]:
    return list(parser.transform(iter(pieces)))


def calls(name: str, pieces: list[str], index: int = 0) -> list[AIMessageChunk]:
    """The chunks in which a model streams a tool call."""
    first = tool_call_chunk(name=name, args="", id=f"call-{index}", index=index)
    rest = [tool_call_chunk(args=piece, index=index) for piece in pieces]
    return [AIMessageChunk("", tool_call_chunks=[piece]) for piece in (first, *rest)]
