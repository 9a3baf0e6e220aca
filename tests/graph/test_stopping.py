"""Graphs that are stopped: by cancellation, by their reader, or by an error, nothing goes on."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import anyio
import pytest

from streamflow.bus import Bus, RunCancelled, RunEnded, RunFailed, RunStarted
from streamflow.graph import START, StateGraph


class Log(TypedDict):
    log: Annotated[list[str], operator.add]


class Nodes:
    """Nodes that begin, wait for ever, and count how they are left."""

    def __init__(self) -> None:
        self.begun = 0
        self.left = 0
        self.both = anyio.Event()

    async def wait(self, state: Log) -> Any:
        self.begun += 1
        if self.begun == 2:
            self.both.set()
        try:
            await anyio.sleep_forever()
        finally:
            self.left += 1


def graph_of(nodes: Nodes, *, inside: bool) -> Any:
    builder = StateGraph(Log).add_node("a", nodes.wait).add_node("b", nodes.wait)
    graph = builder.add_edge(START, "a").add_edge(START, "b").compile()
    if not inside:
        return graph

    async def call(state: Log) -> Any:
        return await graph.ainvoke(state)

    return StateGraph(Log).add_node(call).add_edge(START, "call").compile()


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("mode", [None, "updates", "custom"])
async def test_a_cancelled_graph_stops_all_its_nodes(inside: bool, mode: Any) -> None:
    nodes = Nodes()
    graph = graph_of(nodes, inside=inside)

    async def run() -> None:
        if mode is None:
            await graph.ainvoke({"log": []})
        else:
            async with graph.astream({"log": []}, stream_mode=mode) as chunks:
                async for _ in chunks:
                    pass

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await nodes.both.wait()
        group.cancel_scope.cancel()
    assert (nodes.begun, nodes.left) == (2, 2)


@pytest.mark.parametrize("fails", [False, True])
async def test_every_run_has_its_end(fails: bool) -> None:
    async def node(state: Log) -> Any:
        if fails:
            raise ZeroDivisionError
        return {"log": ["x"]}

    bus = Bus()
    told: list[Any] = []
    stop = bus.listen(told.append)
    graph = StateGraph(Log).add_node("a", node).add_node("b", node).add_edge(START, "a")
    compiled = graph.add_edge(START, "b").compile()
    config: Any = {"bus": bus}
    try:
        await compiled.ainvoke({"log": []}, config)
    except ZeroDivisionError:
        assert fails
    stop()
    starts = [m.run for m in told if isinstance(m, RunStarted)]
    ends = [m.run for m in told if isinstance(m, (RunEnded, RunFailed, RunCancelled))]
    assert sorted(map(id, starts)) == sorted(map(id, ends))
    assert ends[-1] is starts[0]
    assert [m.seq for m in told] == sorted(m.seq for m in told)


def test_a_dropped_stream_without_a_loop_leaves_nothing() -> None:
    ran = []

    def node(state: Log) -> Any:
        ran.append(1)
        return {"log": ["x"]}

    graph = StateGraph(Log).add_sequence([("a", node), ("b", node), ("c", node)])
    compiled = graph.add_edge(START, "a").compile()
    with compiled.stream({"log": []}) as chunks:
        assert next(chunks) == {"a": {"log": ["x"]}}
    assert len(ran) == 1
    with compiled.stream({"log": []}, stream_mode=["custom", "updates"]) as chunks:
        assert next(chunks) == ("updates", {"a": {"log": ["x"]}})
