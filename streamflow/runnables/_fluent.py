"""The methods that combine runnables: ``|``, ``pipe``, ``bind``, ``with_config``, ...

Each needs subclasses of the very class it is a method of. This is the one file that
imports upwards, inside its functions, so that no other has to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

from ._fluent_batch import Batches
from ._fluent_configurable import Configurables
from ._fluent_pipe import Pipes
from ._fluent_resilience import Resilience
from ._fluent_tool import Tools
from ._fluent_types import Typed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from ..bus import AnyMessage, EventFilter, Overflow
    from ..bus._scope import Scope
    from ..drawing import Graph
    from ..execution import AsyncStream, Stream
    from ..views import RunLog, RunLogPatch, StreamEvent
    from ._base import Runnable
    from ._config import RunnableConfig
    from ._explain import Explanation
    from ._sequence import RunnableSequence

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Fluent(
    Pipes[Input, Output],
    Batches[Input, Output],
    Resilience[Input, Output],
    Typed[Input, Output],
    Configurables[Input, Output],
    Tools[Input, Output],
    Generic[Input, Output],
):
    """The part of the Runnable interface that makes runnables out of runnables."""

    def _row(self, steps: tuple[Any, ...], name: str | None) -> RunnableSequence[Any, Any]:
        from ._sequence import RunnableSequence

        return RunnableSequence(*steps, name=name)

    def with_config(
        self, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Runnable[Input, Output]:
        """Return this runnable with a config that each call starts from.

        Args:
            config: The config.
            kwargs: Its keys, given as keywords; they count more.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(len).with_config(run_name="count").get_name()
        'count'
        """
        from ._binding import RunnableBinding
        from ._config import merge_configs

        merged = merge_configs(config, cast("RunnableConfig", kwargs))
        return RunnableBinding(_runnable(self), config=merged)

    def with_listeners(
        self,
        *,
        on_start: Callable[..., object] | None = None,
        on_end: Callable[..., object] | None = None,
        on_error: Callable[..., object] | None = None,
    ) -> Runnable[Input, Output]:
        """Return this runnable with functions that hear of its runs, not of those below.

        Each is called with a ``RunRecord``, and with the config of the run if it takes two
        arguments. A function that fails is logged and harms nothing.

        Args:
            on_start: Called when a run has started.
            on_end: Called when it has ended.
            on_error: Called when it has failed or was stopped.

        >>> from streamflow.runnables import RunnableLambda
        >>> add = RunnableLambda(lambda x: x + 1)
        >>> add.with_listeners(on_end=lambda run: print("made", run.outputs)).invoke(1)
        made 2
        2
        """
        from ._listeners import listening

        return self.with_config(listening(on_start, on_end, on_error, is_async=False))

    def with_alisteners(
        self,
        *,
        on_start: Callable[..., Awaitable[object]] | None = None,
        on_end: Callable[..., Awaitable[object]] | None = None,
        on_error: Callable[..., Awaitable[object]] | None = None,
    ) -> Runnable[Input, Output]:
        """Return this runnable with async functions; as :meth:`with_listeners`, awaited.

        >>> from streamflow.runnables import RunnableLambda
        >>> async def ended(run):
        ...     print("made", run.outputs)
        >>> RunnableLambda(lambda x: x + 1).with_alisteners(on_end=ended).invoke(1)
        made 2
        2
        """
        from ._listeners import listening

        return self.with_config(listening(on_start, on_end, on_error, is_async=True))

    def bind(self, **kwargs: Any) -> Runnable[Input, Output]:
        """Return this runnable with keyword arguments that each call gets.

        >>> from streamflow.language_models import FakeListChatModel
        >>> FakeListChatModel(responses=["Hi!"]).bind(stop=["."]).invoke("hello").content
        'Hi!'
        """
        from ._binding import RunnableBinding

        return RunnableBinding(_runnable(self), kwargs=kwargs)

    def assign(self, **branches: Any) -> RunnableSequence[Input, dict[str, Any]]:
        """Return a sequence that adds keys to the dict that this runnable yields.

        Args:
            branches: For each key, what makes its value out of the dict.

        >>> from streamflow.runnables import RunnablePassthrough
        >>> RunnablePassthrough().assign(size=lambda given: len(given["text"])).invoke({"text": "abc"})
        {'text': 'abc', 'size': 3}
        """
        from ._passthrough import RunnablePassthrough

        return self.pipe(RunnablePassthrough.assign(**branches))

    @overload
    def pick(self, keys: str) -> RunnableSequence[Input, Any]: ...
    @overload
    def pick(self, keys: list[str]) -> RunnableSequence[Input, dict[str, Any]]: ...
    def pick(self, keys: str | list[str]) -> RunnableSequence[Input, Any]:
        """Return a sequence that picks keys out of the dict that this runnable yields.

        Args:
            keys: One key, whose value is yielded; or a list, for a smaller dict.

        >>> from streamflow.runnables import RunnablePassthrough
        >>> RunnablePassthrough().pick("text").invoke({"text": "abc", "size": 3})
        'abc'
        """
        from ._passthrough import RunnablePick

        return self.pipe(RunnablePick(keys))

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


def explain(runnable: Runnable[Any, Any]) -> Explanation:
    """Return the explanation of ``runnable``; see ``Runnable.explain``."""
    from ._explain import explain

    return explain(runnable)


def graph_of(runnable: Runnable[Any, Any], config: RunnableConfig | None) -> Graph:
    """Return the graph of ``runnable``; see ``Runnable.get_graph``."""
    from ._graph import graph_of

    return graph_of(runnable, config)


def check_strict(
    runnable: Runnable[Any, Any], scope: Scope, config: Mapping[str, Any] | None, whole: bool
) -> None:
    """Raise if ``strict_streaming`` is on and a step of ``runnable`` would buffer."""
    from ._config import settings_of

    strict = config.get("strict_streaming") if config else None
    if strict is None:
        strict = settings_of(scope).strict_streaming
    if strict:
        from ._explain import check_streams

        check_streams(runnable, streaming=not whole)


def _runnable(fluent: Fluent[Input, Output]) -> Runnable[Input, Output]:
    return cast("Runnable[Input, Output]", fluent)
