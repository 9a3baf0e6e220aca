"""What can go wrong with graphs, and what leaves their nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._root import StreamflowError

if TYPE_CHECKING:
    from collections.abc import Iterable


class DrawingError(StreamflowError, ValueError):
    """A graph names nodes that it does not have, or has two of one name."""


class GraphDefinitionError(StreamflowError, ValueError):
    """A graph of steps was built wrongly: names, edges or schemas do not fit together."""


class GraphRecursionError(StreamflowError, RecursionError):
    """A graph took as many steps as ``recursion_limit`` allows and has not come to its end.

    Attributes:
        limit: How many steps it may take.
        nodes: The nodes that would have come next.
    """

    def __init__(self, limit: int, nodes: Iterable[str]) -> None:
        self.limit = limit
        self.nodes = list(nodes)
        super().__init__(
            f"the graph has taken {limit} steps, as many as recursion_limit allows, and would "
            f"go on with {', '.join(map(repr, self.nodes))}. Give these nodes a way to END, or "
            f"raise config['recursion_limit']."
        )


class InvalidUpdateError(StreamflowError, ValueError):
    """What a node returned cannot be written to the state of its graph."""


class EmptyInputError(StreamflowError, ValueError):
    """A graph was started with nothing: no input, and nothing to go on with."""


class GraphBubbleUp(StreamflowError, RuntimeError):  # noqa: N818 - the name users know
    """What leaves a node without being its failure; code in between is to let it through."""


class GraphInterrupt(GraphBubbleUp):
    """A node waits for an answer from outside: see ``streamflow.types.interrupt``.

    Attributes:
        interrupts: What is asked.
    """

    def __init__(self, interrupts: Iterable[object] = ()) -> None:
        self.interrupts = tuple(interrupts)
        super().__init__(self.interrupts)


class ParentCommand(GraphBubbleUp):
    """A node of an inner graph tells the graph around it what to do.

    Attributes:
        command: What to do.
    """

    def __init__(self, command: object) -> None:
        self.command = command
        super().__init__(command)
