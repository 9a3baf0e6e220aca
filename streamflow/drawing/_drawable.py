"""What can be made of nodes and edges: JSON, Mermaid, text and images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

from ._ascii import as_text
from ._layout import picture_of
from ._mermaid import as_mermaid
from ._png import as_png
from ._svg import as_svg

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from ._nodes import Edge, Node
    from ._picture import Picture

Direction = Literal["TD", "BT", "LR", "RL"]


@define(eq=False)
class Drawable:
    """The part of a graph that only looks at what is there."""

    nodes: dict[str, Node] = field(factory=dict)
    """Each node under its id, in the order in which they were added."""
    edges: list[Edge] = field(factory=list)
    """The edges, in the order in which they were added."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a dict that can be written as JSON, if the metadata can.

        >>> from streamflow.drawing import Graph
        >>> graph = Graph()
        >>> node = graph.add_node("again")
        >>> edge = graph.add_edge(node, node, conditional=True)
        >>> graph.to_json()["edges"]
        [{'source': 'again', 'target': 'again', 'conditional': True}]
        """
        return {
            "nodes": [_node_json(node) for node in self.nodes.values()],
            "edges": [_edge_json(edge) for edge in self.edges],
        }

    def draw_mermaid(
        self,
        *,
        with_styles: bool = True,
        direction: Direction = "TD",
        frontmatter_config: Mapping[str, Any] | None = None,
    ) -> str:
        """Return it as a Mermaid flowchart.

        Args:
            with_styles: Whether to colour it.
            direction: Where it leads: ``"TD"`` down, ``"LR"`` to the right, and so on.
            frontmatter_config: What to set above it, such as ``{"config": {"theme": "dark"}}``.

        >>> from streamflow.runnables import RunnableLambda
        >>> print(RunnableLambda(len).get_graph().draw_mermaid(with_styles=False), end="")
        flowchart TD
            lenInput(["lenInput"])
            len["len"]
            lenOutput(["lenOutput"])
            lenInput --> len
            len --> lenOutput
        """
        return as_mermaid(
            self.nodes.values(), self.edges, with_styles, direction, frontmatter_config
        )

    def draw_ascii(self) -> str:
        """Return it as text; conditional edges are dotted.

        >>> from streamflow.drawing import Graph
        >>> graph = Graph()
        >>> edge = graph.add_edge(graph.add_node("a"), graph.add_node("b"))
        >>> print(graph.draw_ascii())
        +---+
        | a |
        +---+
          |
          v
        +---+
        | b |
        +---+
        """
        return as_text(self._picture())

    def print_ascii(self) -> None:
        """Print what :meth:`draw_ascii` returns.

        >>> from streamflow.drawing import Graph
        >>> graph = Graph()
        >>> node = graph.add_node("step")
        >>> graph.print_ascii()
        +------+
        | step |
        +------+
        """
        print(self.draw_ascii())  # noqa: T201 - it is what it is for

    def draw_svg(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return it as an SVG image.

        Args:
            path: A file to write it to, as well.

        >>> from streamflow.drawing import Graph
        >>> Graph().draw_svg()[:4]
        '<svg'
        """
        image = as_svg(self._picture())
        if path is not None:
            Path(path).write_text(image, encoding="utf-8")
        return image

    def draw_png(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        scale: int = 2,
        font: str | os.PathLike[str] | None = None,
    ) -> bytes:
        """Return it as a PNG image; needs the extra ``png``.

        Args:
            path: A file to write it to, as well.
            scale: How many pixels to draw for each of the SVG image.
            font: A TrueType font, for letters that the default one does not have.

        Raises:
            MissingExtraError: the extra is not installed.
            DrawingError: the font cannot be read.

        >>> from streamflow.drawing import Graph
        >>> Graph().draw_png()[1:4]
        b'PNG'
        """
        image = as_png(self._picture(), scale, font)
        if path is not None:
            Path(path).write_bytes(image)
        return image

    def _repr_svg_(self) -> str:
        """Return what notebooks show."""
        return self.draw_svg()

    def _picture(self) -> Picture:
        return picture_of(self.nodes.values(), self.edges)


def _node_json(node: Node) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": node.id, "type": node.kind, "data": node.name}
    if node.data is not None:
        cls = type(node.data)
        shown["data"] = {"id": [*cls.__module__.split("."), cls.__qualname__], "name": node.name}
    if node.metadata:
        shown["metadata"] = dict(node.metadata)
    if node.group:
        shown["group"] = list(node.group)
    return shown


def _edge_json(edge: Edge) -> dict[str, Any]:
    shown: dict[str, Any] = {"source": edge.source, "target": edge.target}
    if edge.data is not None:
        shown["data"] = edge.data
    if edge.conditional:
        shown["conditional"] = True
    return shown
