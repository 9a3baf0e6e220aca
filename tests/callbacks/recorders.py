"""Handlers that write down what they are called with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from anyio import to_thread
from anyio.lowlevel import checkpoint

from streamflow.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from streamflow.runnables import Runnable, RunnableLambda

METHODS = [name for name in vars(BaseCallbackHandler) if name.startswith("on_")]

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


class Recorder(BaseCallbackHandler):
    """Records its calls, in order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    @property
    def names(self) -> list[tuple[str, str]]:
        """For each call the method and the name of the run."""
        return [(method, kwargs.get("name", "")) for method, _, kwargs in self.calls]

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call[0] == method]


class AsyncRecorder(AsyncCallbackHandler, Recorder):
    """Records its calls a moment later."""


def _plain(method: str) -> Callable[..., None]:
    def record(self: Recorder, *args: Any, **kwargs: Any) -> None:
        self.calls.append((method, args, kwargs))

    return record


def _async(method: str) -> Callable[..., Awaitable[None]]:
    async def record(self: Recorder, *args: Any, **kwargs: Any) -> None:
        await checkpoint()
        self.calls.append((method, args, kwargs))

    return record


for _method in METHODS:
    setattr(Recorder, _method, _plain(_method))
    setattr(AsyncRecorder, _method, _async(_method))


class Tool(RunnableLambda[Any, Any]):
    """A function as a tool."""

    run_type = "tool"


class Retriever(RunnableLambda[Any, Any]):
    """A function as a retriever."""

    run_type = "retriever"


async def in_all_ways(
    make: Callable[[], Runnable[Any, Any]], value: Any, config: Callable[[], Any]
) -> list[Any]:
    """Run to the end on the loop, in a plain thread, and in the loop's thread without it."""
    results = [await make().ainvoke(value, config())]
    results.append(await to_thread.run_sync(lambda: make().invoke(value, config())))
    results.append(make().invoke(value, config()))
    return results
