"""A graph with a place for everything: what the layout makes and the painters paint.

Places are cells of a grid, one for each letter, counted from the upper left. The text
picture has one character in each cell; the images have a few pixels for each.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._nodes import Edge, Node

Point = tuple[int, int]
"""Column and row."""

Role = Literal["first", "inner", "last"]


@define(frozen=True)
class Box:
    """A node, with the border around it."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    role: Role
    """Whether edges leave it only, or lead to it only, or both."""


@define(frozen=True)
class Frame:
    """What is drawn around the nodes of a group."""

    title: str
    title_x: int
    """The column at which the title begins, in the upper border."""
    x: int
    y: int
    width: int
    height: int


@define(frozen=True)
class Mark:
    """What is written beside an edge, in its way."""

    edge: Edge
    x: int
    y: int
    width: int
    lines: tuple[str, ...]


@define(frozen=True)
class Line:
    """An edge: from one corner to the next, each time straight down, up or sideways.

    Its first and last points are in the borders of the boxes that it joins.
    """

    edge: Edge
    points: tuple[Point, ...]


@define(frozen=True)
class Picture:
    """Everything that there is to paint."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]


def roles_of(nodes: Iterable[Node], edges: Iterable[Edge]) -> dict[str, Role]:
    """Return the role of each node, under its id."""
    edges = list(edges)
    left = {edge.source for edge in edges}
    reached = {edge.target for edge in edges}

    def role(id: str) -> Role:
        if (id in left) == (id in reached):
            return "inner"
        return "first" if id in left else "last"

    return {node.id: role(node.id) for node in nodes}


def text_lines(text: str) -> tuple[str, ...]:
    """Return the lines of ``text``, without what cannot be shown; there is at least one."""
    lines = text.replace("\t", " ").splitlines()
    shown = ("".join(letter for letter in line if _is_shown(letter)) for line in lines)
    return tuple(line.strip() for line in shown) or ("",)


def text_width(text: str) -> int:
    """Return how many cells ``text`` takes: two for a wide letter, none for an accent."""
    return sum(letter_width(letter) for letter in text)


def letter_width(letter: str) -> int:
    """Return how many cells one letter takes."""
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"F", "W"} else 1


def _is_shown(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"}
