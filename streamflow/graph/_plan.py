"""What a compiled graph needs to know at each step, found once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, field

from .._unset import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._branch import Branch
    from ._channels import Channel
    from ._node import NodeSpec
    from ._schema import StateSchema


@define(frozen=True)
class Join:
    """An edge from several nodes: the target runs when all of them have run."""

    starts: frozenset[str]
    end: str
    trigger: str

    @classmethod
    def of(cls, starts: Sequence[str], end: str) -> Join:
        """Return the join of these nodes."""
        return cls(frozenset(starts), end, f"join:{'+'.join(starts)}:{end}")


@define(eq=False)
class Plan:
    """The parts of a graph by what is asked of them."""

    nodes: Mapping[str, NodeSpec]
    channels: Mapping[str, Channel]
    ways: Mapping[str, Sequence[tuple[str, str]]]
    """For each node, and the start: what triggers, and the node that follows."""
    joins: Sequence[Join]
    branches: Mapping[str, Sequence[Branch]]
    state: StateSchema
    input: StateSchema
    output: StateSchema
    joins_of: Mapping[str, Sequence[int]] = field(init=False)
    """For each node, the places of the joins that wait for it."""
    deferred: frozenset[str] = field(init=False)
    is_function: ClassVar[bool] = False
    """It has one node, and returns what that returns, not a state."""

    def __attrs_post_init__(self) -> None:
        waiting: dict[str, list[int]] = {}
        for place, join in enumerate(self.joins):
            for start in join.starts:
                waiting.setdefault(start, []).append(place)
        self.joins_of = waiting
        self.deferred = frozenset(name for name, node in self.nodes.items() if node.defer)

    def initial(self) -> dict[str, Any]:
        """Return the state before anything is written."""
        values = ((key, channel.initial()) for key, channel in self.channels.items())
        return {key: value for key, value in values if value is not UNSET}

    def show(self, values: Mapping[str, Any]) -> Any:
        """Return a state as it is shown outside."""
        return dict(values)

    def subgraphs(self) -> dict[str, Any]:
        """Return the graphs that are nodes, by the names of the nodes."""
        found = ((name, node.action.runnable) for name, node in self.nodes.items())
        return {name: each for name, each in found if isinstance(getattr(each, "plan", None), Plan)}
