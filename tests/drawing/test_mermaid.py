"""Mermaid charts are what Mermaid reads, whatever the names are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from streamflow.drawing import Graph
from tests.drawing.strategies import graphs

anything = st.text(max_size=12) | st.sampled_from(["end", "graph", "o", "x", "click", "9", "a b"])

LABEL = r'"(?:[^"#<>\[\]{}|`*&\\]|#[0-9]+;|<br/>)+"'
ID = r"[A-Za-z_][A-Za-z0-9_]*"
NODE = re.compile(rf" +({ID})(?:\[{LABEL}\]|\(\[{LABEL}\]\)(?::::(?:first|last))?)")
SUBGRAPH = re.compile(rf" +subgraph ({ID}) \[{LABEL}\]")
EDGE = re.compile(rf"    ({ID}) (?:-->|-\.->)(?:\|{LABEL}\|)? ({ID})")


def chart(*names: str, **options: object) -> list[str]:
    graph = Graph()
    for name in names:
        graph.add_node(name)
    return graph.draw_mermaid(with_styles=False, **options).splitlines()  # type: ignore[arg-type]  # any


def test_a_chart() -> None:
    graph = Graph()
    graph.add_node("start")
    graph.add_node("agent", group=("team",))
    graph.add_node("tools", group=("team", "inner team"))
    graph.add_node("done")
    graph.add_edge("start", "agent")
    graph.add_edge("agent", "tools", "calls: yes", conditional=True)
    graph.add_edge("tools", "agent")
    graph.add_edge("agent", "done", conditional=True)
    assert graph.draw_mermaid(direction="LR").splitlines() == [
        "flowchart LR",
        '    start(["start"]):::first',
        '    subgraph team ["team"]',
        '        agent["agent"]',
        '        subgraph inner_team ["inner team"]',
        '            tools["tools"]',
        "        end",
        "    end",
        '    done(["done"]):::last',
        "    start --> agent",
        '    agent -.->|"calls#58; yes"| tools',
        "    tools --> agent",
        "    agent -.-> done",
        "    classDef default fill:#f4f1ea,stroke:#8a7f6a,color:#26221b",
        "    classDef first fill:#ffffff,stroke:#8a7f6a,color:#26221b",
        "    classDef last fill:#dfe8d8,stroke:#8a7f6a,color:#26221b",
    ]


def test_without_colours() -> None:
    assert chart("a") == ["flowchart TD", '    a["a"]']


def test_what_stands_above() -> None:
    config = {"config": {"theme": "dark"}}
    assert chart("a", frontmatter_config=config)[:4] == [
        "---",
        '{"config": {"theme": "dark"}}',
        "---",
        "flowchart TD",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("call_model", "call_model"),
        ("__start__", "#95;#95;start#95;#95;"),
        ("Parallel<a,b>Input", "Parallel#60;a,b#62;Input"),
        ('say "no"', "say #34;no#34;"),
        ("two\nlines", "two<br/>lines"),
        ("1. first", "#49;. first"),
        ("- first", "#45; first"),
        ("**bold** `code`", "#42;#42;bold#42;#42; #96;code#96;"),
        ("#35;", "#35;35#59;"),
        ("www.x.org", "www#46;x.org"),
        ("direction LR", "direction#32;LR"),
        ("Übersicht 日本", "Übersicht 日本"),
        ("", " "),
        ("\x00\x1b", " "),
    ],
)
def test_labels(name: str, shown: str) -> None:
    (line,) = chart(name)[1:]
    assert line.endswith(f'["{shown}"]')


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("end", "end_node"),
        ("Graph", "Graph_node"),
        ("a b/c", "a_b_c"),
        ("2nd", "_2nd"),
        ("日本", "__node"),
        ("Parallel<a>Input", "Parallel_a_Input"),
    ],
)
def test_ids(name: str, id: str) -> None:
    assert chart(name)[1].startswith(f"    {id}[")


def test_ids_stay_apart() -> None:
    assert [line.split("[")[0].strip() for line in chart("a b", "a_b", "a-b")[1:]] == [
        "a_b",
        "a_b_2",
        "a_b_3",
    ]


@given(graphs(grouped=True, labels=st.none() | anything, names=anything), st.booleans())
def test_any_graph_becomes_a_chart(graph: Graph, styles: bool) -> None:
    first, *lines = graph.draw_mermaid(with_styles=styles).splitlines()
    assert first == "flowchart TD"
    if styles:
        *lines, default, begin, end = lines
        assert default.startswith("    classDef default ")
        assert begin.startswith("    classDef first ")
        assert end.startswith("    classDef last ")
    kinds = (NODE, SUBGRAPH, EDGE, re.compile(" +end"))
    found = {kind: [m for m in map(kind.fullmatch, lines) if m] for kind in kinds}
    nodes, subgraphs, edges, ends = found.values()
    assert len(nodes) == len(graph.nodes)
    assert len(edges) == len(graph.edges)
    assert len(subgraphs) == len(ends)
    assert sum(map(len, found.values())) == len(lines)
    ids = [match[1] for match in (*nodes, *subgraphs)]
    assert len(set(ids)) == len(ids)
    own = dict(zip(_in_levels(graph), (match[1] for match in nodes), strict=True))
    assert [(m[1], m[2]) for m in edges] == [(own[e.source], own[e.target]) for e in graph.edges]
    assert lines == graph.draw_mermaid(with_styles=styles).splitlines()[1 : len(lines) + 1]


def _in_levels(graph: Graph) -> list[str]:
    """The ids in the order in which frames, one by one, are drawn."""

    def level(path: tuple[str, ...]) -> list[str]:
        found: dict[str, list[str]] = {}
        for node in graph.nodes.values():
            if node.group == path:
                found[f"node {node.id}"] = [node.id]
            elif node.group[: len(path)] == path:
                title = node.group[len(path)]
                if f"group {title}" not in found:
                    found[f"group {title}"] = level((*path, title))
        return [id for ids in found.values() for id in ids]

    return level(())
