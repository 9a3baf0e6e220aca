"""Filters: what they leave out is all that they change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from streamflow.errors import ConfigError
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import Runnable, RunnableLambda
from tests.views.scenes import SCENES, events_shown, shout

SCENE = pytest.mark.parametrize("name", sorted(SCENES))


async def events_of(runnable: Runnable[Any, Any], **filters: Any) -> list[Any]:
    return [event async for event in runnable.astream_events("x", version="v2", **filters)]


def without_first_input(events: list[Any]) -> list[Any]:
    """Events but for what the rule of the first event changes, and the run numbers.

    The first event shows the input as the user gave it, and the end of that run none: which
    run that is depends on the filter.
    """
    shown = []
    for event in events_shown(events):
        data = {key: value for key, value in event["data"].items() if key != "input"}
        shown.append({**event, "data": data, "runs": len(event["runs"])})
    return shown


def passes(event: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    """The rule of the filters, said again."""
    facts = {
        "names": {event["name"]},
        "types": {event["event"].removeprefix("on_").rsplit("_", 1)[0]},
        "tags": set(event["tags"]),
    }
    included = [facts[key.split("_")[1]] & set(filters[key]) for key in filters if "include" in key]
    excluded = [facts[key.split("_")[1]] & set(filters[key]) for key in filters if "exclude" in key]
    return (not included or any(included)) and not any(excluded)


NAMES = ["RunnableSequence", "shout", "inner", "ReplayChatModel", "StrOutputParser", "nobody"]
TYPES = ["chain", "chat_model", "llm", "parser", "prompt", "nothing"]
TAGS = ["seq:step:1", "seq:step:2", "model", "inner", "none"]


def subsets(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


filter_sets = st.fixed_dictionaries(
    {},
    optional={
        f"{verb}_{noun}": subsets(values)
        for verb in ("include", "exclude")
        for noun, values in (("names", NAMES), ("types", TYPES), ("tags", TAGS))
    },
)


@given(name=st.sampled_from(sorted(SCENES)), filters=filter_sets)
@settings(max_examples=80)
async def test_filtered_events_are_the_full_ones_filtered(name: str, filters: Any) -> None:
    full = await events_of(SCENES[name])
    filtered = await events_of(SCENES[name], **filters)
    expected = [event for event in without_first_input(full) if passes(event, filters)]
    assert without_first_input(filtered) == expected


@SCENE
async def test_excluding_what_is_below_changes_nothing_at_all(name: str) -> None:
    runnable = SCENES[name]
    full = events_shown(await events_of(runnable))
    root = full[0]["name"]
    others = {event["name"] for event in full} - {root}
    alone = events_shown(await events_of(runnable, exclude_names=others))
    assert alone == [event for event in full if event["name"] == root]


@SCENE
async def test_the_first_event_shows_the_input_as_it_was_given(name: str) -> None:
    full = await events_of(SCENES[name])
    for kind in {event["event"].rsplit("_", 1)[0] for event in full}:
        first, *_ = await events_of(SCENES[name], include_types=[kind.removeprefix("on_")])
        assert first["data"] == {"input": "x"}
        assert list(first) == [
            *("event", "data", "name", "tags", "run_id", "metadata", "parent_ids"),
        ]


async def test_the_run_of_the_first_event_does_not_repeat_its_input() -> None:
    chain = RunnableLambda(shout) | SCENES["model"]
    for event in await events_of(chain):
        if event["event"].endswith("_end"):
            assert ("input" in event["data"]) == (event["name"] != "RunnableSequence")
    for event in await events_of(chain, include_types=["chat_model"]):
        assert ("input" in event["data"]) == event["event"].endswith("_start")


async def test_tags_are_inherited_and_own_ones_come_first() -> None:
    model = SCENES["model"].with_config(tags=["own"])
    chain = (model | StrOutputParser()).with_config(tags=["all"])
    tags = {event["name"]: event["tags"] for event in await events_of(chain)}
    assert tags == {
        "RunnableSequence": ["all"],
        "ReplayChatModel": ["seq:step:1", "own", "all"],
        "StrOutputParser": ["seq:step:2", "all"],
    }
    seen = await events_of(chain, include_tags=["own"])
    assert {event["name"] for event in seen} == {"ReplayChatModel"}
    assert await events_of(chain, exclude_tags=["all"]) == []


@pytest.mark.parametrize("key", ["names", "types", "tags"])
@pytest.mark.parametrize("verb", ["include", "exclude"])
def test_filters_are_lists_of_strings(key: str, verb: str) -> None:
    runnable = RunnableLambda(shout)
    for value in ("chain", [["chain"]], [1], 1, [{}], [None]):
        with pytest.raises(ConfigError, match=f"{verb}_{key}"):
            runnable.astream_events("x", **{f"{verb}_{key}": value})


@pytest.mark.parametrize("collection", [list, tuple, set, iter, dict.fromkeys])
async def test_any_collection_of_strings_will_do(collection: Any) -> None:
    chain = RunnableLambda(shout) | shout
    assert len(await events_of(chain, include_names=collection(["shout"]))) == 6
