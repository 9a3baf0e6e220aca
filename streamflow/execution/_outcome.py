"""What work that runs beside its caller comes to, for callers in threads and on loops alike."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from anyio.lowlevel import current_token

from ..errors import AsyncOnlyError
from ._drive import drive
from ._threads import thread_id

if TYPE_CHECKING:
    from collections.abc import Generator

    from ._execution import Execution

T = TypeVar("T")


def on_loop() -> bool:
    """Whether the code that calls this runs on an event loop."""
    try:
        current_token()
    except RuntimeError:
        return False
    return True


class Outcome(Future[T]):
    """A future that a thread waits for by ``result()``, and a task of a loop by ``await``.

    It has the methods of a future of ``concurrent.futures``, and works with its functions.

    >>> from streamflow.func import entrypoint, task
    >>> @task
    ... def double(number: int) -> int:
    ...     return 2 * number
    >>> @entrypoint()
    ... def doubled(number: int) -> int:
    ...     future = double(number)
    ...     return future.result(timeout=60)
    >>> doubled.invoke(1)
    2

    Args:
        here: How whoever made it waits, in a thread.
        on_loop: Its work runs on the loop of this thread, which therefore must not wait.
    """

    def __init__(self, here: Execution, *, on_loop: bool = False) -> None:
        super().__init__()
        self._here = here
        self._loop_thread = thread_id() if on_loop else None

    def result(self, timeout: float | None = None) -> T:
        """Return the result, waiting for it.

        Args:
            timeout: For how many seconds to wait; for as long as it takes if not given.

        Raises:
            AsyncOnlyError: nothing can be waited for here: ``await`` it.
        """
        self._block(timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what was raised, if anything, waiting for the end. As :meth:`result`."""
        self._block(timeout)
        return super().exception(timeout)

    def __await__(self) -> Generator[Any, Any, T]:
        return self._awaited().__await__()

    async def _awaited(self) -> T:
        from . import LOOP  # noqa: PLC0415 - made of everything in this package

        await self.wait(LOOP)
        return super().result(0)

    async def wait(self, execution: Execution) -> None:
        """Wait until it is done, whatever it has come to."""
        if not self.done():
            waiter = execution.waiter()
            self.add_done_callback(lambda _: waiter.wake())
            await waiter.wait()

    def _block(self, timeout: float | None) -> None:
        if self.done():
            return
        if self._loop_thread == thread_id():
            raise AsyncOnlyError(
                "result() would stop the event loop on which the task runs: await what the "
                "task has returned"
            )
        if timeout is None:
            drive(self.wait(self._here))
