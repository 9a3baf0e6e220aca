"""Chunks of a message add up, in any portions, each field by its own rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge, merge_lossless
from streamflow.errors import ChunkMergeError, MessageMergeError
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessageChunk,
    ChatMessageChunk,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessageChunk,
    ToolMessageChunk,
    tool_call_chunk,
)


def test_text_adds_up() -> None:
    words = ["The", " sky", " appears", " blue", " during"]
    chunks = [AIMessageChunk(content=word, id="run-1") for word in words]
    total = chunks[0] + chunks[1] + chunks[2] + chunks[3] + chunks[4]
    assert repr(total) == "AIMessageChunk(content='The sky appears blue during', id='run-1')"
    assert merge(chunks) == total
    assert AIMessageChunk.merge_chunks(chunks) == total
    assert chunks[0] + chunks[1:] == total


def test_one_chunk_is_itself() -> None:
    chunk = AIMessageChunk("x")
    assert AIMessageChunk.merge_chunks([chunk]) is chunk


def test_the_first_id_and_name_hold() -> None:
    total = AIMessageChunk("") + AIMessageChunk("", id="1", name="a") + AIMessageChunk("", id="2")
    assert (total.id, total.name) == ("1", "a")


@pytest.mark.parametrize(
    ("contents", "whole"),
    [
        (["a", "b"], "ab"),
        (["", ""], ""),
        (["", []], ""),
        ([[], []], []),
        (["a", []], "a"),
        (["", ["a"]], ["a"]),
        (["a", ["b"], "c"], ["abc"]),
        (["a", [{"type": "image"}], "b", "c"], ["a", {"type": "image"}, "bc"]),
        ([[{"type": "text", "text": "a"}]] * 2, [{"type": "text", "text": "a"}] * 2),
        (
            ["", [{"type": "text", "text": "a", "index": 0}], [{"text": "b", "index": 0}], "c"],
            [{"type": "text", "text": "ab", "index": 0}, "c"],
        ),
        (
            [[{"index": 0, "text": "a"}, {"index": 1, "text": "x"}], [{"index": 0, "text": "b"}]],
            [{"index": 0, "text": "ab"}, {"index": 1, "text": "x"}],
        ),
        (
            [[{"type": "text", "index": 0, "text": "a"}], [{"type": "image", "index": 0}]],
            [{"type": "text", "index": 0, "text": "a"}, {"type": "image", "index": 0}],
        ),
        (
            [
                [{"type": "tool_use", "id": "t", "name": "f", "index": 1}],
                [{"type": "input_json_delta", "partial_json": "{", "index": 1}],
                [{"type": "input_json_delta", "partial_json": "}", "index": 1}],
            ],
            [{"type": "tool_use", "id": "t", "name": "f", "index": 1, "partial_json": "{}"}],
        ),
    ],
)
def test_content_of_text_and_blocks(contents: list[Any], whole: Any) -> None:
    chunks = [AIMessageChunk(content) for content in contents]
    assert AIMessageChunk.merge_chunks(chunks).content == whole


def test_the_sum_shares_no_list_with_a_chunk() -> None:
    chunk = AIMessageChunk([{"type": "image"}], response_metadata={"a": 1})
    total = AIMessageChunk("") + chunk
    assert isinstance(total.content, list)
    total.content.append("x")
    total.response_metadata["b"] = 2
    assert chunk == AIMessageChunk([{"type": "image"}], response_metadata={"a": 1})


@pytest.mark.parametrize(
    ("values", "kwargs", "metadata"),
    [
        (["a", "b"], "ab", "b"),
        (["a", "a"], "aa", "a"),
        ([1, 2], 2, 2),
        ([1.5, 2.5], 2.5, 2.5),
        ([True, False], False, False),
        ([None, "a"], "a", "a"),
        (["a", None], "a", "a"),
        ([None, None], None, None),
        ([[1], [2]], [1, 2], [1, 2]),
        (
            [{"x": "a", "n": 1}, {"x": "b", "y": 2}],
            *[{"x": x, "n": 1, "y": 2} for x in ("ab", "b")],
        ),
        (["a", 1, "b"], "ab", "b"),
        (["a", {"x": 1}, [2]], {"x": 1}, {"x": 1}),
        (
            [[{"index": 0, "s": "a"}], [{"index": 0, "s": "b"}]],
            [{"index": 0, "s": "ab"}],
            [{"index": 0, "s": "a"}, {"index": 0, "s": "b"}],
        ),
    ],
)
def test_what_providers_add(values: list[Any], kwargs: Any, metadata: Any) -> None:
    total = AIMessageChunk.merge_chunks(
        [AIMessageChunk("", additional_kwargs={"k": v}, response_metadata={"k": v}) for v in values]
    )
    assert total.additional_kwargs == {"k": kwargs}
    assert total.response_metadata == {"k": metadata}


def test_labels_are_taken_once() -> None:
    def chunk(**call: object) -> AIMessageChunk:
        return AIMessageChunk("", additional_kwargs={"function_call": call})

    total = (
        chunk(name="f", arguments="") + chunk(name="f", arguments='{"a"') + chunk(arguments=":1}")
    )
    assert total.additional_kwargs == {"function_call": {"name": "f", "arguments": '{"a":1}'}}


def test_usage_adds_up_with_its_details() -> None:
    first = AIMessageChunk(
        "",
        usage_metadata={
            "input_tokens": 182,
            "output_tokens": 0,
            "total_tokens": 182,
            "input_token_details": {"cache_read": 5},
        },
    )
    last = AIMessageChunk(
        "",
        usage_metadata={
            "input_tokens": 0,
            "output_tokens": 16,
            "total_tokens": 16,
            "input_token_details": {"cache_read": 1, "audio": 2},
            "output_token_details": {"reasoning": 7},
        },
    )
    assert (first + AIMessageChunk("x") + last).usage_metadata == {
        "input_tokens": 182,
        "output_tokens": 16,
        "total_tokens": 198,
        "input_token_details": {"cache_read": 6, "audio": 2},
        "output_token_details": {"reasoning": 7},
    }
    assert (AIMessageChunk("") + AIMessageChunk("")).usage_metadata is None


def test_tool_messages() -> None:
    total = ToolMessageChunk("a", tool_call_id="1", artifact=[1]) + ToolMessageChunk(
        "b", tool_call_id="1", artifact=[2], status="error"
    )
    whole = ToolMessageChunk("ab", tool_call_id="1", artifact=[1, 2], status="error")
    assert total == whole
    assert total + ToolMessageChunk("", tool_call_id="1") == whole


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        (
            ToolMessageChunk("", tool_call_id="1"),
            ToolMessageChunk("", tool_call_id="2"),
            "tool_call_id='2' to one with tool_call_id='1'",
        ),
        (ChatMessageChunk("", role="a"), ChatMessageChunk("", role="b"), "role='b'"),
        (FunctionMessageChunk("", name="a"), FunctionMessageChunk("", name="b"), "name='b'"),
    ],
)
def test_parts_of_different_messages(
    left: BaseMessageChunk, right: BaseMessageChunk, told: str
) -> None:
    with pytest.raises(MessageMergeError, match=told):
        left + right
    with pytest.raises(MessageMergeError, match=told):
        merge([left, right])


@pytest.mark.parametrize("other", [HumanMessageChunk("y"), HumanMessage("y"), AIMessage("y")])
def test_other_kinds_do_not_add_up(other: object) -> None:
    chunk = AIMessageChunk("x")
    with pytest.raises(ChunkMergeError, match=f"{type(other).__name__} .*AIMessageChunk"):
        chunk + other
    with pytest.raises(ChunkMergeError):
        merge([chunk, other])
    kept, error = merge_lossless([chunk, chunk, other])
    assert kept == [AIMessageChunk("xx"), other]
    assert error is not None


@pytest.mark.parametrize("other", ["y", 1, None])
def test_what_is_no_message_does_not_add_up(other: Any) -> None:
    with pytest.raises(TypeError):
        AIMessageChunk("x") + other
    others = [other]
    with pytest.raises(ChunkMergeError):
        AIMessageChunk("x") + others


def test_subclasses_add_up_with_their_base() -> None:
    class Mine(AIMessageChunk):
        pass

    assert Mine("a") + AIMessageChunk("b") == Mine("ab")
    assert AIMessageChunk("a") + Mine("b") == AIMessageChunk("ab")


# -------------------------------------------------------------------------------- laws

LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"])
KEYS = st.sampled_from(["k", "id", "type", "index", "x"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
DICTS = st.dictionaries(KEYS, VALUES, max_size=3)
BLOCKS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "image", "text_delta"]),
        "text": st.sampled_from(["", "a", "b"]),
        "index": st.sampled_from([0, 1, "0", None]),
    },
)
CONTENTS = st.sampled_from(["", "a", "bc"]) | st.lists(
    st.sampled_from(["", "a", "b"]) | BLOCKS, max_size=3
)
COUNTS = st.integers(0, 9)
USAGES = st.fixed_dictionaries(
    {"input_tokens": COUNTS, "output_tokens": COUNTS, "total_tokens": COUNTS},
    optional={"input_token_details": st.dictionaries(st.sampled_from(["audio", "x"]), COUNTS)},
)
PIECES = st.builds(
    tool_call_chunk,
    name=st.sampled_from([None, "", "f", "g"]),
    args=st.sampled_from([None, "", "{", "}", '"a":1']),
    id=st.sampled_from([None, "", "1", "2"]),
    index=st.sampled_from([None, 0, 1, "0"]),
)
AI_CHUNKS = st.builds(
    AIMessageChunk,
    content=CONTENTS,
    additional_kwargs=DICTS,
    response_metadata=DICTS,
    name=st.sampled_from([None, "n", "m"]),
    id=st.sampled_from([None, "1", "2"]),
    usage_metadata=st.none() | USAGES,
    tool_call_chunks=st.lists(PIECES, max_size=3),
)
TOOL_CHUNKS = st.builds(
    ToolMessageChunk,
    content=CONTENTS,
    tool_call_id=st.just("1"),
    artifact=VALUES,
    status=st.sampled_from(["success", "error"]),
)


@pytest.mark.parametrize("make", [HumanMessageChunk, SystemMessageChunk])
@given(contents=st.tuples(CONTENTS, CONTENTS, CONTENTS))
def test_content_adds_up_in_any_portions(make: Callable[..., Any], contents: Any) -> None:
    a, b, c = map(make, contents)
    assert (a + b) + c == a + (b + c) == make.merge_chunks([a, b, c])  # type: ignore[attr-defined]  # a class


@given(st.lists(AI_CHUNKS | TOOL_CHUNKS, min_size=3, max_size=6), st.data())
def test_chunks_add_up_in_any_portions(chunks: list[Any], data: st.DataObject) -> None:
    chunks = [chunk for chunk in chunks if type(chunk) is type(chunks[0])]
    if len(chunks) < 3:
        return
    first = data.draw(st.integers(1, len(chunks) - 2))
    second = data.draw(st.integers(first + 1, len(chunks) - 1))
    a, b, c = map(merge, (chunks[:first], chunks[first:second], chunks[second:]))
    whole = merge(chunks)
    assert (a + b) + c == a + (b + c) == whole
    assert repr((a + b) + c) == repr(a + (b + c))


@given(st.lists(AI_CHUNKS, min_size=2, max_size=4))
def test_adding_up_changes_no_chunk(chunks: list[AIMessageChunk]) -> None:
    before = [repr(chunk) for chunk in chunks]
    merge(chunks)
    assert [repr(chunk) for chunk in chunks] == before


@given(st.lists(st.text(), min_size=1))
def test_no_text_is_lost(texts: list[str]) -> None:
    assert merge([AIMessageChunk(text) for text in texts]).text == "".join(texts)
