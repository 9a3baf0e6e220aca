"""Filters: what they let through, how they combine, and what they refuse."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Bus, EventFilter, Run
from streamflow.errors import ConfigError
from streamflow.runnables import RunnableLambda, RunnableParallel

names = st.lists(st.sampled_from(["a", "b", "c", "RunnableSequence"]), max_size=3)
tags = st.lists(st.sampled_from(["red", "blue", "seq:step:1", "map:key:x"]), max_size=2)
filters = st.builds(
    EventFilter,
    include_names=names,
    include_tags=tags,
    exclude_names=names,
    exclude_tags=tags,
)

CHAIN = RunnableLambda(str, name="a").with_config(tags=["red"]) | RunnableParallel(
    x=RunnableLambda(str, name="b"), y=RunnableLambda(str, name="c").with_config(tags=["blue"])
)


def runs_heard(filter: EventFilter | None) -> list[tuple[str, str]]:
    bus = Bus()
    heard: list[tuple[str, str]] = []
    bus.listen(lambda message: heard.append((message.run.name, message.kind)), filter)
    CHAIN.invoke(1, {"bus": bus, "max_concurrency": 1})
    return heard


def all_runs() -> list[Run]:
    bus = Bus()
    runs: list[Run] = []
    bus.listen(lambda message: runs.append(message.run))
    CHAIN.invoke(1, {"bus": bus, "max_concurrency": 1})
    return runs


@given(filters)
def test_a_filtered_listener_hears_what_a_filtered_log_holds(filter: EventFilter) -> None:
    kept = [run.name for run in all_runs() if filter.matches(run)]
    assert [name for name, _ in runs_heard(filter)] == kept


@given(filters, filters)
def test_filters_combine_as_their_verdicts_do(first: EventFilter, second: EventFilter) -> None:
    for run in all_runs():
        one, two = first.matches(run), second.matches(run)
        assert (first & second).matches(run) == (one and two)
        assert (first | second).matches(run) == (one or two)
        assert (~first).matches(run) == (not one)


def test_a_filter_is_evaluated_once_a_run() -> None:
    asked: list[str] = []

    def predicate(run: Run) -> bool:
        asked.append(run.name)
        return True

    heard = runs_heard(EventFilter(predicate=predicate))
    assert len(heard) == 2 * len(asked) == 10


def test_a_failing_predicate_says_no(caplog: pytest.LogCaptureFixture) -> None:
    def predicate(run: Run) -> bool:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, logger="streamflow"):
        assert runs_heard(EventFilter(predicate=predicate)) == []
    assert "predicate" in caplog.text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("include_names", "model"),
        ("include_types", 3),
        ("include_tags", [["unhashable"]]),
        ("exclude_names", [None]),
        ("exclude_types", "tool"),
        ("exclude_tags", [1]),
        ("predicate", "yes"),
    ],
)
def test_what_is_no_filter_is_named(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=key):
        EventFilter(**{key: value})


def test_nothing_given_lets_all_through() -> None:
    assert runs_heard(EventFilter()) == runs_heard(None)
