"""The life of a run: opened, started, its chunks published, and closed exactly once.

Every run of every runnable goes through here, and nothing else publishes the messages of
its life. A run without sinks takes the short way: no message is built, no chunk is kept.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .._merge import merge_lossless
from .._unset import UNSET, Unset
from ..bus import (
    ChunkStreamed,
    Run,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunRetried,
    RunStarted,
)
from ..bus._bus import sinks_of, someone_listens
from ..bus._run import Tree
from ..bus._scope import ROOT_SCOPE, Position, get_current
from ..execution import BLOCKING, LOOP, NESTED_LOOP, aclose, thread_id
from ._callbacks import own_sinks, parent_in
from ._config import derive_scope, settings_of
from ._inputs import Once, collect, peek, recorded

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
        Sequence,
    )

    from ..execution import Execution
    from ._base import Runnable

    At = Position | Run

_logger = logging.getLogger("streamflow")

TURN = 128
"""After this many chunks a stream gives the other tasks of the loop a turn."""


def entry(execution: Execution, config: Mapping[str, Any] | None) -> Position:
    """Return where a public method that was just called starts its run.

    That is below the run whose code calls, or below the one that an explicit config
    stands for. A run that has ended takes no more children: its scope still counts, but
    the new run is the root of a tree of its own.
    """
    current = parent_in(config) or get_current()
    if current is None:
        run, scope = None, ROOT_SCOPE
    else:
        run, scope = current.run, current.scope
        if run is not None and (run.done or run.tree.done):
            run = None
    blocked: tuple[int, ...] = () if run is None else run.blocked
    tree = Tree() if run is None else run.tree
    if execution is BLOCKING:
        blocked = (*blocked, thread_id())
    elif run is not None and run.execution is not LOOP:
        # Below a thread that waits for the loop, however far.
        execution = NESTED_LOOP
    return Position(run, tree, scope, execution, blocked)


def open_run(
    at: At, runnable: Runnable[Any, Any], config: Mapping[str, Any] | None, tag: str | None
) -> Run:
    """Return a new run of ``runnable``, with the sinks that want its messages."""
    scope, name, run_id = at.scope, None, None
    if config:
        scope = derive_scope(scope, config)
        name = config.get("run_name")
        run_id = config.get("run_id")
        if run_id is not None:
            run_id = str(run_id)
    run = Run(
        name or runnable.get_name(),
        runnable.run_type,
        at.run,
        at.tree,
        scope,
        at.execution,
        at.blocked,
        runnable._own_tags if tag is None else (tag, *runnable._own_tags),
        runnable._own_metadata,
        run_id,
    )
    if someone_listens(scope.buses):
        run.listen(sinks_of(run))
    if runnable._own_callbacks is not None or (config and config.get("callbacks") is not None):
        own = own_sinks(runnable._own_callbacks, config, settings_of(scope).callbacks)
        if own:
            run.listen((*run.sinks, *own))
    return run


async def call_run(
    runnable: Runnable[Any, Any],
    run: Run,
    input: Any,
    call: Callable[..., Awaitable[Any]],
    kwargs: dict[str, Any],
) -> Any:
    """Run ``call(input, run)`` to its end and publish what becomes of it."""
    if run.execution.blocking:
        run.execution.check()
    if not run.sinks:
        try:
            return await call(input, run, **kwargs)
        finally:
            run.done = True
    shown = runnable._show_input(input)
    try:
        await run.publish(RunStarted(run, shown))
        output = await call(input, run, **kwargs)
    except BaseException as error:
        await _publish_failure(run, error, shown)
        raise
    run.done = True
    await run.publish(RunEnded(run, runnable._show_output(output), shown))
    return output


def stream_run(
    runnable: Runnable[Any, Any],
    at: At,
    inputs: AsyncIterator[Any],
    config: Mapping[str, Any] | None,
    tag: str | None,
    kwargs: dict[str, Any],
) -> AsyncIterator[Any]:
    """Return what ``runnable`` yields for ``inputs``, publishing it on the way."""
    run = open_run(at, runnable, config, tag)
    if run.sinks:
        return _watched(runnable, run, inputs, kwargs)
    return runnable._iterate(inputs, run, **kwargs)


async def _watched(
    runnable: Runnable[Any, Any], run: Run, inputs: AsyncIterator[Any], kwargs: dict[str, Any]
) -> AsyncGenerator[Any, None]:
    read: list[Any] = []
    shown: Any = UNSET
    source = inputs
    if runnable._starts_whole:
        whole = await collect(inputs)
        if isinstance(whole, Unset):
            return  # no input: nothing happens, and nothing is told
        source, shown = Once(whole), runnable._show_input(whole)
    elif isinstance(inputs, Once):
        shown = inputs.value
    else:
        # The step before this one starts, and yields, before this one starts.
        source = recorded(await peek(inputs), inputs, read)
    chunks = source
    publishes, blocking = runnable._publishes_chunks, run.execution.blocking
    run.sent = sent = []
    try:
        if run.post(RunStarted(run, shown)):
            await run.settle()
        chunks = runnable._iterate(source, run, **kwargs)
        async for chunk in chunks:
            sent.append(chunk)
            if publishes and run.post(ChunkStreamed(run, chunk)):
                await run.settle()
            if blocking:
                run.execution.check()
            yield chunk
        await aclose(inputs)
    except BaseException as error:
        try:
            try:
                await aclose(chunks)
            finally:
                await aclose(inputs)
        finally:
            await _publish_failure(run, error, _whole(run, read, shown))
        raise
    run.done = True
    output = runnable._show_output(_whole(run, sent, None))
    await run.publish(RunEnded(run, output, _whole(run, read, shown)))


async def root_stream(
    runnable: Runnable[Any, Any],
    at: Position,
    inputs: AsyncIterator[Any],
    config: Mapping[str, Any] | None,
    kwargs: dict[str, Any],
) -> AsyncGenerator[Any, None]:
    """Yield what the user of a stream gets.

    A producer that never waits would keep every other task of the loop waiting, and would
    never notice its cancellation; so once in a while the loop gets a turn.
    """
    chunks, execution, count = inputs, at.execution, 0
    try:
        chunks = runnable._stream_step(inputs, at, None, config, kwargs)
        async for chunk in chunks:
            yield chunk
            count += 1
            if count == TURN:
                count = 0
                await execution.turn()
    finally:
        await aclose(chunks)
        if at.run is None:
            at.tree.done = True


async def publish_retry(run: Run, attempt: int, error: Exception, void: int) -> None:
    """Tell that ``run`` begins attempt ``attempt``, and that its last ``void`` chunks are void."""
    if void and isinstance(run.sent, list):
        # What the run tells at its end is made of the chunks that count.
        del run.sent[-void:]
    if run.sinks:
        await run.publish(RunRetried(run, attempt, error, void))


async def _publish_failure(run: Run, error: BaseException, shown: Any) -> None:
    run.done = True
    partial = _whole(run, run.sent, UNSET)
    if isinstance(error, Exception):
        await run.publish(RunFailed(run, error, partial, shown))
    else:
        # Cancelled, interrupted, or closed by a consumer that reads no further.
        await run.publish_cut(RunCancelled(run, partial, shown))


def _whole(run: Run, chunks: Sequence[Any], nothing: Any) -> Any:
    if not chunks:
        return nothing
    value, problem = merge_lossless(chunks)
    if problem is not None:
        _logger.warning("run %r: %s Its messages carry the parts as a list.", run.name, problem)
    return value
