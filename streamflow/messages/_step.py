"""Functions of messages that are also steps of a chain.

Called without messages, such a function gives a runnable that waits for them, so that
``trim_messages(max_tokens=200) | model`` is a chain. Runnables live above messages, so they
are loaded when the first such step is made.
"""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")


def also_a_step(function: Function) -> Function:
    """Let ``function`` return a runnable where it is called without its first argument."""

    @wraps(function)
    def call(messages: object = None, **settings: Any) -> Any:
        if messages is not None:
            return function(messages, **settings)
        from ..runnables import RunnableLambda  # noqa: PLC0415 - runnables know messages

        # Called once with nothing, so that settings that cannot be fail where they are written.
        function([], **settings)
        return RunnableLambda(partial(function, **settings), name=function.__name__, inline=True)

    return cast("Function", call)
