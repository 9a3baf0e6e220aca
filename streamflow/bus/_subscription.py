"""A subscription: the messages of some runs as a memory object stream.

It has a capacity and says what happens when it is full:

==============  =====================================================================
``wait``        the publisher waits until there is room: nothing is lost, and a slow
                reader slows the run
``drop_oldest`` the oldest message makes room for the new one, and is counted
``drop_newest`` the new message is not taken, and is counted
``raise``       the subscription is closed; the reader gets what it held, then a
                ``SubscriptionOverflowError``. The run goes on
==============  =====================================================================

A publisher that waited for a reader in a thread that itself waits for the publisher
would wait for ever: a synchronous call, in the reader's own thread, to a chain that the
reader listens to. Its messages are taken beyond the capacity instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Literal, get_args

from attrs import define

from ..errors import ConfigError, SubscriptionClosedError, SubscriptionOverflowError
from ..execution import BLOCKING, LOOP, Buffer, EndOfBuffer, drive, thread_id
from ._messages import AnyMessage
from ._sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from ..execution import Execution
    from ._bus import Bus
    from ._filter import EventFilter
    from ._messages import Message
    from ._run import Run

Overflow = Literal["wait", "drop_oldest", "drop_newest", "raise"]

DEFAULT_CAPACITY = 128


@define(frozen=True)
class SubscriptionStatistics:
    """A snapshot of a subscription's counters, in messages.

    >>> from streamflow.bus import Bus
    >>> from streamflow.runnables import RunnableLambda
    >>> bus = Bus()
    >>> with bus.subscribe(capacity=1, overflow="drop_oldest") as messages:
    ...     _ = RunnableLambda(len).invoke("abc", {"bus": bus})
    ...     messages.statistics().dropped
    1
    """

    capacity: int
    """How many make it full."""
    waiting: int
    """How many it holds now."""
    peak: int
    """The most that it has held."""
    delivered: int
    """How many its reader has got."""
    dropped: int
    """How many were lost to its overflow policy."""


class Subscription(Sink, AsyncIterator[AnyMessage], Iterator[AnyMessage]):
    """Made by :meth:`Bus.subscribe`; read it with ``async for``, or with ``for``.

    It is an async and a plain context manager as well: leaving the block closes it.

    >>> from streamflow.bus import Bus
    >>> from streamflow.runnables import RunnableLambda
    >>> bus = Bus()
    >>> with bus.subscribe(capacity=16) as messages:
    ...     _ = RunnableLambda(len).invoke("abc", {"bus": bus})
    ...     bus.close()
    ...     [message.kind for message in messages]
    ['start', 'end']
    """

    __slots__ = (
        "_buffer",
        "_bus",
        "_closed",
        "_full",
        "_home",
        "_overflow",
        "_overflown",
        "dropped",
    )

    def __init__(
        self,
        bus: Bus,
        filter: EventFilter | None,
        capacity: int,
        overflow: Overflow,
    ) -> None:
        super().__init__(filter)
        if type(capacity) is not int or capacity < 1:
            raise ConfigError(f"capacity must be at least 1 message, got {capacity!r}")
        if overflow not in get_args(Overflow):
            known = ", ".join(repr(policy) for policy in get_args(Overflow))
            raise ConfigError(f"overflow must be one of {known}, got {overflow!r}")
        self._bus = bus
        self._buffer: Buffer[Message] = Buffer(capacity)
        self._overflow = overflow
        self._overflown = False
        self._closed = False
        # Taken to look how full it is and act on it: the runs of several trees may publish
        # at the same time.
        self._full = RLock()
        # The reader's thread, or None if the reader never stands in a publisher's way.
        self._home: int | None = thread_id()
        self.dropped = 0

    # The publisher's side.

    def offer(self, message: Message) -> bool:
        buffer = self._buffer
        if self._overflow == "wait":
            return buffer.append(message)
        with self._full:
            if buffer.closed:
                return False
            if len(buffer) >= buffer.capacity:
                if self._overflow == "drop_newest":
                    self.dropped += 1
                    return False
                if self._overflow == "raise":
                    self._overflown = True
                    self.end()
                    return False
                if buffer.drop_oldest():
                    self.dropped += 1
            buffer.append(message)
            return False

    def taker(self) -> Callable[[Message], bool]:
        return self._buffer.append if self._overflow == "wait" else self.offer

    async def settle(self, run: Run, execution: Execution) -> None:
        if self._overflow != "wait" or self._home in run.blocked:
            return
        if execution.blocking and self._home == thread_id():
            return
        await self._buffer.room(execution)

    def end(self) -> None:
        """Take no more messages; the reader gets what is there, then the end."""
        self._bus._drop(self)
        self._buffer.close()

    # The reader's side.

    async def receive(self) -> AnyMessage:
        """Return the next message, waiting for it.

        Raises:
            StopAsyncIteration: the bus was closed and all messages have been read.
            SubscriptionClosedError: the subscription has been closed by its reader.
            SubscriptionOverflowError: it was full once, and its policy is ``"raise"``.
        """
        try:
            return await self._next(LOOP)
        except EndOfBuffer:
            raise StopAsyncIteration from None

    @property
    def take_nowait(self) -> Callable[[], AnyMessage]:
        """What returns the next message; it raises IndexError if there is none now."""
        return self._buffer.take_nowait  # type: ignore[return-value]  # no others are published

    @property
    def delivered(self) -> int:
        """How many messages its reader has got."""
        return self._buffer.taken

    async def ready(self, execution: Execution) -> bool:
        """Wait, as ``execution`` does, until there is a message; false at the end.

        Raises:
            SubscriptionClosedError: it has been closed by its reader.
            SubscriptionOverflowError: it was full once, and its policy is ``"raise"``.
        """
        self._check_open()
        if await self._buffer.ready(execution):
            return True
        self._check_end()
        return False

    async def _next(self, execution: Execution) -> AnyMessage:
        self._check_open()
        try:
            return await self._buffer.take(execution)  # type: ignore[return-value]  # as above
        except EndOfBuffer:
            self._check_end()
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise SubscriptionClosedError(
                "this subscription is closed; open a new one with bus.subscribe()"
            )

    def _check_end(self) -> None:
        if self._overflown:
            raise SubscriptionOverflowError(self._buffer.capacity) from None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AnyMessage:
        return await self.receive()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> AnyMessage:
        try:
            return drive(self._next(BLOCKING))
        except EndOfBuffer:
            raise StopIteration from None

    def close(self) -> None:
        """Stop listening and forget what was not read. Closing twice does nothing."""
        self._closed = True
        self.end()
        self._buffer.clear()

    async def aclose(self) -> None:
        """Do what :meth:`close` does; nothing is waited for."""
        self.close()

    async def __aenter__(self) -> Self:
        self._home = thread_id()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        self._home = thread_id()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def detach(self) -> None:
        """Let publishers wait for room whatever the reader's thread does.

        For a reader that only reads while its publishers work in threads of their own.
        """
        self._home = None

    def statistics(self) -> SubscriptionStatistics:
        """Return the counters as they are now."""
        return SubscriptionStatistics(
            capacity=self._buffer.capacity,
            waiting=len(self._buffer),
            peak=self._buffer.peak,
            delivered=self.delivered,
            dropped=self.dropped,
        )
