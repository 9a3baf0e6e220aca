"""Tool calls come in pieces, and providers cut them in ways of their own."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    ToolCallChunk,
    invalid_tool_call,
    message_chunk_to_message,
    tool_call,
    tool_call_chunk as piece,
)


def chunk(*pieces: ToolCallChunk) -> AIMessageChunk:
    return AIMessageChunk("", tool_call_chunks=list(pieces))


def total(*pieces: ToolCallChunk) -> AIMessageChunk:
    """The sum of a stream in which each piece comes in a chunk of its own."""
    return merge([chunk(each) for each in pieces])


def test_the_pieces_of_a_call_are_one_call() -> None:
    whole = total(
        piece(name="add", args="", id="c1", index=0),
        piece(args='{"a": 1,', index=0),
        piece(args=' "b": 2}', index=0),
    )
    assert whole.tool_call_chunks == [
        piece(name="add", args='{"a": 1, "b": 2}', id="c1", index=0),
    ]
    assert whole.tool_calls == [tool_call(name="add", args={"a": 1, "b": 2}, id="c1")]
    assert whole.invalid_tool_calls == []


def test_parallel_calls_may_interleave() -> None:
    whole = total(
        piece(name="f", args="", id="1", index=0),
        piece(name="g", args="", id="2", index=1),
        piece(args='{"x":', index=0),
        piece(args='{"y":', index=1),
        piece(args="1}", index=0),
        piece(args="2}", index=1),
    )
    assert whole.tool_calls == [
        tool_call(name="f", args={"x": 1}, id="1"),
        tool_call(name="g", args={"y": 2}, id="2"),
    ]


CALL = tool_call(name="f", args={"x": 1}, id="1")
ODDITIES: dict[str, tuple[list[ToolCallChunk], list[Any]]] = {
    "no arguments": ([piece(name="f", args="", id="1", index=0)], [{**CALL, "args": {}}]),
    "arguments None": ([piece(name="f", id="1", index=0)], [{**CALL, "args": {}}]),
    "name and id in every piece": (
        [piece(name="f", args=part, id="1", index=0) for part in ("{", '"x":1', "}")],
        [CALL],
    ),
    "empty name and id in later pieces": (
        [
            piece(name="f", args="", id="1", index=0),
            piece(name="", args='{"x":1}', id="", index=0),
        ],
        [CALL],
    ),
    "two calls with one index": (
        [
            piece(name="f", args="", id="1", index=0),
            piece(args='{"x":1}', index=0),
            piece(name="f", args="", id="2", index=0),
            piece(args='{"x":1}', index=0),
        ],
        [CALL, {**CALL, "id": "2"}],
    ),
    "two calls without ids with one index": (
        [piece(name=name, args='{"x":1}', index=0) for name in ("f", "g")],
        [{**CALL, "id": None}, {**CALL, "id": None, "name": "g"}],
    ),
    "the id comes late": (
        [piece(name="f", args="", index=0), piece(args='{"x":1}', id="1", index=0)],
        [CALL],
    ),
    "the name comes late": (
        [
            piece(name="", args="", id="1", index=0),
            piece(name="f", args='{"x":1}', id="1", index=0),
        ],
        [CALL],
    ),
    "the index is text": (
        [piece(name="f", args="{", id="1", index="a"), piece(args='"x":1}', index="a")],
        [CALL],
    ),
    "whole calls without index": (
        [piece(name="f", args='{"x":1}', id=key) for key in ("1", "2")],
        [CALL, {**CALL, "id": "2"}],
    ),
    "equal calls without index or id": (
        [piece(name="f", args='{"x":1}')] * 2,
        [{**CALL, "id": None}] * 2,
    ),
    "pieces without index": (
        [piece(name="f", args="{", id="1"), piece(args='"x":1'), piece(args="}")],
        [CALL],
    ),
    "keys left out": (
        [{"name": "f", "id": "1", "index": 0}, {"args": '{"x":1}', "index": 0}],  # type: ignore[typeddict-item, list-item]  # as they come
        [CALL],
    ),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_what_providers_do(oddity: str) -> None:
    pieces, calls = ODDITIES[oddity]
    whole = total(*pieces)
    assert whole.tool_calls == calls
    assert whole.invalid_tool_calls == []
    assert chunk(*pieces).tool_calls == calls


def test_pieces_without_index_stay_apart_until_they_are_read() -> None:
    pieces = [piece(name="f", args="{"), piece(args="}")]
    assert total(*pieces).tool_call_chunks == pieces


def test_a_providers_own_keys_stay() -> None:
    first: Any = {**piece(name="f", args="", id="1", index=0), "signature": "s"}
    later: Any = {**piece(args="{}", index=0), "signature": "t", "more": 1}
    assert total(first, later).tool_call_chunks == [
        {**piece(name="f", args="{}", id="1", index=0), "signature": "s", "more": 1}
    ]


@pytest.mark.parametrize(
    ("args", "problem"),
    [('{"a": [1,', "not valid JSON"), ("[1]", "list, not an object"), ("{}{}", "not valid JSON")],
)
def test_arguments_that_are_no_object(args: str, problem: str) -> None:
    message = chunk(piece(name="f", args=args, id="1", index=0))
    assert message.tool_calls == []
    (bad,) = message.invalid_tool_calls
    assert (bad["name"], bad["args"], bad["id"]) == ("f", args, "1")
    assert problem in (bad["error"] or "")


def test_a_call_without_a_name_is_invalid() -> None:
    (bad,) = chunk(piece(args="{}", index=0)).invalid_tool_calls
    assert "names no tool" in (bad["error"] or "")


def test_reading_the_calls_does_not_change_a_chunk() -> None:
    pieces = piece(name="f", args="{}", id="1", index=0)
    read = chunk(pieces)
    assert read.tool_calls
    assert read == chunk(pieces)
    assert read + chunk(piece(index=0)) == chunk(pieces) + chunk(piece(index=0))


def test_calls_that_come_whole_stay() -> None:
    whole = AIMessageChunk("", tool_calls=[CALL])
    assert whole.tool_calls == [CALL]
    assert (whole + AIMessageChunk("x")).tool_calls == [CALL]
    other = chunk(piece(name="g", args="{}", id="2", index=0))
    both = [CALL, tool_call(name="g", args={}, id="2")]
    assert (whole + other).tool_calls == both
    bad = invalid_tool_call(name="f", args="{", id="3", error="cut off")
    assert (AIMessageChunk("", invalid_tool_calls=[bad]) + whole).invalid_tool_calls == [bad]


def test_a_call_in_both_forms_is_one_call() -> None:
    pieces = [piece(name="f", args='{"x":1}', id="1", index=0)]
    assert AIMessageChunk("", tool_calls=[CALL], tool_call_chunks=pieces).tool_calls == [CALL]


def test_calls_can_be_replaced() -> None:
    message = chunk(piece(name="f", args="{", id="1", index=0))
    message.tool_calls = [CALL]
    message.invalid_tool_calls = []
    assert message_chunk_to_message(message) == AIMessage("", tool_calls=[CALL])


ARGUMENTS = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), max_size=4
)


@given(
    st.lists(st.tuples(st.sampled_from("fg"), ARGUMENTS), min_size=1, max_size=3),
    st.integers(1, 5),
)
def test_calls_cut_anywhere_come_back(calls: list[tuple[str, Any]], size: int) -> None:
    pieces = []
    for index, (name, args) in enumerate(calls):
        text = json.dumps(args)
        pieces.append(piece(name=name, args="", id=f"c{index}", index=index))
        pieces += [
            piece(args=text[at : at + size], index=index) for at in range(0, len(text), size)
        ]
    assert total(*pieces).tool_calls == [
        tool_call(name=name, args=args, id=f"c{index}") for index, (name, args) in enumerate(calls)
    ]


def test_thousands_of_pieces_take_milliseconds() -> None:
    parts = ["[", *["1234567890," for _ in range(8000)], "0]}"]
    pieces = [piece(name="f", args='{"x":', id="1", index=0)]
    pieces += [piece(args=part, index=0) for part in parts]
    chunks = [chunk(each) for each in pieces]
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        whole = merge(chunks)
        best = min(best, time.perf_counter() - start)
    assert len(whole.tool_calls[0]["args"]["x"]) == 8001
    # A few milliseconds; adding them up one by one, parsing each time, takes seconds.
    assert best < 0.2
