"""SVG and PNG images show all that the picture has."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from streamflow.drawing import Graph
from streamflow.errors import DrawingError, MissingExtraError
from tests.drawing.strategies import graphs

Image = pytest.importorskip("PIL.Image")

anything = st.text(max_size=12)


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.add_node("start")
    graph.add_node("agent", group=("team",))
    graph.add_node("end")
    graph.add_edge("start", "agent", "a < b & c")
    graph.add_edge("agent", "agent", conditional=True)
    graph.add_edge("agent", "end")
    return graph


def elements(image: str, kind: str) -> list[ET.Element]:
    return ET.fromstring(image).findall(f"{{http://www.w3.org/2000/svg}}{kind}")


def test_an_svg_image(graph: Graph) -> None:
    image = graph.draw_svg()
    texts = [element.text for element in elements(image, "text")]
    assert sorted(map(str, texts)) == ["a < b & c", "agent", "end", "start", "team"]
    paths = elements(image, "path")
    assert [path.get("stroke-dasharray") for path in paths] == [None, "4", None]
    assert len(elements(image, "polygon")) == 3
    rounded = [rect for rect in elements(image, "rect") if rect.get("rx") == "18"]
    assert [rect.get("fill") for rect in rounded] == ["#ffffff", "#dfe8d8"]
    assert graph._repr_svg_() == image


@given(graphs(grouped=True, labels=st.none() | anything, names=anything))
def test_any_graph_becomes_an_image(graph: Graph) -> None:
    image = graph.draw_svg()
    assert len(elements(image, "path")) == len(graph.edges)
    bordered = [rect for rect in elements(image, "rect") if rect.get("stroke")]
    assert len(bordered) == len(graph.nodes) + len(graph._picture().frames)


@settings(max_examples=15)
@given(graphs(grouped=True, labels=st.none() | anything, names=anything, max_size=4))
def test_any_graph_becomes_a_png_image(graph: Graph) -> None:
    image = Image.open(io.BytesIO(graph.draw_png(scale=1)))
    size = ET.fromstring(graph.draw_svg()).attrib
    assert image.size == (int(size["width"]), int(size["height"]))


def test_a_png_image(graph: Graph) -> None:
    image = Image.open(io.BytesIO(graph.draw_png(scale=3))).convert("RGB")
    assert image.getpixel((0, 0)) == (255, 255, 255)
    box = next(box for box in graph._picture().boxes if box.node.id == "end")
    # Half a cell inside of the upper border of the box there is no text.
    place = (9 + 9 * (box.x + box.width / 2), 9 + 18 * (box.y + 0.5) + 4)
    assert image.getpixel((int(place[0] * 3), int(place[1] * 3))) == (0xDF, 0xE8, 0xD8)
    assert graph.draw_png(scale=3) == graph.draw_png(scale=3)


def test_files(graph: Graph, tmp_path: Path) -> None:
    assert graph.draw_svg(tmp_path / "g.svg") == (tmp_path / "g.svg").read_text(encoding="utf-8")
    assert graph.draw_png(str(tmp_path / "g.png")) == (tmp_path / "g.png").read_bytes()


def test_a_font_that_is_none(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match="cannot read the font"):
        graph.draw_png(font=tmp_path / "none.ttf")


def test_an_image_that_is_too_large() -> None:
    graph = Graph()
    graph.add_node("x" * 100_000)
    with pytest.raises(DrawingError, match="too large to paint"):
        graph.draw_png(scale=20)
    assert "x" * 100_000 in graph.draw_svg()


def test_without_the_extra(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'streamflow\[png\]'") as caught:
        graph.draw_png()
    assert caught.value.extra == "png"
    assert isinstance(caught.value, ImportError)
    assert graph.draw_svg()
