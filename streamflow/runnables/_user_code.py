"""Running user code inside of its run.

The run is current only while user code runs: it is set before and reset before control
goes back to streamflow, or to the consumer of a stream. Everything that the code calls,
in the same task, in tasks and threads it starts, finds its parent by that.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..bus._scope import enter, leave
from ..execution import aclose, close_dropped, closing
from ._config import config_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

    from .._inspect import Facts
    from ..bus import Run

T = TypeVar("T")


async def call_user(
    run: Run,
    function: Callable[..., Any],
    is_async: bool,
    *args: Any,
    inline: bool = False,
    **kwargs: Any,
) -> Any:
    """Call ``function`` in ``run``: awaited, in a worker thread, or at once if ``inline``."""
    execution = run.execution
    token = enter(run)
    try:
        if is_async:
            if execution.blocking:
                return await execution.call_async(_call_there, run, function, *args, **kwargs)
            return await function(*args, **kwargs)
        if inline or execution.blocking:
            return function(*args, **kwargs)
        return await execution.call(function, *args, **kwargs)
    finally:
        leave(token)
        if run.dropped and not execution.blocking:
            await close_dropped(run)


async def _call_there(
    run: Run, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
) -> T:
    """Call an async function on the loop that a synchronous run has borrowed for it."""
    try:
        return await function(*args, **kwargs)
    finally:
        if run.dropped:
            await close_dropped(run)


def iterate_user(
    run: Run,
    function: Callable[[Iterator[Any]], Iterator[T]],
    inputs: AsyncIterator[Any],
    convert: Callable[[T], Any] | None = None,
) -> AsyncGenerator[Any, None]:
    """Iterate what a plain generator function yields for ``inputs``, in ``run``.

    Args:
        run: The run that is current while the generator runs.
        function: The generator function.
        inputs: Its input, closed afterwards.
        convert: Makes what is yielded here out of what the generator yields.
    """
    return _steps(run, run.execution.iterate(function, inputs), inputs, convert)


def iterate_user_async(
    run: Run,
    function: Callable[[AsyncIterator[Any]], AsyncIterator[T]],
    inputs: AsyncIterator[Any],
    convert: Callable[[T], Any] | None = None,
) -> AsyncGenerator[Any, None]:
    """Iterate what an async generator function yields; as :func:`iterate_user`."""
    if run.execution.blocking:
        function = partial(_iterate_there, run, function)
    return _steps(run, run.execution.iterate_async(function, inputs), inputs, convert)


async def _iterate_there(
    run: Run,
    function: Callable[[AsyncIterator[Any]], AsyncIterator[T]],
    inputs: AsyncIterator[Any],
) -> AsyncGenerator[T, None]:
    """Iterate an async generator on the loop that a synchronous run has borrowed for it."""
    try:
        async with closing(function(inputs)) as items:
            async for item in items:
                yield item
    finally:
        if run.dropped:
            await close_dropped(run)


async def _steps(
    run: Run,
    iterator: AsyncIterator[T],
    inputs: AsyncIterator[Any],
    convert: Callable[[T], Any] | None,
) -> AsyncGenerator[Any, None]:
    advance = iterator.__anext__
    try:
        while True:
            token = enter(run)
            try:
                item = await advance()
            except StopAsyncIteration:
                return
            finally:
                leave(token)
            yield item if convert is None else convert(item)
    finally:
        token = enter(run)
        try:
            await aclose(iterator)
        finally:
            leave(token)
            try:
                if run.dropped and not run.execution.blocking:
                    await close_dropped(run)
            finally:
                await aclose(inputs)


def injected(run: Run, facts: Facts, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return ``kwargs`` with the ``config`` that a function asks for by a parameter."""
    if "config" in facts.parameters and "config" not in kwargs:
        return {**kwargs, "config": config_of(run.scope, run)}
    return kwargs
