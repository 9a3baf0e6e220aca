"""Reads a text picture back: which box leads to which, as somebody sees it who looks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from attrs import define

Cell = tuple[int, int]

DOWN, UP, LEFT, RIGHT = (0, 1), (0, -1), (-1, 0), (1, 0)
UPRIGHT = {"|", ":"}
FLAT = {"-", "."}


@define(frozen=True)
class Seen:
    """A box of the picture."""

    name: str
    x: int
    y: int
    right: int
    bottom: int


class Reader:
    """Finds the boxes and follows the lines; the names of the boxes are letters and digits."""

    def __init__(self, text: str) -> None:
        rows = text.splitlines()
        self.width = max(map(len, rows), default=0)
        self.rows = [row.ljust(self.width) for row in rows]
        self.boxes = list(self._find_boxes())

    def at(self, x: int, y: int) -> str:
        inside = 0 <= y < len(self.rows) and 0 <= x < self.width
        return self.rows[y][x] if inside else " "

    def _find_boxes(self) -> Iterator[Seen]:
        for y, row in enumerate(self.rows):
            for match in re.finditer(r"\| +(?=(\w+) +(\|))", row):
                x, right = match.start(), match.start(2)
                border = f"+{'-' * (right - x - 1)}+"
                above = self.rows[y - 1][x : right + 1] if y else ""
                if above == border:
                    yield Seen(match[1], x, y - 1, right, y + 1)

    def edges(self) -> Counter[tuple[str, str]]:
        """How often each box leads to each."""
        found: Counter[tuple[str, str]] = Counter()
        for box in self.boxes:
            for x in range(box.x, box.right + 1):
                if self.at(x, box.bottom + 1) in UPRIGHT:
                    found.update((box.name, to) for to in self._follow((x, box.bottom + 1), DOWN))
                if self.at(x, box.y - 1) in UPRIGHT:
                    found.update((box.name, to) for to in self._follow((x, box.y - 1), UP))
        return found

    def _follow(self, start: Cell, way: Cell) -> list[str]:
        """The boxes that a line leads to. It goes on down, or up, all the way.

        Only one that leads back to its own box turns round, and that one parts nowhere.
        """
        found, ends, onward = [], [], [(start, way)]
        while onward:
            (x, y), step = onward.pop()
            letter = self.at(x, y)
            if letter == ("v" if way == DOWN else "^") and step == way:
                found.append(self._box_at(x, y + way[1]))
            elif letter == "+":
                turns = self._turns((x, y), step, way)
                onward += [((x + d[0], y + d[1]), d) for d in turns]
                if not turns:
                    ends.append((x, y))
            elif letter in UPRIGHT | FLAT:  # the other kind is a crossing
                onward.append(((x + step[0], y + step[1]), step))
            else:
                raise AssertionError(f"a line ends at column {x}, row {y} in {letter!r}")
        if not found:
            assert len(ends) == 1
            assert way == DOWN
            (x, y) = ends[0]
            return self._follow((x, y - 1), UP)
        return found

    def _turns(self, cell: Cell, step: Cell, way: Cell) -> list[Cell]:
        x, y = cell
        ways = []
        for to in (LEFT, RIGHT, way):
            if to == (-step[0], -step[1]):
                continue
            letter = self.at(x + to[0], y + to[1])
            joins = {"+", "v", "^", *UPRIGHT} if to == way else {"+", *FLAT}
            if letter in joins or (to != way and self._crossed(cell, to)):
                ways.append(to)
        return ways

    def _crossed(self, cell: Cell, step: Cell) -> bool:
        """Whether a line goes on behind the ones that it crosses next to this cell."""
        x, y = cell[0] + step[0], cell[1]
        while self.at(x, y) in UPRIGHT:
            x += step[0]
        return x != cell[0] + step[0] and self.at(x, y) in {"+", *FLAT}

    def _box_at(self, x: int, y: int) -> str:
        return next(b.name for b in self.boxes if b.x <= x <= b.right and y in (b.y, b.bottom))
