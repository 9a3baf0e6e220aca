"""Channels: how a producer's items reach its consumers.

A *direct* channel is no object at all: the consumer iterates the producer, whose code
runs when an item is asked for. What stands here serves the other cases: a *buffered*
channel, whose producer runs ahead by a bounded number of items in a host of its own;
*merge*, which passes on the items of many producers as they arrive; and *tee*, which
gives the items of one producer to many consumers. All of them stop what they host when
they are closed, and hold no more than ``capacity`` items for each consumer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ._buffer import Buffer, EndOfBuffer
from ._ownership import owned

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from types import TracebackType

    from ._execution import Execution

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
S = TypeVar("S", bound=AsyncIterator[Any])


async def aclose(iterator: AsyncIterator[Any]) -> None:
    """Close an async iterator, if it is one that can be closed."""
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()


class closing(Generic[S]):  # noqa: N801 - a context manager, named as those of contextlib are
    """Close ``iterator`` when the block is left; unlike aclosing, any iterator will do.

    No generator: a loop that shuts down would close it on its own, before its time.
    """

    __slots__ = ("_iterator",)

    def __init__(self, iterator: S) -> None:
        self._iterator = iterator

    async def __aenter__(self) -> S:
        return owned(self._iterator)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await aclose(self._iterator)


async def buffered(
    source: AsyncIterator[T], capacity: int, execution: Execution
) -> AsyncGenerator[T, None]:
    """Let ``source`` run ahead of its consumer by up to ``capacity`` items."""
    buffer: Buffer[T] = Buffer(capacity)

    async def work() -> None:
        try:
            await _pump(source, buffer, execution)
        finally:
            buffer.close()

    async with closing(hosted(buffer, work, execution, "channel")) as items:
        async for item in items:
            yield item


async def merge(
    sources: Sequence[tuple[K, AsyncIterator[T]]],
    capacity: int,
    execution: Execution,
    *,
    limit: int | None = None,
    beside: Callable[[], Awaitable[None]] | None = None,
) -> AsyncGenerator[tuple[K, T], None]:
    """Yield ``(key, item)`` for each item of each source, as they arrive.

    Args:
        sources: The producers, each with the key that its items get.
        capacity: How many items may wait for the consumer.
        execution: What hosts the producers.
        limit: How many producers run at once; all of them if not given.
        beside: One more thing to run as long as the producers do, such as the pump of a
            :class:`Tee` that feeds them.
    """
    buffer: Buffer[tuple[K, T]] = Buffer(capacity)
    pumps: list[Callable[[], Awaitable[None]]] = [
        partial(_pump, source, buffer, execution, key) for key, source in sources
    ]

    async def work() -> None:
        try:
            if beside is None:
                await execution.join(pumps, limit)
            else:
                await execution.join([beside, *pumps])
        finally:
            buffer.close()
            # A producer that was never started has nothing to clean up, but its own
            # source may.
            for _, source in sources:
                await aclose(source)

    async with closing(hosted(buffer, work, execution, "channel")) as items:
        async for item in items:
            yield item


async def _pump(
    source: AsyncIterator[Any], buffer: Buffer[Any], execution: Execution, *key: Any
) -> None:
    async with closing(source):
        async for item in source:
            if buffer.append((*key, item) if key else item):
                await buffer.room(execution)
            if buffer.closed:
                # Nobody reads on. A source that never waits would not notice its
                # cancellation, and block the loop.
                return
            execution.check()


class Takeable(Protocol[T_co]):
    """Where items are taken from, as from a :class:`Buffer`."""

    def take_nowait(self) -> T_co:
        """Take the next item; raise IndexError if nothing is there now."""

    async def ready(self, execution: Execution) -> bool:
        """Wait until there is something to be taken; false if there will be nothing."""

    def close(self) -> None:
        """Make who puts items stop waiting for room."""


async def hosted(
    items: Takeable[T], work: Callable[[], Awaitable[None]], execution: Execution, name: str
) -> AsyncGenerator[T, None]:
    """Yield what can be taken while ``work`` runs in a host; raise what it raises.

    Args:
        items: Where ``work`` puts them.
        work: What puts the items.
        execution: What hosts it.
        name: What it is called in debuggers.
    """
    host, take_nowait = execution.background(work, name), items.take_nowait
    try:
        host.start()
        while await items.ready(execution):
            while True:
                try:
                    item = take_nowait()
                except IndexError:
                    break
                yield item
                del item  # a message, say, that holds the error that is raised below: no cycle
        await host.wait()
        host.raise_error()
    finally:
        # What goes wrong in work that ran ahead of a consumer that reads no further is
        # not raised: without the buffer it would not have happened.
        items.close()
        await host.stop()


class Tee(Generic[T]):
    """Gives each item of a source to several consumers.

    The fastest consumer is at most ``capacity`` items ahead of the slowest one that still
    reads; a consumer that is closed no longer counts.

    Args:
        source: Where the items come from.
        consumers: How many get them.
        capacity: How many items may wait for one consumer.
        execution: How the source and the consumers wait for one another.
    """

    def __init__(
        self, source: AsyncIterator[T], consumers: int, capacity: int, execution: Execution
    ) -> None:
        self._source = source
        self._execution = execution
        self._buffers: list[Buffer[T]] = [Buffer(capacity) for _ in range(consumers)]

    def outputs(self) -> list[TeeOutput[T]]:
        """Return the consumers' iterators."""
        return [TeeOutput(buffer, self._execution) for buffer in self._buffers]

    async def pump(self) -> None:
        """Read the source until it ends or nobody reads any more; to be run beside them."""
        try:
            async with closing(self._source):
                async for item in self._source:
                    reading = [buffer for buffer in self._buffers if not buffer.closed]
                    if not reading:
                        return
                    full = [buffer for buffer in reading if buffer.append(item)]
                    for buffer in full:
                        await buffer.room(self._execution)
                    self._execution.check()
        finally:
            for buffer in self._buffers:
                buffer.close()


class TeeOutput(AsyncIterator[T], Generic[T]):
    """One consumer's end of a :class:`Tee`.

    No generator: closing one that was never started does nothing, and the others would
    wait for ever for a consumer that does not read its input. For the same reason it is
    closed when it is garbage: between it and a consumer that never reads, there may be
    generators that were never started.
    """

    def __init__(self, buffer: Buffer[T], execution: Execution) -> None:
        self._buffer = buffer
        self._execution = execution

    async def __anext__(self) -> T:
        try:
            return await self._buffer.take(self._execution)
        except EndOfBuffer:
            pass
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Take no more items; let the others go on."""
        self.__del__()

    def __del__(self) -> None:
        self._buffer.close()
        self._buffer.clear()
