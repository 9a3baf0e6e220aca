"""Branches that run together, by tasks or by threads, and end together.

Workers take the branches one after the other from one list. The caller is one of them,
and a worker calls in two more when it begins, as long as branches are left that nobody is
on the way to: with branches that do wait, all workers are there after a few rounds; with
branches that are done at once, the caller does everything, and hardly any task or thread
is started at all.

The first branch that fails stops the others, and only when all of them have ended is its
exception raised: nothing goes on behind the caller's back.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio

from ._drive import drive
from ._execution import raise_first
from ._threads import CancelFlag, ExecutionCancelled, check_cancelled, new_thread, state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from anyio.abc import TaskGroup

T = TypeVar("T")


class _Staff:
    """How many workers there are, and how many more are worth it.

    Args:
        branches: How many branches there are.
        workers: How many workers there may be, the caller included.
    """

    __slots__ = ("_left", "_on_the_way", "_places")

    def __init__(self, branches: int, workers: int) -> None:
        self._left = branches
        self._places = workers
        self._on_the_way = 0

    def enter(self) -> int:
        """Let a worker begin, and return how many it should call in: two at most."""
        if self._on_the_way:
            self._on_the_way -= 1
        else:  # the caller
            self._places -= 1
        called = max(0, min(2, self._places, self._left - 1 - self._on_the_way))
        self._places -= called
        self._on_the_way += called
        return called

    def take(self) -> None:
        """A worker has taken a branch."""
        self._left -= 1


class TaskJoin(Generic[T]):
    """Branches in tasks of one group.

    What a branch raises must not get to the task group, which would wrap it; and a
    cancellation that is not the group's (a branch awaited a task that somebody else
    cancelled, on asyncio) it would take for its own, and forget.

    Args:
        branches: Functions that return what is to be awaited.
        workers: How many run at once.
    """

    def __init__(self, branches: Sequence[Callable[[], Awaitable[T]]], workers: int) -> None:
        self._todo = iter(enumerate(branches))
        self._staff = _Staff(len(branches), workers)
        self._results: list[Any] = [None] * len(branches)
        self._failures: list[BaseException] = []
        self._interrupts: list[BaseException] = []
        self._called = 0
        self._calling = False
        self._group: TaskGroup

    async def run(self) -> list[T]:
        """Run all branches and return their results in order."""
        try:
            async with anyio.create_task_group() as self._group:
                await self._work()
            raise_first(self._failures or self._interrupts[:1])
        finally:
            # Its traceback holds the frame that holds this object: without this, a cycle.
            self._interrupts.clear()
        return self._results

    async def _work(self) -> None:
        self._call_in(self._staff.enter())
        for index, branch in self._todo:
            # A worker that never waits, or begins only now, has not noticed a cancellation.
            if self._failures or self._interrupts:
                return
            self._staff.take()
            try:
                self._results[index] = await branch()
            except anyio.get_cancelled_exc_class() as error:
                self._interrupts.append(error)
                raise
            except BaseException as error:  # noqa: BLE001 - raised by run(), in the caller's task
                (self._failures if isinstance(error, Exception) else self._interrupts).append(error)
                self._group.cancel_scope.cancel()

    def _call_in(self, workers: int) -> None:
        # An eager task runs within start_soon, and calls in others itself: those it leaves
        # to the loop here, or a thousand workers would be a thousand calls deep.
        self._called += workers
        if self._calling:
            return
        self._calling = True
        while self._called:
            self._called -= 1
            self._group.start_soon(self._work)
        self._calling = False


class ThreadJoin(Generic[T]):
    """Branches in threads.

    Args:
        branches: Functions that return what is to be driven to its end.
        workers: How many run at once.
    """

    def __init__(self, branches: Sequence[Callable[[], Awaitable[T]]], workers: int) -> None:
        self._todo = iter(enumerate(branches))
        self._staff = _Staff(len(branches), workers)
        self._results: list[Any] = [None] * len(branches)
        self._failures: list[BaseException] = []
        self._interrupts: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._flag = CancelFlag(state.cancel)

    def run(self) -> list[T]:
        """Run all branches and return their results in order."""
        outer, state.cancel = state.cancel, self._flag
        try:
            self._work()
            self._join()
        except BaseException:  # Ctrl-C: the branches must not outlive the call
            self._flag.set()
            self._join()
            raise
        finally:
            state.cancel = outer
        raise_first(self._failures or self._interrupts)
        check_cancelled()
        return self._results

    def _join(self) -> None:
        # A thread is in the list before the one that started it ends, so none is missed.
        joined = 0
        while joined < len(self._threads):
            self._threads[joined].join()
            joined += 1

    def _work(self) -> None:
        try:
            self._call_in()
            while not self._flag.is_set():
                with self._lock:
                    taken = next(self._todo, None)
                    if taken is None:
                        return
                    self._staff.take()
                index, branch = taken
                self._results[index] = drive(_run(branch))
        except ExecutionCancelled:
            return
        except BaseException as error:  # noqa: BLE001 - raised by run(), in the caller's thread
            (self._failures if isinstance(error, Exception) else self._interrupts).append(error)
            self._flag.set()

    def _call_in(self) -> None:
        with self._lock:
            called = self._staff.enter()
        for _ in range(called):
            thread = new_thread(self._work, name="branch", cancel=self._flag)
            self._threads.append(thread)
            thread.start()


async def _run(branch: Callable[[], Awaitable[T]]) -> T:
    return await branch()
