"""How long a run may keep its consumer waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigError, RunTimeoutError
from ..execution import OutOfTime, aclose
from ._base import Runnable
from ._inputs import Once
from ._parts import Parts

if TYPE_CHECKING:
    from ..bus import Run
    from ..execution import Clock

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class RunnableTimeout(Runnable[Input, Output]):
    """Stops another runnable that takes too long; made by ``runnable.with_timeout(...)``.

    Only the time counts that somebody waits for the runnable: the clock stands still while
    the consumer of a stream is slow, and while the runnable itself waits for chunks of its
    input. What takes too long is cancelled, and when its clean-up is done a
    ``RunTimeoutError`` is raised, which ``with_retry`` takes as it takes other errors.

    On an event loop any ``await`` can be cancelled. A function in a thread cannot: it is
    told to stop and does so where streamflow has control (between chunks, in calls of
    other runnables, in async functions that it waits for), and the error is raised no
    sooner than that, since nothing may go on behind the caller's back.

    >>> import anyio
    >>> from streamflow.runnables import RunnableLambda, RunnableTimeout
    >>> quick = RunnableTimeout(RunnableLambda(str.upper), total=5)
    >>> anyio.run(quick.ainvoke, "in time")
    'IN TIME'

    Args:
        bound: The runnable.
        total: For how many seconds it may be waited for in total.
        first_chunk: For how many until the first chunk of a stream.
        between_chunks: For how many from one chunk to the next, or to the end.
        name: The name of its runs.

    Raises:
        ConfigError: a limit is no positive number, or there is none.
    """

    _starts_whole = False

    def __init__(
        self,
        bound: Runnable[Input, Output],
        *,
        total: float | None = None,
        first_chunk: float | None = None,
        between_chunks: float | None = None,
        name: str | None = None,
    ) -> None:
        self.bound = bound
        self.total = _seconds("total", total)
        self.first_chunk = _seconds("first_chunk", first_chunk)
        self.between_chunks = _seconds("between_chunks", between_chunks)
        if total is None and first_chunk is None and between_chunks is None:
            raise ConfigError("a timeout needs total=, first_chunk= or between_chunks=")
        self.name = name
        self._inline = bound._inline

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs: ``RunnableTimeout<a>`` if it was given none."""
        name = self.name or f"RunnableTimeout<{self.bound.get_name()}>"
        return f"{name}{suffix.title()}" if suffix else name

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        call = self.bound._invoke_step
        if self.total is None:
            return await call(input, run, None, None, kwargs)
        clock = run.execution.clock()
        try:
            return await clock.limit(self.total, call, input, run, None, None, kwargs)
        except OutOfTime:
            raise self._error("total", run) from None
        finally:
            clock.close()

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        clock = run.execution.clock()
        if not isinstance(inputs, Once):
            inputs = _OffTheClock(inputs, clock)
        chunks = run.execution.apart(self.bound._stream_step(inputs, run, None, None, kwargs))
        limit = "first_chunk"
        try:
            while True:
                try:
                    chunk = await self._next(chunks, limit, clock, run)
                except StopAsyncIteration:
                    return
                limit = "between_chunks"
                yield chunk
        finally:
            clock.close()
            await aclose(chunks)

    async def _next(self, chunks: AsyncIterator[Any], limit: str, clock: Clock, run: Run) -> Any:
        """Return the next chunk, if it comes in time."""
        seconds: float | None = self.first_chunk if limit == "first_chunk" else self.between_chunks
        if self.total is not None:
            left = self.total - clock.spent
            if seconds is None or left < seconds:
                limit, seconds = "total", max(0.0, left)
        if seconds is None:
            return await chunks.__anext__()
        try:
            return await clock.limit(seconds, chunks.__anext__)
        except OutOfTime:
            raise self._error(limit, run) from None

    def _error(self, limit: str, run: Run) -> RunTimeoutError:
        return RunTimeoutError(limit, getattr(self, limit), run.name, run.id)

    def _parts(self) -> Parts:
        return Parts.of("inside", [("timed", self.bound)])

    def __repr__(self) -> str:
        return f"RunnableTimeout({self.bound!r})"


class _OffTheClock(AsyncIterator[Any]):
    """An input whose lateness is not counted."""

    def __init__(self, inputs: AsyncIterator[Any], clock: Clock) -> None:
        self._inputs = inputs
        self._clock = clock

    async def __anext__(self) -> Any:
        with self._clock.paused():
            return await self._inputs.__anext__()

    async def aclose(self) -> None:
        await aclose(self._inputs)


def _seconds(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ConfigError(f"{name} must be a number of seconds above 0, got {value!r}")
    return float(value)
