"""The picture of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..drawing import Graph
from ._names import END, START

if TYPE_CHECKING:
    from ..drawing import Node
    from ..runnables import RunnableConfig
    from ._compiled import CompiledStateGraph


def drawn(graph: CompiledStateGraph, config: RunnableConfig | None, depth: int) -> Graph:
    """Return the nodes of a graph and the ways between them.

    Args:
        graph: The graph.
        config: The config with which it would be called.
        depth: How deep the graphs inside are drawn, too.
    """
    builder, picture = graph.builder, Graph()
    first: dict[str, Node] = {START: picture.add_node(START, id=START, kind="schema")}
    last: dict[str, Node] = dict(first)
    for name, spec in graph.plan.nodes.items():
        inner = graph.plan.subgraphs().get(name)
        if inner is not None and depth > 0:
            part = drawn(inner, config, depth - 1)
            part.trim_first_node()
            part.trim_last_node()
            begins, ends = picture.extend(part, prefix=name)
            if begins is not None and ends is not None:
                first[name], last[name] = begins, ends
                continue
            picture = _without(picture, name)
        data: Any = spec.action.runnable or spec.action.action
        node = picture.add_node(data, id=name, name=name, kind="runnable", metadata=spec.metadata)
        first[name] = last[name] = node
    first[END] = last[END] = picture.add_node(END, id=END, kind="schema")
    for start, end in builder.edges:
        picture.add_edge(last[start], first[end])
    for join in builder.joins:
        for start in sorted(join.starts):
            picture.add_edge(last[start], first[join.end])
    _add_conditional(graph, picture, first, last)
    _add_ends(graph, picture, last, first[END])
    return picture


def _add_conditional(
    graph: CompiledStateGraph, picture: Graph, first: dict[str, Node], last: dict[str, Node]
) -> None:
    for source, branches in graph.builder.branches.items():
        for branch in branches.values():
            ends = branch.ends
            if ends is None:
                ends = {name: name for name in (*graph.plan.nodes, END)}
            for label, end in ends.items():
                shown = str(label) if str(label) != end else None
                picture.add_edge(last[source], first[end], shown, conditional=True)
    for name, spec in graph.plan.nodes.items():
        for end, label in (spec.destinations or {}).items():
            if end in first:
                picture.add_edge(last[name], first[end], label, conditional=True)


def _add_ends(graph: CompiledStateGraph, picture: Graph, last: dict[str, Node], end: Node) -> None:
    leaving = {edge.source for edge in picture.edges}
    for name in graph.plan.nodes:
        if last[name].id not in leaving:
            picture.add_edge(last[name], end)


def _without(picture: Graph, prefix: str) -> Graph:
    for id in [id for id in picture.nodes if id.startswith(f"{prefix}:")]:
        picture.remove_node(id)
    return picture
