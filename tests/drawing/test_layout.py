"""Any graph becomes a picture in which nothing is lost and nothing lies over anything else."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

from hypothesis import given, strategies as st

from streamflow.drawing import Graph
from streamflow.drawing._picture import Box, Frame, Mark, Picture, Point
from tests.drawing.reading import Reader
from tests.drawing.strategies import graphs

labels = st.none() | st.sampled_from(["yes", "no", "a longer label", "two\nlines"])


@given(graphs())
def test_what_the_text_shows_is_the_graph(graph: Graph) -> None:
    reader = Reader(graph.draw_ascii())
    names = [node.name for node in graph.nodes.values()]
    assert sorted(box.name for box in reader.boxes) == sorted(names)
    wanted = Counter((graph.nodes[e.source].name, graph.nodes[e.target].name) for e in graph.edges)
    assert reader.edges() == wanted


@given(graphs(grouped=True, labels=labels))
def test_nothing_lies_over_anything_else(graph: Graph) -> None:
    picture = graph._picture()
    solid: list[tuple[int, int, int, int]] = [_area(box) for box in picture.boxes]
    solid += [_mark_area(mark) for mark in picture.marks]
    for one, other in combinations(solid, 2):
        assert not _overlap(one, other)
    for x, y, right, bottom in solid:
        assert 0 <= x <= right < picture.width
        assert 0 <= y <= bottom < picture.height


@given(graphs(grouped=True, labels=labels))
def test_everything_is_there_once(graph: Graph) -> None:
    picture = graph._picture()
    assert Counter(box.node.id for box in picture.boxes) == Counter(list(graph.nodes))
    assert [line.edge for line in picture.lines] == graph.edges
    marks = Counter(mark.edge for mark in picture.marks)
    assert marks == Counter(edge for edge in graph.edges if edge.data)
    groups = {node.group[:n] for node in graph.nodes.values() for n in range(1, 4)} - {()}
    assert Counter(frame.title for frame in picture.frames) == Counter(g[-1] for g in groups)


@given(graphs(grouped=True, labels=labels))
def test_lines_join_their_boxes_and_touch_no_other(graph: Graph) -> None:
    picture = graph._picture()
    boxes = {box.node.id: box for box in picture.boxes}
    for line in picture.lines:
        assert _at_side(line.points[0], boxes[line.edge.source])
        assert _at_side(line.points[-1], boxes[line.edge.target])
        inner = set(_cells(line.points)) - {line.points[0], line.points[-1]}
        for box in boxes.values():
            assert not any(_inside(cell, _area(box)) for cell in inner)
        for mark in picture.marks:
            if mark.edge != line.edge:
                assert not any(_inside(cell, _mark_area(mark)) for cell in inner)


@given(graphs(grouped=True, labels=labels))
def test_lines_run_together_only_if_they_share_an_end(graph: Graph) -> None:
    lines = _own_ends(graph._picture())
    for (one, steps), (other, more) in combinations(lines, 2):
        if steps & more:
            assert one & other


@given(graphs(grouped=True))
def test_frames_hold_their_nodes_and_no_others(graph: Graph) -> None:
    picture = graph._picture()
    for frame in picture.frames:
        area = _area(frame)
        inside = [box.node for box in picture.boxes if _overlap(_area(box), area)]
        assert inside
        assert all(frame.title in node.group for node in inside)
        for box in picture.boxes:
            if box.node in inside:
                assert area[0] < box.x
                assert area[2] > box.x + box.width - 1


@given(graphs(grouped=True, labels=labels))
def test_the_picture_is_always_the_same(graph: Graph) -> None:
    again = Graph(dict(graph.nodes), list(graph.edges))
    assert graph.draw_ascii() == again.draw_ascii()


def test_long_chains_and_wide_ones() -> None:
    graph = Graph()
    nodes = [graph.add_node(f"n{n}") for n in range(1500)]
    for source, target in pairwise(nodes):
        graph.add_edge(source, target)
    assert len(graph.draw_ascii().splitlines()) == 5 * 1500 - 2

    graph = Graph()
    first, last = graph.add_node("first"), graph.add_node("last")
    for n in range(60):
        node = graph.add_node(f"n{n}")
        graph.add_edge(first, node)
        graph.add_edge(node, last)
    assert len(graph.draw_ascii().splitlines()) == 15


def _area(shape: Box | Frame) -> tuple[int, int, int, int]:
    return shape.x, shape.y, shape.x + shape.width - 1, shape.y + shape.height - 1


def _mark_area(mark: Mark) -> tuple[int, int, int, int]:
    return mark.x, mark.y, mark.x + mark.width - 1, mark.y + len(mark.lines) - 1


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _inside(cell: Point, area: tuple[int, int, int, int]) -> bool:
    return area[0] <= cell[0] <= area[2] and area[1] <= cell[1] <= area[3]


def _at_side(point: Point, box: Box) -> bool:
    return box.x < point[0] < box.x + box.width - 1 and point[1] in (box.y, box.y + box.height - 1)


def _cells(points: tuple[Point, ...]) -> list[Point]:
    cells = []
    for (x, y), (to_x, to_y) in pairwise(points):
        assert (x == to_x) != (y == to_y)
        length = max(abs(to_x - x), abs(to_y - y))
        step_x, step_y = (to_x - x) // length, (to_y - y) // length
        cells += [(x + n * step_x, y + n * step_y) for n in range(length + 1)]
    return cells


def _own_ends(picture: Picture) -> list[tuple[set[str], set[frozenset[Point]]]]:
    """For each line, the ids of the nodes at its ends, and the steps that it takes."""
    return [
        (
            {line.edge.source, line.edge.target},
            {frozenset(step) for step in pairwise(_cells(line.points))},
        )
        for line in picture.lines
    ]
