"""Nodes and edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Mapping


@define(frozen=True)
class Node:
    """A node of a graph.

    >>> from streamflow.drawing import Node
    >>> Node("agent", "Agent").id
    'agent'
    """

    id: str
    """What edges call it; no other node of the graph has it."""
    name: str
    """What pictures call it."""
    data: Any = None
    """What it stands for."""
    kind: str = "node"
    """What sort of thing it stands for, such as ``"runnable"`` or ``"schema"``."""
    metadata: Mapping[str, Any] | None = None
    """More about it."""
    group: tuple[str, ...] = ()
    """The frames that it is drawn in, the outermost first."""


@define(frozen=True)
class Edge:
    """A way from one node to another.

    >>> from streamflow.drawing import Edge
    >>> Edge("agent", "tools", "calls", conditional=True).conditional
    True
    """

    source: str
    """The id of the node that it leaves."""
    target: str
    """The id of the node that it leads to."""
    data: str | None = None
    """What is written beside it."""
    conditional: bool = False
    """It is not always taken; pictures show it dashed."""
