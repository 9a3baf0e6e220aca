"""The streams that users hold.

Both are an iterator and a context manager at once. Leaving the ``with`` block closes the
stream and waits until everything behind it is cleaned up. A stream that is simply
dropped, by a ``break`` out of a bare loop for instance, is closed as soon as it is
garbage: a synchronous one on the spot, an asynchronous one by a host task, since nobody
is left to await its clean-up. Unless it was opened by code that has an owner (a run), who
is not over before the clean-up is.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from anyio import sleep
from anyio.lowlevel import EventLoopToken, current_token

from ._background import spawn
from ._drive import drive, step
from ._ownership import outermost, outermost_again
from ._threads import new_thread, thread_id
from ._waiting import ThreadWaiter, call_soon, loop_waiter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

    from typing_extensions import Self

    from ._waiting import Waiter

T = TypeVar("T", covariant=True)

_logger = logging.getLogger("streamflow")


_POLL_SECONDS = 0.01


class Owner(Protocol):
    """Whose code opens streams."""

    dropped: list[Closing] | None
    """The streams that it has dropped before their end, if any."""


class Closing:
    """The clean-up of a stream that was dropped, which is done once.

    Args:
        source: What is behind the stream.
        token: The loop that the stream was read on.
        here: Whether it was dropped in the thread of that loop.
        owned: Whether somebody waits for the clean-up.
    """

    __slots__ = ("_begun", "_here", "_owned", "_source", "_token", "_waiters", "over")

    def __init__(
        self, source: AsyncGenerator[Any, None], token: EventLoopToken, *, here: bool, owned: bool
    ) -> None:
        self._source = source
        self._token = token
        self._here = here
        self._owned = owned
        self._begun = False
        self._waiters: list[Waiter] = []
        self.over = False

    async def main(self) -> None:
        """Close what is behind the stream, unless that has begun."""
        if not self._here:
            # The collector, in another thread, may still have to look at the generators
            # behind the stream; and it closes those that are being closed already.
            await sleep(_POLL_SECONDS)
        # `await anext(chain.astream(x))`: the stream is gone, its item is still awaited.
        while not self._begun and _busy(self._source):  # noqa: ASYNC110 - it tells nobody
            await sleep(_POLL_SECONDS)
        if self._begun:
            return
        self._begun = True
        try:
            await _close_dropped(self._source)
        finally:
            self.over = True
            _unclosed.discard(self)
            for waiter in self._waiters:
                waiter.wake()

    async def finish(self) -> None:
        """Wait until the clean-up is over, or do it here and now.

        A task that the owner's code has left behind may still read the stream; that task,
        and this clean-up then, is nobody's to wait for.
        """
        if self.over or current_token() != self._token:
            return
        if self._begun:
            waiter = loop_waiter()
            self._waiters.append(waiter)
            await waiter.wait_through()
        elif not _busy(self._source):
            await self.main()

    def start(self) -> None:
        """Begin the clean-up in a host task; callable in the loop's thread only."""
        if not self._begun:
            if not self._owned:
                outermost_again(self._source)
            try:
                spawn(self.main, "close", self._token)
            except RuntimeError:  # trio is about to end, and closes what is still open
                return

    def gone(self) -> bool:
        """Whether somebody else has closed it: the loop, when that ended."""
        return _finished(self._source)


# A loop that ends before a clean-up has begun cancels it, and closes all generators on its
# list; it can do so for as long as they are not garbage.
_unclosed: set[Closing] = set()


async def close_dropped(owner: Owner) -> None:
    """Wait until the streams that the code of ``owner`` has dropped are closed."""
    while owner.dropped:
        await owner.dropped.pop().finish()


class AsyncStream(AsyncIterator[T], Generic[T]):
    """An async iterator that is also an async context manager.

    ::

        async with chain.astream(question) as chunks:
            async for chunk in chunks:
                ...

    It may be opened in one task and closed in another.

    Args:
        source: What is behind it.
        owner: Whose code opens it, if anybody's that can be waited for.
    """

    __slots__ = ("_next", "_owner", "_source", "_thread", "_token")

    def __init__(self, source: AsyncGenerator[T, None], owner: Owner | None = None) -> None:
        self._owner = owner
        self._source = source
        self._next = source.__anext__
        self._token: EventLoopToken | None = None

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[T]:
        """Return the next item; raise what went wrong behind the stream."""
        if self._token is None:
            return self._first()
        return self._next()

    async def _first(self) -> T:
        # This holds the stream: in `await anext(chain.astream(x))` nobody else does.
        self._token = current_token()
        self._thread = thread_id()
        return await (outermost(self._source) if self._owner is None else self._next())

    async def aclose(self) -> None:
        """Stop everything behind the stream and wait until it is cleaned up.

        It waits also while cancelled. Closing twice does nothing.
        """
        await self._source.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        token = getattr(self, "_token", None)
        if token is None or _finished(self._source):
            return
        owned, here = self._owner is not None, self._thread == thread_id()
        closing = Closing(self._source, token, here=here, owned=owned)
        _unclosed.difference_update([other for other in tuple(_unclosed) if other.gone()])
        _unclosed.add(closing)
        if self._owner is not None:
            still = [other for other in self._owner.dropped or () if not other.over]
            self._owner.dropped = [*still, closing]
        # In a moment, unless the owner is faster; and never within the collector.
        call_soon(token, closing.start)


class Stream(Iterator[T], Generic[T]):
    """An iterator that is also a context manager.

    ::

        with chain.stream(question) as chunks:
            for chunk in chunks:
                ...
    """

    __slots__ = ("_source", "_thread")

    def __init__(self, source: AsyncGenerator[T, None]) -> None:
        self._source = source
        self._thread: int | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        """Return the next item; raise what went wrong behind the stream."""
        first = self._thread is None
        if first:
            self._thread = thread_id()
        try:
            return step(self._source, first=first)
        except StopAsyncIteration:
            pass
        raise StopIteration

    def close(self) -> None:
        """Stop everything behind the stream. Closing twice does nothing."""
        drive(_aclose(self._source))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        thread = getattr(self, "_thread", None)
        if thread is None or _finished(self._source):
            return
        if thread == thread_id():
            drive(_close_dropped(self._source))
        else:
            # The collector runs in any thread: also in one that the clean-up waits for,
            # which must not wait for the clean-up.
            new_thread(partial(_close_later, self._source), name="close").start()


def _finished(source: Any) -> bool:
    return bool(source.ag_frame is None)


def _busy(source: Any) -> bool:
    return bool(source.ag_running)


async def _aclose(source: AsyncGenerator[Any, None]) -> None:
    await source.aclose()


def _close_later(source: AsyncGenerator[Any, None]) -> None:
    # As in Closing.main().
    ThreadWaiter().block(_POLL_SECONDS)
    drive(_close_dropped(source))


async def _close_dropped(source: AsyncGenerator[Any, None]) -> None:
    try:
        await source.aclose()
    except Exception:
        _logger.exception("a stream that was dropped before its end failed to close")
