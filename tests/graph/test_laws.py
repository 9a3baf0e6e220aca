"""Random graphs end in the state that a plain interpreter of the rules finds."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import given, settings, strategies as st

from streamflow.checkpoint import InMemorySaver, SqliteSaver
from streamflow.graph import START
from tests.graph.designs import build, interpret

NAMES = "abcdef"
CONFIG: Any = {"recursion_limit": 100, "configurable": {"thread_id": "1"}}


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


WAYS = ["sync", "asyncio", "trio"]


def run(way: str, graph: Any, input: Any, config: Any, **more: Any) -> Any:
    if way == "sync":
        return graph.invoke(input, config, **more)

    async def main() -> Any:
        return await graph.ainvoke(input, config, **more)

    return anyio.run(main, backend=way)


SAVERS: dict[str, Any] = {
    "none": lambda: None,
    "memory": InMemorySaver,
    "sqlite": lambda: SqliteSaver(":memory:"),
}


@given(design=designs(), durability=st.sampled_from(["sync", "async", "exit"]))
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("kind", ["none", "memory", "sqlite"])
@pytest.mark.parametrize("way", WAYS)
def test_random_graphs_end_as_they_should(
    way: str, kind: str, design: dict[str, Any], durability: Any
) -> None:
    expected, _ = interpret(design, [])
    saver = SAVERS[kind]()
    graph = build(design, checkpointer=saver)
    assert run(way, graph, {"log": []}, CONFIG, durability=durability) == expected
    if saver is not None:
        assert graph.get_state(CONFIG).values == expected
        saver.close()


@given(design=designs())
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_random_graphs_show_each_state(backend: str, design: dict[str, Any]) -> None:
    expected, steps = interpret(design, [])
    graph = build(design)

    async def main() -> None:
        async with graph.astream({"log": []}, CONFIG, stream_mode="values") as chunks:
            values = [chunk async for chunk in chunks]
        assert values[-1] == expected
        assert len(values) == steps + 1

    anyio.run(main, backend=backend)


@given(design=designs(), data=st.data())
@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_from_each_state_of_the_past_it_ends_the_same(
    kind: str, design: dict[str, Any], data: Any
) -> None:
    expected, steps = interpret(design, [])
    saver = SAVERS[kind]()
    graph = build(design, checkpointer=saver)
    graph.invoke({"log": []}, CONFIG)
    past = list(graph.get_state_history(CONFIG))
    assert [each.metadata["step"] for each in past] == list(range(steps, -1, -1))
    way = data.draw(st.sampled_from(WAYS))
    state = data.draw(st.sampled_from(past))
    config = {**CONFIG, "configurable": state.config["configurable"]}
    assert run(way, graph, None, config) == expected
    assert graph.get_state(CONFIG).values == expected
    saver.close()


@given(design=designs(depth=0))
@settings(max_examples=40, deadline=None)
def test_a_graph_that_stops_and_goes_on_ends_in_the_same_state(
    design: dict[str, Any],
) -> None:
    expected, steps = interpret(design, [])
    graph = build(design, checkpointer=InMemorySaver(), interrupt_before="*")
    config = CONFIG
    result = graph.invoke({"log": []}, config)
    count = 0
    while graph.get_state(config).next:
        count += 1
        result = graph.invoke(None, config)
    assert (result, count) == (expected, steps)
