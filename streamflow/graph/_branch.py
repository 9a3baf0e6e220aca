"""Conditional edges: a function of the state says where to go."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from attrs import define

from ..errors import InvalidUpdateError
from ..types import Send
from ._names import END

if TYPE_CHECKING:
    from ._node import NodeAction
    from ._task import TaskRun

Route = tuple[str, str | Send]
"""What triggers, and which node; or a node with an input of its own."""


@define(eq=False)
class Branch:
    """The conditional edges out of one node that one function decides on."""

    source: str
    name: str
    path: NodeAction
    ends: Mapping[Hashable, str] | None
    """The nodes by what the function returns; its result itself, if not given."""

    async def routes(self, state: Any, run: TaskRun, known: Mapping[str, Any]) -> list[Route]:
        """Return where to go.

        Raises:
            InvalidUpdateError: the function returned something that is no node.
        """
        result = await self.path.call(state, run)
        chosen = result if isinstance(result, (list, tuple)) else [result]
        return [route for each in chosen if (route := self._route(each, known)) is not None]

    def _route(self, chosen: Any, known: Mapping[str, Any]) -> Route | None:
        target: Any = chosen
        if self.ends is not None and not isinstance(chosen, Send):
            if chosen not in self.ends:
                raise InvalidUpdateError(
                    f"the edges {self.name!r} out of {self.source!r} chose {chosen!r}; they know "
                    f"{list(self.ends)}"
                )
            target = self.ends[chosen]
        return route_to(target, f"branch:{self.source}:{self.name}", known)


def route_to(target: Any, trigger: str, known: Mapping[str, Any]) -> Route | None:
    """Return the route to a node; ``None`` if it is the end.

    Raises:
        InvalidUpdateError: there is no such node.
    """
    name = target.node if isinstance(target, Send) else target
    if name == END and not isinstance(target, Send):
        return None
    if name not in known:
        raise InvalidUpdateError(
            f"{trigger.removeprefix('branch:')} goes to {name!r}, which is no node of the graph; "
            f"there are {sorted(known)}"
        )
    return (f"{trigger}:{name}", target)


def ends_of_hint(hint: Any) -> list[str] | None:
    """Return the names in ``Literal["a", "b"]``, or in a list of it; ``None`` if it is not so."""
    if get_origin(hint) in (list, Sequence, tuple) and get_args(hint):
        hint = get_args(hint)[0]
    if get_origin(hint) is Literal:
        return [each for each in get_args(hint) if isinstance(each, str)]
    return None
