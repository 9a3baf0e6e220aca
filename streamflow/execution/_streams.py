"""The streams that users hold.

Both are an iterator and a context manager at once. Leaving the ``with`` block closes the
stream and waits until everything behind it is cleaned up. A stream that is simply
dropped, by a ``break`` out of a bare loop for instance, is closed as soon as it is
garbage: a synchronous one on the spot, an asynchronous one by a host task, since nobody
is left to await its clean-up.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from anyio import NoEventLoopError
from anyio.lowlevel import EventLoopToken, current_token

from ._background import spawn
from ._drive import drive, step
from ._waiting import call_soon

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

    from typing_extensions import Self

T = TypeVar("T")

_logger = logging.getLogger("streamflow")


class AsyncStream(AsyncIterator[T], Generic[T]):
    """An async iterator that is also an async context manager.

    ::

        async with chain.astream(question) as chunks:
            async for chunk in chunks:
                ...

    It may be opened in one task and closed in another.
    """

    __slots__ = ("_next", "_source", "_token")

    def __init__(self, source: AsyncGenerator[T, None]) -> None:
        self._source = source
        self._next = source.__anext__
        self._token: EventLoopToken | None = None

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[T]:
        """Return the next item; raise what went wrong behind the stream."""
        if self._token is None:
            self._token = current_token()
        return self._next()

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
        close = partial(_close_dropped, self._source)
        try:
            here: EventLoopToken | None = current_token()
        except NoEventLoopError:
            here = None
        if here == token:
            spawn(close, "close", token)
        else:
            call_soon(token, lambda: spawn(close, "close", token))


class Stream(Iterator[T], Generic[T]):
    """An iterator that is also a context manager.

    ::

        with chain.stream(question) as chunks:
            for chunk in chunks:
                ...
    """

    __slots__ = ("_source",)

    def __init__(self, source: AsyncGenerator[T, None]) -> None:
        self._source = source

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        """Return the next item; raise what went wrong behind the stream."""
        try:
            return step(self._source)
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
        source = getattr(self, "_source", None)
        if source is not None and not _finished(source):
            self.close()


def _finished(source: Any) -> bool:
    return bool(source.ag_frame is None)


async def _close_dropped(source: AsyncGenerator[Any, None]) -> None:
    try:
        await source.aclose()
    except Exception:
        _logger.exception("a stream that was dropped before its end failed to close")


async def _aclose(source: AsyncGenerator[Any, None]) -> None:
    await source.aclose()
