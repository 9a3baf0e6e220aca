"""The columns of the items: in their order, not too near, edges as straight as can be.

Each item is drawn to where its edges would be straight, as if by springs. A layer at a
time is brought to rest: where springs pull items into one another, these form a block that
settles at the mean of what they want.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._items import Item, Segment

_ROUNDS = 8

# How strongly a segment pulls, by how many of its ends are bends: a long edge is straight.
_PULL = (1.0, 2.0, 8.0)

_BOXES = ("node", "group")


def place(layers: Sequence[Sequence[Item]]) -> None:
    """Give each item its column.

    Args:
        layers: The items of each layer, from left to right.
    """
    at: dict[Item, float] = {}
    for layer in layers:
        _settle(layer, at, lambda item: [])
    for _ in range(_ROUNDS):
        for layer in layers[1:]:
            _settle(layer, at, lambda item: _pulls_from_above(item, at))
        for layer in layers[-2::-1]:
            _settle(layer, at, lambda item: _pulls_from_below(item, at))
    for _ in range(_ROUNDS):
        for layer in (*layers, *layers[-2::-1]):
            _settle(
                layer,
                at,
                lambda item: [*_pulls_from_above(item, at), *_pulls_from_below(item, at)],
            )
    for item, column in at.items():
        item.anchor = floor(column + 0.5)


Pull = tuple[float, float]
"""A column, and how strongly an item is drawn there."""


def _pulls_from_above(item: Item, at: dict[Item, float]) -> list[Pull]:
    return [(at[s.upper] + s.upper_pin - s.lower_pin, _pull(s)) for s in item.above]


def _pulls_from_below(item: Item, at: dict[Item, float]) -> list[Pull]:
    return [(at[s.lower] + s.lower_pin - s.upper_pin, _pull(s)) for s in item.below]


def _pull(segment: Segment) -> float:
    return _PULL[(segment.upper.kind == "bend") + (segment.lower.kind == "bend")]


def _settle(
    layer: Sequence[Item], at: dict[Item, float], pulls: Callable[[Item], list[Pull]]
) -> None:
    """Move the items of a layer to rest; what nothing pulls wants to stay where it is.

    In columns that leave out the least distances, "in order" is "not decreasing", and the
    blocks are those of an isotonic regression.
    """
    blocks: list[tuple[float, float, int]] = []  # column, weight, number of items
    offset = 0
    offsets = []
    for index, item in enumerate(layer):
        if index:
            offset += distance(layer[index - 1], item)
        offsets.append(offset)
        wanted = pulls(item) or [(at.get(item, float(offset)), 1.0)]
        weight = sum(pull for _, pull in wanted)
        column = sum(to * pull for to, pull in wanted) / weight - offset
        count = 1
        while blocks and blocks[-1][0] > column:
            before, heft, number = blocks.pop()
            column = (before * heft + column * weight) / (heft + weight)
            weight += heft
            count += number
        blocks.append((column, weight, count))
    columns = [column for column, _, count in blocks for _ in range(count)]
    for item, column, offset in zip(layer, columns, offsets, strict=True):
        at[item] = column + offset


def distance(left: Item, right: Item) -> int:
    """Return how far the middles of two neighbours have to be apart, at least."""
    kinds = (left.kind, right.kind)
    boxes = sum(kind in _BOXES for kind in kinds)
    gap = 3 if boxes == 2 else 2 if boxes or "bend" not in kinds else 1
    return left.width - left.width // 2 + gap + right.width // 2
