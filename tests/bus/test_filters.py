"""A filter chooses runs, once for each, and says what is wrong with its arguments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from streamflow.bus import Bus, EventFilter, Run
from streamflow.errors import ConfigError
from streamflow.runnables import Runnable, RunnableLambda, RunnableSequence
from tests.strategies import Choice, filters, runnables


def step(name: str) -> RunnableLambda[Any, Any]:
    return RunnableLambda(lambda value: value, name=name)


def names_heard(runnable: Runnable[Any, Any], choice: EventFilter | None) -> list[str]:
    """The names of the runs that a filter lets through, in the order of their starts."""
    bus = Bus()
    with bus.subscribe(choice, capacity=1000) as messages:
        runnable.invoke(1, {"bus": bus})
        bus.close()
        return [message.run.name for message in messages if message.kind == "start"]


# ------------------------------------------------------------------------------- meaning


@given(runnable=runnables(), choice=filters())
@settings(max_examples=60)
async def test_a_filtered_subscription_hears_what_filtering_afterwards_would_leave(
    runnable: Runnable[Any, Any], choice: Choice
) -> None:
    bus = Bus()
    everything = bus.subscribe(capacity=10_000)
    some = bus.subscribe(choice.filter, capacity=10_000)
    await runnable.ainvoke(1, {"bus": bus})
    async for _ in runnable.astream(1, {"bus": bus}):
        pass
    bus.close()
    heard = [message async for message in some]
    assert heard == [message async for message in everything if choice.wants(message.run)]


CHAIN = RunnableSequence(
    step("ada"), step("bob").with_config({"tags": ["red"]}), step("cyn"), name="all"
)


@pytest.mark.parametrize(
    ("given_", "heard"),
    [
        ({}, "all ada bob cyn"),
        ({"include_names": ["ada", "cyn"]}, "ada cyn"),
        ({"include_names": []}, "all ada bob cyn"),
        ({"include_tags": ["red"]}, "bob"),
        ({"include_tags": {"red"}, "include_names": ("ada",)}, "ada bob"),
        ({"include_types": ["tool"]}, ""),
        ({"exclude_names": ["all", "bob"]}, "ada cyn"),
        ({"exclude_tags": ["red"], "exclude_types": ["tool"]}, "all ada cyn"),
        ({"include_names": ["ada", "bob"], "exclude_tags": ["red"]}, "ada"),
        ({"predicate": lambda run: run.parent is None}, "all"),
        ({"include_names": ["bob"], "predicate": lambda run: run.parent is None}, ""),
    ],
)
def test_what_the_arguments_mean(given_: Any, heard: str) -> None:
    assert names_heard(CHAIN, EventFilter(**given_)) == heard.split()


def test_nothing_given_lets_all_through() -> None:
    assert names_heard(CHAIN, EventFilter()) == names_heard(CHAIN, None)


def test_filters_combine() -> None:
    ada, red = EventFilter(include_names=["ada"]), EventFilter(include_tags=["red"])
    assert names_heard(CHAIN, ada | red) == ["ada", "bob"]
    assert names_heard(CHAIN, ada & red) == []
    assert names_heard(CHAIN, ~(ada | red)) == ["all", "cyn"]
    assert names_heard(CHAIN, ~ada & ~red) == ["all", "cyn"]


def test_a_filter_is_asked_once_for_each_run() -> None:
    asked: list[str] = []

    def wants(run: Run) -> bool:
        asked.append(run.name)
        return True

    bus = Bus()
    with bus.subscribe(EventFilter(predicate=wants), capacity=100):
        assert list(CHAIN.stream(1, {"bus": bus})) == [1]
    assert sorted(asked) == ["ada", "all", "bob", "cyn"]


def test_a_filter_hears_only_of_its_own_runs_children() -> None:
    # The tag of a parent is a tag of its children, a name is not.
    inner = RunnableSequence(step("ada"), step("bob"), name="inner")
    tagged = RunnableSequence(inner, step("cyn"), name="all").with_config({"tags": ["red"]})
    red = EventFilter(include_tags=["red"])
    assert names_heard(tagged, red) == ["all", "inner", "ada", "bob", "cyn"]
    assert names_heard(tagged, EventFilter(include_names=["inner"])) == ["inner"]


# -------------------------------------------------------------------------------- mistakes


def test_a_predicate_that_fails_counts_as_no_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(run: Run) -> bool:
        raise LookupError("in the predicate")

    assert names_heard(CHAIN, EventFilter(predicate=fails)) == []
    assert CHAIN.invoke(1) == 1
    [record, *_] = caplog.records
    assert record.name == "streamflow"
    assert "'all'" in record.getMessage()
    assert "in the predicate" in record.exc_text


ARGUMENTS = (
    "include_names",
    "include_types",
    "include_tags",
    "exclude_names",
    "exclude_types",
    "exclude_tags",
)


@pytest.mark.parametrize("key", ARGUMENTS)
@pytest.mark.parametrize(
    "value", ["chat_model", b"chat_model", 7, ..., [1], [None], ["a", ["b"]], [{}]]
)
def test_what_is_no_list_of_strings_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=key):
        EventFilter(**{key: value})


def test_a_predicate_has_to_be_a_function() -> None:
    with pytest.raises(ConfigError, match=r"predicate.*'red'"):
        EventFilter(predicate="red")  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("other", [None, "red", lambda run: True])
def test_a_filter_combines_with_filters_only(other: Any) -> None:
    with pytest.raises(TypeError):
        EventFilter() & other
    with pytest.raises(TypeError):
        EventFilter() | other


@pytest.mark.parametrize("wrong", ["red", ["red"], lambda run: True])
def test_a_bus_takes_no_other_kind_of_filter(wrong: Any) -> None:
    bus = Bus()
    with pytest.raises(ConfigError, match="filter must be an EventFilter"):
        bus.subscribe(wrong)
    with pytest.raises(ConfigError, match="filter must be an EventFilter"):
        bus.listen(print, wrong)
    assert not bus.sinks
