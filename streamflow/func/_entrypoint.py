"""Entry points: graphs of one node, whose function calls tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypedDict, TypeVar

from attrs import frozen

from .._inspect import facts_of
from .._json import register_type
from ..graph import END, START, CompiledStateGraph, NodeCache, StateGraph
from ..graph._builder import policies_of
from ..graph._calls import RETURN
from ..graph._node import NodeAction, NodeSpec, input_hint, return_hint
from ..graph._plan import Plan
from ..graph._schema import StateSchema
from ..types import Command
from ._task import check_returns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from ..bus import Run
    from ..checkpoint import BaseCheckpointSaver
    from ..execution import Execution
    from ..graph._task import TaskRun
    from ..runnables import RunnableConfig
    from ..store import BaseStore
    from ..types import CachePolicy, RetryPolicy

R = TypeVar("R")
S = TypeVar("S")

_State = TypedDict("_State", {START: Any, RETURN: Any}, total=False)  # type: ignore[misc]  # keys with names


@register_type
@frozen(kw_only=True)
class final(Generic[R, S]):  # noqa: N801 - the name users know
    """What an entry point returns, and what it is given as ``previous`` the next time.

    >>> from streamflow.func import entrypoint
    >>> entrypoint.final(value=1, save=2).save
    2

    Args:
        value: What is returned.
        save: What is saved.
    """

    __qualname__ = "entrypoint.final"

    value: R
    save: S


class entrypoint:  # noqa: N801 - a decorator
    """Make a function an entry point: a runnable that calls tasks.

    The function is plain or async, and its first parameter is the input. It may have more:
    ``previous`` is what it has returned the last time on the same thread, ``config``,
    ``store``, ``runtime`` and ``writer`` are given as a node of a graph is given them.

    >>> from streamflow.checkpoint import InMemorySaver
    >>> from streamflow.func import entrypoint, task
    >>> from streamflow.types import Command, interrupt
    >>> @task
    ... def compose(topic: str) -> str:
    ...     return f"An essay about {topic}"
    >>> @entrypoint(checkpointer=InMemorySaver())
    ... def review(topic: str) -> dict:
    ...     essay = compose(topic).result()
    ...     return {"essay": essay, "review": interrupt("how is it?")}
    >>> thread = {"configurable": {"thread_id": "1"}}
    >>> for chunk in review.stream("cats", thread):
    ...     print(list(chunk))
    ['compose']
    ['__interrupt__']
    >>> for chunk in review.stream(Command(resume="Great."), thread):
    ...     print(chunk)
    {'review': {'essay': 'An essay about cats', 'review': 'Great.'}}

    Args:
        checkpointer: Where to keep the results of tasks and what is returned.
        store: What the function and its tasks can reach as a store.
        cache: Where what has a ``CachePolicy`` keeps what it has returned.
        context_schema: A class of what a call gives as ``context=``.
        cache_policy: How long to keep what is returned for the same input.
        retry_policy: When to run the function again after a failure. Tasks that have ended do
            not run again.
        timeout: How many seconds an attempt may take.
    """

    final = final

    def __init__(
        self,
        checkpointer: BaseCheckpointSaver | bool | None = None,
        store: BaseStore | None = None,
        cache: NodeCache | None = None,
        context_schema: type[Any] | None = None,
        cache_policy: CachePolicy | None = None,
        retry_policy: RetryPolicy | Sequence[RetryPolicy] | None = None,
        timeout: float | None = None,
    ) -> None:
        self.checkpointer = checkpointer
        self.store = store
        self.cache = cache
        self.context_schema = context_schema
        self.cache_policy = cache_policy
        self.retry_policy = retry_policy
        self.timeout = timeout

    def __call__(self, func: Callable[..., Any]) -> EntryPoint:
        """Return the entry point.

        Raises:
            GraphDefinitionError: it is a generator function, or a lambda without a name.
        """
        check_returns(func, "an entry point")
        name = facts_of(func).name or type(func).__name__
        builder: StateGraph[Any, Any, Any, Any] = StateGraph(_State, self.context_schema)
        builder.nodes[name] = _EntrySpec(
            name,
            _EntryAction(func),
            _InputOnly(_State),
            policies_of(self.retry_policy),
            self.timeout,
            self.cache_policy,
            returns=RETURN,
        )
        builder.add_edge(START, name).add_edge(name, END)
        plan = _EntryPlan(
            nodes=dict(builder.nodes),
            channels=dict(builder.channels),
            ways={START: [(f"start:{name}", name)]},
            joins=[],
            branches={},
            state=builder.schema,
            input=builder.schema,
            output=builder.schema,
        )
        return EntryPoint(
            builder,
            plan,
            "LangGraph",
            self.checkpointer,
            self.store,
            NodeCache() if self.cache is None else self.cache,
            frozenset(),
            frozenset(),
        )


class EntryPoint(CompiledStateGraph):
    """A function that calls tasks, as a runnable; made by :class:`entrypoint`.

    It has the methods of a compiled graph. ``stream`` yields, by default, what each task and
    then the function itself has returned.

    >>> from streamflow.func import entrypoint
    >>> @entrypoint()
    ... def shout(text: str) -> str:
    ...     return text.upper()
    >>> list(shout.stream("hello"))
    [{'shout': 'HELLO'}]
    """

    async def _execute(self, input: Any, run: Run, **options: Any) -> Any:
        return await super()._execute(_as_input(input), run, **options)

    def _chunks(self, input: Any, run: Run, **options: Any) -> AsyncIterator[Any]:
        return super()._chunks(_as_input(input), run, **options)

    async def _updated(
        self, execution: Execution, config: RunnableConfig, values: Any, as_node: str | None
    ) -> RunnableConfig:
        # As if the function had returned it.
        node = as_node or next(iter(self.plan.nodes))
        return await super()._updated(execution, config, {RETURN: values}, node)

    @property
    def function(self) -> Callable[..., Any]:
        """The function."""
        (spec,) = self.plan.nodes.values()
        function: Callable[..., Any] = spec.action.action
        return function

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input."""
        return input_hint(self.function) or Any

    @property
    def OutputType(self) -> Any:  # noqa: N802 - as above
        """The type of the output."""
        return return_hint(self.function) or Any


class _Input(dict[str, Any]):
    """An input as an update of the state."""


def _as_input(input: Any) -> Any:
    if input is None or isinstance(input, (Command, _Input)):
        return input
    return _Input({START: input})


class _EntryPlan(Plan):
    """The parts of an entry point."""

    is_function: ClassVar[bool] = True

    def show(self, values: Mapping[str, Any]) -> Any:
        return _value_of(values.get(RETURN))


class _EntrySpec(NodeSpec):
    def _show_output(self, output: Any) -> Any:
        return _value_of(output)


class _InputOnly(StateSchema):
    def view(self, values: Mapping[str, Any], left: int) -> Any:
        return values.get(START)


class _EntryAction(NodeAction):
    async def call(self, input: Any, run: TaskRun) -> Any:
        engine = run.task.engine
        last = engine.values.get(RETURN)
        engine.previous = last.save if isinstance(last, final) else last
        return await self.awaited(await super().call(input, run), run)


def _value_of(returned: Any) -> Any:
    return returned.value if isinstance(returned, final) else returned
