"""The ways of the edges through the gap between two layers.

Edges that share an end there form a net: from one box to several, or from several to one.
A net goes down from its upper ends, along one row, and down to its lower ends. Where one
net's upper end is in the same column as another one's lower end, the first has to turn off
before the second turns in: its row must be higher. If such wishes form a circle, a net is
cut in two parts, which meet in a column that nobody uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from ._items import SPREAD, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._items import Segment


@define(eq=False)
class Net:
    """Segments that are drawn as one, or a part of that."""

    segments: list[Segment]
    uppers: list[int] = field(factory=list)
    """The columns where it comes down into its row."""
    lowers: list[int] = field(factory=list)
    """The columns where it goes down from its row."""
    row: int = 0
    """Its row, counted from the first that nets may use."""
    goes_on: Net | None = None
    """The other part, if it was cut."""

    @property
    def leftmost(self) -> int:
        """Its first column."""
        return min(*self.uppers, *self.lowers)

    @property
    def rightmost(self) -> int:
        """Its last column."""
        return max(*self.uppers, *self.lowers)

    @property
    def is_straight(self) -> bool:
        """Whether it only goes down, and needs no row."""
        return self.leftmost == self.rightmost


# ------------------------------------------------------------------------------- nets


def nets_of(layer: Iterable[Item]) -> list[Net]:
    """Return the nets between a layer and the next one.

    Segments share a net if they leave the same upper item, or else if they reach the same
    lower item; are drawn alike; and lead the same way. Two between the same items do not.
    """
    segments = [segment for item in layer for segment in item.below]
    nets: dict[object, Net] = {}
    from_above: dict[object, int] = {}
    for segment in segments:
        key = _upper_end(segment)
        from_above[key] = from_above.get(key, 0) + 1
    seen: dict[object, int] = {}
    for segment in segments:
        upper, lower = _upper_end(segment), _lower_end(segment)
        seen[upper, lower] = again = seen.get((upper, lower), 0) + 1
        key = ("from", upper, again) if from_above[upper] > 1 else ("to", lower, again)
        nets.setdefault(key, Net([])).segments.append(segment)
    return list(nets.values())


def _upper_end(segment: Segment) -> object:
    return _end(segment.upper, segment)


def _lower_end(segment: Segment) -> object:
    return _end(segment.lower, segment)


def _end(item: Item, segment: Segment) -> object:
    # Edges come through a frame one by one, and one from a node to itself is seen to be one.
    alone = segment.edge if item.kind == "group" or segment.lower.kind == "turn" else None
    return (item, alone, segment.dashed, segment.backwards)


def give_pins(nets: Sequence[Net]) -> None:
    """Tell the segments of nets where they join the boxes, and widen boxes that need it.

    The places lie around the middle, in the order of what is at the other end.
    """
    at_uppers: dict[Item, list[Net]] = {}
    at_lowers: dict[Item, list[Net]] = {}
    for net in nets:
        for item in dict.fromkeys(s.upper for s in net.segments if s.upper.kind != "group"):
            at_uppers.setdefault(item, []).append(net)
        for item in dict.fromkeys(s.lower for s in net.segments if s.lower.kind != "group"):
            at_lowers.setdefault(item, []).append(net)
    for item, here in at_uppers.items():
        pins = _pins(item, here, lambda s: s.lower.position + s.lower_pin / (s.lower.width + 1))
        for net in here:
            for segment in net.segments:
                if segment.upper is item:
                    segment.upper_pin = pins[net]
    for item, here in at_lowers.items():
        pins = _pins(item, here, lambda s: s.upper.position + s.upper_pin / (s.upper.width + 1))
        for net in here:
            for segment in net.segments:
                if segment.lower is item:
                    segment.lower_pin = pins[net]


def _pins(item: Item, nets: list[Net], place: Callable[[Segment], float]) -> dict[Net, int]:
    def key(net: Net) -> tuple[float, int, bool]:
        mean = sum(place(segment) for segment in net.segments) / len(net.segments)
        return mean, net.segments[0].edge, net.segments[0].backwards

    spread = SPREAD * (len(nets) - 1)
    if item.kind == "node":
        item.width = max(item.width, spread + 3)
    middle = spread // 2
    return {net: SPREAD * n - middle for n, net in enumerate(sorted(nets, key=key))}
