"""Kinks taken out: items that are almost under one another are set exactly so.

Items joined by straight segments move together, so a move never bends what is straight;
each move makes at least one segment more straight, so there is an end to it. Nothing is
pushed aside. Items in a row, with one edge from each to the next, may move far; others
only a little, or boxes would no longer stand in the middle of what they lead to.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from ._columns import distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ._items import Item, Segment

# How far things may be moved that do not stand in a row.
_REACH = 3


def straighten(layers: Sequence[Sequence[Item]]) -> None:
    """Move items by a few columns where that makes segments straight.

    Args:
        layers: The items of each layer, from left to right, in their columns.
    """
    for layer in layers:
        for item in layer:
            for segment in item.above:
                if _is_row(segment):
                    lowest, highest = _freedom({item: None}, layers)
                    item.anchor += min(max(segment.start - segment.end, lowest), highest)
    for reach in (0, _REACH):
        while _move_all(layers, reach):
            pass


def _move_all(layers: Sequence[Sequence[Item]], reach: int) -> bool:
    """Move everything once, if that makes something straight; return whether it did."""
    moved = False
    seen: set[Item] = set()
    for item in [item for layer in layers for item in layer]:
        if item not in seen:
            together = _joined_to(item)
            seen.update(together)
            way = _best_way(together, layers, reach)
            for member in together:
                member.anchor += way
            moved = moved or way != 0
    return moved


def _joined_to(item: Item) -> list[Item]:
    """Return all items that straight segments join to an item, and itself."""
    found = {item: None}
    waiting = [item]
    while waiting:
        here = waiting.pop()
        for segment in _segments(here):
            other = segment.lower if segment.upper is here else segment.upper
            if other not in found and segment.start == segment.end:
                found[other] = None
                waiting.append(other)
    return list(found)


def _is_row(segment: Segment) -> bool:
    if segment.lower.kind == "turn":
        return True
    return len(segment.upper.below) == len(segment.lower.above) == 1


def _segments(item: Item) -> Iterator[Segment]:
    yield from item.above
    yield from item.below


def _best_way(together: Iterable[Item], layers: Sequence[Sequence[Item]], reach: int) -> int:
    """Return by how much to move items so that most segments become straight; or zero."""
    together = dict.fromkeys(together)
    ways: Counter[int] = Counter()
    for item in together:
        for segment in _segments(item):
            if (segment.upper in together) != (segment.lower in together):
                way = segment.end - segment.start
                if abs(way) <= reach or _is_row(segment):
                    ways[way if segment.upper is item else -way] += 1
    lowest, highest = _freedom(together, layers)
    possible = [way for way in ways if lowest <= way <= highest]
    return max(possible, key=lambda way: (ways[way], -abs(way), way), default=0)


def _freedom(together: dict[Item, None], layers: Sequence[Sequence[Item]]) -> tuple[int, int]:
    """Return how far items can be moved to the left, as a negative number, and the right."""
    lowest, highest = -sys.maxsize, sys.maxsize
    for item in together:
        layer = layers[item.layer]
        if item.position > 0:
            left = layer[item.position - 1]
            if left not in together:
                lowest = max(lowest, left.anchor + distance(left, item) - item.anchor)
        if item.position + 1 < len(layer):
            right = layer[item.position + 1]
            if right not in together:
                highest = min(highest, right.anchor - distance(item, right) - item.anchor)
    return lowest, highest
