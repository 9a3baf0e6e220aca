"""The rows that nets run along, in the gap between two layers (see ``_channels``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._channels import Net

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._items import Segment
    from ._picture import Point


def give_rows(nets: Sequence[Net]) -> int:
    """Give the nets that need one a row, and cut some if they must be.

    Args:
        nets: The nets of one gap; the items at their ends have their columns.

    Returns:
        How many rows there are.
    """
    for net in nets:
        net.uppers = sorted({segment.start for segment in net.segments})
        net.lowers = sorted({segment.end for segment in net.segments})
    used = {column for net in nets for column in (*net.uppers, *net.lowers)}
    bent = [net for net in nets if not net.is_straight]
    while circle := _circle(bent):
        net = min(circle, key=lambda net: len(net.segments))
        middle = (net.leftmost + net.rightmost) // 2
        nearby = (middle + way * n for n in range(len(used) + 1) for way in (1, -1))
        free = next(column for column in nearby if column not in used)
        used.add(free)
        net.goes_on = Net(net.segments, [free], net.lowers)
        net.lowers = [free]
        bent.append(net.goes_on)
    placed: list[Net] = []
    for net in _in_order(bent):
        near = [other for other in placed if _meet(other, net, used)]
        net.row = max((other.row + _apart(other, net) for other in near), default=0)
        placed.append(net)
    return 1 + max((net.row for net in bent), default=-1)


def way_of(segment: Segment, net: Net, first_row: int) -> list[Point]:
    """Return the corners of a segment, from its upper end to its lower one.

    Args:
        segment: The segment.
        net: The net that it belongs to.
        first_row: The first row of the gap.
    """
    column = segment.start
    points = [(column, segment.upper.bottom)]
    part: Net | None = net
    while part is not None and not net.is_straight:
        row = first_row + 1 + part.row
        turn = part.lowers[0] if part.goes_on else segment.end
        if turn != column:
            points += [(column, row), (turn, row)]
        column = turn
        part = part.goes_on
    return [*points, (column, segment.lower.top)]


def _must_be_over(upper: Net, lower: Net) -> bool:
    """Whether the one comes down in a column in which the other goes down from its row."""
    return upper is not lower and not set(upper.uppers).isdisjoint(lower.lowers)


def _apart(upper: Net, lower: Net) -> int:
    """Return how many rows lie between two nets, of which one must or may be over the other.

    Corners in one column must not look joined.
    """
    return 2 if _must_be_over(upper, lower) else 1


def _meet(net: Net, other: Net, used: set[int]) -> bool:
    """Whether they would touch in one row, or seem to, with a line in each column between."""
    between = range(min(net.rightmost, other.rightmost) + 1, max(net.leftmost, other.leftmost))
    return all(column in used for column in between)


def _wishes(nets: Sequence[Net]) -> dict[Net, list[Net]]:
    """Return for each net those that must have lower rows."""
    # The column in which a net goes on is nobody else's.
    by_lower = {column: net for net in nets if not net.goes_on for column in net.lowers}
    wishes: dict[Net, list[Net]] = {}
    for net in nets:
        below = (by_lower.get(column) for column in net.uppers)
        wishes[net] = list(dict.fromkeys(b for b in below if b is not None and b is not net))
        if net.goes_on is not None:
            wishes[net].append(net.goes_on)
    return wishes


def _circle(nets: Sequence[Net]) -> list[Net]:
    """Return nets whose wishes form circles, and those between circles."""
    left = list(nets)
    wishes = _wishes(nets)
    while True:
        wished = {lower for net in left for lower in wishes[net]}
        rest = set(left)
        inner = [net for net in left if net in wished and not rest.isdisjoint(wishes[net])]
        if len(inner) == len(left):
            return [net for net in inner if net.goes_on is None]
        left = inner


def _in_order(nets: Sequence[Net]) -> list[Net]:
    """Return the nets from top to bottom: as they must be, and then with few crossings."""
    wishes = _wishes(nets)
    waits = dict.fromkeys(nets, 0)
    for lower in (lower for net in nets for lower in wishes[net]):
        waits[lower] += 1
    costs = {net: sum(_cost(net, other) for other in nets) for net in nets}
    order: list[Net] = []
    left = list(nets)
    while left:
        net = min((net for net in left if not waits[net]), key=costs.__getitem__)
        left.remove(net)
        order.append(net)
        for lower in wishes[net]:
            waits[lower] -= 1
        for other in left:
            costs[other] -= _cost(other, net)
    return order


def _cost(upper: Net, lower: Net) -> int:
    """Return how many crossings more there are if the nets are in this order."""
    return _crossings(upper, lower) - _crossings(lower, upper)


def _crossings(upper: Net, lower: Net) -> int:
    into = sum(upper.leftmost < column < upper.rightmost for column in lower.uppers)
    out = sum(lower.leftmost < column < lower.rightmost for column in upper.lowers)
    return into + out
