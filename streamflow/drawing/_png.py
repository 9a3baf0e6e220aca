"""The picture as a PNG image, painted with Pillow, which is the extra ``png``.

Everything is painted larger than asked for and then made smaller, so that curves are
smooth.
"""

from __future__ import annotations

import io
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import DrawingError, MissingExtraError
from ._shapes import DASH, FONT_SIZE, INK, LINE, Head, Rect, Stroke, shapes_of, size_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from ._picture import Picture
    from ._shapes import Shape, Spot, Text

_FINER = 2
_STEPS = 8
"""Straight parts that a curve is made of."""

# Nobody looks at images of more pixels, and painting one takes gigabytes.
_MOST_PIXELS = 100_000_000


def as_png(picture: Picture, scale: int, font: str | os.PathLike[str] | None) -> bytes:
    """Return a picture as a PNG image.

    Args:
        picture: The picture.
        scale: How many pixels to draw for each of the SVG image.
        font: A TrueType font; the one that Pillow brings along, if not given.

    Raises:
        MissingExtraError: Pillow is not installed.
        DrawingError: The font cannot be read, or the image would be too large.
    """
    try:
        pillow = import_module("PIL.Image")
        drawing = import_module("PIL.ImageDraw")
    except ImportError as error:
        raise MissingExtraError("draw_png", "png") from error
    width, height = (side * scale for side in size_of(picture))
    if width * height * _FINER**2 > _MOST_PIXELS:
        raise DrawingError(
            f"a PNG image of {width} by {height} pixels is too large to paint; "
            f"choose a smaller scale than {scale}, or draw_svg, which has no limit"
        )
    image = pillow.new("RGB", (width * _FINER, height * _FINER))
    painter = _Painter(drawing.Draw(image), scale * _FINER, font)
    for shape in shapes_of(picture):
        painter.paint(shape)
    smooth = image.resize((width, height), pillow.Resampling.BOX)
    out = io.BytesIO()
    smooth.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Painter:
    def __init__(self, draw: Any, scale: int, font: str | os.PathLike[str] | None) -> None:
        self._draw = draw
        self._scale = scale
        self._font = font
        self._fonts: dict[int, Any] = {}

    def paint(self, shape: Shape) -> None:
        scale = self._scale
        if isinstance(shape, Rect):
            right, bottom = shape.x + shape.width, shape.y + shape.height
            self._draw.rounded_rectangle(
                [shape.x * scale, shape.y * scale, right * scale, bottom * scale],
                shape.radius * scale,
                shape.fill,
                shape.stroke,
                scale if shape.stroke else 0,
            )
        elif isinstance(shape, Stroke):
            way = [(x * scale, y * scale) for x, y in _flat(shape)]
            for part in _dashes(way, DASH * scale) if shape.dashed else [way]:
                self._draw.line(part, LINE, scale * 3 // 2, "curve")
        elif isinstance(shape, Head):
            self._draw.polygon([(x * scale, y * scale) for x, y in shape.corners], LINE)
        else:
            self._write(shape)

    def _write(self, text: Text) -> None:
        font = self._sized(FONT_SIZE * self._scale)
        room = text.room * self._scale
        length = self._draw.textlength(text.text, font)
        if length > room:
            font = self._sized(int(FONT_SIZE * self._scale * room / length))
        place = (text.x * self._scale, text.y * self._scale)
        self._draw.text(place, text.text, INK, font, "mm")

    def _sized(self, size: int) -> Any:
        if size not in self._fonts:
            fonts = import_module("PIL.ImageFont")
            try:
                self._fonts[size] = (
                    fonts.truetype(self._font, size) if self._font else fonts.load_default(size)
                )
            except OSError as error:
                raise DrawingError(f"cannot read the font {self._font}: {error}") from error
        return self._fonts[size]


def _flat(stroke: Stroke) -> Iterator[Spot]:
    """Yield the points of a stroke, with curves made of straight parts."""
    yield stroke.start
    for (x, y), (corner_x, corner_y), (to_x, to_y) in stroke.corners:
        for step in range(_STEPS + 1):
            part = step / _STEPS
            here, bend, there = (1 - part) ** 2, 2 * part * (1 - part), part**2
            yield (
                here * x + bend * corner_x + there * to_x,
                here * y + bend * corner_y + there * to_y,
            )
    yield stroke.end


def _dashes(way: Sequence[Spot], dash: float) -> Iterator[list[Spot]]:
    """Yield each second part of a way that is cut in parts of the same length."""
    part, left, shown = [way[0]], dash, True
    for (x, y), (to_x, to_y) in pairwise(way):
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        done = 0.0
        while length - done > left:
            done += left
            cut = (x + (to_x - x) * done / length, y + (to_y - y) * done / length)
            if shown:
                yield [*part, cut]
            part, left, shown = [cut], dash, not shown
        left -= length - done
        part.append((to_x, to_y))
    if shown and len(part) > 1:
        yield part
