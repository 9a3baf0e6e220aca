"""Chains for the tests of the command line to run, in this process and in others."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
from attrs import define

from streamflow.messages import AIMessageChunk
from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    get_config,
)


@define
class Parcel:
    weight: int


class Opaque:
    def __repr__(self) -> str:
        return "<opaque>"


async def _words(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for _ in inputs:
        for word in ("one ", "two ", "three"):
            yield word


async def _lines(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for _ in inputs:
        yield "a\n"
        yield "b\n"


async def _mixed(inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for _ in inputs:
        yield "text"
        yield {"n": 1}
        yield "more"


async def _message(inputs: AsyncIterator[Any]) -> AsyncIterator[AIMessageChunk]:
    async for _ in inputs:
        yield AIMessageChunk(content="hé")
        yield AIMessageChunk(content="llo")


async def _half(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for _ in inputs:
        yield "half a sen"
    raise ValueError("tence")


async def _endless(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    try:
        async for _ in inputs:
            for number in itertools.count():
                yield f"{number}\n"
    finally:
        sys.stderr.write("cleaned up\n")


async def _waiting(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    try:
        async for _ in inputs:
            yield "ready\n"
            await anyio.sleep_forever()
    finally:
        sys.stderr.write("cleaned up\n")


async def _telling(inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
    try:
        async for _ in inputs:
            sys.stdout.write("begun\n")
            sys.stdout.flush()
            yield "ready\n"
            await anyio.sleep_forever()
    finally:
        sys.stderr.write("cleaned up\n")


def _stuck(value: Any) -> Any:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(60)
    return value


def _boom(value: Any) -> Any:
    raise ValueError("no parrot today")


def _caused(value: Any) -> Any:
    try:
        return {}["key"]
    except KeyError as error:
        raise RuntimeError("outer") from error


def _noted(value: Any) -> Any:
    error = ValueError("noted")
    error.__dict__["__notes__"] = ["mind the gap"]
    raise error


def _leave(value: Any) -> Any:
    sys.exit(7)


words: Runnable[Any, str] = RunnableGenerator(_words, name="words")
lines: Runnable[Any, str] = RunnableGenerator(_lines, name="lines")
mixed: Runnable[Any, Any] = RunnableGenerator(_mixed, name="mixed")
message: Runnable[Any, Any] = RunnableGenerator(_message, name="message")
half: Runnable[Any, str] = RunnableGenerator(_half, name="half")
endless: Runnable[Any, str] = RunnableGenerator(_endless, name="endless")
waiting: Runnable[Any, str] = RunnableGenerator(_waiting, name="waiting")
telling: Runnable[Any, str] = RunnableGenerator(_telling, name="telling")
both = RunnableParallel(left=telling, right=telling)
stuck = RunnableLambda(lambda value: value) | _stuck
echo = RunnableLambda(lambda value: value, name="echo")
surrogate = RunnableLambda(lambda _: "half \ud83d é", name="surrogate")
parcel = RunnableLambda(lambda _: Parcel(3), name="parcel")
opaque = RunnableLambda(lambda _: {"is": Opaque()}, name="opaque")
settings = RunnableLambda(lambda _: get_config()["configurable"], name="settings")
boom = words | echo | RunnableParallel(bad=RunnableLambda(_boom, name="boom"))
caused = RunnableLambda(_caused, name="caused")
noted = RunnableLambda(_noted, name="noted")
leave = RunnableLambda(_leave, name="leave")
_hidden = words
number = 5
mapping = {"a": echo}


class Shelf:
    chain = words

    @property
    def broken(self) -> None:
        raise LookupError("empty shelf")


shelf = Shelf()


class Made(RunnableLambda[Any, Any]):
    def __init__(self) -> None:
        super().__init__(lambda _: "made")


def make() -> Runnable[Any, str]:
    return words


def make_with(*, name: str = "made") -> Runnable[Any, str]:
    return words.with_config(run_name=name)


def make_nothing() -> None:
    return None


def make_badly() -> None:
    raise OSError("disk on fire")


async def make_later() -> Runnable[Any, str]:
    return words


def double(value: int) -> int:
    return value * 2


async def triple(value: int) -> int:
    return value * 3
