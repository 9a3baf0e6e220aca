"""Calling users' functions while a prompt is made: partial variables, example selectors."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .._inspect import facts_of
from ..execution import BLOCKING, LOOP
from ..runnables._user_code import call_user

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..bus import Run
    from ..execution import Execution


@frozen
class Caller:
    """Calls plain and async functions, in a run or outside of any.

    On a loop a plain function is called in a worker thread, since it may block; without a
    loop an async one is awaited on a background loop.
    """

    execution: Execution
    run: Run | None = None

    @property
    def on_loop(self) -> bool:
        """Whether there is an event loop, so that async functions are the better ones."""
        return not self.execution.blocking

    async def __call__(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function; what it returns is awaited, if it can be."""
        result = await self._call(function, facts_of(function).is_async, *args)
        if isawaitable(result):
            result = await self._call(_awaited, True, result)
        return result

    async def _call(self, function: Callable[..., Any], is_async: bool, *args: Any) -> Any:
        if self.run is not None:
            return await call_user(self.run, function, is_async, *args)
        if is_async:
            return await self.execution.call_async(function, *args)
        return await self.execution.call(function, *args)


async def _awaited(result: Awaitable[Any]) -> Any:
    return await result


WITHOUT_LOOP = Caller(BLOCKING)
ON_LOOP = Caller(LOOP)
