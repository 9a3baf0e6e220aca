"""A generator that lives on the other side: in a thread, or in a task of another loop.

A plain generator in an asynchronous run must not block the loop, so it lives in a worker
thread; an async generator in a synchronous run needs a loop, so it lives in a task of
one. Both times two parties take turns, one item at a time: the consumer asks, the
generator moves. When the generator asks for an *input* item, the consumer fetches it,
in its own task or thread: the steps before this one stay where they are, and a
cancellation of the consumer reaches them.

::

    consumer                       worker
    __anext__ ── NEXT ──────────▶  next(generator)
              ◀─ NEED ───────────    generator asks for an input
    anext(inputs)
              ── INPUT item ────▶
              ◀─ ITEM item ──────    generator yields
    aclose    ── CLOSE ─────────▶  generator.close()

A consumer that is cancelled or interrupted while it waits for the generator leaves it in
the middle of an item, where it would hear no CLOSE: it is *stopped*, as whatever it waits
for there allows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ..errors import AsyncOnlyError
from ._buffer import Buffer, EndOfBuffer
from ._drive import drive
from ._threads import ExecutionCancelled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from ._execution import Execution
    from ._waiting import Waiter

T = TypeVar("T")


class _Word(Enum):
    NEXT = auto()
    INPUT = auto()
    INPUT_END = auto()
    INPUT_ERROR = auto()
    CLOSE = auto()
    NEED = auto()
    ITEM = auto()
    END = auto()
    ERROR = auto()


_END = object()


class Bridge(AsyncIterator[T], Generic[T]):
    """The consumer's side.

    Args:
        here: How the consumer waits.
        there: How the worker waits.
        inputs: What the generator's own input is fetched from; not closed by the bridge.
        worker: Makes the worker's side from this object.
        launch: Starts the worker's coroutine function where it is to live, and returns what
            stops it in the middle of an item. Its second argument is to be called when
            the worker is over, also if it is cancelled before it begins.
    """

    def __init__(
        self,
        here: Execution,
        there: Execution,
        inputs: AsyncIterator[Any],
        worker: Callable[[Exchange], Worker[T]],
        launch: Callable[
            [Callable[[], Coroutine[Any, Any, None]], Callable[[], None]], Callable[[], object]
        ],
    ) -> None:
        self._here = here
        self._inputs = inputs
        self._exchange = Exchange(there)
        self._worker = worker(self._exchange)
        self._launch = launch
        self._stop: Callable[[], object] | None = None
        self._busy = False  # the worker, in the middle of an item
        self._finished = False
        self._done: list[Waiter] = []

    def __aiter__(self) -> Bridge[T]:
        return self

    async def __anext__(self) -> T:
        if self._finished:
            raise StopAsyncIteration
        if self._stop is None:
            try:
                self._stop = self._launch(self._worker.main, self._over)
            except Exception:
                raise
            except BaseException:
                self._stop = self._over  # Ctrl-C: aclose() is to wait for what was started
                raise
        exchange = self._exchange
        self._busy = True
        exchange.to_worker.append((_Word.NEXT, None))
        while True:
            try:
                word, value = await exchange.to_consumer.take(self._here)
            except EndOfBuffer:
                self._finished = True
                raise AsyncOnlyError("the event loop ended that this generator lived on") from None
            self._busy = False
            if word is _Word.ITEM:
                item: T = value
                return item
            if word is _Word.NEED:
                await self._feed()
                continue
            self._finished = True
            if word is _Word.ERROR:
                raise value
            raise StopAsyncIteration

    async def _feed(self) -> None:
        reply: tuple[_Word, Any]
        try:
            reply = _Word.INPUT, await self._inputs.__anext__()
        except StopAsyncIteration:
            reply = _Word.INPUT_END, None
        except Exception as error:  # noqa: BLE001 - goes through the generator, as it would here
            reply = _Word.INPUT_ERROR, error
        self._busy = True
        self._exchange.to_worker.append(reply)

    async def aclose(self) -> None:
        """Close the generator where it lives and wait until it is gone."""
        if self._stop is not None and not self._worker.gone:
            waiter = self._here.waiter()
            self._done.append(waiter)
            if self._busy:
                self._stop()
            self._exchange.to_worker.append((_Word.CLOSE, None))
            if not self._worker.gone:
                await waiter.wait_through()
        self._finished = True
        error, self._worker.close_error = self._worker.close_error, None
        if error is not None:
            raise error

    def _over(self) -> None:
        self._worker.gone = True
        self._exchange.to_consumer.close()
        for waiter in self._done:
            waiter.wake()


class Exchange:
    """The two directions between consumer and worker, and the worker's way to wait."""

    def __init__(self, there: Execution) -> None:
        self.there = there
        self.closing = False
        self.to_worker: Buffer[tuple[_Word, Any]] = Buffer(2)
        self.to_consumer: Buffer[tuple[_Word, Any]] = Buffer(2)

    async def ask(self) -> Any:
        """Fetch an input for the generator.

        Raises:
            StopAsyncIteration: there is no more.
            GeneratorExit: the consumer wants the generator closed instead.
        """
        if self.closing:  # by a generator that does not just go: nobody feeds it any more
            raise StopAsyncIteration
        self.to_consumer.append((_Word.NEED, None))
        word, value = await self.to_worker.take(self.there)
        if word is _Word.INPUT:
            return value
        if word is _Word.INPUT_END:
            raise StopAsyncIteration
        if word is _Word.INPUT_ERROR:
            raise value
        # Unwinds the generator from inside, as its close() would.
        self.closing = True
        raise GeneratorExit


