"""What comes next: nodes by what has triggered them, and nodes with inputs of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import Send

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ._branch import Route
    from ._plan import Plan

Pulls = dict[str, list[str]]
"""Nodes that run on the state, each with what has triggered it."""


class Ahead:
    """The nodes of the next step, and what is known of those after it.

    Args:
        plan: The graph.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._pulls: Pulls = {}
        self._sends: list[tuple[str, Send]] = []
        self._deferred: Pulls = {}
        self._arrived: dict[int, set[str]] = {}
        """For each join, the nodes that have run, of those that it waits for."""

    def __bool__(self) -> bool:
        return bool(self._pulls or self._sends or self._deferred)

    def clear(self) -> None:
        """Forget what was to come: the graph starts anew."""
        self._pulls, self._sends, self._deferred, self._arrived = {}, [], {}, {}

    def names(self) -> list[str]:
        """Return the names of the nodes of the next step, in order."""
        pulls = self._pulls
        if not pulls and not self._sends:
            return sorted(self._deferred) if self._deferred else []
        names = sorted(pulls) if len(pulls) > 1 else list(pulls)
        return [*names, *(send.node for _, send in self._sends)] if self._sends else names

    def take(self) -> tuple[Pulls, Sequence[tuple[str, Send]]]:
        """Return the nodes of the next step.

        They are still ahead until ``advance`` says that they have run.
        """
        if self._pulls or self._sends:
            return self._pulls, self._sends
        return self._deferred, ()

    def advance(self, ran: Iterable[tuple[str, Sequence[Route]]]) -> None:
        """Follow the edges out of nodes that have run."""
        plan = self._plan
        pulls: Pulls = {}
        sends: list[tuple[str, Send]] = []
        for name, routes in ran:
            for trigger, target in plan.ways.get(name, ()):
                pulls.setdefault(target, []).append(trigger)
            for trigger, chosen in routes:
                if isinstance(chosen, Send):
                    sends.append((trigger, chosen))
                else:
                    pulls.setdefault(chosen, []).append(trigger)
            for place in plan.joins_of.get(name, ()):
                self._arrived.setdefault(place, set()).add(name)
        if self._arrived:
            self._follow_joins(pulls)
        deferred = {} if not (self._pulls or self._sends) else self._deferred
        if plan.deferred:
            for name in plan.deferred.intersection(pulls):
                deferred.setdefault(name, []).extend(pulls.pop(name))
        self._pulls, self._sends, self._deferred = pulls, sends, deferred

    def add(self, routes: Iterable[Route]) -> None:
        """Let more nodes come next."""
        for trigger, chosen in routes:
            if isinstance(chosen, Send):
                self._sends.append((trigger, chosen))
            else:
                self._pulls.setdefault(chosen, []).append(trigger)

    def _follow_joins(self, pulls: Pulls) -> None:
        for place, arrived in list(self._arrived.items()):
            join = self._plan.joins[place]
            if arrived == join.starts:
                pulls.setdefault(join.end, []).append(join.trigger)
                del self._arrived[place]

    # To be saved and read back.

    def dump(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "next": {name: list(triggers) for name, triggers in self._pulls.items()},
            "sends": [[trigger, send.node, send.arg] for trigger, send in self._sends],
            "deferred": {name: list(triggers) for name, triggers in self._deferred.items()},
            "joins": [
                [self._plan.joins[place].trigger, sorted(arrived)]
                for place, arrived in self._arrived.items()
            ],
        }

    def load(self, data: Mapping[str, Any]) -> None:
        """Be what ``dump`` has returned, as far as the graph still has these nodes."""
        nodes = self._plan.nodes
        self._pulls = {k: list(v) for k, v in data.get("next", {}).items() if k in nodes}
        self._deferred = {k: list(v) for k, v in data.get("deferred", {}).items() if k in nodes}
        self._sends = [
            (trigger, Send(node, arg))
            for trigger, node, arg in data.get("sends", ())
            if node in nodes
        ]
        places = {join.trigger: place for place, join in enumerate(self._plan.joins)}
        self._arrived = {
            places[trigger]: set(names)
            for trigger, names in data.get("joins", ())
            if trigger in places
        }
