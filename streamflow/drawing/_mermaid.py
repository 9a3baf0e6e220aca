"""Mermaid flowcharts: https://mermaid.js.org/syntax/flowchart.html.

What Mermaid calls nodes is made of their ids, so that a chart can be read and edited; it
never takes it for a word of its own. In labels everything that could be taken for HTML,
for Markdown or for the end of the label is written as a number.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ._blocks import Level
from ._picture import roles_of, text_lines
from ._shapes import FILLS, INK, LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ._nodes import Edge, Node
    from ._picture import Role

_CLASSES: dict[Role, str] = {"inner": "default", "first": "first", "last": "last"}

# Words that cannot be ids, in any case of their letters.
_WORDS = {
    "class", "classdef", "click", "default", "direction", "end", "flowchart", "graph", "href",
    "interpolate", "linkstyle", "style", "subgraph",
}  # fmt: skip

# What a label holds as it is: letters and digits, with underscores between them, and a few
# signs. A colon is none of them: Mermaid rewrites lines with "style", a colon and a number.
# It finds "direction LR" in labels, too, and addresses.
_UNSAFE = re.compile(
    r"[^\w ,.?!()=/'-]|(?<![^\W_])_|_(?![^\W_])|(?<=direction) |(?<=www)\.", re.IGNORECASE
)

# At the start of a label this would be a list.
_LIST = re.compile(r"^(\d+(?=[.)])|-(?= |$))")


def as_mermaid(
    nodes: Iterable[Node],
    edges: Sequence[Edge],
    with_styles: bool,
    direction: str,
    frontmatter: Mapping[str, Any] | None,
) -> str:
    """Return a graph as a flowchart.

    Args:
        nodes: Its nodes.
        edges: Its edges, between these nodes.
        with_styles: Whether to colour it.
        direction: Where it leads, such as ``"TD"``.
        frontmatter: What to set above it.
    """
    chart = _Chart(list(nodes), edges, with_styles)
    lines = [f"flowchart {direction}", *chart.level(chart.root), *chart.edges()]
    if frontmatter:
        # What is JSON is YAML, too.
        lines = ["---", json.dumps(frontmatter), "---", *lines]
    if with_styles:
        lines += [
            f"    classDef {name} fill:{FILLS[role]},stroke:{LINE},color:{INK}"
            for role, name in _CLASSES.items()
        ]
    return "\n".join(lines) + "\n"


class _Chart:
    def __init__(self, nodes: list[Node], edges: Sequence[Edge], with_styles: bool) -> None:
        self.root = Level.of(nodes)
        self._edges = edges
        self._with_styles = with_styles
        self._roles = roles_of(nodes, edges)
        self._taken: set[str] = set()
        self._ids = {node.id: self._own_id(node.id) for node in nodes}

    def _own_id(self, id: str) -> str:
        # Digits at the start would be a word of their own.
        wanted = re.sub(r"^(?=[0-9])|[^A-Za-z0-9_]+", "_", id)
        if wanted.lower() in _WORDS or not wanted.strip("_"):
            wanted = f"{wanted}_node"
        own, count = wanted, 1
        while own in self._taken:
            count += 1
            own = f"{wanted}_{count}"
        self._taken.add(own)
        return own

    def level(self, level: Level) -> Iterator[str]:
        indent = "    " * (len(level.path) + 1)
        for child in level.children:
            if isinstance(child, Level):
                title = child.path[-1]
                yield f'{indent}subgraph {self._own_id(title)} ["{_escaped(title)}"]'
                yield from self.level(child)
                yield f"{indent}end"
            else:
                yield f"{indent}{self._node(child, self._roles[child.id])}"

    def _node(self, node: Node, role: Role) -> str:
        label = f'"{_escaped(node.name)}"'
        if role == "inner":
            return f"{self._ids[node.id]}[{label}]"
        return f"{self._ids[node.id]}([{label}])" + (f":::{role}" if self._with_styles else "")

    def edges(self) -> Iterator[str]:
        for edge in self._edges:
            arrow = "-.->" if edge.conditional else "-->"
            label = f'|"{_escaped(edge.data)}"|' if edge.data else ""
            yield f"    {self._ids[edge.source]} {arrow}{label} {self._ids[edge.target]}"


def _escaped(text: str) -> str:
    """Return text as a label has it between its quotes; there is always something."""
    lines = [_line(line) for line in text_lines(text)]
    return "<br/>".join(lines).strip() or " "


def _line(line: str) -> str:
    begins = _LIST.match(line)
    begin = begins[0] if begins else ""
    return _numbers(begin) + _UNSAFE.sub(lambda match: _numbers(match[0]), line[len(begin) :])


def _numbers(text: str) -> str:
    return "".join(f"#{ord(letter)};" for letter in text)
