"""Running a chain on the chosen backend, until it ends or somebody presses Ctrl-C.

What consumes the stream of a chain is plain code, so it is the same on asyncio, on trio
and without a loop.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import anyio
from attrs import frozen

from ._status import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

    from typing_extensions import Self

    from ..bus import EventFilter
    from ..execution import AsyncStream, Stream
    from ..runnables import Runnable, RunnableConfig
    from ._arguments import Backend


class Consumer(Protocol):
    """Takes the items of a stream one by one."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def take(self, item: Any, /) -> None:
        """Take one item."""


@frozen
class Source:
    """What streams: the output of a chain, or the messages of its runs."""

    chain: Runnable[Any, Any]
    input: Any
    config: RunnableConfig
    messages: bool
    """Messages, not the output."""
    filter: EventFilter | None = None
    """The messages of which runs."""

    def on_loop(self) -> AsyncStream[Any]:
        """Return the stream for the event loop that runs."""
        if self.messages:
            return self.chain.events(self.input, self.config, filter=self.filter)
        return self.chain.astream(self.input, self.config)

    def without_loop(self) -> Stream[Any]:
        """Return the stream for plain code."""
        if self.messages:
            return self.chain.stream_events(self.input, self.config, filter=self.filter)
        return self.chain.stream(self.input, self.config)


def drain(source: Source, consumer: Consumer, backend: Backend) -> None:
    """Run the chain to its end, each item going to the consumer.

    The first Ctrl-C stops the chain and waits for its clean-up; a second one ends the
    process on the spot.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed, and everything is cleaned up.
        BaseException: what the chain or the consumer raises.
    """
    if backend == "none":
        _drain_plain(source, consumer)
    else:
        anyio.run(_drain, source, consumer, backend=backend)


async def _drain(source: Source, consumer: Consumer) -> None:
    with _patient_once():
        async with source.on_loop() as stream:
            with consumer:
                async for item in stream:
                    consumer.take(item)


def _drain_plain(source: Source, consumer: Consumer) -> None:
    with _patient_once(), source.without_loop() as stream, consumer:
        for item in stream:
            consumer.take(item)


@contextmanager
def _patient_once() -> Iterator[None]:
    """Within the block, let a second Ctrl-C end the process.

    Clean-up waits for functions that run in threads, which nothing can stop. What the
    first Ctrl-C does is left to the handler that is there: the event loop's, or Python's.
    """
    patient = signal.getsignal(signal.SIGINT)

    def interrupt(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, _abandon)
        if callable(patient):
            patient(signum, frame)

    # A process may be told to ignore Ctrl-C; and only the main thread hears of it.
    armed = callable(patient)
    try:
        if armed:
            signal.signal(signal.SIGINT, interrupt)
    except ValueError:
        armed = False
    try:
        yield
    finally:
        if armed:
            signal.signal(signal.SIGINT, patient)


def _abandon(signum: int, frame: FrameType | None) -> NoReturn:
    if os.isatty(1):
        # A live tree hides the cursor, and nothing else will show it again.
        os.write(1, b"\x1b[?25h\n")
    os._exit(INTERRUPTED)
