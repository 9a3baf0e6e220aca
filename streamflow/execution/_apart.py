"""An iterator that moves in a task of its own, one item at a time, when it is asked.

Waiting for the next item can then be given up, by a deadline for instance, without a
cancel scope around the code that makes it. Such a scope would have to be left with every
item; a generator that holds a task group open from one item to the next (wrongly, but
many do, by the client of some service) would find the scopes left in the wrong order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Generic, TypeVar

from ._buffer import Buffer, EndOfBuffer
from ._channels import aclose, closing

if TYPE_CHECKING:
    from ._background import Background
    from ._execution import Execution

T = TypeVar("T")


class Apart(AsyncIterator[T], Generic[T]):
    """Iterates ``source`` in a host.

    Args:
        source: Where the items come from; closed in the host, too.
        execution: What hosts it.
    """

    def __init__(self, source: AsyncIterator[T], execution: Execution) -> None:
        self._source = source
        self._execution = execution
        self._asked: Buffer[None] = Buffer(1)
        self._items: Buffer[T] = Buffer(1)
        self._moving = False
        self._host: Background | None = None

    async def __anext__(self) -> T:
        if self._host is None:
            self._host = self._execution.background(self._work, "apart")
            self._host.start()
        self._moving = True
        self._asked.append(None)
        try:
            return await self._items.take(self._execution)
        except EndOfBuffer:
            pass
        await self._host.wait()
        self._host.raise_error()
        raise StopAsyncIteration

    async def _work(self) -> None:
        try:
            async with closing(self._source):
                while True:
                    try:
                        await self._asked.take(self._execution)
                        item = await self._source.__anext__()
                    except (EndOfBuffer, StopAsyncIteration):
                        return
                    self._moving = False
                    self._items.append(item)
                    del item
        finally:
            self._items.close()

    async def aclose(self) -> None:
        """Close the source; one that is in the middle of an item is cancelled."""
        if self._host is None:
            await aclose(self._source)
            return
        self._asked.close()
        if self._moving:
            await self._host.stop()
            return
        try:
            await self._host.wait()
        except BaseException:
            await self._host.stop()
            raise
        self._host.raise_error()
