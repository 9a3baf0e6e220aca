"""Async-only code reached by a thread that runs no loop: a task on somebody else's.

On the loop that the thread works for, if there is one; else on the shared background
loop. The thread waits for the task and, when it is itself asked to stop or interrupted,
cancels the task and waits for its end.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import from_thread

from ._background import spawn
from ._portal import shared_loop
from ._threads import check_cancelled, interrupting, state
from ._waiting import ThreadWaiter, call_soon

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from anyio.lowlevel import EventLoopToken

T = TypeVar("T")


def start_task(main: Callable[[], Coroutine[Any, Any, None]], name: str) -> EventLoopToken:
    """Start ``main`` in a host task of the foreign loop, in a copy of the context.

    Neither the loop that a thread works for nor the shared one waits for the thread that
    asks, so this can wait until the task has been started.
    """
    token = state.token or shared_loop()
    from_thread.run_sync(partial(spawn, main, name, token), token=token)
    return token


def call_foreign(function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
    """Call a coroutine function on the foreign loop and wait for its result."""
    if state.worker:
        # anyio ties this call to the task that the worker thread belongs to, so that
        # task's cancellation reaches it.
        result: T = from_thread.run(partial(_await, function, args, kwargs))
        return result
    outcome: T = _ForeignCall(partial(function, *args, **kwargs)).wait()
    return outcome


async def _await(
    function: Callable[..., Awaitable[T]], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    return await function(*args, **kwargs)


class _ForeignCall:
    def __init__(self, function: Callable[[], Awaitable[Any]]) -> None:
        self._function = function
        self._waiter = ThreadWaiter()
        self._cancelled = False
        self._scope: anyio.CancelScope | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._token = start_task(self._main, "call")

    async def _main(self) -> None:
        try:
            with anyio.CancelScope() as self._scope:
                if self._cancelled:
                    self._scope.cancel()
                self._result = await self._function()
                return
            self._error = RuntimeError("the background loop cancelled this call")
        except anyio.get_cancelled_exc_class():
            self._error = RuntimeError("the background loop was shut down during this call")
            raise
        except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
            self._error = error
        finally:
            self._waiter.wake()

    def _cancel(self) -> None:
        self._cancelled = True
        if self._scope is not None:
            self._scope.cancel()

    def wait(self) -> Any:
        try:
            with interrupting(partial(call_soon, self._token, self._cancel)):
                self._waiter.block()
        except BaseException:  # Ctrl-C: the task must not outlive the call
            call_soon(self._token, self._cancel)
            self._waiter.block()
            raise
        check_cancelled()
        if self._error is not None:
            raise self._error
        return self._result
