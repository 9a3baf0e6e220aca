"""Drawing up a graph: its state, its nodes and the ways between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, get_args, get_origin

from .._inspect import facts_of
from ..errors import GraphDefinitionError
from ..runnables import Runnable
from ..types import Command
from ._branch import Branch, ends_of_hint
from ._cache import NodeCache
from ._compiled import CompiledStateGraph
from ._names import END, RESERVED, START
from ._node import NodeAction, NodeSpec, input_hint, return_hint
from ._opening import node_names
from ._plan import Join, Plan
from ._schema import StateSchema
from ._validate import check

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from typing_extensions import Self, TypeVar

    from ..checkpoint import BaseCheckpointSaver
    from ..store import BaseStore
    from ..types import CachePolicy, RetryPolicy
    from ._channels import Channel

    StateT = TypeVar("StateT")
    ContextT = TypeVar("ContextT", default=None)
    InputT = TypeVar("InputT", default=StateT)
    OutputT = TypeVar("OutputT", default=StateT)
else:
    from typing import TypeVar

    StateT, ContextT = TypeVar("StateT"), TypeVar("ContextT")
    InputT, OutputT = TypeVar("InputT"), TypeVar("OutputT")


class StateGraph(Generic[StateT, ContextT, InputT, OutputT]):
    """A graph of nodes that read a state and return what changes in it.

    >>> from typing import TypedDict
    >>> from streamflow.graph import START, StateGraph
    >>> class State(TypedDict):
    ...     topic: str
    ...     joke: str
    >>> def refine(state: State):
    ...     return {"topic": state["topic"] + " and cats"}
    >>> def tell(state: State):
    ...     return {"joke": f"This is a joke about {state['topic']}"}
    >>> graph = StateGraph(State).add_sequence([refine, tell]).add_edge(START, "refine").compile()
    >>> for chunk in graph.stream({"topic": "ice cream"}, stream_mode="updates"):
    ...     print(chunk)
    {'refine': {'topic': 'ice cream and cats'}}
    {'tell': {'joke': 'This is a joke about ice cream and cats'}}

    Args:
        state_schema: A class whose annotated attributes are the keys of the state: a typed
            dict, a dataclass, or a class of attrs or pydantic. ``Annotated[type, function]``
            says how a value that is written is put together with the one before.
        context_schema: A class of what a call gives as ``context=``.
        input_schema: The keys that an input has; those of the state if not given.
        output_schema: The keys that are returned; those of the state if not given.

    Raises:
        GraphDefinitionError: a schema is none.
    """

    def __init__(
        self,
        state_schema: type[StateT],
        context_schema: type[ContextT] | None = None,
        *,
        input_schema: type[InputT] | None = None,
        output_schema: type[OutputT] | None = None,
    ) -> None:
        self.schema = StateSchema(state_schema)
        self.context_schema = context_schema
        self.input_schema = StateSchema(input_schema) if input_schema else self.schema
        self.output_schema = StateSchema(output_schema) if output_schema else self.schema
        self.channels: dict[str, Channel] = {}
        for schema in (self.schema, self.input_schema, self.output_schema):
            self._add_keys(schema)
        self.nodes: dict[str, NodeSpec] = {}
        self.edges: list[tuple[str, str]] = []
        self.joins: list[Join] = []
        self.branches: dict[str, dict[str, Branch]] = {}

    def add_node(
        self,
        node: str | Callable[..., Any] | Runnable[Any, Any],
        action: Callable[..., Any] | Runnable[Any, Any] | None = None,
        *,
        input_schema: type[Any] | None = None,
        retry_policy: RetryPolicy | Sequence[RetryPolicy] | None = None,
        timeout: float | None = None,
        cache_policy: CachePolicy | None = None,
        metadata: dict[str, Any] | None = None,
        defer: bool = False,
        destinations: Mapping[str, str] | Sequence[str] | None = None,
    ) -> Self:
        """Add a node.

        Args:
            node: Its name; or what it runs, whose name it takes then.
            action: What it runs: a function of any kind, or a runnable. A function may have
                parameters ``config``, ``store`` and ``runtime``, and one annotated as
                ``StreamWriter``.
            input_schema: What it reads of the state; what its first parameter is annotated
                with, if not given, else all of it.
            retry_policy: When it is run again if it fails; the first that applies, of several.
            timeout: For how many seconds it may run.
            cache_policy: How long what it has written is kept, to be used again.
            metadata: Facts about its runs.
            defer: Run it only when nothing else is left to run.
            destinations: Where it may go by a ``Command``, for pictures.

        Raises:
            GraphDefinitionError: the name is taken or not allowed, or there is none.
        """
        if not isinstance(node, str):
            action, node = node, _name_of(node)
        if action is None:
            raise GraphDefinitionError(f"node {node!r}: what does it run?")
        if node in self.nodes:
            raise GraphDefinitionError(f"there is a node {node!r} already")
        if node in RESERVED or not node or any(sign in node for sign in "|:"):
            raise GraphDefinitionError(f"a node cannot be called {node!r}")
        self.nodes[node] = NodeSpec(
            node,
            NodeAction(action),
            self._schema_of(action, input_schema),
            policies_of(retry_policy),
            timeout,
            cache_policy,
            metadata,
            defer,
            _destinations(action, destinations),
        )
        return self

    def add_edge(self, start_key: str | Sequence[str], end_key: str) -> Self:
        """Let a node follow another one; or several, when all of them have run.

        Args:
            start_key: The node that runs first, or ``START``; or a list of nodes.
            end_key: The node that follows, or ``END``.

        Raises:
            GraphDefinitionError: an edge leaves the end or leads to the start.
        """
        starts = [start_key] if isinstance(start_key, str) else list(start_key)
        if END in starts or end_key == START:
            raise GraphDefinitionError(f"an edge cannot go from {start_key!r} to {end_key!r}")
        if len(starts) == 1:
            if (starts[0], end_key) not in self.edges:
                self.edges.append((starts[0], end_key))
            return self
        if START in starts or not starts:
            raise GraphDefinitionError(f"an edge cannot wait for {start_key!r}")
        self.joins.append(Join.of(starts, end_key))
        return self

    def add_conditional_edges(
        self,
        source: str,
        path: Callable[..., Any] | Runnable[Any, Any],
        path_map: Mapping[Hashable, str] | Sequence[str] | None = None,
    ) -> Self:
        """Let a function of the state decide what follows a node.

        Args:
            source: The node, or ``START``.
            path: Returns the name of a node, ``END``, a ``Send``, or a list of these.
            path_map: The nodes by what ``path`` returns, or a list of their names.

        Raises:
            GraphDefinitionError: the node has such edges already, decided by a function of the
                same name.
        """
        name = _name_of(path, "condition")
        branches = self.branches.setdefault(source, {})
        if name in branches:
            raise GraphDefinitionError(f"{source!r} has edges already that {name!r} decides on")
        ends: dict[Hashable, str] | None
        if path_map is None:
            names = ends_of_hint(return_hint(path))
            ends = None if names is None else {each: each for each in names}
        elif hasattr(path_map, "items"):
            ends = dict(path_map.items())
        else:
            ends = {each: each for each in path_map}
        branches[name] = Branch(source, name, NodeAction(path), ends)
        return self

    def add_sequence(
        self, nodes: Sequence[Callable[..., Any] | Runnable[Any, Any] | tuple[str, Any]]
    ) -> Self:
        """Add nodes that follow each other.

        Args:
            nodes: What they run, or pairs of a name and what is run.

        Raises:
            GraphDefinitionError: there are none, or a name is taken.
        """
        if not nodes:
            raise GraphDefinitionError("a sequence needs a node at least")
        before: str | None = None
        for node in nodes:
            name, action = node if isinstance(node, tuple) else (_name_of(node), node)
            self.add_node(name, action)
            if before is not None:
                self.add_edge(before, name)
            before = name
        return self

    def set_entry_point(self, key: str) -> Self:
        """Let a node be the first: the same as an edge from ``START``."""
        return self.add_edge(START, key)

    def set_finish_point(self, key: str) -> Self:
        """Let a node be the last: the same as an edge to ``END``."""
        return self.add_edge(key, END)

    def set_conditional_entry_point(
        self,
        path: Callable[..., Any] | Runnable[Any, Any],
        path_map: Mapping[Hashable, str] | Sequence[str] | None = None,
    ) -> Self:
        """Let a function of the input decide which node is the first."""
        return self.add_conditional_edges(START, path, path_map)

    def compile(
        self,
        checkpointer: BaseCheckpointSaver | bool | None = None,
        *,
        store: BaseStore | None = None,
        cache: NodeCache | None = None,
        interrupt_before: str | Sequence[str] | None = None,
        interrupt_after: str | Sequence[str] | None = None,
        debug: bool = False,
        name: str | None = None,
    ) -> CompiledStateGraph:
        """Return the graph as a runnable.

        Args:
            checkpointer: Where to keep the state. Graphs inside others use that of the outer
                one: ``True`` for one that remembers from call to call, ``False`` for none.
            store: What nodes can reach as a store.
            cache: Where nodes with a ``CachePolicy`` keep what they have written.
            interrupt_before: The nodes before which to stop, or ``"*"``.
            interrupt_after: The nodes after which to stop, or ``"*"``.
            debug: Print what nodes write, and the state after each step. Calls may say
                ``debug=`` or ``print_mode=`` themselves.
            name: The name of its runs.

        Raises:
            GraphDefinitionError: an edge names a node that is not there, there is no way in, or
                a node cannot be reached.
        """
        check(self)
        ways: dict[str, list[tuple[str, str]]] = {}
        for start, end in self.edges:
            if end != END:
                trigger = f"start:{end}" if start == START else start
                ways.setdefault(start, []).append((trigger, end))
        for schema in (self.schema, *(node.schema for node in self.nodes.values())):
            schema.covers = not schema.managed and self.channels.keys() <= schema.keys
        plan = Plan(
            nodes=dict(self.nodes),
            channels=dict(self.channels),
            ways=ways,
            joins=[join for join in self.joins if join.end != END],
            branches={name: list(each.values()) for name, each in self.branches.items()},
            state=self.schema,
            input=self.input_schema,
            output=self.output_schema,
        )
        before, after = (
            node_names(interrupt_before, plan.nodes),
            node_names(interrupt_after, plan.nodes),
        )
        return CompiledStateGraph(
            self,
            plan,
            name or "LangGraph",
            checkpointer,
            store,
            NodeCache() if cache is None else cache,
            before,
            after,
            debug,
        )

    def read_context(self, context: Any) -> Any:
        """Return what a call has given as context in the form of its schema."""
        schema = self.context_schema
        if schema is None or context is None or not isinstance(context, dict):
            return context
        return (
            context
            if issubclass(schema, dict) or not isinstance(schema, type)
            else schema(**context)
        )

    def _add_keys(self, schema: StateSchema) -> None:
        for key, channel in schema.channels.items():
            known = self.channels.get(key)
            # One that says how values are put together tells more than one that does not.
            if known is None or type(known).__name__ == "Channel":
                self.channels[key] = channel

    def _schema_of(self, action: Any, given: type[Any] | None) -> StateSchema:
        cls = given
        if cls is None:
            hint = input_hint(action)
            if not isinstance(hint, type) or hint in (dict, object) or get_origin(hint):
                return self.schema
            cls = hint
        if cls is self.schema.cls:
            return self.schema
        try:
            schema = StateSchema(cls)
        except GraphDefinitionError:
            if given is not None:
                raise
            return self.schema  # a hint that is no state, such as `int`
        self._add_keys(schema)
        return schema


def _name_of(action: Any, otherwise: str = "") -> str:
    name = action.get_name() if isinstance(action, Runnable) else facts_of(action).name
    if not name and not otherwise:
        name = getattr(type(action), "__name__", "")
        if name in ("function", "partial", ""):
            raise GraphDefinitionError(f"a node needs a name: add_node('name', {action!r})")
    return name or otherwise


def policies_of(given: RetryPolicy | Sequence[RetryPolicy] | None) -> Sequence[RetryPolicy]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)  # type: ignore[return-value]  # one or several


def _destinations(
    action: Any, given: Mapping[str, str] | Sequence[str] | None
) -> Mapping[str, str | None] | None:
    if given is not None:
        return dict(given.items()) if hasattr(given, "items") else dict.fromkeys(given)
    hint = return_hint(action)
    for each in (hint, *get_args(hint)):
        if get_origin(each) is Command and get_args(each):
            names = ends_of_hint(get_args(each)[0])
            return None if names is None else dict.fromkeys(names)
    return None
