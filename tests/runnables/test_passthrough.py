"""Passing the input through: as it is, with keys added, or only some of its keys."""

from __future__ import annotations

import functools
import operator
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest

from streamflow.errors import MissingKeyError, StepInputError
from streamflow.language_models import ReplayChatModel
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import (
    RunnableAssign,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
)
from tests.runnables.ways import Outcome, arriving, everywhere


def joined(chunks: list[Any]) -> Any:
    return functools.reduce(operator.add, chunks)


# ------------------------------------------------------------------------- passthrough


async def test_the_input_passes_unchanged_chunk_by_chunk() -> None:
    outcome = await everywhere(RunnablePassthrough(), "ab", ["a", "b"])
    assert outcome == Outcome("ab", ["ab"], ["a", "b"])
    value = object()
    assert RunnablePassthrough().invoke(value) is value


async def test_a_function_may_look_at_the_whole() -> None:
    seen: list[str] = []
    outcome = await everywhere(RunnablePassthrough(seen.append), "ab", ["a", "b"])
    assert outcome == Outcome("ab", ["ab"], ["a", "b"])
    assert seen == ["ab"] * 9  # three ways on three executions


async def test_an_async_function_may_look_too() -> None:
    seen: list[str] = []

    async def look(value: str) -> None:
        seen.append(f"async {value}")

    def plain(value: str) -> None:
        seen.append(f"plain {value}")

    runnable = RunnablePassthrough(plain, look)
    await runnable.ainvoke("a")
    runnable.invoke("b")
    assert [chunk async for chunk in runnable.astream("c")] == ["c"]
    assert list(runnable.stream("d")) == ["d"]
    assert seen == ["async a", "plain b", "async c", "plain d"]
    assert RunnablePassthrough(afunc=look).invoke("e") == "e"
    assert seen[-1] == "async e"


async def test_the_function_is_given_config_if_it_takes_it() -> None:
    seen: list[Any] = []

    def look(_: Any, config: RunnableConfig) -> None:
        seen.append(config["tags"])

    await everywhere(RunnablePassthrough(look), 1, config={"tags": ["t"]})
    assert seen == [["t"]] * 9


