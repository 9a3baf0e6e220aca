"""The graph of a runnable, made of what the runnables in it say of their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field

from ..drawing import Graph
from ._binding import RunnableBinding
from ._configurable import DynamicRunnable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..drawing import Node
    from ._base import Runnable
    from ._config import RunnableConfig
    from ._parts import Parts

    AnyRunnable = Runnable[Any, Any]
    Configurable = Mapping[str, Any]
    Group = tuple[str, ...]


def graph_of(runnable: AnyRunnable, config: RunnableConfig | None) -> Graph:
    """Return the graph of ``runnable``.

    It begins and ends with nodes for the input and the output. A sequence is a row of
    nodes; a parallel has nodes where it parts and where it comes together; what chooses is
    a node with dashed edges to what it chooses from; what is done around a runnable, such
    as retrying, is a frame.

    Args:
        runnable: The runnable.
        config: A config with which it would be called: it chooses among alternatives.
    """
    told = (runnable._call_config(config) or {}).get("configurable") or {}
    name = ""
    if isinstance(runnable, RunnableBinding):  # its config is in what the call is told
        name = runnable.config.get("run_name") or ""
        runnable = runnable.bound
    whole = _settled(runnable, told, name)
    builder = _Builder()
    builder.root = builder.schema(_end_name(whole, "Input"), ())
    ends = builder.add(whole, [_Way(builder.root)], ())
    if not (len(ends) == 1 and ends[0].node.id in builder.gates):
        builder.reach(builder.schema(_end_name(whole, "Output"), ()), ends)
    return builder.graph


@define(frozen=True)
class _Settled:
    """A runnable that would run, and how it would be called."""

    runnable: AnyRunnable
    told: Configurable
    """The values that choose among alternatives inside of it."""
    name: str

    def inner(self, step: AnyRunnable) -> _Settled:
        """Return what would run in the place of a part."""
        return _settled(step, self.told, "")


def _settled(runnable: AnyRunnable, told: Configurable, name: str) -> _Settled:
    while True:
        if isinstance(runnable, DynamicRunnable):
            runnable = runnable._in_place(told)
        elif isinstance(runnable, RunnableBinding):
            told = {**told, **runnable.config.get("configurable", {})}
            name = name or runnable.config.get("run_name") or ""
            runnable = runnable.bound
        elif (parts := runnable._parts()).join == "same":
            runnable = parts.items[0].step
        else:
            return _Settled(runnable, told, name or runnable.get_name())


def _end_name(whole: _Settled, end: Literal["Input", "Output"]) -> str:
    """Return what the input or the output of the whole is called: after the outermost step."""
    parts = whole.runnable._parts()
    if parts.join == "row" and parts.items:
        part = parts.items[0 if end == "Input" else -1]
        return _end_name(whole.inner(part.step), end)
    # Whatever a prompt is called, this is what it reads.
    is_prompt = end == "Input" and whole.runnable.run_type == "prompt"
    return f"{'Prompt' if is_prompt else whole.name}{end}"


@define(frozen=True)
class _Way:
    """Where an edge to the next node comes from."""

    node: Node
    label: str | None = None
    """What is written beside it: it is not always taken."""


@define(eq=False)
class _Builder:
    graph: Graph = field(factory=Graph)
    root: Node | None = None
    """The node of the whole input, until something has parted there."""
    gates: set[str] = field(factory=set)
    """The ids of nodes where what ran side by side comes together, and that are in no frame."""

    def schema(self, name: str, group: Group) -> Node:
        return self.graph.add_node(_shown(name), kind="schema", group=group)

    def reach(self, node: Node, ways: Sequence[_Way]) -> Node:
        for way in ways:
            self.graph.add_edge(way.node, node, way.label, conditional=way.label is not None)
        return node

    def add(self, what: _Settled, ways: Sequence[_Way], group: Group) -> list[_Way]:
        """Add a runnable that can be reached in some ways; return the ways out of it.

        Args:
            what: The runnable.
            ways: The ways to it.
            group: The frames around it.
        """
        parts = what.runnable._parts()
        if not parts.items:
            return [_Way(self._step(what, ways, group))]
        if parts.join == "together":
            return self._together(what, parts, ways, group)
        if parts.join == "choice":
            chooser = self._step(what, ways, group)
            return [
                end
                for part in parts.items
                for end in self.add(what.inner(part.step), [_Way(chooser, part.label)], group)
            ]
        if parts.join != "row":
            group = self._frame(what.runnable, group)
        for part in parts.items:
            ways = self.add(what.inner(part.step), ways, group)
        return list(ways)

    def _step(self, what: _Settled, ways: Sequence[_Way], group: Group) -> Node:
        node = self.graph.add_node(
            what.runnable, name=_shown(what.name), kind="runnable", group=group
        )
        return self.reach(node, ways)

    def _together(
        self, what: _Settled, parts: Parts, ways: Sequence[_Way], group: Group
    ) -> list[_Way]:
        start, self.root = self.root, None
        if start is None or group or ways[0].node is not start:
            start = self.reach(self.schema(f"{what.name}Input", group), ways)
        ends: list[_Way] = []
        if parts.beside:
            passed = self.graph.add_node("Passthrough", kind="runnable", group=group)
            ends.append(_Way(self.reach(passed, [_Way(start)])))
        for part in parts.items:
            ends += self.add(what.inner(part.step), [_Way(start)], group)
        end = self.reach(self.schema(f"{what.name}Output", group), ends)
        if not group:
            self.gates.add(end.id)
        return [_Way(end)]

    def _frame(self, inner: AnyRunnable, group: Group) -> Group:
        """Return a group around which there is a new frame."""
        title = _shown(inner.name or type(inner).__name__)
        taken = {node.group[: len(group) + 1] for node in self.graph.nodes.values()}
        number, frame = 1, (*group, title)
        while frame in taken:
            number += 1
            frame = (*group, f"{title} {number}")
        return frame


def _shown(name: str) -> str:
    """Return a name as it is shown: most of them would begin with the same word."""
    return name.removeprefix("Runnable") or name
