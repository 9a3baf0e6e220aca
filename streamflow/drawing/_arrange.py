"""The layout of one level: what stands in one frame, with groups as boxes among the nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._blocks import Block, Level, Piece, Port
from ._channels import Net, give_pins, nets_of
from ._columns import place
from ._items import SPREAD, Item, Segment, join
from ._layers import Arc, put_in_layers, turned_round
from ._order import sort_layers
from ._picture import Box, Frame, Mark, text_lines, text_width
from ._rows import give_rows, way_of
from ._straight import straighten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ._nodes import Edge, Node
    from ._picture import Role

# Columns at each side of a frame: its border, and an empty one.
_SIDE = 2


class Arrangement:
    """One level while it is being laid out.

    Args:
        level: The level.
        nodes: All nodes of the graph, under their ids.
        edges: All edges of the graph.
        roles: The roles of the nodes.
    """

    def __init__(
        self,
        level: Level,
        nodes: Mapping[str, Node],
        edges: Sequence[Edge],
        roles: Mapping[str, Role],
    ) -> None:
        self._level = level
        self._nodes = nodes
        self._edges = edges
        self._roles = roles
        self._node_items: dict[str, Item] = {}
        self._group_items: dict[str, Item] = {}
        self._items: list[Item] = []
        self._texts: list[tuple[Item, int, tuple[str, ...]]] = []
        self._ports: list[tuple[Item, Port]] = []
        self._blocks: dict[Item, Block] = {}

    def block(self, ports: Sequence[Port]) -> Block:
        """Return the level with a place for everything.

        Args:
            ports: Where edges come through the frame around it.
        """
        self._make_items()
        self._make_segments(ports)
        for title, item in self._group_items.items():
            self._fill_group(title, item)
        layers = sort_layers(self._items)
        nets = [nets_of(layer) for layer in layers[:-1]]
        for between in nets:
            give_pins(between)
        place(layers)
        straighten(layers)
        pieces = _give_rows(layers, nets)
        return self._collect(pieces)

    # From nodes and edges to items and segments.

    def _make_items(self) -> None:
        for child in self._level.children:
            if isinstance(child, Level):
                self._group_items[child.path[-1]] = self._add(Item("group"))
            else:
                lines = text_lines(child.name)
                width = 4 + max(text_width(line) for line in lines)
                item = self._add(Item("node", width, 2 + len(lines)))
                self._node_items[child.id] = item

    def _add(self, item: Item) -> Item:
        self._items.append(item)
        return item

    def _item_of(self, node: Node) -> Item:
        """Return what stands for a node here: itself, or the group that it is in."""
        depth = len(self._level.path)
        if len(node.group) == depth:
            return self._node_items[node.id]
        return self._group_items[node.group[depth]]

    def _make_segments(self, ports: Iterable[Port]) -> None:
        loops, links = [], []
        for index in self._level.edges:
            edge = self._edges[index]
            ends = self._item_of(self._nodes[edge.source]), self._item_of(self._nodes[edge.target])
            if edge.source == edge.target:
                loops.append((index, ends[0], self._text(index, "turn")))
            else:
                links.append((index, ends))
        back = turned_round(self._items, [ends for _, ends in links])
        arcs = [Arc(item, turn) for _, item, turn in loops]
        for n, (index, (source, target)) in enumerate(links):
            ends = (target, source) if n in back else (source, target)
            arcs.append(Arc(*ends, length=2 if self._edges[index].data else 1))
        put_in_layers([*self._items, *(turn for _, _, turn in loops)], arcs)
        for index, item, turn in loops:
            self._items.append(turn)
            self._chain(index, item, turn, backwards=False)
            self._chain(index, item, turn, backwards=True)
        self._make_ports(list(ports))
        for n, ((index, _), arc) in enumerate(zip(links, arcs[len(loops) :], strict=True)):
            self._chain(index, arc.upper, arc.lower, backwards=n in back, labelled=True)

    def _make_ports(self, ports: Sequence[Port]) -> None:
        """Add a layer above all others for the ports at the top, and one below."""
        if any(port.above for port in ports):
            for item in self._items:
                item.layer += 1
        last = 1 + max((item.layer for item in self._items), default=0)
        for port in ports:
            item = Item("port", height=0, layer=0 if port.above else last)
            inner = self._item_of(port.node)
            self._ports.append((item, port))
            ends = (item, inner) if port.above else (inner, item)
            self._chain(port.edge, *ends, backwards=port.backwards)
        self._items.extend(item for item, _ in self._ports)

    def _text(self, index: int, kind: str) -> Item:
        """Return an item for what is written beside an edge."""
        data = self._edges[index].data
        lines = text_lines(data) if data else ()
        width = max((text_width(line) for line in lines), default=1)
        item = Item("label", width, len(lines))
        if kind == "turn":
            item = Item("turn", max(width, SPREAD + 1), 1 + len(lines))
        if lines:
            self._texts.append((item, index, lines))
        return item

    def _chain(
        self, index: int, upper: Item, lower: Item, *, backwards: bool, labelled: bool = False
    ) -> None:
        """Join two items, with a bend in each layer between, and the text near the source."""
        edge = self._edges[index]
        text_layer = None
        if labelled and edge.data:
            text_layer = lower.layer - 1 if backwards else upper.layer + 1
        item = upper
        for layer in range(upper.layer + 1, lower.layer + 1):
            if layer == lower.layer:
                following = lower
            else:
                following = self._add(
                    self._text(index, "label") if layer == text_layer else Item("bend")
                )
                following.layer = layer
            join(Segment(index, item, following, backwards, edge.conditional))
            item = following

    # Groups.

    def _fill_group(self, title: str, item: Item) -> None:
        """Lay out a group, and tell its item and the segments there what came of it."""
        level = self._level.groups[title]
        joined = [(s, True) for s in item.above] + [(s, False) for s in item.below]
        ports = [
            Port(s.edge, self._inner_end(s.edge, level), above, s.backwards) for s, above in joined
        ]
        inner = Arrangement(level, self._nodes, self._edges, self._roles).block(ports)
        text = " ".join(text_lines(title))
        top = {column for (_, above), column in inner.ports.items() if above}
        side, title_x = _sides_and_title(text_width(text), inner.width, top)
        item.width = inner.width + 2 * side
        item.height = inner.height + 2
        for segment, above in joined:
            pin = inner.ports[segment.edge, above] + side - item.width // 2
            if above:
                segment.lower_pin = pin
            else:
                segment.upper_pin = pin
        block = self._blocks[item] = Block()
        block.frames.append(Frame(text, title_x, 0, 0, item.width, item.height))
        block.add(inner, side, 1)

    def _inner_end(self, index: int, level: Level) -> Node:
        """Return the end of an edge that is in a group."""
        edge = self._edges[index]
        source = self._nodes[edge.source]
        inside = source.group[: len(level.path)] == level.path
        return source if inside else self._nodes[edge.target]

    # From places to what is painted there.

    def _collect(self, pieces: Sequence[Piece]) -> Block:
        """Return everything in here, moved so that columns and rows begin at zero."""
        found = Block(pieces=list(pieces))
        for item, port in self._ports:
            found.ports[port.edge, port.above] = item.anchor
        for id, item in self._node_items.items():
            node = self._nodes[id]
            lines = text_lines(node.name)
            found.boxes.append(
                Box(node, item.left, item.top, item.width, item.height, lines, self._roles[id])
            )
        for item, block in self._blocks.items():
            found.add(block, item.left, item.top)
        for item, index, lines in self._texts:
            top = item.bottom + 1 - len(lines)
            found.marks.append(Mark(self._edges[index], item.left, top, item.width, lines))
        columns = [x for piece in pieces for x, _ in piece.points]
        leftmost = min([item.left for item in self._items] + columns, default=0)
        rightmost = max([item.right for item in self._items] + columns, default=-1)
        moved = Block(rightmost - leftmost + 1, max((i.bottom + 1 for i in self._items), default=0))
        moved.add(found, -leftmost, 0)
        moved.ports = {key: column - leftmost for key, column in found.ports.items()}
        return moved


def _sides_and_title(title: int, inner: int, ports: set[int]) -> tuple[int, int]:
    """Return how wide the sides of a frame are, and where in its border the title begins.

    Args:
        title: The width of the title.
        inner: The width of what is in the frame.
        ports: The columns in there at which edges come through the border.
    """
    side = _SIDE
    while True:
        # Between the title and what interrupts the border there are a blank and a dash.
        for start in range(3, inner + 2 * side - title - 2):
            around = range(start - 2 - side, start + title + 2 - side)
            if ports.isdisjoint(around):
                return side, start
        side += 1


def _give_rows(layers: Sequence[Sequence[Item]], nets: Sequence[Sequence[Net]]) -> list[Piece]:
    """Give each item its row, and return the ways of all segments."""
    row = 0
    gaps: list[int] = []
    for index, layer in enumerate(layers):
        height = max(item.height for item in layer)
        for item in layer:
            if item.kind == "bend":
                item.height = height
            item.top = row + (height - item.height) // 2
        row += height
        if index < len(nets):
            gaps.append(row)
            # Above the rows of the nets and below there is room for the heads of arrows.
            rows = give_rows(nets[index])
            plain = rows == 0 and all(item.kind != "node" for item in layers[index + 1])
            row += rows + (1 if plain else 2)
    return [
        Piece(segment.edge, segment.backwards, tuple(way_of(segment, net, gap)))
        for gap, between in zip(gaps, nets, strict=True)
        for net in between
        for segment in net.segments
    ]
