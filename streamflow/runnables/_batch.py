"""Many inputs: each is run as by ``invoke``, a bounded number of them at once.

A batch has no run of its own. Its items are taken by workers from one source that they
share: an item that nobody works on yet costs no task and no thread, and of inputs that
come one by one no more is read than is being worked on.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence, Sized
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from attrs import define, field

from ..bus._run import Tree
from ..bus._scope import Position
from ..errors import ConfigError
from ..execution import Buffer, Shared, aclose, closing, hosted, owned
from ._config import concurrency_in, derive_scope
from ._inputs import from_iterable
from ._lifecycle import TURN, entry

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ..bus import Run
    from ..execution import Execution
    from ._base import Runnable
    from ._config import RunnableConfig
    from ._lifecycle import At

    Configs = RunnableConfig | Sequence[RunnableConfig] | None

DEFAULT_TASKS = 100
"""How many items run at once on an event loop, unless ``max_concurrency`` says."""

DEFAULT_THREADS = 32
"""How many items run at once without a loop, each in a thread."""


_ONLY_HANDED_DOWN = frozenset({"max_concurrency", "tags", "metadata", "recursion_limit"})
"""Keys that say nothing of one run alone: what they mean is found out once for all items."""


@define(eq=False)
class Batch:
    """What the items of a batch have in common."""

    runnable: Runnable[Any, Any]
    places: list[tuple[At, RunnableConfig | None]]
    """Where the first items start, and with which config."""
    rest: tuple[At, RunnableConfig | None] | None
    """The same for all other items; ``None`` if there must be no others."""
    limit: int
    """How many run at once."""
    keep_errors: bool = False
    """Whether the exception of an item stands for its output."""
    kwargs: dict[str, Any] = field(factory=dict)

    @property
    def execution(self) -> Execution:
        """What the items run on."""
        at, _ = self.rest or self.places[0]
        return at.execution

    @property
    def owner(self) -> Run | None:
        """The run whose code has called, if any."""
        at, _ = self.rest or self.places[0]
        return at.run

    def check(self, count: int, *, more: bool = False) -> None:
        """Raise if the batch has not as many configs as inputs.

        Args:
            count: How many inputs there are.
            more: There are more that have not been counted.

        Raises:
            ConfigError: every item is to have a config, but the numbers differ.
        """
        known = len(self.places)
        if self.rest is None and (count > known or (count < known and not more)):
            raise ConfigError(
                f"a list of configs has one for each input, got {known} for "
                f"{count} inputs{' or more' if more else ''}"
            )

    async def call(self, number: int, input: Any) -> Any:
        """Run one item and return what becomes of it."""
        at, config = self.places[number] if number < len(self.places) else self._rest()
        if at.run is None:
            # The root of a tree of its own, as every call at this place would be.
            at = Position(None, Tree(), at.scope, at.execution, at.blocked)
        try:
            return await self.runnable._invoke_step(input, at, None, config, self.kwargs)
        except Exception as error:
            if not self.keep_errors:
                raise
            return error

    def _rest(self) -> tuple[At, RunnableConfig | None]:
        return cast("tuple[At, RunnableConfig | None]", self.rest)


def batch_of(
    runnable: Runnable[Any, Any],
    execution: Execution,
    config: Configs,
    keep_errors: bool,
    kwargs: dict[str, Any],
) -> Batch:
    """Return the batch that a public method of ``runnable`` was called for."""

    def place(config: RunnableConfig | None) -> tuple[At, RunnableConfig | None]:
        starts = runnable._call_config(config)
        at = entry(execution, starts)
        unchanged = starts is config
        if config and unchanged and config.keys() <= _ONLY_HANDED_DOWN:
            at.scope = derive_scope(at.scope, config)
            return at, None
        return at, config

    if isinstance(config, Sequence):
        first = config[0] if config else None
        places, rest = [place(each) for each in config], None
    else:
        first, places, rest = config, [], place(config)
        if config and config.get("run_id") is not None:
            # One run has the id that was given; the others get ids of their own.
            places = [rest]
            rest = rest[0], cast("RunnableConfig", {**config, "run_id": None})
    at = entry(execution, None) if rest is None else rest[0]
    limit = concurrency_in(runnable._call_config(first), at.scope)
    if limit is None:
        limit = DEFAULT_THREADS if at.execution.blocking else DEFAULT_TASKS
    return Batch(runnable, places, rest, limit, keep_errors, kwargs)


def batch_below(runnable: Runnable[Any, Any], run: Run, kwargs: dict[str, Any]) -> Batch:
    """Return a batch of which all items run below ``run``."""
    limit = concurrency_in(None, run.scope)
    if limit is None:
        limit = DEFAULT_THREADS if run.execution.blocking else DEFAULT_TASKS
    return Batch(runnable, [], (run, None), limit, kwargs=kwargs)


async def whole(batch: Batch, inputs: Iterable[Any]) -> list[Any]:
    """Run all items and return what becomes of them, in their order."""
    items = list(inputs)
    batch.check(len(items))
    if not items:
        return []
    calls = [partial(batch.call, number, item) for number, item in enumerate(items)]
    if not batch.runnable._inline:
        return await batch.execution.join(calls, batch.limit)
    results = []
    for number, call in enumerate(calls, start=1):
        results.append(await call())
        if number % TURN == 0:
            await batch.execution.turn()
    return results


async def as_completed(
    batch: Batch, inputs: Iterable[Any] | AsyncIterable[Any]
) -> AsyncGenerator[tuple[int, Any], None]:
    """Yield the number of each item and what becomes of it, as they are done."""
    async with closing(_done(batch, inputs)) as done:
        async for number, output, give_out in done:
            give_out()
            yield number, output


async def in_order(
    batch: Batch, inputs: Iterable[Any] | AsyncIterable[Any]
) -> AsyncGenerator[Any, None]:
    """Yield what becomes of the items, in their order, each as soon as that allows.

    One that is done early waits for its turn, and counts as one that is being worked on.
    """
    early: dict[int, tuple[Any, Callable[[], None]]] = {}
    position = 0
    async with closing(_done(batch, inputs)) as done:
        async for number, output, give_out in done:
            early[number] = output, give_out
            while position in early:
                output, give_out = early.pop(position)
                position += 1
                give_out()
                yield output


_Done = tuple[int, Any, Callable[[], None]]


def _done(batch: Batch, inputs: Iterable[Any] | AsyncIterable[Any]) -> AsyncGenerator[_Done, None]:
    """Yield number, output, and what lets the item's worker take another input."""
    workers = batch.limit
    if isinstance(inputs, Sized):
        batch.check(len(inputs))
        workers = min(workers, len(inputs))
    source: AsyncIterator[Any]
    if isinstance(inputs, AsyncIterable):
        source = owned(inputs.__aiter__())
    else:
        source = from_iterable(iter(inputs))
    if workers <= 1 or batch.runnable._inline:
        return _one_by_one(batch, source)
    return _side_by_side(batch, source, workers)