class Worker(Generic[T]):
    """The generator's side.

    Args:
        exchange: The two directions.
        advance: Returns the generator's next item, or raises StopAsyncIteration.
        close: Closes the generator.
    """

    def __init__(
        self,
        exchange: Exchange,
        advance: Callable[[], Awaitable[T]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.gone = False
        self.close_error: BaseException | None = None
        self._exchange = exchange
        self._advance = advance
        self._close = close

    async def main(self) -> None:
        take, reply = self._exchange.to_worker.take, self._exchange.to_consumer.append
        while True:
            if not self._exchange.closing:
                try:
                    word, _ = await take(self._exchange.there)
                except BaseException as error:
                    # Stopped just when the item was there: to close is as good.
                    await self._finish()
                    if isinstance(error, ExecutionCancelled):
                        return
                    raise
                self._exchange.closing = word is _Word.CLOSE
            if self._exchange.closing:
                await self._finish()
                return
            try:
                item = await self._advance()
            except (StopAsyncIteration, GeneratorExit):
                reply((_Word.END, None))
                return
            except BaseException as error:  # noqa: BLE001 - raised by the consumer
                reply((_Word.ERROR, error))
                return
            reply((_Word.ITEM, item))

    async def _finish(self) -> None:
        self._exchange.closing = True
        try:
            await self._close()
        except BaseException as error:  # noqa: BLE001 - raised by the consumer
            self.close_error = error


def plain_worker(function: Callable[[Iterator[Any]], Iterator[T]], exchange: Exchange) -> Worker[T]:
    """Return the worker of a plain generator function; its thread drives it."""
    generator: list[Iterator[T]] = []

    async def advance() -> T:
        if not generator:
            generator.append(iter(function(PlainInputs(exchange))))
        item: Any = next(generator[0], _END)
        if item is _END:
            raise StopAsyncIteration
        result: T = item
        return result

    async def close() -> None:
        if generator and hasattr(generator[0], "close"):
            generator[0].close()

    return Worker(exchange, advance, close)


def async_worker(
    function: Callable[[AsyncIterator[Any]], AsyncIterator[T]], exchange: Exchange
) -> Worker[T]:
    """Return the worker of an async generator function; a task of a loop awaits it."""
    generator: list[AsyncIterator[T]] = []

    async def advance() -> T:
        if not generator:
            generator.append(aiter_of(function(AsyncInputs(exchange))))
        return await generator[0].__anext__()

    async def close() -> None:
        if generator and hasattr(generator[0], "aclose"):
            await generator[0].aclose()

    return Worker(exchange, advance, close)


def aiter_of(iterable: Any) -> AsyncIterator[Any]:
    """Return the async iterator of an async iterable."""
    iterator: AsyncIterator[Any] = iterable.__aiter__()
    return iterator


class PlainInputs(Iterator[Any]):
    """The inputs as a plain generator sees them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __next__(self) -> Any:
        try:
            return drive(self._exchange.ask())
        except StopAsyncIteration:
            _stop_iteration()


class AsyncInputs(AsyncIterator[Any]):
    """The inputs as an async generator sees them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def __anext__(self) -> Any:
        return await self._exchange.ask()


def _stop_iteration() -> NoReturn:
    raise StopIteration
