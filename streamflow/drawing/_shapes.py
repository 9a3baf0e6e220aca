"""What an image of a picture consists of, in pixels: the same for SVG and for PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from ._picture import text_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ._picture import Box, Frame, Line, Mark, Picture, Role

# Pixels of one cell, and around all of them.
CELL_WIDTH, CELL_HEIGHT = 9, 18
MARGIN = 9

FONT_SIZE = 14
DASH = 4
"""How long the parts of a dashed line are, and the gaps between."""

PAPER, INK, LINE = "#ffffff", "#26221b", "#8a7f6a"
FILLS: dict[Role, str] = {"first": PAPER, "inner": "#f4f1ea", "last": "#dfe8d8"}

_CORNER = 7
_HEAD_LENGTH, _HEAD_WIDTH = 9, 9

Spot = tuple[float, float]
"""Pixels from the left and from the top."""


@define(frozen=True)
class Rect:
    """A rectangle, with round corners if there is a radius."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str | None
    stroke: str | None


@define(frozen=True)
class Stroke:
    """A line with round corners."""

    start: Spot
    corners: tuple[tuple[Spot, Spot, Spot], ...]
    """Where each curve begins, the corner that it cuts, and where it ends."""
    end: Spot
    dashed: bool


@define(frozen=True)
class Head:
    """The head of an arrow."""

    corners: tuple[Spot, Spot, Spot]


@define(frozen=True)
class Text:
    """A line of text, around its middle."""

    x: float
    y: float
    text: str
    room: float
    """How wide it may be."""


Shape = Rect | Stroke | Head | Text


def size_of(picture: Picture) -> tuple[int, int]:
    """Return the width and the height of the image."""
    return (
        picture.width * CELL_WIDTH + 2 * MARGIN,
        picture.height * CELL_HEIGHT + 2 * MARGIN,
    )


def shapes_of(picture: Picture) -> Iterator[Shape]:
    """Yield everything in the image; what comes later is painted over it."""
    yield Rect(0, 0, *size_of(picture), 0, PAPER, None)
    for frame in picture.frames:
        yield from _frame(frame)
    for line in picture.lines:
        yield from _line(line)
    for mark in picture.marks:
        yield from _mark(mark)
    for box in picture.boxes:
        yield from _box(box)


def _spot(x: float, y: float) -> Spot:
    """Return the middle of a cell."""
    return MARGIN + (x + 0.5) * CELL_WIDTH, MARGIN + (y + 0.5) * CELL_HEIGHT


def _around(shape: Box | Frame, radius: float, fill: str | None) -> Rect:
    x, y = _spot(shape.x, shape.y)
    right, bottom = _spot(shape.x + shape.width - 1, shape.y + shape.height - 1)
    return Rect(x, y, right - x, bottom - y, radius, fill, LINE)


def _frame(frame: Frame) -> Iterator[Shape]:
    yield _around(frame, _CORNER, None)
    if frame.title:
        width = text_width(frame.title)
        yield from _on_paper(frame.title_x, frame.y, width, (frame.title,))


def _mark(mark: Mark) -> Iterator[Shape]:
    yield from _on_paper(mark.x, mark.y, mark.width, mark.lines)


def _on_paper(x: int, y: int, width: int, lines: Sequence[str]) -> Iterator[Shape]:
    """Yield lines of text that hide what is behind them."""
    left, top = MARGIN + (x - 0.5) * CELL_WIDTH, MARGIN + y * CELL_HEIGHT
    room = (width + 1) * CELL_WIDTH
    yield Rect(left, top, room, len(lines) * CELL_HEIGHT, 0, PAPER, None)
    for row, line in enumerate(lines):
        yield Text(left + room / 2, top + (row + 0.5) * CELL_HEIGHT, line, room)


def _box(box: Box) -> Iterator[Shape]:
    height = (box.height - 1) * CELL_HEIGHT
    rect = _around(box, _CORNER if box.role == "inner" else height / 2, FILLS[box.role])
    yield rect
    for row, line in enumerate(box.lines, start=box.y + 1):
        middle = rect.x + rect.width / 2
        yield Text(middle, _spot(0, row)[1], line, rect.width - CELL_WIDTH)


def _line(line: Line) -> Iterator[Shape]:
    spots = [_spot(x, y) for x, y in line.points]
    (_, before), (x, y) = spots[-2:]
    way = 1 if before < y else -1
    base = y - way * _HEAD_LENGTH
    spots[-1] = (x, base)
    corners = tuple(_curve(spots[n - 1], spots[n], spots[n + 1]) for n in range(1, len(spots) - 1))
    yield Stroke(spots[0], corners, spots[-1], line.edge.conditional)
    yield Head(((x, y), (x - _HEAD_WIDTH / 2, base), (x + _HEAD_WIDTH / 2, base)))


def _curve(before: Spot, corner: Spot, after: Spot) -> tuple[Spot, Spot, Spot]:
    return _towards(corner, before), corner, _towards(corner, after)


def _towards(corner: Spot, other: Spot) -> Spot:
    """Return where a curve begins or ends: not beyond the middle, where the next may."""
    (x, y), (to_x, to_y) = corner, other
    length = abs(to_x - x) + abs(to_y - y)
    part = min(_CORNER / length, 0.5) if length else 0
    return x + (to_x - x) * part, y + (to_y - y) * part
