"""Nodes: what is run, and what it is given."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, get_origin

from attrs import define

from .._hints import hints_of_function
from .._inspect import Facts, facts_of
from ..bus import StreamWriter
from ..execution import closing
from ..runnables import Runnable, RunnableConfig, RunnableLambda, coerce_to_runnable
from ..runnables._config import config_of
from ..runnables._inputs import Once
from ..runnables._user_code import call_user
from ..store import BaseStore
from ._runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from ..types import CachePolicy, RetryPolicy
    from ._schema import StateSchema
    from ._task import TaskRun

_BY_NAME = ("config", "writer", "store", "runtime", "previous")


@define(eq=False)
class NodeSpec:
    """A node of a graph as it was added to it."""

    name: str
    action: NodeAction
    schema: StateSchema
    """What it reads of the state."""
    retries: Sequence[RetryPolicy] = ()
    timeout: float | None = None
    cache: CachePolicy | None = None
    metadata: Mapping[str, Any] | None = None
    defer: bool = False
    """It runs only when nothing else is left to run."""
    destinations: Mapping[str, str | None] | None = None
    """Where it may go by a ``Command``, with what pictures write there."""
    returns: str | None = None
    """The key for what it returns as a whole, if that is no update of a state."""

    _own_metadata = None

    def _show_input(self, input: Any) -> Any:
        return input

    def _show_output(self, output: Any) -> Any:
        return output


class Updates(list[Any]):
    """What a node has returned bit by bit."""


class NodeAction:
    """A function or a runnable as the body of a node.

    Args:
        action: A function of any kind, or a runnable.
    """

    def __init__(self, action: Any) -> None:
        self.action = action
        self.runnable: Runnable[Any, Any] | None = None
        facts: Facts | None = None
        if isinstance(action, Runnable) or not callable(action):
            self.runnable = coerce_to_runnable(action)
        else:
            facts = facts_of(action)
        self.is_async = facts is not None and facts.is_async
        self._generator = RunnableLambda(action) if facts is not None and facts.yields else None
        self._gives = () if facts is None else given_to(action)

    def call(self, input: Any, run: TaskRun) -> Awaitable[Any]:
        """Return what the node makes of ``input``, or a runnable that does; to be awaited."""
        if self.is_async and not self._gives:
            return call_user(run, self.action, True, input)  # with no layer between
        return self._call(input, run)

    async def _call(self, input: Any, run: TaskRun) -> Any:
        if self.runnable is not None:
            return await self.runnable._invoke_step(input, run, None, None, {})
        given = {name: GIVE[what](run) for name, what in self._gives} if self._gives else {}
        if self._generator is not None:
            # What it yields are updates, one after the other.
            chunks = self._generator._stream_step(Once(input), run, None, None, given)
            async with closing(chunks):
                return Updates([chunk async for chunk in chunks])
        output = await call_user(run, self.action, self.is_async, input, **given)
        return output if type(output) is dict else await self.awaited(output, run)

    async def awaited(self, output: Any, run: TaskRun) -> Any:
        """Return what a function has returned, awaited if it is a lambda around an async one."""
        return await call_user(run, _await, True, output) if inspect.isawaitable(output) else output


def input_hint(action: Any) -> Any:
    """Return the type hint of the first parameter of a function, if there is one."""
    if isinstance(action, Runnable) or not callable(action):
        return None
    try:
        first = next(iter(inspect.signature(action).parameters), None)
    except (TypeError, ValueError):
        return None
    return hints_of_function(action).get(first) if first else None


def return_hint(action: Any) -> Any:
    """Return the type hint of what a function returns, if there is one."""
    if isinstance(action, Runnable) or not callable(action):
        return None
    return hints_of_function(action).get("return")


def given_to(function: Callable[..., Any]) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a function that it is given, beside its input, and what each."""
    return given_among(function, facts_of(function).parameters)


def given_among(
    function: Callable[..., Any], parameters: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Return those of some parameters of a function that it is given, and what each."""
    if not parameters:
        return ()
    hints = hints_of_function(function)
    found = []
    for name in parameters:
        what = _by_hint(hints.get(name)) or (name if name in _BY_NAME else None)
        if what is not None:
            found.append((name, what))
    return tuple(found)


def _by_hint(hint: Any) -> str | None:
    if hint is None:
        return None
    if hint == StreamWriter:
        return "writer"
    kind = get_origin(hint) or hint
    if kind is RunnableConfig:
        return "config"
    if kind is Runtime:
        return "runtime"
    return "store" if isinstance(kind, type) and issubclass(kind, BaseStore) else None


GIVE: dict[str, Callable[[TaskRun], Any]] = {
    "config": lambda run: config_of(run.scope, run),
    "writer": lambda run: run.runtime.stream_writer,
    "store": lambda run: run.runtime.store,
    "runtime": lambda run: run.runtime,
    "previous": lambda run: run.runtime.previous,
}


async def _await(awaitable: Any) -> Any:
    return await awaitable
