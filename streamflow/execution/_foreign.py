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

T = TypeVar("T")

_SHUT_DOWN = "the event loop was shut down during this call"


def start_task(
    name: str, main: Callable[[], Coroutine[Any, Any, None]], over: Callable[[], object]
) -> Callable[[], object]:
    """Start ``main`` in a host task of the foreign loop, in a copy of the context.

    When the task is over, also if it is cancelled before it begins, ``over`` is called.

    Neither the loop that a thread works for nor the shared one waits for the thread that
    asks, so this can wait until the task has been started.

    Returns:
        A function that cancels the task, callable from every thread.
    """
    token = state.token or shared_loop()
    task = _Task(main)

    def begin() -> None:
        task.begun = True
        spawn(task.main, name, token, over)

    try:
        from_thread.run_sync(begin, token=token)
    except Exception:
        raise
    except BaseException:
        # Ctrl-C, before or after the task began: either way ``over`` is still to come, so
        # whoever asked for the task can wait for its end.
        call_soon(token, partial(task.give_up, over))
        raise
    return partial(call_soon, token, task.cancel)


def call_foreign(function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
    """Call a coroutine function on the foreign loop and wait for its result."""
    outcome: T = _ForeignCall(partial(function, *args, **kwargs)).wait()
    return outcome


class _Task:
    """A host task in a cancel scope of its own, which can be cancelled before it is entered."""

    def __init__(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._main = main
        self.begun = False
        self._cancelled = False
        self._scope: anyio.CancelScope | None = None

    async def main(self) -> None:
        with anyio.CancelScope() as self._scope:
            if self._cancelled:
                self._scope.cancel()
            await self._main()

    def cancel(self) -> None:
        self._cancelled = True
        if self._scope is not None:
            self._scope.cancel()

    def give_up(self, over: Callable[[], object]) -> None:
        self.cancel()
        if not self.begun:
            over()


class _ForeignCall:
    def __init__(self, function: Callable[[], Awaitable[Any]]) -> None:
        self._function = function
        self._waiter = ThreadWaiter()
        self._result: Any = None
        self._error: BaseException | None = RuntimeError(_SHUT_DOWN)
        try:
            self._cancel = start_task("call", self._main, self._waiter.wake)
        except Exception:
            raise
        except BaseException:
            self._waiter.block()
            raise

    async def _main(self) -> None:
        try:
            self._result = await self._function()
            self._error = None
        except anyio.get_cancelled_exc_class():
            raise  # as the thread asked, and does not look at the error; or else shut down
        except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
            self._error = error

    def wait(self) -> Any:
        try:
            with interrupting(self._cancel):
                self._waiter.block()
        except BaseException:  # Ctrl-C: the task must not outlive the call
            self._cancel()
            self._waiter.block()
            raise
        check_cancelled()
        if self._error is None:
            return self._result
        try:
            raise self._error
        finally:
            # The traceback of the error holds this frame: without this, a cycle.
            self._error = None
