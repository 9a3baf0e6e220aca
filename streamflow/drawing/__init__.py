"""Graphs of nodes and edges, and pictures of them: Mermaid, text, SVG and PNG."""

from __future__ import annotations

from ._graph import Graph
from ._nodes import Edge, Node

__all__ = ("Edge", "Graph", "Node")
