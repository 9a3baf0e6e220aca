"""What a thread knows about who started it, and how threads are started here.

A thread that streamflow starts or uses belongs to somebody who waits for it: a stream, a
join of branches, a task of an event loop. Three facts follow it from its parent, and from
nowhere else:

* ``token``: the event loop on whose behalf it works, so that async-only code reached
  from it runs on *that* loop, next to the connections and locks it belongs with;
* ``level``: how many of the shared background loops stand still for it, so that such
  code, if the thread works for no loop, does not wait for one of those;
* ``cancel``: the flag by which its owner asks it to stop. Python cannot stop a thread
  from outside, so the flag is looked at whenever streamflow has control in it.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anyio.lowlevel import EventLoopToken


class ExecutionCancelled(BaseException):
    """Stops the code of a cancelled run in a thread, as ``Cancelled`` does on a loop.

    Not an ``Exception``: code that catches those must not catch this.
    """


class CancelFlag:
    """A request to stop that a thread looks at; a flag's children hear it too."""

    __slots__ = ("_callbacks", "_parent", "_set")

    def __init__(self, parent: CancelFlag | None = None) -> None:
        self._parent = parent
        self._set = False
        self._callbacks: list[Callable[[], object]] = []

    def set(self) -> None:
        """Ask to stop, and interrupt whatever is waited for meanwhile."""
        self._set = True
        for callback in tuple(self._callbacks):
            callback()

    def is_set(self) -> bool:
        return self._set or (self._parent is not None and self._parent.is_set())

    @contextmanager
    def interrupting(self, callback: Callable[[], object]) -> Iterator[None]:
        """Call ``callback`` if the flag, or one above it, is set within the block."""
        flags: list[CancelFlag] = []
        flag: CancelFlag | None = self
        while flag is not None:
            flag._callbacks.append(callback)
            flags.append(flag)
            flag = flag._parent
        try:
            if self.is_set():
                callback()
            yield
        finally:
            for flag in flags:
                flag._callbacks.remove(callback)


class _ThreadState(threading.local):
    token: EventLoopToken | None = None
    cancel: CancelFlag | None = None
    level: int = 0


state = _ThreadState()


def check_cancelled() -> None:
    """Raise if the owner of the current thread has asked it to stop.

    Raises:
        ExecutionCancelled: the thread's flag is set.
    """
    if state.cancel is not None and state.cancel.is_set():
        raise ExecutionCancelled


def interrupting(callback: Callable[[], object]) -> AbstractContextManager[None]:
    """Call ``callback`` if the owner of this thread asks it to stop within the block."""
    return nullcontext() if state.cancel is None else state.cancel.interrupting(callback)


def as_worker(token: EventLoopToken, cancel: CancelFlag, function: Callable[[], object]) -> None:
    """Run ``function`` in the current anyio worker thread, on behalf of its loop."""
    state.token, state.cancel = token, cancel
    try:
        function()
    finally:
        # anyio gives the thread to somebody else next.
        state.token, state.cancel = None, None


def new_thread(
    function: Callable[[], object],
    *,
    name: str,
    cancel: CancelFlag | None = None,
    token: EventLoopToken | None = None,
) -> threading.Thread:
    """Return a thread, to be started, for ``function`` in a copy of the caller's context.

    It is for the caller to keep before it starts the thread: Ctrl-C may come in between.

    Args:
        function: What to run; it must not raise.
        name: The thread's name, for debuggers and tests.
        cancel: The flag by which the owner stops it.
        token: The loop it works for; the parent's if not given.
    """
    token, level = token or state.token, state.level
    context = copy_context()

    def main() -> None:
        state.token, state.cancel, state.level = token, cancel, level
        context.run(function)

    return _Thread(target=main, name=f"streamflow-{name}", daemon=True)


class _Thread(threading.Thread):
    """A thread whose ``join`` can be interrupted by Ctrl-C and tried again.

    Before Python 3.13 an interrupted ``join`` takes the thread for finished.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._over = threading.Event()

    def run(self) -> None:
        try:
            super().run()
        finally:
            self._over.set()

    def join(self, timeout: float | None = None) -> None:
        if timeout is None:
            wait_for(self._over)
        else:
            self._over.wait(timeout)
        super().join(timeout)


_LOOK_SECONDS = 0.5


def wait_for(event: threading.Event) -> None:
    """Wait for ``event``, hearing Ctrl-C at any moment.

    A signal that comes after the interpreter has looked for signals, and before the thread
    blocks, does not end the wait: it would be heard when the wait is over, which may be
    never. So the thread to which signals come looks again once in a while.
    """
    if threading.current_thread() is threading.main_thread():
        while not event.wait(_LOOK_SECONDS):
            pass
    else:
        event.wait()


thread_id = threading.get_ident
