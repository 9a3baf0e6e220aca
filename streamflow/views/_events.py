"""Running something and watching it: typed messages, event dicts, or the log of the run.

The runnable works in a background scope; the consumer reads a subscription, whose
capacity bounds how far the work may run ahead. Closing the stream stops the work and
waits until everything is cleaned up. What is shown for a message is a view's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..bus import Bus, EventFilter
from ..bus._subscription import DEFAULT_CAPACITY
from ..execution import BLOCKING, LOOP, AsyncStream, Stream, closing, hosted
from ..runnables._fluent import check_strict
from ..runnables._inputs import Once
from ..runnables._lifecycle import entry, root_stream
from ._log import LogView, WholeLogView
from ._stream_event import check_version
from ._v1 import EventViewV1
from ._v2 import EventView

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from ..bus import AnyMessage, Overflow, Subscription
    from ..bus._scope import Position
    from ..execution import Execution
    from ..runnables import Runnable, RunnableConfig
    from ._stream_event import StreamEvent

T = TypeVar("T")


def events(
    runnable: Runnable[Any, Any],
    input: Any,
    config: RunnableConfig | None,
    filter: EventFilter | None,
    capacity: int | None,
    overflow: Overflow,
    kwargs: dict[str, Any],
) -> AsyncStream[AnyMessage]:
    """Return the typed messages of a run; see ``Runnable.events``."""
    at, subscription = _subscribe(runnable, LOOP, config, filter, capacity, overflow)
    return AsyncStream(_watch(runnable, at, input, config, subscription, kwargs), at.run)


def stream_events(
    runnable: Runnable[Any, Any],
    input: Any,
    config: RunnableConfig | None,
    filter: EventFilter | None,
    capacity: int | None,
    overflow: Overflow,
    kwargs: dict[str, Any],
) -> Stream[AnyMessage]:
    """Return the typed messages of a run without a loop; see ``Runnable.stream_events``."""
    at, subscription = _subscribe(runnable, BLOCKING, config, filter, capacity, overflow)
    subscription.detach()
    return Stream(_watch(runnable, at, input, config, subscription, kwargs))


def event_dicts(
    runnable: Runnable[Any, Any],
    input: Any,
    config: RunnableConfig | None,
    filter: EventFilter,
    version: str,
    include_errors: bool,
    kwargs: dict[str, Any],
) -> AsyncStream[StreamEvent]:
    """Return the events of a run as dicts; see ``Runnable.astream_events``.

    Raises:
        EventVersionError: there is no such version.
    """
    check_version(version)
    at, subscription = _subscribe(runnable, LOOP, config, filter, None, "wait")
    messages = _watch(runnable, at, input, config, subscription, kwargs)
    if version == "v1":
        old = EventViewV1(input, at.run, include_errors=include_errors)
        return AsyncStream(_all_shown(messages, old.show), at.run)
    view = EventView(input, include_errors=include_errors)
    return AsyncStream(_shown(messages, view.show), at.run)


def run_log(
    runnable: Runnable[Any, Any],
    input: Any,
    config: RunnableConfig | None,
    filter: EventFilter,
    diff: bool,
    with_streamed_output_list: bool,
    kwargs: dict[str, Any],
) -> AsyncStream[Any]:
    """Return the log of a run, as patches or whole; see ``Runnable.astream_log``."""
    position: list[Position] = []
    # Without its root the log would be none.
    with_root = filter | EventFilter(predicate=lambda run: run.parent is position[0].run)
    at, subscription = _subscribe(runnable, LOOP, config, with_root, None, "wait")
    position.append(at)
    messages = _watch(runnable, at, input, config, subscription, kwargs)
    make = LogView if diff else WholeLogView
    view: LogView | WholeLogView = make(with_streamed_output_list=with_streamed_output_list)
    return AsyncStream(_shown(messages, view.show), at.run)


async def _shown(
    messages: AsyncGenerator[AnyMessage, None], show: Callable[[AnyMessage], T | None]
) -> AsyncGenerator[T, None]:
    message = shown = None
    try:
        async with closing(messages):
            async for message in messages:
                shown = show(message)
                if shown is not None:
                    yield shown
    finally:
        del message, shown  # they may hold the error that goes through this frame: a cycle


async def _all_shown(
    messages: AsyncGenerator[AnyMessage, None], show: Callable[[AnyMessage], Iterable[T]]
) -> AsyncGenerator[T, None]:
    message = shown = None
    try:
        async with closing(messages):
            async for message in messages:
                for shown in show(message):
                    yield shown
    finally:
        del message, shown  # as above


def _subscribe(
    runnable: Runnable[Any, Any],
    execution: Execution,
    config: RunnableConfig | None,
    filter: EventFilter | None,
    capacity: int | None,
    overflow: Overflow,
) -> tuple[Position, Subscription]:
    starts = runnable._call_config(config)
    at = entry(execution, starts)
    check_strict(runnable, at.scope, starts, whole=True)
    bus = Bus()
    at.scope = at.scope.with_bus(bus)
    return at, bus.subscribe(filter, capacity=capacity or DEFAULT_CAPACITY, overflow=overflow)


def _watch(
    runnable: Runnable[Any, Any],
    at: Position,
    input: Any,
    config: RunnableConfig | None,
    subscription: Subscription,
    kwargs: dict[str, Any],
) -> AsyncGenerator[AnyMessage, None]:
    async def work() -> None:
        try:
            async with closing(root_stream(runnable, at, Once(input), config, kwargs)) as chunks:
                async for _ in chunks:
                    pass
        finally:
            subscription.end()

    return hosted(subscription, work, at.execution, "events")
