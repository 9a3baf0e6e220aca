"""Graphs of a hundred nodes: in a row, side by side, on a wide state, and saved as they go.

The peer of streamflow is langgraph here.
"""

from __future__ import annotations

import importlib
import operator
import tempfile
from pathlib import Path
from typing import Annotated, Any, TypedDict

import anyio
from anyio.lowlevel import checkpoint

from benchmarks.harness import Speed, main
from benchmarks.peers import Peer

NODES = 100
KEYS = 100
CONFIG = {"recursion_limit": NODES + 1, "configurable": {"thread_id": "1"}}


def graphs(peer: Peer) -> Any:
    """Return the module that graphs are made of; ``None`` for the floor."""
    package = getattr(peer, "_package", None)
    if package is None:
        return None
    name = "langgraph" if package == "langchain_core" else package
    return importlib.import_module(f"{name}.graph")


class Counter(TypedDict):
    n: int


async def add(state: Any) -> Any:
    return {"n": state["n"] + 1}


Wide = TypedDict("Wide", {f"key{n}": int for n in range(KEYS)})  # type: ignore[misc]  # made of a number


def widely(place: int) -> Any:
    async def node(state: Any) -> Any:
        return {f"key{place}": state[f"key{place - 1}"] + 1}

    return node


class Collected(TypedDict):
    items: Annotated[list[int], operator.add]


def collects(number: int) -> Any:
    async def node(state: Any) -> Any:
        await checkpoint()
        return {"items": [number]}

    return node


class Floor:
    """The same by hand: a loop over functions, or a task group."""

    def __init__(self, nodes: list[Any], beside: bool = False) -> None:
        self._nodes = nodes
        self._beside = beside

    async def ainvoke(self, state: Any, config: Any = None) -> Any:
        if not self._beside:
            for node in self._nodes:
                state = {**state, **await node(state)}
            return state
        results: list[Any] = [None] * len(self._nodes)

        async def run(place: int, node: Any) -> None:
            results[place] = await node(state)

        async with anyio.create_task_group() as group:
            for place, node in enumerate(self._nodes):
                group.start_soon(run, place, node)
        items = list(state["items"])
        for result in results:
            items += result["items"]
        return {"items": items}


def row(peer: Peer, schema: Any, nodes: list[Any], **more: Any) -> Any:
    module = graphs(peer)
    if module is None:
        return Floor(nodes)
    builder = module.StateGraph(schema)
    before = module.START
    for place, node in enumerate(nodes):
        builder.add_node(f"n{place:03}", node)
        builder.add_edge(before, f"n{place:03}")
        before = f"n{place:03}"
    return builder.compile(**more)


def build_row(peer: Peer) -> Any:
    return row(peer, Counter, [add] * NODES)


def build_wide(peer: Peer) -> Any:
    return row(peer, Wide, [widely(place) for place in range(1, KEYS)])


def build_beside(peer: Peer) -> Any:
    module, nodes = graphs(peer), [collects(number) for number in range(NODES)]
    if module is None:
        return Floor(nodes, beside=True)
    builder = module.StateGraph(Collected)
    for place, node in enumerate(nodes):
        builder.add_node(f"n{place:03}", node).add_edge(module.START, f"n{place:03}")
    return builder.compile()


class Saved:
    """A row of nodes with a checkpointer in a file, opened for one run."""

    def __init__(self, peer: Peer) -> None:
        self._graph = build_row(peer)
        self._package = getattr(peer, "_package", None)
        self._folder = tempfile.TemporaryDirectory(prefix="streamflow-bench-")
        self._runs = 0

    async def ainvoke(self, state: Any, config: Any) -> Any:
        self._runs += 1
        config = {**config, "configurable": {"thread_id": str(self._runs)}}
        path = str(Path(self._folder.name) / "threads.sqlite")
        if self._package is None:
            return await self._graph.ainvoke(state)
        if self._package == "streamflow":
            from streamflow.checkpoint import SqliteSaver

            with SqliteSaver(path) as saver:
                self._graph.checkpointer = saver
                return await self._graph.ainvoke(state, config)
        savers = importlib.import_module("langgraph.checkpoint.sqlite.aio")
        async with savers.AsyncSqliteSaver.from_conn_string(path) as saver:
            self._graph.checkpointer = saver
            return await self._graph.ainvoke(state, config)


def build_saved(peer: Peer) -> Any:
    return Saved(peer)


async def count(graph: Any) -> Any:
    return await graph.ainvoke({"n": 0}, CONFIG)


async def collect(graph: Any) -> Any:
    return await graph.ainvoke({"items": []}, CONFIG)


async def fill(graph: Any) -> Any:
    return await graph.ainvoke({f"key{n}": 0 for n in range(KEYS)}, CONFIG)


SCENARIOS = (
    Speed(
        "graph_sequence",
        f"a graph of {NODES} nodes in a row",
        "µs a node",
        build_row,
        count,
        units=NODES,
        target=20,
        peer="langgraph",
    ),
    Speed(
        "graph_parallel",
        f"a graph of {NODES} nodes side by side that write into one list",
        "µs a node",
        build_beside,
        collect,
        units=NODES,
        target=6,
        within=1.6,
        peer="langgraph",
    ),
    Speed(
        "graph_wide",
        f"a graph of nodes in a row on a state of {KEYS} keys",
        "µs a node",
        build_wide,
        fill,
        units=KEYS - 1,
        peer="langgraph",
    ),
    Speed(
        "graph_sqlite",
        f"a graph of {NODES} nodes in a row, each step saved by SQLite",
        "µs a node",
        build_saved,
        count,
        units=NODES,
        target=3,
        peer="langgraph",
    ),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
