"""Who closes an async generator: the code that iterates it, or its event loop.

A loop keeps a list of the async generators that were started on it. It closes those that
become garbage, and at its end those that are still open: all at once (asyncio), or one by
one in no order (trio). Behind a stream, each generator closes the one that it iterates, in
good order, and waits for it; the stream closes the outermost. A loop that interfered would
find most of them busy with being closed, and report an error for each. So the loop is told
of the outermost only, for the case that the loop ends first. The others are *owned*: all
generators of this package are, and those of users that it iterates.

Loops make their list by hooks of the interpreter. Ours stand before them, in the thread of
the loop, until the loop ends.
"""

from __future__ import annotations

import sys
import types
from functools import partial
from inspect import isasyncgen
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator

    Hook = Callable[[AsyncGenerator[Any, Any]], None]

T = TypeVar("T")
S = TypeVar("S")


class _OwnedName(str):
    """The name of a user's generator that is owned.

    A mark on the object itself: when the collector asks, weak references are cleared.
    """

    __slots__ = ()


def owned(iterator: S) -> S:
    """Keep the loop from closing ``iterator``, since the caller does; return it."""
    if isasyncgen(iterator) and not _is_owned(iterator):
        iterator.__name__ = _OwnedName(iterator.__name__)
    return iterator


def _is_owned(generator: Any) -> bool:
    return (
        generator.ag_code.co_filename.startswith(_PACKAGE) or type(generator.__name__) is _OwnedName
    )


class _Hook:
    """Tells the loop of the async generators that nobody owns."""

    __slots__ = ("tell",)

    def __init__(self, tell: Hook) -> None:
        self.tell = tell

    def __call__(self, generator: AsyncGenerator[Any, Any]) -> None:
        if not _is_owned(generator):
            self.tell(generator)


def outermost(generator: AsyncGenerator[T, None]) -> Awaitable[T]:
    """Start the outermost generator of a stream and return what awaits its first item."""
    started, collected = sys.get_asyncgen_hooks()
    if started is None or collected is None:
        return generator.__anext__()
    if not isinstance(started, _Hook):
        started, collected = _Hook(started), _Hook(collected)
    sys.set_asyncgen_hooks(started.tell, collected)
    try:
        return generator.__anext__()
    finally:
        sys.set_asyncgen_hooks(started, collected)


def outermost_again(generator: AsyncGenerator[Any, Any]) -> None:
    """Tell the loop once more: the collector may have struck the generator off its list."""
    hook = sys.get_asyncgen_hooks().firstiter
    if isinstance(hook, _Hook):
        hook.tell(generator)


@types.coroutine
def first_owned(iterator: AsyncIterator[T]) -> Generator[Any, Any, T]:
    """Await the first item of an iterator of foreign code whose generators are all owned.

    The generators below the one that can be seen begin when it does, before anything is
    waited for. The caller closes the iterator such that all of them end.
    """
    steps: Any = iterator.__anext__().__await__()
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, leave)
    try:
        waits_for = steps.send(None)
    except StopIteration as done:
        item: T = done.value
        return item
    finally:
        sys.set_asyncgen_hooks(*hooks)
    while True:
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - it belongs to what is awaited
            resume = partial(steps.throw, error)
        else:
            resume = partial(steps.send, sent)
        try:
            waits_for = resume()
        except StopIteration as done:
            item = done.value
            return item


def leave(generator: AsyncGenerator[Any, Any]) -> None:
    """Leave a collected generator to its stream: the hook of streams without a loop."""


# As the code of this package gives its files; `__file__` may be spelt otherwise.
_PACKAGE = outermost.__code__.co_filename[: -len("execution/_ownership.py")]
