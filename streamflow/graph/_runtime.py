"""What a node can reach beside its input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from ..bus import StreamWriter, current_run
from ..errors import NoActiveRunError

if TYPE_CHECKING:
    from ..store import BaseStore
    from ._task import TaskRun

ContextT = TypeVar("ContextT")


@frozen(kw_only=True)
class Runtime(Generic[ContextT]):
    """What a node can reach beside its input: a parameter ``runtime`` of a node is given it.

    >>> from typing import TypedDict
    >>> from streamflow.graph import START, Runtime, StateGraph
    >>> class State(TypedDict):
    ...     text: str
    >>> def greet(state: State, runtime: Runtime) -> State:
    ...     return {"text": f"hello {runtime.context['user']}"}
    >>> graph = StateGraph(State).add_node(greet).add_edge(START, "greet").compile()
    >>> graph.invoke({"text": ""}, context={"user": "Ada"})
    {'text': 'hello Ada'}

    Attributes:
        context: What the graph was called with as ``context=``, in the form of its schema.
        store: The store that the graph was compiled with, if any.
        stream_writer: Hands values to those who stream with the mode ``custom``.
        previous: What an entry point returned the last time, if that is what runs.
    """

    context: ContextT
    store: BaseStore | None
    stream_writer: StreamWriter
    previous: Any = None


def get_runtime(context_schema: type[ContextT] | None = None) -> Runtime[ContextT]:
    """Return the runtime of the node whose code is running, from anywhere below it.

    >>> from typing import TypedDict
    >>> from streamflow.graph import START, StateGraph, get_runtime
    >>> class State(TypedDict):
    ...     text: str
    >>> def greet(state: State) -> State:
    ...     return {"text": f"hello {get_runtime().context['user']}"}
    >>> graph = StateGraph(State).add_node(greet).add_edge(START, "greet").compile()
    >>> graph.invoke({"text": ""}, context={"user": "Ada"})
    {'text': 'hello Ada'}

    Args:
        context_schema: The class of the context, for type checkers.

    Raises:
        NoActiveRunError: no node is running here.
    """
    return _node("get_runtime").runtime


def get_store() -> BaseStore:
    """Return the store of the graph whose node is running.

    >>> from typing import TypedDict
    >>> from streamflow.graph import START, StateGraph, get_store
    >>> from streamflow.store import InMemoryStore
    >>> class State(TypedDict):
    ...     name: str
    >>> def remember(state: State) -> None:
    ...     get_store().put(("users",), "last", {"name": state["name"]})
    >>> store = InMemoryStore()
    >>> graph = StateGraph(State).add_node(remember).add_edge(START, "remember")
    >>> _ = graph.compile(store=store).invoke({"name": "Ada"})
    >>> store.get(("users",), "last").value
    {'name': 'Ada'}

    Raises:
        NoActiveRunError: no node is running here, or its graph has no store.
    """
    store = _node("get_store").runtime.store
    if store is None:
        raise NoActiveRunError("this graph has no store: compile(store=InMemoryStore())")
    return store


def _node(function: str) -> TaskRun:
    from ._task import task_run  # noqa: PLC0415 - a task holds a runtime

    run = task_run(current_run())
    if run is None:
        raise NoActiveRunError(f"{function}() was called outside of a node of a graph")
    return run
