"""What the layout works on: items that stand in layers, and segments between them."""

from __future__ import annotations

from typing import Literal

from attrs import define, field

Kind = Literal["node", "group", "label", "turn", "bend", "port"]
"""What an item is.

* ``node``, ``group``: a box, or a frame with everything inside;
* ``label``: what is written beside an edge, standing in its way;
* ``turn``: where an edge from a node to itself turns back up, with its label;
* ``bend``: where an edge passes through a layer;
* ``port``: where an edge comes in or goes out through the frame around.
"""

SPREAD = 4
"""Columns between two edges at one side of a box."""


@define(eq=False)
class Item:
    """Something that takes a place in a layer."""

    kind: Kind
    width: int = 1
    height: int = 1
    layer: int = 0
    position: int = 0
    """Its place in the layer, counted from the left."""
    anchor: int = 0
    """The column of its middle."""
    top: int = 0
    """Its first row."""
    above: list[Segment] = field(factory=list)
    """What comes in from the layer above."""
    below: list[Segment] = field(factory=list)
    """What goes out to the layer below."""

    @property
    def left(self) -> int:
        """Its first column."""
        return self.anchor - self.width // 2

    @property
    def right(self) -> int:
        """Its last column."""
        return self.left + self.width - 1

    @property
    def bottom(self) -> int:
        """Its last row."""
        return self.top + self.height - 1


@define(eq=False)
class Segment:
    """A part of an edge, between two layers that are neighbours."""

    edge: int
    upper: Item
    lower: Item
    backwards: bool
    """The edge leads from the lower item to the upper one."""
    dashed: bool
    upper_pin: int = 0
    """Where it leaves the upper item, counted from the anchor of that."""
    lower_pin: int = 0
    """Where it reaches the lower item, counted from the anchor of that."""

    @property
    def start(self) -> int:
        """The column where it leaves the upper item."""
        return self.upper.anchor + self.upper_pin

    @property
    def end(self) -> int:
        """The column where it reaches the lower item."""
        return self.lower.anchor + self.lower_pin


def join(segment: Segment) -> None:
    """Make a segment known to the items at its ends."""
    segment.upper.below.append(segment)
    segment.lower.above.append(segment)
