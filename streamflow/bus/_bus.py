"""The bus: where runs publish and subscribers listen.

A bus does nothing by itself. It is a list of sinks; a run looks through the lists of the
buses in its scope once, when it starts, and from then on hands its messages directly to
the sinks that want them. So a bus belongs to no event loop and to no thread, and one
that nobody listens to costs nothing.
"""

from __future__ import annotations

from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from ._scope import ROOT_SCOPE, ambient, get_current
from ._sink import Sink, listener
from ._subscription import DEFAULT_CAPACITY, Overflow, Subscription

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from ._filter import EventFilter
    from ._run import Run
    from ._sink import SinkSource

_process: tuple[Bus, ...] = ()

# Taken to change a list of sinks or buses. To read one needs no lock: the lists are
# tuples, replaced as a whole. Reentrant: while it is held, a stream may be collected whose
# clean-up closes a subscription.
_changing = RLock()


class Bus:
    """Subscribers, and the runs that they hear of.

    Runs publish to a bus that is active for them: for one call (``config={"bus": bus}``),
    for a block (``with bus.active():``), or for the whole process (:meth:`install`).

    >>> from streamflow.bus import Bus
    >>> from streamflow.runnables import RunnableLambda
    >>> bus = Bus()
    >>> stop = bus.listen(lambda message: print(message.kind, message.run.name))
    >>> RunnableLambda(len).invoke("abc", {"bus": bus})
    start len
    end len
    3
    """

    __slots__ = ("__weakref__", "sinks")

    def __init__(self) -> None:
        self.sinks: tuple[Sink, ...] = ()

    def subscribe(
        self,
        filter: EventFilter | None = None,
        *,
        capacity: int = DEFAULT_CAPACITY,
        overflow: Overflow = "wait",
    ) -> Subscription:
        """Listen to the runs that start from now on.

        ::

            async with bus.subscribe(EventFilter(include_types=["chat_model"])) as messages:
                async for message in messages:
                    ...

        Args:
            filter: Which runs; all of them if not given.
            capacity: How many messages may wait to be read.
            overflow: What happens when that many wait: ``"wait"``, ``"drop_oldest"``,
                ``"drop_newest"`` or ``"raise"``.

        Raises:
            ConfigError: the capacity or the policy is none.
        """
        subscription = Subscription(self, filter, capacity, overflow)
        self._add(subscription)
        return subscription

    def listen(
        self,
        function: Callable[[Any], object] | Callable[[Any], Awaitable[object]] | SinkSource,
        filter: EventFilter | None = None,
    ) -> Callable[[], None]:
        """Call ``function`` with each message of the runs that start from now on.

        A plain function is called at once, where the message is published: it must be
        quick. An async function is awaited before the run goes on. A function that fails
        is logged and never harms the run. A callback handler may stand for a function.

        Returns:
            A function that ends the listening.
        """
        sink = listener(function, filter)
        self._add(sink)
        return lambda: self._drop(sink)

    def active(self) -> AbstractContextManager[None]:
        """Return a context manager: runs that start within the block publish here."""
        current = get_current()
        scope = ROOT_SCOPE if current is None else current.scope
        return ambient(scope.with_bus(self))

    def install(self) -> None:
        """Let every run of the process publish here, until :meth:`uninstall`."""
        global _process  # noqa: PLW0603 - the process has one list of buses
        with _changing:
            if self not in _process:
                _process = (*_process, self)

    def uninstall(self) -> None:
        """Undo :meth:`install`."""
        global _process  # noqa: PLW0603 - as above
        with _changing:
            _process = tuple(bus for bus in _process if bus is not self)

    def close(self) -> None:
        """End all subscriptions (their readers get what they hold) and all listening."""
        self.uninstall()
        for sink in self.sinks:
            if isinstance(sink, Subscription):
                sink.end()
        self.sinks = ()

    def _add(self, sink: Sink) -> None:
        with _changing:
            self.sinks = (*self.sinks, sink)

    def _drop(self, sink: Sink) -> None:
        with _changing:
            self.sinks = tuple(other for other in self.sinks if other is not sink)


def someone_listens(buses: tuple[Bus, ...]) -> bool:
    """Whether a run in a scope with these buses could have sinks at all."""
    if not buses and not _process:
        return False
    return any(bus.sinks for bus in buses) or any(bus.sinks for bus in _process)


def sinks_of(run: Run) -> tuple[Sink, ...]:
    """Return the sinks that want the messages of ``run``."""
    buses = run.scope.buses
    if _process:
        buses = (*buses, *(bus for bus in _process if bus not in buses))
    return tuple(sink for bus in buses for sink in bus.sinks if sink.accepts(run))
