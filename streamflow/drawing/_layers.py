"""From a graph, which may have circles, to layers in which every edge leads down."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._items import Item


@define(frozen=True)
class Arc:
    """A way from an item to one in a lower layer."""

    upper: Item
    lower: Item
    length: int = 1
    """How many layers lower the other item is, at least."""


def turned_round(items: Sequence[Item], links: Sequence[tuple[Item, Item]]) -> set[int]:
    """Return which links to turn round so that there are no circles.

    These are the ones that lead back to where a walk through the graph came from. The walk
    starts at the items that nothing leads to, and takes items and links in their order.

    Args:
        items: All items.
        links: Pairs of items; none leads from an item to itself.
    """
    out: dict[Item, list[int]] = {item: [] for item in items}
    for number, (source, _) in enumerate(links):
        out[source].append(number)
    targets = {target for _, target in links}
    starts = [item for item in items if item not in targets]
    found: set[int] = set()
    entered: set[Item] = set()
    for start in [*starts, *items]:
        if start in entered:
            continue
        entered.add(start)
        path = [(start, iter(out[start]))]
        on_path = {start}
        while path:
            item, rest = path[-1]
            index = next(rest, -1)
            if index < 0:
                path.pop()
                on_path.discard(item)
                continue
            target = links[index][1]
            if target in on_path:
                found.add(index)
            elif target not in entered:
                entered.add(target)
                on_path.add(target)
                path.append((target, iter(out[target])))
    return found


def put_in_layers(items: Iterable[Item], arcs: Iterable[Arc]) -> None:
    """Give each item the highest layer that its arcs allow, counted from zero.

    What nothing leads to is lowered to just above what it leads to.

    Args:
        items: All items.
        arcs: What leads down; there are no circles.
    """
    below: dict[Item, list[Arc]] = {item: [] for item in items}
    waiting = dict.fromkeys(below, 0)
    for arc in arcs:
        below[arc.upper].append(arc)
        waiting[arc.lower] += 1
    sources = [item for item, count in waiting.items() if count == 0]
    ready = deque(sources)
    while ready:
        item = ready.popleft()
        for arc in below[item]:
            arc.lower.layer = max(arc.lower.layer, item.layer + arc.length)
            waiting[arc.lower] -= 1
            if waiting[arc.lower] == 0:
                ready.append(arc.lower)
    for item in sources:
        item.layer = min((arc.lower.layer - arc.length for arc in below[item]), default=0)
