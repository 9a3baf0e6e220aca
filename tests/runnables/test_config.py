"""Configs: how they merge, what they inherit, and what is wrong with a bad one."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Bus, Run, current_run
from streamflow.errors import ConfigError, NoActiveRunError
from streamflow.runnables import (
    RunnableConfig,
    RunnableLambda,
    RunnableParallel,
    ensure_config,
    get_config,
    merge_configs,
    patch_config,
)


def listen(message: Any) -> None:
    """A listener."""


def listen_too(message: Any) -> None:
    """Another one."""


BUSES = (Bus(), Bus())
SMALL = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)
CONFIGS: Any = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.lists(st.sampled_from(["red", "green", "blue"]), max_size=3),
        "metadata": SMALL,
        "configurable": SMALL,
        "callbacks": st.sampled_from([listen, [listen], [listen, listen_too], (listen_too,), []]),
        "run_name": st.sampled_from(["one", "two"]),
        "run_id": st.uuids() | st.none(),
        "max_concurrency": st.integers(1, 3) | st.none(),
        "recursion_limit": st.integers(0, 3),
        "channel_capacity": st.integers(1, 3) | st.none(),
        "strict_streaming": st.booleans(),
        "bus": st.sampled_from(BUSES),
        "my_own_key": st.integers(0, 3),
    },
)


# ---------------------------------------------------------------------------- merge_configs


@given(CONFIGS, CONFIGS, CONFIGS)
def test_merging_is_associative(a: Any, b: Any, c: Any) -> None:
    whole = merge_configs(a, b, c)
    assert merge_configs(merge_configs(a, b), c) == whole
    assert merge_configs(a, merge_configs(b, c)) == whole


@given(CONFIGS)
def test_nothing_added_changes_nothing(config: Any) -> None:
    alone = merge_configs(config)
    assert merge_configs(config, {}) == merge_configs({}, config) == alone
    assert merge_configs(None, config, None) == alone
    assert merge_configs(alone) == alone
    assert merge_configs() == merge_configs(None) == {}


@given(CONFIGS, CONFIGS)
def test_the_later_value_counts(a: Any, b: Any) -> None:
    merged: Any = merge_configs(a, b)
    for key in {*a, *b} - {"tags", "metadata", "configurable", "callbacks"}:
        given_ = [config[key] for config in (a, b) if config.get(key) is not None]
        assert merged.get(key) == (given_[-1] if given_ else None)
    for key in ("metadata", "configurable"):
        assert merged.get(key, {}) == {**a.get(key, {}), **b.get(key, {})}
    assert set(merged.get("tags", ())) == {*a.get("tags", ()), *b.get("tags", ())}
    assert len(merged.get("tags", ())) == len(set(merged.get("tags", ())))


@given(CONFIGS, CONFIGS)
def test_merging_changes_none_of_them(a: Any, b: Any) -> None:
    buses = a.pop("bus", None), b.pop("bus", None)  # which cannot be copied
    before = copy.deepcopy((a, b))
    merged: Any = merge_configs(a, b)
    for key in ("metadata", "configurable"):
        merged.setdefault(key, {})["new"] = "new"
    merged.setdefault("tags", []).append("new")
    assert (a, b) == before
    assert merge_configs({"bus": buses[0]}) == ({"bus": buses[0]} if buses[0] else {})


def test_listeners_add_up() -> None:
    merged = merge_configs({"callbacks": [listen]}, {"callbacks": listen_too})
    assert merged["callbacks"] == [listen, listen_too]


# ---------------------------------------------------------------------------- patch_config


def test_patching_replaces_some_keys_of_a_copy() -> None:
    config: RunnableConfig = {"tags": ["red"], "metadata": {"a": 1}}
    assert patch_config(config, tags=["green"], run_name="me") == {
        "tags": ["green"],
        "metadata": {"a": 1},
        "run_name": "me",
    }
    assert config == {"tags": ["red"], "metadata": {"a": 1}}
    assert patch_config(None) == {}


def test_patching_an_unknown_key_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"runname.*run_name"):
        patch_config({}, runname="me")


# --------------------------------------------------------------------------- ensure_config


def test_a_complete_config_has_all_that_is_inherited() -> None:
    config = ensure_config({"tags": ["red"], "run_name": "me"})
    assert config["tags"] == ["red"]
    assert config["run_name"] == "me"
    assert (config["metadata"], config["configurable"], config["callbacks"]) == ({}, {}, None)
    assert config["recursion_limit"] == 25
    assert "max_concurrency" not in config
    assert ensure_config() == ensure_config(None) == ensure_config({})


def test_completing_again_changes_nothing() -> None:
    once = ensure_config({"tags": ["red"], "metadata": {"a": 1}, "max_concurrency": 2})
    assert ensure_config(once) == once


def test_inside_a_run_it_completes_with_what_that_hands_down() -> None:
    seen: list[RunnableConfig] = []

    def look(_: Any) -> None:
        seen.append(ensure_config({"tags": ["green"], "metadata": {"b": 2}}))

    RunnableLambda(look).invoke(0, {"tags": ["red"], "metadata": {"a": 1}, "run_name": "outer"})
    [config] = seen
    assert sorted(config["tags"]) == ["green", "red"]
    assert config["metadata"] == {"a": 1, "b": 2}
    assert "run_name" not in config


# ------------------------------------------------------------------------------ get_config


def test_outside_of_a_run_there_is_no_config() -> None:
    with pytest.raises(NoActiveRunError, match=r"copy_context"):
        get_config()
    with Bus().active(), pytest.raises(NoActiveRunError):
        get_config()


async def test_from_anywhere_below_a_run_there_is() -> None:
    seen: list[RunnableConfig] = []

    def plain(_: Any) -> None:
        seen.append(get_config())

    async def asynchronous(_: Any) -> None:
        seen.append(get_config())

    def generator(_: Any) -> Any:
        seen.append(get_config())
        yield 1

    branches = RunnableParallel(a=plain, b=asynchronous, c=RunnableLambda(generator))
    given_: RunnableConfig = {"tags": ["red"], "metadata": {"a": 1}, "configurable": {"k": "v"}}
    await branches.ainvoke(0, given_)
    branches.invoke(0, given_)
    assert len(seen) == 6
    for config in seen:
        assert config["tags"] == ["red"]
        assert config["metadata"] == {"a": 1}
        assert config["configurable"] == {"k": "v"}
    with pytest.raises(NoActiveRunError):
        get_config()


def test_it_makes_a_call_elsewhere_a_child() -> None:
    parents: list[Run | None] = []
    inner = RunnableLambda(lambda _: parents.append(current_run().parent))  # type: ignore[union-attr]  # in a run

    def outer(_: Any) -> None:
        parents.append(current_run())
        inner.invoke(0, get_config())

    RunnableLambda(outer).invoke(0)
    assert parents[0] is parents[1] is not None


# -------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("tag", "tags"), ("run_nam", "run_name"), ("max_concurency", "max_concurrency")],
)
def test_an_unknown_key_goes_to_configurable_with_a_hint(wrong: str, right: str) -> None:
    with pytest.warns(UserWarning, match=f"'{wrong}'.*'{right}'"):
        config = ensure_config({wrong: "value"})  # type: ignore[misc]  # what is tested
    assert config["configurable"] == {wrong: "value"}


def test_a_key_that_resembles_none_goes_there_in_silence() -> None:
    given_: Any = {"user": "ada", "configurable": {"thread": 1}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config = ensure_config(given_)
    assert config["configurable"] == {"user": "ada", "thread": 1}
    assert given_ == {"user": "ada", "configurable": {"thread": 1}}


BAD = [
    ("tags", "red"),
    ("tags", [1]),
    ("tags", 5),
    ("metadata", 5),
    ("metadata", ["a"]),
    ("configurable", "a"),
    ("callbacks", 5),
    ("callbacks", [None]),
    ("max_concurrency", 0),
    ("max_concurrency", "2"),
    ("max_concurrency", True),
    ("recursion_limit", -1),
    ("recursion_limit", 2.5),
    ("channel_capacity", 0),
    ("channel_capacity", False),
    ("bus", "bus"),
    ("bus", []),
]


@pytest.mark.parametrize(("key", "value"), BAD, ids=repr)
async def test_a_bad_value_is_refused_by_name(key: str, value: Any) -> None:
    step = RunnableLambda(str)
    config: Any = {key: value}
    with pytest.raises(ConfigError, match=key):
        ensure_config(config)
    with pytest.raises(ConfigError, match=key):
        step.invoke(0, config)
    with pytest.raises(ConfigError, match=key):
        await step.ainvoke(0, config)
    with pytest.raises(ConfigError, match=key):
        list(step.stream(0, config))
    with pytest.raises(ConfigError, match=key):
        [chunk async for chunk in step.astream(0, config)]


@pytest.mark.parametrize("config", [["tags"], "tags", 5, {"tags"}], ids=repr)
def test_what_is_no_dict_is_refused(config: Any) -> None:
    with pytest.raises(ConfigError, match="config"):
        ensure_config(config)
    with pytest.raises(ConfigError, match="config"):
        RunnableLambda(str).invoke(0, config)
