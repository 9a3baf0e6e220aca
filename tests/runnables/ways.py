"""One runnable through all of its public methods, on all executions.

The executions are: the event loop that runs the test, no loop at all (a plain thread), and
a synchronous call in the thread of the running loop, as in a notebook.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from anyio import to_thread
from attrs import frozen

from streamflow.runnables import Runnable, RunnableConfig


@frozen
class Outcome:
    """What came of one input."""

    whole: Any
    """By ``invoke``."""
    streamed: list[Any]
    """By ``stream``."""
    transformed: list[Any]
    """By ``transform``, of the input in chunks."""


async def arriving(chunks: Iterable[Any]) -> AsyncIterator[Any]:
    for chunk in chunks:
        yield chunk


def without_loop(
    runnable: Runnable[Any, Any],
    whole: Any,
    chunks: Sequence[Any] | None = None,
    config: RunnableConfig | None = None,
) -> Outcome:
    """The outcome by the synchronous methods."""
    parts = [whole] if chunks is None else chunks
    return Outcome(
        runnable.invoke(whole, config),
        list(runnable.stream(whole, config)),
        list(runnable.transform(iter(parts), config)),
    )


async def on_loop(
    runnable: Runnable[Any, Any],
    whole: Any,
    chunks: Sequence[Any] | None = None,
    config: RunnableConfig | None = None,
) -> Outcome:
    """The outcome by the asynchronous methods."""
    parts = [whole] if chunks is None else chunks
    return Outcome(
        await runnable.ainvoke(whole, config),
        [chunk async for chunk in runnable.astream(whole, config)],
        [chunk async for chunk in runnable.atransform(arriving(parts), config)],
    )


async def everywhere(
    runnable: Runnable[Any, Any],
    whole: Any,
    chunks: Sequence[Any] | None = None,
    config: RunnableConfig | None = None,
) -> Outcome:
    """The outcome on all executions, which must be one and the same."""
    outcome = await on_loop(runnable, whole, chunks, config)
    alone = await to_thread.run_sync(without_loop, runnable, whole, chunks, config)
    assert alone == outcome, "without a loop it comes out differently"
    assert without_loop(runnable, whole, chunks, config) == outcome, "so it does inside of a loop"
    return outcome


def names_of(runnable: Runnable[Any, Any], value: Any, **kwargs: Any) -> list[tuple[str, str]]:
    """What is published without a loop: for each message, its kind and the run's name."""
    with runnable.stream_events(value, **kwargs) as messages:
        return [(message.kind, message.run.name) for message in messages]
