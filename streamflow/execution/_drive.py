"""Finishing a coroutine, or stepping an async generator, without an event loop.

Under :class:`~streamflow.execution.BlockingExecution` no operation suspends, so one
``send(None)`` runs a coroutine to its end.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ..errors import AsyncOnlyError
from ._ownership import leave

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Coroutine

T = TypeVar("T")


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends and return its result.

    Raises:
        AsyncOnlyError: it did suspend, so it needs an event loop.
    """
    hooks = sys.get_asyncgen_hooks()
    if hooks.firstiter is None:
        return _finish(coroutine)
    # A loop runs in this thread (a notebook, say). It must not adopt our generators:
    # it would close them in tasks of its own, where they would suspend.
    sys.set_asyncgen_hooks(None, None)
    try:
        return _finish(coroutine)
    finally:
        sys.set_asyncgen_hooks(*hooks)


def step(generator: AsyncGenerator[T, None], *, first: bool = False) -> T:
    """Return the next item of an async generator that never suspends.

    If it is the first item, the generators that it starts are kept from closing themselves
    when they are collected: that is up to the stream that they belong to.

    Raises:
        StopAsyncIteration: there is none.
        AsyncOnlyError: it suspended, so it needs an event loop.
    """
    hooks = sys.get_asyncgen_hooks()
    if hooks.firstiter is None and not first:
        return _finish(generator.__anext__())
    sys.set_asyncgen_hooks(None, leave)
    try:
        return _finish(generator.__anext__())
    finally:
        sys.set_asyncgen_hooks(*hooks)


def _finish(awaitable: Awaitable[T]) -> T:
    # Coroutines and the awaitables of async generators both have send and throw.
    coroutine: Any = awaitable
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
    else:
        _refuse(coroutine)
    return result


def _refuse(coroutine: Any) -> NoReturn:
    error = AsyncOnlyError(
        "this code waited for an event loop, but none runs it: it was called through a "
        "synchronous method. Call the asynchronous method (ainvoke, astream, ...) instead, "
        "or pass the code as an 'async def' function, which then runs on a background loop."
    )
    try:
        coroutine.throw(error)
    except StopIteration:
        raise error from None
    coroutine.close()
    raise error
