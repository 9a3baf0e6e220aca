"""Chunks of one stream add up, by kind, and nothing is lost where they do not."""

from __future__ import annotations

import itertools
import sys
from collections import namedtuple
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow._merge import AddableDict, merge, merge_lossless
from streamflow.errors import ChunkMergeError

JSON_LEAVES = st.none() | st.booleans() | st.integers() | st.text()


class Money:
    """Adds with `+`, to its own kind."""

    def __init__(self, amount: int) -> None:
        self.amount = amount

    def __add__(self, other: object) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount + other.amount)


class Log:
    """Merges many at once, and counts how often it was asked to."""

    merges = 0

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    @classmethod
    def merge_chunks(cls, chunks: Any) -> Log:
        Log.merges += 1
        return cls(*(line for chunk in chunks for line in chunk.lines))


class Refuses:
    def __add__(self, other: object) -> Refuses:
        raise RuntimeError("not today")


class Plain:
    pass


@pytest.mark.parametrize(
    ("chunks", "whole"),
    [
        (["a"], "a"),
        (["a", "b", "", "c"], "abc"),
        ([b"a", b"b"], b"ab"),
        ([[1], [], [2, 3]], [1, 2, 3]),
        ([(1,), (2, 3)], (1, 2, 3)),
        ([1, 2, 3], 6),
        ([1, 2.5], 3.5),
        ([{"a": 1}, {"b": 2}], {"b": 2}),
        ([None, None], None),
        ([True, True], True),
        ([True, False], False),
    ],
)
def test_chunks_of_one_kind(chunks: list[Any], whole: Any) -> None:
    merged = merge(chunks)
    assert merged == whole
    assert type(merged) is type(whole)


def test_one_chunk_is_itself() -> None:
    chunk = Plain()
    assert merge([chunk]) is chunk


def test_objects_without_addition_are_snapshots() -> None:
    last = Plain()
    assert merge([Plain(), Plain(), last]) is last


def test_a_subclass_may_stand_in_for_its_base() -> None:
    class Special(dict[str, int]):
        pass

    assert merge([{"a": 1}, Special(b=2)]) == {"b": 2}
    assert merge([Special(b=2), {"a": 1}]) == {"a": 1}


def test_addition_is_used() -> None:
    assert merge([Money(1), Money(2), Money(3)]).amount == 6


def test_subclasses_of_text_join_unless_they_add_differently() -> None:
    class Tag(str):
        __slots__ = ()

    class Dashed(str):
        __slots__ = ()

        def __add__(self, other: str) -> Dashed:
            return Dashed(f"{self}-{other}")

    assert merge([Tag("a"), "b", Tag("c")]) == "abc"
    assert merge([Dashed("a"), Dashed("b"), Dashed("c")]) == "a-b-c"


def test_named_tuples_add_as_tuples_do() -> None:
    Point = namedtuple("Point", "x y")
    assert merge([Point(1, 2), Point(3, 4)]) == (1, 2, 3, 4)


def test_a_class_that_merges_chunks_is_asked_once() -> None:
    Log.merges = 0
    assert merge([Log("a"), Log("b"), Log("c")]).lines == ("a", "b", "c")
    assert Log.merges == 1


@pytest.mark.parametrize("chunks", [["a", 1], [1, "a"], [{}, "a"], [None, "a"], [[1], (2,)]])
def test_kinds_that_do_not_mix(chunks: list[Any]) -> None:
    with pytest.raises(ChunkMergeError) as caught:
        merge(chunks)
    assert caught.value.left_type is type(chunks[0])
    assert caught.value.right_type is type(chunks[1])


def test_an_error_of_addition_itself_is_the_users() -> None:
    with pytest.raises(RuntimeError, match="not today"):
        merge([Refuses(), Refuses()])


@given(st.lists(st.text(), min_size=1))
def test_text_joins(chunks: list[str]) -> None:
    assert merge(chunks) == "".join(chunks)


@given(st.lists(st.lists(st.integers()), min_size=1))
def test_lists_join(chunks: list[list[int]]) -> None:
    assert merge(chunks) == list(itertools.chain(*chunks))


# ------------------------------------------------------------------------ addable dicts


