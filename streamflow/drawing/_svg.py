"""The picture as an SVG image: text that any browser shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from ._shapes import DASH, FONT_SIZE, INK, LINE, Head, Rect, Stroke, Text, shapes_of, size_of

if TYPE_CHECKING:
    from ._picture import Picture
    from ._shapes import Shape, Spot

_FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def as_svg(picture: Picture) -> str:
    """Return a picture as an SVG image.

    Args:
        picture: The picture.
    """
    width, height = size_of(picture)
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{_FONTS}" font-size="{FONT_SIZE}" '
        f'text-anchor="middle">'
    )
    return "\n".join([start, *map(_element, shapes_of(picture)), "</svg>\n"])


def _element(shape: Shape) -> str:
    if isinstance(shape, Rect):
        return _rect(shape)
    if isinstance(shape, Stroke):
        return _path(shape)
    if isinstance(shape, Head):
        corners = " ".join(map(_spot, shape.corners))
        return f'<polygon points="{corners}" fill="{LINE}"/>'
    return _text(shape)


def _rect(rect: Rect) -> str:
    place = (
        f'x="{_number(rect.x)}" y="{_number(rect.y)}" '
        f'width="{_number(rect.width)}" height="{_number(rect.height)}"'
    )
    radius = f' rx="{_number(rect.radius)}"' if rect.radius else ""
    stroke = f' stroke="{rect.stroke}"' if rect.stroke else ""
    return f'<rect {place}{radius} fill="{rect.fill or "none"}"{stroke}/>'


def _path(stroke: Stroke) -> str:
    way = f"M{_spot(stroke.start)}"
    for before, corner, after in stroke.corners:
        way += f" L{_spot(before)} Q{_spot(corner)} {_spot(after)}"
    way += f" L{_spot(stroke.end)}"
    dashes = f' stroke-dasharray="{DASH}"' if stroke.dashed else ""
    return f'<path d="{way}" fill="none" stroke="{LINE}" stroke-width="1.5"{dashes}/>'


def _text(text: Text) -> str:
    # Letters stand on their line, which is a third of their size below their middle.
    y = _number(text.y + FONT_SIZE * 0.35)
    return f'<text x="{_number(text.x)}" y="{y}" fill="{INK}">{escape(text.text)}</text>'


def _spot(spot: Spot) -> str:
    return f"{_number(spot[0])},{_number(spot[1])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
