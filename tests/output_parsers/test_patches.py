"""How one value differs from the one before."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from streamflow.output_parsers._patch import make_patch
from streamflow.views._json_patch import apply
from tests.output_parsers.test_json_output_parser import values


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other) if not isinstance(one, (dict, list)) else one == other


@given(before=values, after=values)
def test_a_patch_makes_the_one_of_the_other(before: Any, after: Any) -> None:
    patch = make_patch(before, after)
    assert same(apply(before, patch), after)
    assert make_patch(after, after) == []


def test_numbers_that_are_equal_may_differ() -> None:
    assert make_patch({"a": 1}, {"a": 1.0}) == [{"op": "replace", "path": "/a", "value": 1.0}]
    assert make_patch([True], [1]) == [{"op": "replace", "path": "/0", "value": 1}]


def test_what_it_says() -> None:
    assert make_patch({"a/b": [1, {"c": 2}], "d": 3}, {"a/b": [1, {"c": 4}, 5]}) == [
        {"op": "remove", "path": "/d"},
        {"op": "add", "path": "/a~1b/2", "value": 5},
        {"op": "replace", "path": "/a~1b/1/c", "value": 4},
    ]
    assert make_patch([1, 2, 3], [1]) == [
        {"op": "remove", "path": "/2"},
        {"op": "remove", "path": "/1"},
    ]


def test_as_deep_as_you_like() -> None:
    before: Any = 1
    after: Any = 2
    for _ in range(5_000):
        before, after = [before], [after]
    assert make_patch(before, after) == [{"op": "replace", "path": "/0" * 5_000, "value": 2}]
