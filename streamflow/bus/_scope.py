"""Where the current code runs: the one context variable.

It is set only around user code, by the task or thread that runs that code, and reset
before control goes back. That works on every supported Python and on both backends,
since a context variable set in a task is seen by everything the task awaits, by the
tasks it starts and by the worker threads it calls; nothing needs a context to be handed
over.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..execution import Execution
    from ._bus import Bus
    from ._run import Run, Tree

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Scope:
    """What a run hands down: immutable, and shared by all runs below that change nothing.

    Attributes:
        buses: Where the messages go, beside the buses of the process.
        tags: Inherited tags.
        metadata: Inherited metadata.
        settings: What a layer above inherits; the bus does not look at it.
    """

    __slots__ = ("buses", "metadata", "settings", "tags")

    def __init__(
        self,
        buses: tuple[Bus, ...] = (),
        tags: tuple[str, ...] = (),
        metadata: Mapping[str, Any] = _NOTHING,
        settings: Any = None,
    ) -> None:
        self.buses = buses
        self.tags = tags
        self.metadata = metadata
        self.settings = settings

    def with_bus(self, bus: Bus) -> Scope:
        """Return a scope that publishes to ``bus`` too."""
        if bus in self.buses:
            return self
        return Scope((*self.buses, bus), self.tags, self.metadata, self.settings)


ROOT_SCOPE = Scope()


class Position:
    """A place in which runs are started: below a run or at the root, in a scope.

    A :class:`Run` is a position, too: directly below itself.
    """

    __slots__ = ("blocked", "execution", "run", "scope", "tree")

    def __init__(
        self,
        run: Run | None,
        tree: Tree,
        scope: Scope,
        execution: Execution,
        blocked: tuple[int, ...],
    ) -> None:
        self.run = run
        self.tree = tree
        self.scope = scope
        self.execution = execution
        self.blocked = blocked


class Ambient:
    """The current code runs below a run, or none, in a scope that differs from the run's."""

    __slots__ = ("run", "scope")

    def __init__(self, run: Run | None, scope: Scope) -> None:
        self.run = run
        self.scope = scope


_current: ContextVar[Run | Ambient | None] = ContextVar("streamflow_current", default=None)

get_current = _current.get
enter = _current.set
leave = _current.reset


def current_run() -> Run | None:
    """Return the run whose code is running, if any.

    >>> from streamflow.bus import current_run
    >>> from streamflow.runnables import RunnableLambda
    >>> RunnableLambda(lambda _: current_run().name, name="who").invoke(None)
    'who'
    >>> current_run() is None
    True
    """
    current = _current.get()
    return None if current is None else current.run


@contextmanager
def ambient(scope: Scope) -> Iterator[None]:
    """Start runs in ``scope`` within the block."""
    token = _current.set(Ambient(current_run(), scope))
    try:
        yield
    finally:
        _current.reset(token)
