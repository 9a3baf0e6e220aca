"""One source of items for many workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._buffer import Buffer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ._execution import Execution

T = TypeVar("T")


class Shared(Generic[T]):
    """Gives the items of an iterator, numbered from 0, to workers that take them in turn.

    An async iterator can be asked for one item at a time only, and so can a plain one that
    several threads read; nothing is read before a worker asks for it.

    Args:
        source: Where the items come from.
        execution: How the workers wait for one another.

    Attributes:
        taken: How many items have been taken.
    """

    def __init__(self, source: AsyncIterator[T], execution: Execution) -> None:
        self._source = source
        self._execution = execution
        self.taken = 0
        self._ended = False
        # Holds one token while nobody reads: whoever takes it may read, and puts it back.
        self._turn: Buffer[Any] = Buffer(1)
        self._turn.append(None)

    async def take(self) -> tuple[int, T]:
        """Return the number of the next item, and the item.

        Raises:
            StopAsyncIteration: there is no more.
        """
        await self._turn.take(self._execution)
        try:
            if self._ended:
                raise StopAsyncIteration
            try:
                item = await self._source.__anext__()
            except BaseException:
                self._ended = True
                raise
            number = self.taken
            self.taken += 1
            return number, item
        finally:
            self._turn.append(None)