async def _one_by_one(batch: Batch, source: AsyncIterator[Any]) -> AsyncGenerator[_Done, None]:
    count = 0
    async with closing(source):
        async for item in source:
            batch.check(count + 1, more=True)
            yield count, await batch.call(count, item), _nothing
            count += 1
            if count % TURN == 0:
                await batch.execution.turn()
    batch.check(count)


async def _side_by_side(
    batch: Batch, source: AsyncIterator[Any], workers: int
) -> AsyncGenerator[_Done, None]:
    execution = batch.execution
    shared = Shared(source, execution)
    done: Buffer[_Done] = Buffer(workers)

    async def worker() -> None:
        while True:
            try:
                number, item = await shared.take()
            except StopAsyncIteration:
                return
            batch.check(number + 1, more=True)
            output = await batch.call(number, item)
            # What is done and has not been given out is still in hand: no more is read.
            given_out = execution.waiter()
            done.append((number, output, given_out.wake))
            await given_out.wait()

    async def work() -> None:
        try:
            await execution.join([worker] * workers)
            batch.check(shared.taken)
        finally:
            done.close()
            await aclose(source)

    async with closing(hosted(done, work, execution, "batch")) as results:
        async for result in results:
            yield result


def _nothing() -> None:
    """Nobody waits for an item to be given out where there are no workers."""
