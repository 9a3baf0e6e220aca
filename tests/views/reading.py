"""Reading a stream to its end, whatever that is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def read(stream: AsyncIterator[T]) -> tuple[list[T], Exception | None]:
    """The items, and the exception that came after them, if one did."""
    items: list[T] = []
    try:
        async for item in stream:
            items.append(item)  # noqa: PERF401 - what came before an exception has to stay
    except Exception as error:
        return items, error
    return items, None
