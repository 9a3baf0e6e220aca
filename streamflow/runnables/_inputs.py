"""The input of a step: an async iterator of chunks, of which there is often just one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._merge import merge
from .._unset import UNSET, Unset
from ..execution import aclose, closing, owned

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

T = TypeVar("T")


class Once(AsyncIterator[T], Generic[T]):
    """An input that is whole from the start, and says so.

    Attributes:
        value: The input.
    """

    __slots__ = ("_taken", "value")

    def __init__(self, value: T) -> None:
        self.value = value
        self._taken = False

    async def __anext__(self) -> T:
        if self._taken:
            raise StopAsyncIteration
        self._taken = True
        return self.value


async def collect(inputs: AsyncIterator[T]) -> T | Unset:
    """Return the whole input, closing its source; ``UNSET`` if there was no chunk at all.

    Raises:
        ChunkMergeError: its chunks do not add up.
    """
    if isinstance(inputs, Once):
        whole: T = inputs.value
        return whole
    async with closing(inputs):
        chunks = [chunk async for chunk in inputs]
    return merge(chunks) if chunks else UNSET


def inputs_of(method: str, value: Any) -> AsyncIterator[Any]:
    """Return the input that the public ``method`` was given as chunks."""
    if method == "atransform":
        chunks: AsyncIterator[Any] = owned(value.__aiter__())
        return chunks
    return from_iterable(iter(value)) if method == "transform" else Once(value)


async def passed_on(chunks: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Yield ``chunks``, which are closed afterwards: a generator around any iterator."""
    async with closing(chunks):
        async for chunk in chunks:
            yield chunk


async def from_iterable(items: Iterator[T]) -> AsyncGenerator[T, None]:
    """Yield the items of a plain iterator, which is closed afterwards."""
    try:
        for item in items:
            yield item
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


async def peek(inputs: AsyncIterator[T]) -> T | Unset:
    """Return the first chunk, or ``UNSET`` if there is none."""
    try:
        return await inputs.__anext__()
    except StopAsyncIteration:
        return UNSET


async def recorded(
    first: T | Unset, rest: AsyncIterator[T], record: list[T]
) -> AsyncGenerator[T, None]:
    """Yield ``first`` and the ``rest``, adding each to ``record``."""
    if isinstance(first, Unset):
        return
    try:
        record.append(first)
        yield first
        async for chunk in rest:
            record.append(chunk)
            yield chunk
    finally:
        await aclose(rest)
