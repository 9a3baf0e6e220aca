"""Small graphs and nodes that several tests use."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import anyio

from streamflow.graph import (
    StateGraph,
)


class Log(TypedDict):
    log: Annotated[list[str], operator.add]


def adds(name: str) -> Any:
    def node(state: Log) -> Log:
        return {"log": [name]}

    node.__name__ = name
    return node


def graph_of(*names: str, edges: list[Any], **more: Any) -> Any:
    builder = StateGraph(Log)
    for name in names:
        builder.add_node(adds(name))
    for start, end in edges:
        builder.add_edge(start, end)
    return builder.compile(**more)


async def both(graph: Any, input: Any, config: Any = None, **more: Any) -> Any:
    """Run without a loop and on one; both must give the same."""
    plain = await anyio.to_thread.run_sync(lambda: graph.invoke(input, config, **more))
    result = await graph.ainvoke(input, config, **more)
    assert result == plain
    return result


def notes_of(error: BaseException) -> list[str]:
    notes: list[str] = getattr(error, "__notes__", [])
    return notes


class Count(TypedDict):
    n: int


def add(state: Count) -> Count:
    return {"n": state["n"] + 1}
