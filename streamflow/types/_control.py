"""What nodes and callers tell a graph to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from attrs import field, frozen

from .._json import register_type

if TYPE_CHECKING:
    from collections.abc import Sequence

N = TypeVar("N", bound=str)


@frozen
class Send:
    """Runs a node in the next step on an input of its own, not on the state.

    >>> from streamflow.types import Send
    >>> [Send("write_joke", {"subject": subject}) for subject in ("cats", "dogs")][1]
    Send(node='write_joke', arg={'subject': 'dogs'})

    Args:
        node: The name of the node.
        arg: Its input.
    """

    node: str
    arg: Any = None


@frozen
class Overwrite:
    """A value that replaces what a key of the state has, past its reducer.

    >>> from streamflow.types import Overwrite
    >>> Overwrite([]).value
    []

    Args:
        value: The new value.
    """

    value: Any


@frozen(kw_only=True)
class Command(Generic[N]):
    """What to do next: returned by a node, or given to a graph in the place of an input.

    >>> from streamflow.types import Command
    >>> Command(update={"topic": "cats"}, goto="write_joke").goto
    'write_joke'

    Args:
        graph: The graph it is for: the node's own, or ``Command.PARENT``, the one around it.
        update: What to write to the state.
        resume: The answer to the question of an interrupted node; or a dict of answers by the
            ids of interrupts.
        goto: The node to go to, a ``Send``, or a list of them.
    """

    PARENT: ClassVar[Literal["__parent__"]] = "__parent__"
    _is_tool_answer: ClassVar[bool] = True  # a tool that returns one is answered by it

    graph: str | None = None
    update: Any | None = None
    resume: Any | None = None
    goto: Send | N | Sequence[Send | N] = field(default=())


for _kind in (Send, Overwrite, Command):
    register_type(_kind)
