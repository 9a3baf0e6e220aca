"""The receiving end of the bus: what a run hands its messages to."""

from __future__ import annotations

import inspect
import logging
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from ..errors import ConfigError
from ._filter import EventFilter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..execution import Execution
    from ._messages import Message
    from ._run import Run

logger = logging.getLogger("streamflow")


class Sink(ABC):
    """Takes the messages of the runs that its filter lets through.

    Args:
        filter: Which runs; all of them if not given.

    Raises:
        ConfigError: the filter is none.
    """

    __slots__ = ("_filter",)

    is_listener: ClassVar[bool] = False
    """Whether settling means work to be done, not a reader to be waited for."""

    def __init__(self, filter: EventFilter | None = None) -> None:
        if filter is not None and not isinstance(filter, EventFilter):
            raise ConfigError(f"filter must be an EventFilter, got {filter!r}")
        self._filter = filter

    def accepts(self, run: Run) -> bool:
        """Whether the sink wants the messages of ``run``; asked once, when it starts."""
        return self._filter is None or self._filter.matches(run)

    def wants_chunks(self, run: Run) -> bool:
        """Whether it does something with the chunks of ``run``, not with its start and end alone.

        What can give its output whole or in chunks, as most models, asks before it begins.
        """
        return True

    @abstractmethod
    def offer(self, message: Message) -> bool:
        """Take ``message`` without waiting; true if the publisher should settle then."""

    def taker(self) -> Callable[[Message], bool]:
        """Return what does the same as :meth:`offer`, as directly as can be."""
        return self.offer

    @abstractmethod
    async def settle(self, run: Run, execution: Execution) -> None:
        """Let the publisher of ``run`` wait, as ``execution`` does, as long as is needed."""


class FunctionListener(Sink):
    """Calls a plain function with each message, at once, where it is published.

    The function must be quick and must not wait for the run. If it fails, that is logged
    with the run's name, and the run goes on.
    """

    __slots__ = ("_chunks", "_function")

    def __init__(
        self,
        function: Callable[[Any], object],
        filter: EventFilter | None = None,
        *,
        chunks: bool = True,
    ) -> None:
        super().__init__(filter)
        self._function = function
        self._chunks = chunks

    def wants_chunks(self, run: Run) -> bool:
        return self._chunks

    def offer(self, message: Message) -> bool:
        try:
            self._function(message)
        except Exception as error:  # noqa: BLE001 - logged; a listener never harms the run
            _log_failure(self._function, message, error)
        return False

    async def settle(self, run: Run, execution: Execution) -> None:
        """Nothing to wait for."""


class AsyncFunctionListener(Sink):
    """Awaits an async function with each message, before the publisher goes on.

    Each run makes the calls for its own messages, in their order: one that made those of
    another would hold that other up, or let it go on too early, or take the messages along
    when it is cancelled. If a call fails, that is logged with the run's name, and the run
    goes on.
    """

    __slots__ = ("_chunks", "_function", "_pending")

    is_listener = True

    def __init__(
        self,
        function: Callable[[Any], Awaitable[object]],
        filter: EventFilter | None = None,
        *,
        chunks: bool = True,
    ) -> None:
        super().__init__(filter)
        self._function = function
        self._chunks = chunks
        # By the ids of the runs: one run may go on as another object, in another thread.
        self._pending: dict[str, deque[Message]] = {}

    def wants_chunks(self, run: Run) -> bool:
        return self._chunks

    def offer(self, message: Message) -> bool:
        self._pending.setdefault(message.run.id, deque()).append(message)
        return True

    async def settle(self, run: Run, execution: Execution) -> None:
        while True:
            with run.tree.lock:  # as offer() is called with
                own = self._pending.get(run.id)
                if not own:
                    self._pending.pop(run.id, None)
                    return
                message = own.popleft()
            try:
                await execution.call_async(self._function, message)
            except Exception as error:  # noqa: BLE001 - as above
                _log_failure(self._function, message, error)


class SinkSource(Protocol):
    """What makes a sink of its own where a function would do: a callback handler."""

    def _as_sink(self, filter: EventFilter | None = None) -> Sink:
        """Return a new sink."""


def listener(
    function: Callable[[Any], object] | SinkSource,
    filter: EventFilter | None = None,
    *,
    chunks: bool = True,
) -> Sink:
    """Return the sink that calls ``function``, which may be plain or async, or a handler.

    Args:
        function: What to call with each message.
        filter: Of which runs; of all if not given.
        chunks: Whether a function does something with chunks; a handler tells by its methods.
    """
    if hasattr(function, "_as_sink"):
        return cast("SinkSource", function)._as_sink(filter)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - looks for an async __call__
    ):
        awaited = cast("Callable[[Any], Awaitable[object]]", function)
        return AsyncFunctionListener(awaited, filter, chunks=chunks)
    return FunctionListener(function, filter, chunks=chunks)


def _log_failure(function: object, message: Message, error: Exception) -> None:
    name = getattr(function, "__qualname__", None) or repr(function)
    logger.error(
        "listener %s failed on the %r message of run %r; the run goes on",
        name,
        message.kind,
        message.run.name,
        exc_info=error,
    )
