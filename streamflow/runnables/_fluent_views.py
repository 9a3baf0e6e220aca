"""The methods by which people watch a run: typed messages, event dicts, logs.

What they show is made by the views, which are made of runnables; so these are loaded when
one of the methods is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..bus import AnyMessage, EventFilter, Overflow
    from ..execution import AsyncStream, Stream
    from ..views import RunLog, RunLogPatch, StreamEvent
    from ._base import Runnable
    from ._config import RunnableConfig

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Views(Generic[Input, Output]):
    """The part of the Runnable interface that shows what happens."""

    def events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        filter: EventFilter | None = None,
        capacity: int | None = None,
        overflow: Overflow = "wait",
        **kwargs: Any,
    ) -> AsyncStream[AnyMessage]:
        """Run and yield the typed messages of this run and all runs below it.

        ::

            async with chain.events(question) as messages:
                async for message in messages:
                    if isinstance(message, ChunkStreamed): ...

        Args:
            input: The whole input.
            config: How to run it.
            filter: Which runs; all of them if not given.
            capacity: How many messages may wait to be read.
            overflow: What happens when that many wait; the run waits, by default.
            kwargs: Passed to the implementation.

        Raises:
            Exception: what the run raises, after the messages that preceded it.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> async def main():
        ...     async with RunnableLambda(len).events("abc") as messages:
        ...         return [(message.kind, message.run.name) async for message in messages]
        >>> anyio.run(main)
        [('start', 'len'), ('stream', 'len'), ('end', 'len')]
        """
        from ..views._events import events

        return events(_runnable(self), input, config, filter, capacity, overflow, kwargs)

    def stream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        filter: EventFilter | None = None,
        capacity: int | None = None,
        overflow: Overflow = "wait",
        **kwargs: Any,
    ) -> Stream[AnyMessage]:
        """Run and yield typed messages. As :meth:`events`, with no event loop.

        The runnable works in a thread of its own meanwhile, as far ahead as the capacity
        allows.

        >>> from streamflow.runnables import RunnableLambda
        >>> with RunnableLambda(len).stream_events("abc") as messages:
        ...     [message.kind for message in messages]
        ['start', 'stream', 'end']
        """
        from ..views._events import stream_events

        return stream_events(_runnable(self), input, config, filter, capacity, overflow, kwargs)

    def astream_events(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v1", "v2"] = "v2",
        include_names: Iterable[str] | None = None,
        include_types: Iterable[str] | None = None,
        include_tags: Iterable[str] | None = None,
        exclude_names: Iterable[str] | None = None,
        exclude_types: Iterable[str] | None = None,
        exclude_tags: Iterable[str] | None = None,
        include_errors: bool = False,
        **kwargs: Any,
    ) -> AsyncStream[StreamEvent]:
        """Run and yield what happens, as event dicts.

        Args:
            input: The whole input.
            config: How to run it.
            version: The form of the events: ``"v2"``, or ``"v1"`` as it was before.
            include_names: Yield events of runs with these names ...
            include_types: ... or of these types ...
            include_tags: ... or with these tags; of all runs if none of the three is given.
            exclude_names: Yield no events of runs with these names.
            exclude_types: Yield no events of runs of these types.
            exclude_tags: Yield no events of runs with these tags.
            include_errors: Yield ``on_<type>_error`` and ``on_<type>_cancelled``, too, so
                that every start has its end. The errors of tools are always there.
            kwargs: Passed to the implementation.

        Raises:
            EventVersionError: there is no such version.
            Exception: what the run raises, after the events that preceded it.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> async def main():
        ...     async with RunnableLambda(len).astream_events("abc") as events:
        ...         return [(event["event"], event["data"]) async for event in events]
        >>> for event in anyio.run(main):
        ...     print(*event)
        on_chain_start {'input': 'abc'}
        on_chain_stream {'chunk': 3}
        on_chain_end {'output': 3}
        """
        from ..bus import EventFilter
        from ..views._events import event_dicts

        filter = EventFilter(
            include_names=include_names,
            include_types=include_types,
            include_tags=include_tags,
            exclude_names=exclude_names,
            exclude_types=exclude_types,
            exclude_tags=exclude_tags,
        )
        this = _runnable(self)
        return event_dicts(this, input, config, filter, version, include_errors, kwargs)

    @overload
    def astream_log(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        diff: Literal[True] = True,
        **kwargs: Any,
    ) -> AsyncStream[RunLogPatch]: ...

    @overload
    def astream_log(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        diff: Literal[False],
        **kwargs: Any,
    ) -> AsyncStream[RunLog]: ...

    def astream_log(
        self,
        input: Input,
        config: RunnableConfig | None = None,
        *,
        diff: bool = True,
        with_streamed_output_list: bool = True,
        include_names: Iterable[str] | None = None,
        include_types: Iterable[str] | None = None,
        include_tags: Iterable[str] | None = None,
        exclude_names: Iterable[str] | None = None,
        exclude_types: Iterable[str] | None = None,
        exclude_tags: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> AsyncStream[Any]:
        """Run and yield the log of the run, as patches that add up to it.

        Args:
            input: The whole input.
            config: How to run it.
            diff: Yield a ``RunLogPatch`` for each change; else the whole ``RunLog`` after it.
            with_streamed_output_list: Keep the chunks in the log, not only their sum.
            include_names: Log the runs below this one with these names ...
            include_types: ... or of these types ...
            include_tags: ... or with these tags; all if none of the three is given.
            exclude_names: Log no runs with these names.
            exclude_types: Log no runs of these types.
            exclude_tags: Log no runs with these tags.
            kwargs: Passed to the implementation.

        Raises:
            Exception: what the run raises, after the patches that preceded it.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> async def main():
        ...     async for log in RunnableLambda(lambda x: x + 1).astream_log(1, diff=False):
        ...         print(log.state["final_output"])
        >>> anyio.run(main)
        None
        2
        """
        from ..bus import EventFilter
        from ..views._events import run_log

        filter = EventFilter(
            include_names=include_names,
            include_types=include_types,
            include_tags=include_tags,
            exclude_names=exclude_names,
            exclude_types=exclude_types,
            exclude_tags=exclude_tags,
        )
        this = _runnable(self)
        return run_log(this, input, config, filter, diff, with_streamed_output_list, kwargs)


def _runnable(views: Views[Input, Output]) -> Runnable[Input, Output]:
    return cast("Runnable[Input, Output]", views)
