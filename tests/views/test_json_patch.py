"""The patches of a log, applied by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.errors import LogPatchError
from streamflow.views import RunLog, RunLogPatch
from streamflow.views._json_patch import apply, pointer


def op(kind: str, path: str, value: Any = None) -> dict[str, Any]:
    return {"op": kind, "path": path, "value": value}


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        (op("replace", "", 1), 1),
        (op("add", "/c", 3), {"a": [1, {"b": 2}], "c": 3}),
        (op("add", "/a", 3), {"a": 3}),
        (op("replace", "/a", 3), {"a": 3}),
        (op("remove", "/a"), {}),
        (op("add", "/a/-", 3), {"a": [1, {"b": 2}, 3]}),
        (op("add", "/a/0", 3), {"a": [3, 1, {"b": 2}]}),
        (op("add", "/a/2", 3), {"a": [1, {"b": 2}, 3]}),
        (op("replace", "/a/0", 3), {"a": [3, {"b": 2}]}),
        (op("remove", "/a/0"), {"a": [{"b": 2}]}),
        (op("add", "/a/1/c", 3), {"a": [1, {"b": 2, "c": 3}]}),
        (op("add", "/~1~0", 3), {"a": [1, {"b": 2}], "/~": 3}),
    ],
)
def test_an_operation_makes_a_new_value(operation: Any, result: Any) -> None:
    value = {"a": [1, {"b": 2}]}
    assert apply(value, [operation]) == result
    assert value == {"a": [1, {"b": 2}]}


def test_what_the_path_does_not_touch_is_shared() -> None:
    value: dict[str, Any] = {"a": {"x": []}, "b": {"y": []}}
    changed = apply(value, [op("add", "/a/x/-", 1)])
    assert changed["b"] is value["b"]
    assert changed["a"] is not value["a"]


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (op("copy", "/a"), "not an operation"),
        ({"op": "add"}, "not an operation"),
        ({"op": "add", "path": "/c"}, "needs a value"),
        (op("add", "c", 1), "starts with '/'"),
        (op("replace", "/c", 1), "no 'c'"),
        (op("remove", "/c"), "no 'c'"),
        (op("add", "/c/d", 1), "no 'c'"),
        (op("add", "/a/7", 1), "no item 7"),
        (op("replace", "/a/-", 1), "no place in a list"),
        (op("replace", "/a/2", 1), "no item 2"),
        (op("add", "/a/0/x", 1), "not below"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(operation: Any, why: str) -> None:
    with pytest.raises(LogPatchError, match=why) as caught:
        apply({"a": [1, 2]}, [operation])
    assert caught.value.path == str(operation.get("path"))


@given(st.lists(st.text(), min_size=1))
def test_a_pointer_leads_to_its_keys(keys: list[str]) -> None:
    value: Any = 0
    for key in reversed(keys):
        value = {key: value}
    changed = apply(value, [op("replace", pointer(*keys), 1)])
    assert json.dumps(changed) == json.dumps(value)[: -1 - len(keys)] + "1" + "}" * len(keys)


def test_patches_and_logs_add_up() -> None:
    first, second = RunLogPatch(op("replace", "", {"n": 1})), RunLogPatch(op("add", "/m", 2))
    assert first + second == RunLog({"n": 1, "m": 2})
    assert RunLog({"n": 1}) + second == RunLog({"n": 1, "m": 2})
    assert first == RunLogPatch(*first.ops)
    assert first != second
    assert repr(second) == "RunLogPatch({'op': 'add', 'path': '/m', 'value': 2})"


def test_a_patch_without_those_before_it_is_no_log() -> None:
    with pytest.raises(LogPatchError, match="'m' is not below a dict or a list"):
        RunLogPatch(op("add", "/m", 2)) + RunLogPatch()
    with pytest.raises(TypeError):
        RunLogPatch() + 1  # type: ignore[operator]  # on purpose
