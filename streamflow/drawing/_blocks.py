"""What the layout of groups inside of groups works on: levels, and blocks made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, evolve, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._nodes import Node
    from ._picture import Box, Frame, Mark, Point


@define(eq=False)
class Level:
    """What stands directly in one frame, or in none."""

    path: tuple[str, ...] = ()
    """The titles of the frames around it, the outermost first."""
    children: list[Node | Level] = field(factory=list)
    """Nodes and groups, in their order."""
    groups: dict[str, Level] = field(factory=dict)
    """The groups among them, under their titles."""
    edges: list[int] = field(factory=list)
    """The edges with both ends in here, but not both in one of the groups."""

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> Level:
        """Return the level that is in no frame, with these nodes and their groups in it."""
        root = cls()
        for node in nodes:
            root.inside(node.group).children.append(node)
        return root

    def inside(self, group: Sequence[str]) -> Level:
        """Return the level that is reached through these frames, made if there is none."""
        level = self
        for title in group:
            if title not in level.groups:
                level.groups[title] = Level((*level.path, title))
                level.children.append(level.groups[title])
            level = level.groups[title]
        return level


@define(frozen=True)
class Port:
    """Where an edge comes through the frame of a group."""

    edge: int
    node: Node
    """The node inside that it leads to, or comes from."""
    above: bool
    """It comes through the top, not the bottom."""
    backwards: bool
    """It leads up."""


@define(frozen=True)
class Piece:
    """The part of an edge that one level draws: its corners, from top to bottom."""

    edge: int
    backwards: bool
    """The edge leads up here."""
    points: tuple[Point, ...]


@define(eq=False)
class Block:
    """A level with a place for everything, counted from its own upper left corner."""

    width: int = 0
    height: int = 0
    boxes: list[Box] = field(factory=list)
    frames: list[Frame] = field(factory=list)
    marks: list[Mark] = field(factory=list)
    pieces: list[Piece] = field(factory=list)
    ports: dict[tuple[int, bool], int] = field(factory=dict)
    """The column of each port, under its edge and whether it is above."""

    def add(self, other: Block, right: int, down: int) -> None:
        """Take in what another block has, so far to the right and so far down."""
        for box in other.boxes:
            self.boxes.append(evolve(box, x=box.x + right, y=box.y + down))
        for frame in other.frames:
            self.frames.append(
                evolve(frame, title_x=frame.title_x + right, x=frame.x + right, y=frame.y + down)
            )
        for mark in other.marks:
            self.marks.append(evolve(mark, x=mark.x + right, y=mark.y + down))
        for piece in other.pieces:
            points = tuple((x + right, y + down) for x, y in piece.points)
            self.pieces.append(evolve(piece, points=points))
