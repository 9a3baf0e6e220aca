"""An input that can be read again from its beginning, for what may have to start anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from ..execution import aclose
from ._inputs import Once

T = TypeVar("T")


class Replay(Generic[T]):
    """Remembers the chunks of an input as they are read, until it is told to forget.

    It holds what has been read and no more: reading on is up to the readers.

    Args:
        inputs: The input.

    Attributes:
        error: What the input itself has raised, if it has. Nothing that reads it can be
            started anew after that: the rest of the input is lost.
    """

    def __init__(self, inputs: AsyncIterator[T]) -> None:
        self.error: Exception | None = None
        self._inputs = inputs
        self._read: list[T] = []
        self._remembers = True

    def again(self) -> AsyncIterator[T]:
        """Return a reader that begins at the first chunk; only the newest one is to be read."""
        if isinstance(self._inputs, Once):
            return Once(self._inputs.value)
        return _Reader(self)

    def forget(self) -> None:
        """Remember nothing more: the reader that is there will not have to start anew."""
        self._remembers = False

    async def aclose(self) -> None:
        """Close the input."""
        await aclose(self._inputs)

    async def chunk(self, position: int) -> T:
        """Return the chunk at ``position``, reading it if need be."""
        if position < len(self._read):
            return self._read[position]
        try:
            chunk = await self._inputs.__anext__()
        except Exception as error:
            if not isinstance(error, StopAsyncIteration):
                self.error = error
            raise
        if self._remembers:
            self._read.append(chunk)
        elif self._read:
            self._read = []  # all of it has been given out
        return chunk


class _Reader(AsyncIterator[T]):
    """Closing it does not close the input, which somebody may want to read again."""

    def __init__(self, replay: Replay[T]) -> None:
        self._replay = replay
        self._position = 0

    async def __anext__(self) -> T:
        chunk = await self._replay.chunk(self._position)
        self._position += 1
        return chunk
