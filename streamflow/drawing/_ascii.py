"""The text picture: one character for each cell.

Lines of edges that are always taken are ``-`` and ``|``, of conditional ones ``.`` and
``:``; they turn and part at ``+``. Where two lines cross without meeting, the one that
leads down is seen.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ._picture import letter_width, text_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ._picture import Box, Frame, Line, Mark, Picture, Point


def as_text(picture: Picture) -> str:
    """Return a picture as text, without blanks at the ends of lines.

    Args:
        picture: The picture.
    """
    canvas = _Canvas(picture.width, picture.height)
    for frame in picture.frames:
        _paint_frame(canvas, frame)
    for line in picture.lines:
        _paint_sides(canvas, line)
    for line in picture.lines:
        _paint_down(canvas, line)
    for line in picture.lines:
        _paint_turns(canvas, line)
    for mark in picture.marks:
        _paint_mark(canvas, mark)
    for box in picture.boxes:
        _paint_box(canvas, box)
    return str(canvas)


class _Canvas:
    def __init__(self, width: int, height: int) -> None:
        self._rows = [[" "] * width for _ in range(height)]

    def write(self, x: int, y: int, text: str) -> None:
        """Write from one cell on; a letter without width joins the one before."""
        row = self._rows[y]
        for letter in text:
            width = letter_width(letter)
            if width == 0:
                row[x - 1] += letter
                continue
            row[x] = letter
            if width == 2:
                row[x + 1] = ""
            x += width

    def __str__(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self._rows)


def _paint_frame(canvas: _Canvas, frame: Frame) -> None:
    _paint_border(canvas, frame)
    if frame.title:
        canvas.write(frame.title_x - 1, frame.y, f" {frame.title} ")


def _paint_box(canvas: _Canvas, box: Box) -> None:
    _paint_border(canvas, box)
    for row, line in enumerate(box.lines, start=box.y + 1):
        canvas.write(box.x + (box.width - text_width(line)) // 2, row, line)


def _paint_border(canvas: _Canvas, box: Box | Frame) -> None:
    border = f"+{'-' * (box.width - 2)}+"
    canvas.write(box.x, box.y, border)
    canvas.write(box.x, box.y + box.height - 1, border)
    for row in range(box.y + 1, box.y + box.height - 1):
        canvas.write(box.x, row, "|")
        canvas.write(box.x + box.width - 1, row, "|")


def _paint_mark(canvas: _Canvas, mark: Mark) -> None:
    for row, line in enumerate(mark.lines, start=mark.y):
        canvas.write(mark.x + (mark.width - text_width(line)) // 2, row, line)


def _paint_sides(canvas: _Canvas, line: Line) -> None:
    letter = "." if line.edge.conditional else "-"
    for (x, y), (to_x, to_y) in _strokes(line.points):
        if y == to_y:
            canvas.write(min(x, to_x), y, letter * (abs(x - to_x) + 1))


def _paint_down(canvas: _Canvas, line: Line) -> None:
    letter = ":" if line.edge.conditional else "|"
    for (x, y), (to_x, to_y) in _strokes(line.points):
        if x == to_x:
            for row in range(min(y, to_y), max(y, to_y) + 1):
                canvas.write(x, row, letter)


def _paint_turns(canvas: _Canvas, line: Line) -> None:
    for x, y in line.points[1:-1]:
        canvas.write(x, y, "+")
    (_, before), (x, y) = line.points[-2:]
    # The last cell is in the border of the box.
    canvas.write(x, *((y - 1, "v") if before < y else (y + 1, "^")))


def _strokes(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise(points)
