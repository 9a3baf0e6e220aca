"""Asking somebody outside of the graph from within a node."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from attrs import frozen

from .._json import register_type
from ..bus import Run, current_run
from ..errors import NoActiveRunError


@frozen
class Interrupt:
    """A question that a node of a graph waits to be answered.

    >>> from streamflow.types import Interrupt
    >>> Interrupt("go on?", id="a1").value
    'go on?'

    Args:
        value: What is asked.
        id: What tells it from others; a key of ``Command(resume={...})``.
    """

    value: Any
    id: str = ""


register_type(Interrupt)


class PausableRun(Run):
    """The run of a node: the place where the code below it can stop and wait."""

    __slots__ = ()

    @abstractmethod
    def answer_to(self, value: Any) -> Any:
        """Return the answer to a question; raise ``GraphInterrupt`` if there is none yet."""


def node_run(run: Run | None) -> PausableRun | None:
    """Return the run of the node that ``run`` belongs to, if there is one."""
    while run is not None:
        if isinstance(run, PausableRun):
            return run
        run = run.parent
    return None


def interrupt(value: Any) -> Any:
    """Ask something that only somebody outside of the graph can answer, and return the answer.

    The first time this stops the graph, which shows the question as ``__interrupt__``. Called
    again with ``Command(resume=answer)``, it runs the node again from its start, and this
    returns the answer. Several questions of one node are answered in their order. The graph
    needs a checkpointer to be called again.

    >>> from streamflow.checkpoint import InMemorySaver
    >>> from streamflow.graph import StateGraph, START
    >>> from streamflow.types import Command, interrupt
    >>> def ask(state: dict) -> dict:
    ...     return {"age": interrupt("how old are you?")}
    >>> from typing import TypedDict
    >>> class State(TypedDict):
    ...     age: int
    >>> builder = StateGraph(State).add_node(ask).add_edge(START, "ask")
    >>> graph = builder.compile(checkpointer=InMemorySaver())
    >>> config = {"configurable": {"thread_id": "1"}}
    >>> graph.invoke({}, config)["__interrupt__"][0].value
    'how old are you?'
    >>> graph.invoke(Command(resume=42), config)
    {'age': 42}

    Args:
        value: The question; JSON can write it.

    Raises:
        GraphInterrupt: there is no answer yet. Let it through.
        NoActiveRunError: this is not called from within a node.
    """
    run = node_run(current_run())
    if run is None:
        raise NoActiveRunError(
            f"interrupt({value!r}) was called outside of a node of a graph: there is nothing "
            f"that could wait for the answer."
        )
    return run.answer_to(value)
