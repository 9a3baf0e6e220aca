"""The three functions that are chained, each in both colours, and one that waits."""

from __future__ import annotations

from anyio.lowlevel import checkpoint


def add(number: int) -> int:
    return number + 1


def double(number: int) -> int:
    return number * 2


def negate(number: int) -> int:
    return -number


async def add_async(number: int) -> int:
    return number + 1


async def double_async(number: int) -> int:
    return number * 2


async def negate_async(number: int) -> int:
    return -number


async def wait(number: int) -> int:
    """Give the other branches a turn, as one does that waits for an answer."""
    await checkpoint()
    return number
