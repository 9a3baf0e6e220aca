"""Graphs are built, joined and trimmed."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given

from streamflow.drawing import Edge, Graph, Node
from streamflow.errors import DrawingError
from streamflow.runnables import RunnableLambda
from tests.drawing.strategies import graphs


def row(*names: str) -> Graph:
    graph = Graph()
    nodes = [graph.add_node(name) for name in names]
    for source, target in pairwise(nodes):
        graph.add_edge(source, target)
    return graph


def test_nodes_are_named_after_what_they_stand_for() -> None:
    graph = Graph()
    runnable = RunnableLambda(len)
    assert graph.add_node("text") == Node("text", "text")
    assert graph.add_node(runnable) == Node("len", "len", runnable)
    assert graph.add_node(dict).name == "dict"
    assert graph.add_node(7).name == "int"
    assert graph.add_node(7, "seven", name="Seven") == Node("seven", "Seven", 7)
    assert list(graph.nodes) == ["text", "len", "dict", "int", "seven"]


def test_ids_are_numbered_where_names_are_the_same() -> None:
    graph = Graph()
    ids = [graph.add_node(name).id for name in ("a", "a", "a_2", "a")]
    assert ids == ["a", "a_2", "a_2_2", "a_3"]


def test_edges_know_their_nodes() -> None:
    graph = row("a", "b")
    assert graph.add_edge("b", graph.nodes["a"], "back", True) == Edge("b", "a", "back", True)
    assert graph.edges == [Edge("a", "b"), Edge("b", "a", "back", True)]


def test_what_is_not_there_or_there_twice() -> None:
    graph = row("a", "b")
    with pytest.raises(DrawingError, match="no node with the id 'c', only"):
        graph.add_edge("a", "c")
    with pytest.raises(DrawingError, match="no node with the id 'c', only"):
        graph.add_edge(Node("c", "c"), "a")
    with pytest.raises(DrawingError, match="no node with the id 'c', only"):
        graph.remove_node("c")
    with pytest.raises(DrawingError, match="id 'a' already"):
        graph.add_node("other", "a")
    with pytest.raises(ValueError, match="both graphs"):
        graph.extend(row("x", "b"))
    assert list(graph.nodes) == ["a", "b"]
    assert graph.edges == [Edge("a", "b")]


def test_removing() -> None:
    graph = row("a", "b", "c")
    graph.remove_node(graph.nodes["b"])
    assert list(graph.nodes) == ["a", "c"]
    assert graph.edges == []


def test_the_ends() -> None:
    graph = row("a", "b")
    assert (graph.first_node(), graph.last_node()) == (graph.nodes["a"], graph.nodes["b"])
    graph.add_node("alone")
    assert (graph.first_node(), graph.last_node()) == (None, None)
    graph.remove_node("alone")
    graph.add_edge("b", "a")
    assert (graph.first_node(), graph.last_node()) == (None, None)
    assert Graph().first_node() is None


def test_trimming() -> None:
    graph = row("a", "b", "c", "d")
    graph.trim_first_node()
    graph.trim_last_node()
    assert list(graph.nodes) == ["b", "c"]

    graph.add_edge("b", graph.add_node("e"))
    graph.trim_first_node()  # two nodes would be the first ones
    graph.trim_last_node()  # there is no last one
    assert list(graph.nodes) == ["b", "c", "e"]


def test_extending() -> None:
    graph = row("a", "b")
    assert graph.extend(row("c", "d")) == (graph.nodes["c"], graph.nodes["d"])
    first, last = graph.extend(row("a", "b"), prefix="again")
    assert first == Node("again:a", "a", group=("again",))
    assert last == graph.nodes["again:b"]
    assert graph.edges[-1] == Edge("again:a", "again:b")

    outer = Graph()
    outer.extend(graph, prefix="outer")
    assert outer.nodes["outer:again:a"].group == ("outer", "again")
    assert outer.nodes["outer:a"].group == ("outer",)


def test_extending_without_ends() -> None:
    circle = row("a", "b")
    circle.add_edge("b", "a")
    assert Graph().extend(circle, prefix="x") == (None, None)


def test_as_json() -> None:
    graph = Graph()
    graph.add_node("a", kind="schema")
    graph.add_node(RunnableLambda(len), kind="runnable", metadata={"k": 1}, group=("g",))
    graph.add_edge("a", "len")
    graph.add_edge("len", "len", "again", conditional=True)
    assert graph.to_json() == {
        "nodes": [
            {"id": "a", "type": "schema", "data": "a"},
            {
                "id": "len",
                "type": "runnable",
                "data": {
                    "id": ["streamflow", "runnables", "_lambda", "RunnableLambda"],
                    "name": "len",
                },
                "metadata": {"k": 1},
                "group": ["g"],
            },
        ],
        "edges": [
            {"source": "a", "target": "len"},
            {"source": "len", "target": "len", "data": "again", "conditional": True},
        ],
    }


@given(graphs(grouped=True))
def test_json_has_everything(graph: Graph) -> None:
    shown = json.loads(json.dumps(graph.to_json()))
    assert [node["id"] for node in shown["nodes"]] == list(graph.nodes)
    pairs = [(edge["source"], edge["target"]) for edge in shown["edges"]]
    assert pairs == [(edge.source, edge.target) for edge in graph.edges]
