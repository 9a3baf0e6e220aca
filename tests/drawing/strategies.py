"""Random graphs."""

from __future__ import annotations

from hypothesis import strategies as st

from streamflow.drawing import Graph

NAMES = tuple("abcdefghij")


@st.composite
def graphs(
    draw: st.DrawFn,
    *,
    grouped: bool = False,
    labels: st.SearchStrategy[str | None] = st.none(),  # noqa: B008 - strategies do not change
    names: st.SearchStrategy[str] | None = None,
    max_size: int = 10,
) -> Graph:
    """Graphs with circles, edges from nodes to themselves, and more than one between two."""
    graph = Graph()
    groups = st.lists(st.sampled_from(["one", "two", "a longer title"]), max_size=3)
    for index in range(draw(st.integers(1, max_size))):
        graph.add_node(
            NAMES[index] * draw(st.integers(1, 12)) if names is None else draw(names),
            NAMES[index],
            group=tuple(draw(groups)) if grouped else (),
        )
    ids = st.sampled_from(sorted(graph.nodes))
    for _ in range(draw(st.integers(0, 2 * len(graph.nodes)))):
        graph.add_edge(draw(ids), draw(ids), draw(labels), draw(st.booleans()))
    return graph
