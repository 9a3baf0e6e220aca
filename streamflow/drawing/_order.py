"""The order of the items in each layer: the one found with the fewest crossings.

Layer by layer, down and up again, items are sorted by the mean place of what they are
joined to; then neighbours are exchanged where that saves crossings.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._items import Item, Segment

_ROUNDS = 12


def sort_layers(items: Iterable[Item]) -> list[list[Item]]:
    """Return the layers, each from left to right, and tell the items their positions.

    Args:
        items: All items, with their layers and segments.
    """
    layers = _first_order(list(items))
    best = [list(layer) for layer in layers]
    fewest = _all_crossings(layers)
    for _ in range(_ROUNDS):
        if fewest == 0:
            break
        _sweep(layers)
        if (count := _all_crossings(layers)) < fewest:
            fewest, best = count, [list(layer) for layer in layers]
    for layer in best:
        _number(layer)
    while fewest and (saved := sum(_exchange(layer) for layer in best)):
        fewest -= saved
    return best


def _first_order(items: list[Item]) -> list[list[Item]]:
    """Return the layers in the order of a walk that goes down before it goes on."""
    layers: list[list[Item]] = [[] for _ in range(1 + max((i.layer for i in items), default=-1))]
    entered: set[Item] = set()
    ways = [iter(items)]
    while ways:
        item = next(ways[-1], None)
        if item is None:
            ways.pop()
        elif item not in entered and not (len(ways) == 1 and item.above):
            entered.add(item)
            layers[item.layer].append(item)
            ways.append(iter([segment.lower for segment in item.below]))
    for layer in layers:
        _number(layer)
    return layers


def _number(layer: Sequence[Item]) -> None:
    for position, item in enumerate(layer):
        item.position = position


def _sweep(layers: list[list[Item]]) -> None:
    for layer in layers[1:]:
        _sort(layer, {item: [s.upper.position for s in item.above] for item in layer})
    for layer in reversed(layers[:-1]):
        _sort(layer, {item: [s.lower.position for s in item.below] for item in layer})


def _sort(layer: list[Item], places: dict[Item, list[int]]) -> None:
    """Sort a layer by the means of ``places``; what has none keeps its position."""
    means = {item: sum(at) / len(at) for item, at in places.items() if at}
    movable = iter(sorted((item for item in layer if item in means), key=means.__getitem__))
    layer[:] = [next(movable) if item in means else item for item in layer]
    _number(layer)


def _all_crossings(layers: list[list[Item]]) -> int:
    return sum(_crossings([s for item in layer for s in item.below]) for layer in layers)


def _crossings(segments: Iterable[Segment]) -> int:
    """Return how many pairs of segments, all of them between the same two layers, cross."""
    count = 0
    seen: list[int] = []
    for _, end in sorted((s.upper.position, s.lower.position) for s in segments):
        count += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return count


def _exchange(layer: list[Item]) -> int:
    """Exchange neighbours where that saves crossings; return how many it saved."""
    saved = 0
    for index in range(len(layer) - 1):
        left, right = layer[index], layer[index + 1]
        gain = _pair_crossings(left, right) - _pair_crossings(right, left)
        if gain > 0:
            saved += gain
            layer[index], layer[index + 1] = right, left
            right.position, left.position = index, index + 1
    return saved


def _pair_crossings(left: Item, right: Item) -> int:
    """Return how many crossings two neighbours cause if they stand in this order."""
    above = [a.upper.position > b.upper.position for a in left.above for b in right.above]
    below = [a.lower.position > b.lower.position for a in left.below for b in right.below]
    return sum(above) + sum(below)
