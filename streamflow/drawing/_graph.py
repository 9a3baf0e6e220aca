"""Graphs, whatever their nodes stand for.

A graph knows nothing of runnables: they build one of it, and so may anything else that
has steps and ways between them. How it becomes a picture is told in ``_layout``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, evolve

from ..errors import DrawingError
from ._drawable import Drawable
from ._nodes import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Mapping


@define(eq=False)
class Graph(Drawable):
    """Nodes and edges that can be drawn.

    >>> from streamflow.drawing import Graph
    >>> graph = Graph()
    >>> agent, tools = graph.add_node("agent"), graph.add_node("tools")
    >>> edge = graph.add_edge(agent, tools, "calls", conditional=True)
    >>> edge = graph.add_edge(tools, agent)
    >>> graph.print_ascii()
    +-------+
    | agent |
    +-------+
      :   ^
    calls |
      :   |
      v   |
    +-------+
    | tools |
    +-------+
    """

    def add_node(
        self,
        data: Any,
        id: str | None = None,
        *,
        name: str | None = None,
        kind: str = "node",
        metadata: Mapping[str, Any] | None = None,
        group: tuple[str, ...] = (),
    ) -> Node:
        """Add a node and return it.

        Args:
            data: What it stands for; or just its name.
            id: What edges are to call it; its name, numbered if it is taken, if not given.
            name: What pictures are to call it; made of ``data`` if not given.
            kind: What sort of thing it stands for.
            metadata: More about it.
            group: The frames that it is drawn in, the outermost first.

        Raises:
            DrawingError: there is a node with this id.

        >>> from streamflow.drawing import Graph
        >>> graph = Graph()
        >>> graph.add_node("step").id, graph.add_node("step").id
        ('step', 'step_2')
        """
        name = _name_of(data) if name is None else name
        if id is None:
            id = self._free_id(name)
        elif id in self.nodes:
            raise DrawingError(f"there is a node with the id {id!r} already")
        node = Node(id, name, None if isinstance(data, str) else data, kind, metadata, group)
        self.nodes[id] = node
        return node

    def add_edge(
        self,
        source: Node | str,
        target: Node | str,
        data: str | None = None,
        conditional: bool = False,
    ) -> Edge:
        """Add an edge and return it.

        Args:
            source: The node that it leaves, or its id.
            target: The node that it leads to, or its id.
            data: What is written beside it.
            conditional: Whether it is not always taken.

        Raises:
            DrawingError: a node is not in this graph.

        >>> from streamflow.drawing import Graph
        >>> graph = Graph()
        >>> node = graph.add_node("again")
        >>> graph.add_edge(node, "again", "until done", conditional=True).target
        'again'
        """
        edge = Edge(_id_of(source), _id_of(target), data, conditional)
        for id in (edge.source, edge.target):
            if id not in self.nodes:
                raise DrawingError(f"there is no node with the id {id!r}, only {list(self.nodes)}")
        self.edges.append(edge)
        return edge

    def remove_node(self, node: Node | str) -> None:
        """Remove a node and all its edges.

        Raises:
            DrawingError: the node is not in this graph.

        >>> from streamflow.drawing import Graph
        >>> graph = Graph()
        >>> graph.remove_node(graph.add_node("step"))
        >>> list(graph.nodes)
        []
        """
        id = _id_of(node)
        if id not in self.nodes:
            raise DrawingError(f"there is no node with the id {id!r}, only {list(self.nodes)}")
        del self.nodes[id]
        self.edges = [edge for edge in self.edges if id not in (edge.source, edge.target)]

    def extend(self, graph: Graph, *, prefix: str = "") -> tuple[Node | None, Node | None]:
        """Add all that another graph has.

        Args:
            graph: The other graph.
            prefix: Stands before its ids, and is the title of a frame around its nodes.

        Returns:
            Its first and its last node, as they are in this graph.

        Raises:
            DrawingError: an id is in both graphs.

        >>> from streamflow.drawing import Graph
        >>> inner, outer = Graph(), Graph()
        >>> node = inner.add_node("step")
        >>> first, last = outer.extend(inner, prefix="agent")
        >>> first.id, first.group
        ('agent:step', ('agent',))
        """

        def inside(id: str) -> str:
            return f"{prefix}:{id}" if prefix else id

        taken = [inside(id) for id in graph.nodes if inside(id) in self.nodes]
        if taken:
            raise DrawingError(f"ids of both graphs: {taken}; a prefix tells them apart")
        frames = (prefix,) if prefix else ()
        for node in graph.nodes.values():
            id = inside(node.id)
            self.nodes[id] = evolve(node, id=id, group=(*frames, *node.group))
        for edge in graph.edges:
            self.edges.append(evolve(edge, source=inside(edge.source), target=inside(edge.target)))
        first, last = graph.first_node(), graph.last_node()
        return (
            self.nodes[inside(first.id)] if first else None,
            self.nodes[inside(last.id)] if last else None,
        )

    # Its ends.

    def first_node(self) -> Node | None:
        """Return the node that no edge leads to, if there is exactly one.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len).get_graph().first_node().name
        'lenInput'
        """
        return self._only(without={edge.target for edge in self.edges})

    def last_node(self) -> Node | None:
        """Return the node that no edge leaves, if there is exactly one.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len).get_graph().last_node().name
        'lenOutput'
        """
        return self._only(without={edge.source for edge in self.edges})

    def trim_first_node(self) -> None:
        """Remove the first node if just one edge leaves it: then another one is the first.

        >>> from streamflow.runnables import RunnableLambda
        >>> graph = RunnableLambda(len).get_graph()
        >>> graph.trim_first_node()
        >>> list(graph.nodes)
        ['len', 'lenOutput']
        """
        self._trim(self.first_node())

    def trim_last_node(self) -> None:
        """Remove the last node if just one edge leads to it: then another one is the last.

        >>> from streamflow.runnables import RunnableLambda
        >>> graph = RunnableLambda(len).get_graph()
        >>> graph.trim_last_node()
        >>> list(graph.nodes)
        ['lenInput', 'len']
        """
        self._trim(self.last_node())

    # Inside.

    def _free_id(self, name: str) -> str:
        id, count = name, 1
        while id in self.nodes:
            count += 1
            id = f"{name}_{count}"
        return id

    def _only(self, without: set[str]) -> Node | None:
        """Return the node whose id is not among these, if there is exactly one."""
        found = [node for id, node in self.nodes.items() if id not in without]
        return found[0] if len(found) == 1 else None

    def _trim(self, node: Node | None) -> None:
        if node is not None and sum(node.id in (e.source, e.target) for e in self.edges) == 1:
            self.remove_node(node)


def _id_of(node: Node | str) -> str:
    return node if isinstance(node, str) else node.id


def _name_of(data: Any) -> str:
    """Return the name of what a node stands for: its own, or that of its class."""
    if isinstance(data, str):
        return data
    get_name = getattr(data, "get_name", None)
    if callable(get_name):
        return str(get_name())
    return str(getattr(data, "__name__", type(data).__name__))