async def test_an_error_of_the_function_is_the_caller_s() -> None:
    runnable = RunnablePassthrough(lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        runnable.invoke(1)
    with pytest.raises(ZeroDivisionError):
        [chunk async for chunk in runnable.astream(1)]


# ------------------------------------------------------------------------------ assign


def shouted(values: dict[str, str]) -> str:
    return values["a"].upper()


async def test_assign_adds_keys() -> None:
    runnable = RunnablePassthrough.assign(b=shouted)
    outcome = await everywhere(runnable, {"a": "x"})
    assert outcome.whole == {"a": "x", "b": "X"}
    assert outcome.streamed == [{"a": "x"}, {"b": "X"}]
    assert joined(outcome.streamed) == outcome.whole


async def test_assign_replaces_a_key() -> None:
    outcome = await everywhere(RunnablePassthrough.assign(a=shouted), {"a": "x", "c": "y"})
    assert outcome.whole == {"a": "X", "c": "y"}
    assert joined(outcome.streamed) == {"a": "X", "c": "y"}


async def test_assign_by_every_road() -> None:
    for runnable in (
        RunnableParallel(a=RunnablePassthrough()).assign(b=shouted),
        RunnableParallel(a=RunnablePassthrough()) | RunnablePassthrough.assign(b=shouted),
        RunnableParallel(a=RunnablePassthrough()) | RunnableAssign(RunnableParallel(b=shouted)),
    ):
        assert runnable.invoke("x") == {"a": "x", "b": "X"}
        assert await runnable.ainvoke("x") == {"a": "x", "b": "X"}
        assert joined([c async for c in runnable.astream("x")]) == {"a": "x", "b": "X"}


async def test_assign_streams_what_is_there_while_the_new_key_is_made() -> None:
    gate = anyio.Event()

    async def slow(_: dict[str, str]) -> str:
        await gate.wait()
        return "slow"

    async with RunnablePassthrough.assign(b=slow).astream({"a": "x"}) as chunks:
        assert await anext(chunks) == {"a": "x"}
        gate.set()
        assert [chunk async for chunk in chunks] == [{"b": "slow"}]


async def test_assign_passes_dicts_that_come_in_chunks() -> None:
    gate = anyio.Event()

    async def source() -> AsyncIterator[dict[str, str]]:
        yield {"a": "x"}
        await gate.wait()
        yield {"a": "y"}

    def each(chunks: Iterator[dict[str, str]]) -> Iterator[str]:
        for chunk in chunks:
            yield chunk["a"].upper()

    async with RunnablePassthrough.assign(b=each).atransform(source()) as chunks:
        first = await anext(chunks)
        assert first == {"a": "x"}
        gate.set()
        rest = [chunk async for chunk in chunks]
    assert joined([first, *rest]) == {"a": "xy", "b": "XY"}


async def test_assign_streams_a_model() -> None:
    model = ReplayChatModel(recording=["to", "ken"], speed=None) | StrOutputParser()
    runnable = RunnablePassthrough.assign(answer=RunnablePick("question") | model)
    outcome = await everywhere(runnable, {"question": "?"})
    assert outcome.whole == {"question": "?", "answer": "token"}
    assert outcome.streamed == [{"question": "?"}, {"answer": "to"}, {"answer": "ken"}]


async def test_assign_needs_a_dict() -> None:
    runnable = RunnablePassthrough.assign(b=shouted)
    for call in (
        lambda: runnable.invoke(3),
        lambda: list(runnable.stream(3)),
        lambda: list(runnable.transform(iter([3]))),
    ):
        with pytest.raises(StepInputError, match=r"RunnableAssign<b> needs a dict, got int: 3"):
            call()
    with pytest.raises(StepInputError):
        [chunk async for chunk in runnable.atransform(arriving([3]))]


def test_assign_does_not_change_its_input() -> None:
    value = {"a": "x"}
    RunnablePassthrough.assign(a=shouted).invoke(value)
    list(RunnablePassthrough.assign(a=shouted).stream(value))
    assert value == {"a": "x"}


# -------------------------------------------------------------------------------- pick


async def test_pick_takes_one_key_or_a_smaller_dict() -> None:
    values = {"a": "x", "b": "y", "c": "z"}
    assert await everywhere(RunnablePick("a"), values) == Outcome("x", ["x"], ["x"])
    smaller = {"a": "x", "c": "z"}
    picked = RunnablePick(["a", "c", "missing"])
    assert await everywhere(picked, values) == Outcome(smaller, [smaller], [smaller])
    assert RunnableLambda(lambda _: values).pick("b").invoke(0) == "y"
    assert RunnableLambda(lambda _: values).pick(["b"]).invoke(0) == {"b": "y"}


async def test_pick_streams_the_chunks_that_have_the_key() -> None:
    def each(letters: Iterator[str]) -> Iterator[dict[str, str]]:
        for letter in letters:
            yield {"a": letter}
            yield {"b": letter}

    runnable = RunnableGenerator(each).pick("a")
    assert list(runnable.transform(iter("xyz"))) == ["x", "y", "z"]
    assert [c async for c in runnable.atransform(arriving("xyz"))] == ["x", "y", "z"]
    pair = RunnableGenerator(each).pick(["a", "b"])
    assert list(pair.transform(iter("x"))) == [{"a": "x"}, {"b": "x"}]


def test_a_key_that_is_missing_is_named() -> None:
    with pytest.raises(MissingKeyError, match="no key 'a'"):
        RunnablePick("a").invoke({"b": 1})
    with pytest.raises(KeyError):
        RunnablePick("a").invoke({"b": 1})
    # In a stream it may still come, so there nothing is said.
    assert list(RunnablePick("a").stream({"b": 1})) == []


def test_pick_needs_a_dict() -> None:
    for call in (lambda: RunnablePick("a").invoke(3), lambda: list(RunnablePick("a").stream(3))):
        with pytest.raises(StepInputError, match=r"RunnablePick<a> needs a dict, got int: 3"):
            call()


def test_names() -> None:
    assert RunnablePassthrough().get_name() == "RunnablePassthrough"
    assert RunnablePassthrough.assign(a=shouted, b=shouted).get_name() == "RunnableAssign<a,b>"
    assert RunnablePick("a").get_name() == "RunnablePick<a>"
    assert RunnablePick(["a", "b"]).get_name() == "RunnablePick<a,b>"
    assert RunnablePick("a", name="mine").get_name() == "mine"
    assert RunnableAssign(RunnableParallel(a=shouted), name="mine").get_name() == "mine"