def test_dicts_add_key_by_key() -> None:
    total = AddableDict(a="x", b=1) + AddableDict(a="y", c=[2])
    assert total == {"a": "xy", "b": 1, "c": [2]}
    assert list(total) == ["a", "b", "c"]
    assert isinstance(total, AddableDict)


@pytest.mark.parametrize(
    ("values", "whole"),
    [([None, "a"], "a"), (["a", None], "a"), ([None, None], None), ([None, "a", None, "b"], "ab")],
)
def test_none_gives_way(values: list[Any], whole: Any) -> None:
    assert merge([AddableDict(k=value) for value in values]) == {"k": whole}


def test_plain_dicts_can_be_added_to_either_side() -> None:
    assert AddableDict(a="x") + {"a": "y"} == {"a": "xy"}
    assert {"a": "x"} + AddableDict(a="y") == {"a": "xy"}
    assert merge([{"a": "x"}, AddableDict(a="y"), AddableDict(a="z"), {"b": 1}]) == {
        "a": "xyz",
        "b": 1,
    }


def test_dicts_add_to_nothing_else() -> None:
    with pytest.raises(TypeError):
        AddableDict() + 1
    with pytest.raises(ChunkMergeError):
        merge([AddableDict(a="x"), "y"])


def test_operands_stay_as_they_were() -> None:
    left, right = AddableDict(a=[1], n=None), AddableDict(a=[2], n=AddableDict(x="y"))
    total = left + right
    total["a"].append(3)
    assert left == {"a": [1], "n": None}
    assert right == {"a": [2], "n": {"x": "y"}}


def test_dicts_nest() -> None:
    chunks = [AddableDict(a=AddableDict(b="x")), AddableDict(a=AddableDict(b="y", c="z"))]
    assert merge(chunks) == {"a": {"b": "xy", "c": "z"}}


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text() | st.none()), min_size=3))
def test_dicts_of_text_add_up_in_any_portions(dicts: list[dict[str, str | None]]) -> None:
    chunks = [AddableDict(each) for each in dicts]
    a, b, *rest = chunks
    assert (a + b) + merge(rest) == a + (b + merge(rest)) == merge(chunks)


# --------------------------------------------------------------------- keeping everything


def test_what_adds_up_has_no_error() -> None:
    assert merge_lossless(["a", "b"]) == ("ab", None)


def test_runs_of_one_kind_are_kept() -> None:
    kept, error = merge_lossless(["a", "b", 1, 2, "c"])
    assert kept == ["ab", 3, "c"]
    assert isinstance(error, ChunkMergeError)
    assert (error.left_type, error.right_type) == (str, int)


def test_only_the_key_that_does_not_add_up_is_a_list() -> None:
    chunks = [AddableDict(good="a", bad="x"), AddableDict(good="b", bad=1)]
    kept, error = merge_lossless(chunks)
    assert kept == {"good": "ab", "bad": ["x", 1]}
    assert isinstance(error, ChunkMergeError)


def test_an_error_of_addition_is_the_cause() -> None:
    first, second = Refuses(), Refuses()
    kept, error = merge_lossless([first, second])
    assert kept == [first, second]
    assert error is not None
    assert isinstance(error.__cause__, RuntimeError)


@given(st.lists(JSON_LEAVES | st.lists(st.integers()) | st.just({"a": 1}), min_size=1))
def test_keeping_never_raises(chunks: list[Any]) -> None:
    kept, error = merge_lossless(chunks)
    if error is None:
        assert kept == merge(chunks)
    else:
        assert isinstance(kept, list)


# ------------------------------------------------------------------------------- cost


def _lines_of(chunks: list[Any]) -> int:
    """How many lines of Python run while chunks are merged: a clock without noise."""
    lines = 0

    def count(frame: Any, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        merge(chunks)
    finally:
        sys.settrace(before)
    return lines


def test_text_is_joined_without_a_loop() -> None:
    assert _lines_of(["x"] * 5000) == _lines_of(["x"] * 10)


def test_work_grows_with_the_chunks_only() -> None:
    def dicts(count: int) -> list[Any]:
        return [AddableDict(a="x", b=[i]) for i in range(count)]

    assert _lines_of(dicts(2000)) < 11 * _lines_of(dicts(200))
