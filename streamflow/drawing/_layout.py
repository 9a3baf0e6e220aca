"""From a graph to a picture: every node in a place of its own, every edge with its way.

The nodes stand in layers, edges lead down (``_layers``); those that close a circle lead up
instead. An edge that passes layers has a bend in each, and what is written beside an edge
stands in its way like a node: so nothing can lie over anything else. Each layer is put in
an order with few crossings (``_order``), then given columns (``_columns``), and between two
layers the edges run in rows (``_channels``, ``_rows``).

A group is laid out by itself, and is then one box for what is around it (``_arrange``).
Edges that leave or enter it come through ports in its frame: the top or the bottom of it,
whichever way they lead around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._arrange import Arrangement
from ._blocks import Level
from ._picture import Line, Picture, roles_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ._blocks import Piece
    from ._nodes import Edge, Node
    from ._picture import Point


def picture_of(nodes: Iterable[Node], edges: Sequence[Edge]) -> Picture:
    """Return a picture of a graph.

    Args:
        nodes: Its nodes.
        edges: Its edges, between these nodes.
    """
    known = {node.id: node for node in nodes}
    root = Level.of(known.values())
    for index, edge in enumerate(edges):
        shared = _shared(known[edge.source].group, known[edge.target].group)
        root.inside(shared).edges.append(index)
    block = Arrangement(root, known, edges, roles_of(known.values(), edges)).block(())
    return Picture(
        block.width,
        block.height,
        tuple(block.boxes),
        tuple(block.frames),
        tuple(block.marks),
        tuple(_lines(block.pieces, edges)),
    )


def _shared(group: Sequence[str], other: Sequence[str]) -> Sequence[str]:
    """Return the frames that are around both."""
    count = 0
    while count < min(len(group), len(other)) and group[count] == other[count]:
        count += 1
    return group[:count]


def _lines(pieces: Iterable[Piece], edges: Sequence[Edge]) -> Iterator[Line]:
    """Put the pieces of each edge together: first what leads down, then what leads up."""
    down: dict[int, list[Point]] = {}
    up: dict[int, list[Point]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.points[0][1]):
        (up if piece.backwards else down).setdefault(piece.edge, []).extend(piece.points)
    for index, edge in enumerate(edges):
        points = [*down.get(index, ()), *reversed(up.get(index, ()))]
        yield Line(edge, tuple(_corners(points)))


def _corners(points: Sequence[Point]) -> Iterator[Point]:
    """Yield the points but for those that lie on the way between two others."""
    points = [point for n, point in enumerate(points) if n == 0 or point != points[n - 1]]
    for n, point in enumerate(points):
        if 0 < n < len(points) - 1:
            (x, y), (before_x, before_y), (after_x, after_y) = point, points[n - 1], points[n + 1]
            if before_x == x == after_x or before_y == y == after_y:
                continue
        yield point
