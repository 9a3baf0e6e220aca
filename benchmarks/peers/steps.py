"""The three functions that are chained, each in both colours."""

from __future__ import annotations


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
