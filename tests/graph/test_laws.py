"""Random graphs end in the state that a plain interpreter of the rules finds.

The interpreter knows nothing of runs, tasks or loops: it goes step by step through sets of
names. Nodes write into a list (reduced by addition), into a key of their own (the last value
counts) and count themselves down on their way round a cycle.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import anyio
import pytest
from hypothesis import given, settings, strategies as st

from streamflow.checkpoint import InMemorySaver
from streamflow.graph import END, START, StateGraph

NAMES = "abcdef"


class State(TypedDict, total=False):
    log: Annotated[list[str], operator.add]
    total: Annotated[int, operator.add]
    rounds: Annotated[dict[str, int], lambda old, new: {**old, **new}]


@st.composite
def designs(draw: Any, depth: int = 1) -> dict[str, Any]:
    """Draw nodes, edges, joins, cycles with their numbers of rounds, and graphs inside."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    edges = {(START, names[0])}
    joins = []
    for place, name in enumerate(names[1:], 1):
        before = names[:place]
        sources = draw(st.lists(st.sampled_from(before), min_size=1, max_size=3, unique=True))
        if len(sources) > 1 and draw(st.booleans()):
            joins.append((tuple(sources), name))
        else:
            edges |= {(source, name) for source in sources}
    cycles = {}
    for name in names:
        if draw(st.integers(0, 5)) == 0:
            cycles[name] = (draw(st.sampled_from(names)), draw(st.integers(1, 3)))
    inner = {}
    if depth:
        for name in names:
            if draw(st.integers(0, 6)) == 0:
                inner[name] = draw(designs(depth=0))
    kinds = {name: draw(st.booleans()) for name in names}
    return {
        "names": names,
        "edges": sorted(edges),
        "joins": joins,
        "cycles": cycles,
        "inner": inner,
        "async": kinds,
    }


def build(design: dict[str, Any], prefix: str = "", **more: Any) -> Any:
    builder = StateGraph(State)
    for name in design["names"]:
        if name in design["inner"]:
            inner = build(design["inner"][name], f"{prefix}{name}.")
            builder.add_node(name, calls(inner))
        else:
            builder.add_node(name, node(prefix + name, is_async=design["async"][name]))
    for start, end in design["edges"]:
        builder.add_edge(start, end)
    for starts, end in design["joins"]:
        builder.add_edge(list(starts), end)
    for name, (target, rounds) in design["cycles"].items():
        builder.add_conditional_edges(name, again(prefix + name, target, rounds), [target, END])
    return builder.compile(**more)


def calls(inner: Any) -> Any:
    def call(state: State) -> State:
        before = state.get("log", [])
        result = inner.invoke({"log": before, "rounds": {}}, {"recursion_limit": 100})
        return {"log": result["log"][len(before) :], "total": 100}

    return call


def node(name: str, *, is_async: bool) -> Any:
    def work(state: State) -> State:
        return {
            "log": [name],
            "total": len(state.get("log", [])),
            "rounds": {name: state.get("rounds", {}).get(name, 0) + 1},
        }

    async def awork(state: State) -> State:
        await anyio.lowlevel.checkpoint()
        return work(state)

    return awork if is_async else work


def again(name: str, target: str, rounds: int) -> Any:
    # A graph inside does not count itself, so it goes round never.
    return lambda state: target if 0 < state.get("rounds", {}).get(name, 0) <= rounds else END


def interpret(design: dict[str, Any], log: list[str], prefix: str = "") -> tuple[Any, int]:
    """Return the state that a graph ends in, and how many steps it takes."""
    log, total = list(log), 0
    rounds: dict[str, int] = {}
    arrived: dict[int, set[str]] = {}
    ready, steps = sorted({end for start, end in design["edges"] if start == START}), 0
    while ready:
        steps += 1
        wrote: list[str] = []
        counted: dict[str, int] = {}
        added, following = 0, set()
        for name in ready:
            if name in design["inner"]:
                inner, _ = interpret(design["inner"][name], log, f"{prefix}{name}.")
                wrote += inner["log"][len(log) :]
                added += 100
            else:
                wrote.append(prefix + name)
                added += len(log)
                counted[prefix + name] = rounds.get(prefix + name, 0) + 1
            following |= {end for start, end in design["edges"] if start == name}
            for place, (starts, _) in enumerate(design["joins"]):
                if name in starts:
                    arrived.setdefault(place, set()).add(name)
            if name in design["cycles"]:
                target, most = design["cycles"][name]
                if 0 < {**rounds, **counted}.get(prefix + name, 0) <= most:
                    following.add(target)
        for place, (starts, end) in enumerate(design["joins"]):
            if arrived.get(place) == set(starts):
                following.add(end)
                del arrived[place]
        log, total, rounds = log + wrote, total + added, {**rounds, **counted}
        ready = sorted(following)
    return {"log": log, "total": total, "rounds": rounds}, steps


@given(design=designs())
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("saved", [False, True])
def test_random_graphs_without_a_loop(saved: bool, design: dict[str, Any]) -> None:
    expected, _ = interpret(design, [])
    graph = build(design, checkpointer=InMemorySaver() if saved else None)
    config = {"recursion_limit": 100, "configurable": {"thread_id": "1"}}
    assert graph.invoke({"log": []}, config) == expected
    if saved:
        assert graph.get_state(config).values == expected


@given(design=designs())
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_random_graphs_on_a_loop(backend: str, design: dict[str, Any]) -> None:
    expected, steps = interpret(design, [])
    graph = build(design)

    async def main() -> None:
        config = {"recursion_limit": 100}
        assert await graph.ainvoke({"log": []}, config) == expected
        async with graph.astream({"log": []}, config, stream_mode="values") as chunks:
            values = [chunk async for chunk in chunks]
        assert values[-1] == expected
        assert len(values) == steps + 1

    anyio.run(main, backend=backend)


@given(design=designs(depth=0))
@settings(max_examples=40, deadline=None)
def test_a_graph_that_stops_and_goes_on_ends_in_the_same_state(
    design: dict[str, Any],
) -> None:
    expected, steps = interpret(design, [])
    graph = build(design, checkpointer=InMemorySaver(), interrupt_before="*")
    config = {"recursion_limit": 100, "configurable": {"thread_id": "1"}}
    result = graph.invoke({"log": []}, config)
    count = 0
    while graph.get_state(config).next:
        count += 1
        result = graph.invoke(None, config)
    assert (result, count) == (expected, steps)
