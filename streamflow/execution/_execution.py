"""What every way of executing offers, so that each runnable is written once.

The logic of a runnable is a coroutine or an async generator. It asks its *execution*
for everything that depends on whether an event loop is there: :class:`LoopExecution`
awaits, :class:`BlockingExecution` does the same work without ever suspending, so that
:func:`~streamflow.execution.drive` finishes the coroutine with a single ``send(None)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from ._background import Background
    from ._clock import Clock
    from ._waiting import Waiter

T = TypeVar("T")


class Execution(ABC):
    """How work is awaited, offloaded, slept and joined."""

    blocking: ClassVar[bool]
    """Whether waiting blocks the thread, because there is no loop to suspend to."""

    @abstractmethod
    def waiter(self) -> Waiter:
        """Return a new wake-up call for the current task or thread."""

    @abstractmethod
    def check(self) -> None:
        """Raise if the code that runs now has been asked to stop and cannot notice itself."""

    @abstractmethod
    async def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call a plain function that may block: in a worker thread, where there is a loop.

        A call that has begun is waited for, also when the task is cancelled meanwhile:
        a thread cannot be stopped, and code that went on behind its caller's back would
        be worse than code that is late.
        """

    @abstractmethod
    async def call_async(
        self, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
    ) -> T:
        """Call a coroutine function: on a background loop, where there is none here."""

    @abstractmethod
    def iterate(
        self,
        function: Callable[[Iterator[Any]], Iterator[T]],
        inputs: AsyncIterator[Any],
    ) -> AsyncIterator[T]:
        """Iterate what a plain generator function yields for an iterator of inputs.

        Where there is a loop, the generator lives in one worker thread for its whole life
        and moves only when an item is asked for.
        """

    @abstractmethod
    def iterate_async(
        self,
        function: Callable[[AsyncIterator[Any]], AsyncIterator[T]],
        inputs: AsyncIterator[Any],
    ) -> AsyncIterator[T]:
        """Iterate what an async generator function yields for an async iterator of inputs.

        Where there is no loop, the generator lives in one task of a background loop for
        its whole life and moves only when an item is asked for.
        """

    @abstractmethod
    async def join(
        self, branches: Sequence[Callable[[], Awaitable[T]]], limit: int | None = None
    ) -> list[T]:
        """Run branches together and return their results in order.

        The first that fails cancels the others; its exception is raised as it is, with
        those that failed beside it as notes.

        Args:
            branches: Functions that return what is to be awaited.
            limit: How many run at once; all of them if not given.
        """

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait for some seconds."""

    @abstractmethod
    def apart(self, source: AsyncIterator[T]) -> AsyncIterator[T]:
        """Iterate ``source`` such that a limit on the wait for an item does not surround it.

        It moves only when an item is asked for. Where there is a loop, that is in a task of
        its own.
        """

    @abstractmethod
    def clock(self) -> Clock:
        """Return a clock that measures and limits how long its owner waits."""

    @abstractmethod
    async def turn(self) -> None:
        """Let other tasks run, and notice a cancellation."""

    @abstractmethod
    async def shielded(
        self, function: Callable[..., Awaitable[object]], *args: Any, seconds: float
    ) -> None:
        """Await clean-up, protected from cancellation but for some seconds at most."""

    @abstractmethod
    def background(self, work: Callable[[], Awaitable[None]], name: str) -> Background:
        """Return a host, not yet started, that runs ``work`` beside the caller."""


def raise_first(
    failures: list[BaseException], others_are: str = "A branch beside it failed too"
) -> None:
    """Raise the first of ``failures``, if any, with the others as notes; empty the list."""
    if not failures:
        return
    first, *others = failures
    for other in others:
        if other is first:
            continue
        note = f"{others_are}: {type(other).__name__}: {other}"
        if hasattr(first, "add_note"):
            first.add_note(note)
        else:  # Python 3.10 shows no notes, but keeps them for whoever looks
            first.__dict__.setdefault("__notes__", []).append(note)
    try:
        raise first
    finally:
        # The traceback holds this frame and the caller's: without this, a cycle.
        failures.clear()
        del first, others
