"""Whether a graph can be run at all."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ..errors import GraphDefinitionError
from ._names import END, START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._builder import StateGraph


def check(builder: StateGraph[Any, Any, Any, Any]) -> None:
    """Raise if an edge names what is not there, or a node cannot be reached.

    Raises:
        GraphDefinitionError: as said.
    """
    nodes = builder.nodes
    for start, end in builder.edges:
        _known(nodes, [start], [end], f"an edge from {start!r} to {end!r}")
    for join in builder.joins:
        _known(nodes, join.starts, [join.end], f"an edge to {join.end!r}")
    for source, branches in builder.branches.items():
        for branch in branches.values():
            ends = () if branch.ends is None else branch.ends.values()
            _known(nodes, [source], ends, f"the edges {branch.name!r} out of {source!r}")
    if START not in builder.branches and not any(start == START for start, _ in builder.edges):
        raise GraphDefinitionError(
            f"there is no way into the graph: add_edge(START, <one of {sorted(nodes)}>)"
        )
    lost = sorted(set(nodes) - _reached(builder))
    if lost:
        raise GraphDefinitionError(
            f"no way leads to {', '.join(map(repr, lost))}: add an edge, or name them as the "
            f"destinations= of the node whose Command goes there"
        )


def _known(nodes: Any, starts: Iterable[str], ends: Iterable[str], what: str) -> None:
    for name, other in (*((each, START) for each in starts), *((each, END) for each in ends)):
        if name not in nodes and name != other:
            near = get_close_matches(str(name), list(nodes), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise GraphDefinitionError(
                f"{what} names {name!r}, which is no node{hint} There are {sorted(nodes)}"
            )


def _reached(builder: StateGraph[Any, Any, Any, Any]) -> set[str]:
    """Return the nodes that can be reached, as far as it is known where nodes lead."""
    everywhere = set(builder.nodes)
    ways: dict[str, set[str]] = {}
    for start, end in builder.edges:
        ways.setdefault(start, set()).add(end)
    for join in builder.joins:
        for start in join.starts:
            ways.setdefault(start, set()).add(join.end)
    for source, branches in builder.branches.items():
        for branch in branches.values():
            ends = everywhere if branch.ends is None else set(branch.ends.values())
            ways.setdefault(source, set()).update(ends)
    reached: set[str] = set()
    todo = [START]
    while todo:
        name = todo.pop()
        spec = builder.nodes.get(name)
        ends = ways.get(name, set())
        if spec is not None and spec.destinations:
            ends = ends | set(spec.destinations)
        # Of a node without edges it is not known where a Command leads.
        if spec is not None and not ends and spec.destinations is None:
            ends = everywhere
        for end in ends & everywhere - reached:
            reached.add(end)
            todo.append(end)
    return reached
