"""Plain code that may block, called from code that must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..execution import LOOP
from ._scope import current_run

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call ``function`` in a worker thread of the running loop, as the run around it would.

    For the asynchronous form of something that its author has written without ``async``.
    A call that has begun is waited for, also when the task is cancelled meanwhile.
    """
    run = current_run()
    execution = LOOP if run is None or run.execution.blocking else run.execution
    return await execution.call(function, *args, **kwargs)
