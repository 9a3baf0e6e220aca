"""How a graph shows the state that it was in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

if TYPE_CHECKING:
    from ..runnables import RunnableConfig
    from ._interrupt import Interrupt

StreamMode = Literal["values", "updates", "custom", "messages", "debug", "tasks", "checkpoints"]
"""What a stream of a graph yields."""

Durability = Literal["sync", "async", "exit"]
"""When a graph saves its state: before the next step, beside it, or when it stops."""

All = Literal["*"]
"""All nodes."""


@frozen(kw_only=True)
class PregelTask:
    """A run of a node that is to come, or that has not come to its end.

    >>> from typing import TypedDict
    >>> from streamflow.checkpoint import InMemorySaver
    >>> from streamflow.graph import START, StateGraph
    >>> class State(TypedDict):
    ...     n: int
    >>> builder = StateGraph(State).add_node("add", lambda state: {"n": state["n"] + 1})
    >>> graph = builder.add_edge(START, "add").compile(
    ...     checkpointer=InMemorySaver(), interrupt_before=["add"]
    ... )
    >>> thread = {"configurable": {"thread_id": "1"}}
    >>> _ = graph.invoke({"n": 1}, thread)
    >>> graph.get_state(thread).tasks[0].name
    'add'

    Attributes:
        id: Its id.
        name: The name of the node.
        path: Where it comes from.
        error: What it raised, as text.
        interrupts: What it waits for.
        state: The config of the state of the graph inside it, if it is one.
        result: What it has written, if it has ended.
    """

    id: str
    name: str
    path: tuple[Any, ...] = ()
    error: str | None = None
    interrupts: tuple[Interrupt, ...] = ()
    state: RunnableConfig | StateSnapshot | None = None
    result: Any = None


@frozen(kw_only=True)
class StateSnapshot:
    """The state of a graph after one of its steps.

    >>> from typing import TypedDict
    >>> from streamflow.checkpoint import InMemorySaver
    >>> from streamflow.graph import START, StateGraph
    >>> class State(TypedDict):
    ...     n: int
    >>> builder = StateGraph(State).add_node("add", lambda state: {"n": state["n"] + 1})
    >>> graph = builder.add_edge(START, "add").compile(
    ...     checkpointer=InMemorySaver(), interrupt_before=["add"]
    ... )
    >>> thread = {"configurable": {"thread_id": "1"}}
    >>> _ = graph.invoke({"n": 1}, thread)
    >>> state = graph.get_state(thread)
    >>> state.values, state.next
    ({'n': 1}, ('add',))

    Attributes:
        values: The state.
        next: The nodes that come next; none if the graph has come to its end.
        config: The config that goes on from here.
        metadata: How it came about: ``source``, ``step`` and ``parents``.
        created_at: When.
        parent_config: The config of the state before, if there was one.
        tasks: The runs of nodes that come next.
        interrupts: What they wait for.
    """

    values: Any
    next: tuple[str, ...]
    config: RunnableConfig
    metadata: dict[str, Any] | None
    created_at: str | None
    parent_config: RunnableConfig | None
    tasks: tuple[PregelTask, ...]
    interrupts: tuple[Interrupt, ...]
