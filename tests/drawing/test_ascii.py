"""Text pictures, as they are meant to look."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, strategies as st

from streamflow.drawing import Graph
from streamflow.drawing._picture import text_width
from tests.drawing.strategies import graphs

Ways = list[tuple[str, str] | tuple[str, str, str | None]]


def drawn(ways: Ways, groups: dict[str, tuple[str, ...]] | None = None) -> str:
    """The picture of a graph; edges with a third part are conditional."""
    graph = Graph()
    for name in dict.fromkeys(name for way in ways for name in way[:2]):
        graph.add_node(name, group=(groups or {}).get(name, ()))  # type: ignore[arg-type]  # a name
    for source, target, *label in ways:
        graph.add_edge(source, target, *label, conditional=bool(label))
    return graph.draw_ascii()


def looks(text: str) -> str:
    return dedent(text).strip("\n")


def test_one_node() -> None:
    graph = Graph()
    graph.add_node("alone")
    assert graph.draw_ascii() == looks(
        """
        +-------+
        | alone |
        +-------+
        """
    )


def test_no_node(capsys: pytest.CaptureFixture[str]) -> None:
    assert Graph().draw_ascii() == ""
    Graph().print_ascii()
    assert capsys.readouterr().out == "\n"


def test_a_row() -> None:
    assert drawn([("a", "middle"), ("middle", "z")]) == looks(
        """
           +---+
           | a |
           +---+
             |
             v
        +--------+
        | middle |
        +--------+
             |
             v
           +---+
           | z |
           +---+
        """
    )


def test_side_by_side() -> None:
    names = ["one", "two", "three", "four", "five", "six"]
    ways: Ways = [("in", name) for name in names]
    assert drawn([*ways, *((name, "out") for name in names)]) == looks(
        """
                                   +----+
                                   | in |
                                   +----+
                                      |
           +---------+----------+-----+-----+----------+---------+
           v         v          v           v          v         v
        +-----+   +-----+   +-------+   +------+   +------+   +-----+
        | one |   | two |   | three |   | four |   | five |   | six |
        +-----+   +-----+   +-------+   +------+   +------+   +-----+
           |         |          |           |          |         |
           +---------+----------+-----+-----+----------+---------+
                                      v
                                   +-----+
                                   | out |
                                   +-----+
        """
    )


def test_a_circle_with_conditions() -> None:
    ways: Ways = [
        ("start", "agent"),
        ("agent", "tools", "go on"),
        ("agent", "end", "done"),
        ("tools", "agent"),
    ]
    assert drawn(ways) == looks(
        """
        +-------+
        | start |
        +-------+
            |
            v
        +-------+
        | agent |
        +-------+
          :   ^
          +...|........+
          :   |        :
        go on |      done
          :   |        :
          v   |        v
        +-------+   +-----+
        | tools |   | end |
        +-------+   +-----+
        """
    )


def test_an_edge_to_its_own_node() -> None:
    assert drawn([("step", "step", "again"), ("step", "step"), ("step", "end")]) == looks(
        """
        +-----------------+
        |      step       |
        +-----------------+
         :   ^   |   ^   |
         :   :   |   |   +-+
         :   :   |   |     v
         +...+   |   |  +-----+
         again   +---+  | end |
                        +-----+
        """
    )


def test_lines_that_cross() -> None:
    assert drawn([("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]) == looks(
        """
        +---+         +---+
        | a |         | b |
        +---+         +---+
          |             |
          +---------+   |
          |   +-----|---+
          v   v     v   v
         +-----+   +-----+
         |  c  |   |  d  |
         +-----+   +-----+
        """
    )


def test_groups() -> None:
    groups = {"b": ("team",), "c": ("team", "inner")}
    assert drawn([("a", "b"), ("b", "c"), ("c", "d")], groups) == looks(
        """
                  +---+
                  | a |
                  +---+
                    |
        +- team ----|-----------+
        |           |           |
        |           v           |
        |         +---+         |
        |         | b |         |
        |         +---+         |
        |           |           |
        | +- inner -|---------+ |
        | |         |         | |
        | |         v         | |
        | |       +---+       | |
        | |       | c |       | |
        | |       +---+       | |
        | |         |         | |
        | +---------|---------+ |
        |           |           |
        +-----------|-----------+
                    |
                    v
                  +---+
                  | d |
                  +---+
        """
    )


def test_wide_letters_and_more_than_one_line() -> None:
    graph = Graph()
    for name in ("日本語", "e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}", "two\nlines"):
        graph.add_node(name)
    assert graph.draw_ascii() == looks(
        """
        +--------+   +-----+   +-------+
        | 日本語 |   | e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT} |   |  two  |
        +--------+   +-----+   | lines |
                               +-------+
        """
    )


@given(graphs(grouped=True, names=st.text(max_size=8)))
def test_borders_are_straight_whatever_the_letters(graph: Graph) -> None:
    rows = graph.draw_ascii().split("\n")
    for box in graph._picture().boxes:
        for row in rows[box.y + 1 : box.y + box.height - 1]:
            columns = [text_width(row[:n]) for n, letter in enumerate(row) if letter == "|"]
            assert box.x in columns
            assert box.x + box.width - 1 in columns
