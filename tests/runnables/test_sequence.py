"""Steps in a row: how they are put together, and what streams through them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given, settings

from streamflow.errors import CoercionError, ConfigError
from streamflow.output_parsers import StrOutputParser
from streamflow.runnables import (
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnableSequence,
)
from tests.runnables.small_chains import build, recipes, texts
from tests.runnables.ways import Outcome, arriving, everywhere, names_of, on_loop, without_loop


def plus(number: int) -> int:
    return number + 1


def times(number: int) -> int:
    return number * 10


def doubled(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk * 2


# ------------------------------------------------------------------ putting it together


async def test_the_pipe_operator_takes_either_side() -> None:
    for sequence in (
        RunnableLambda(plus) | RunnableLambda(times),
        RunnableLambda(plus) | times,
        plus | RunnableLambda(times),
        RunnableLambda(plus).pipe(times),
        RunnableSequence(plus, times),
    ):
        assert isinstance(sequence, RunnableSequence)
        assert await everywhere(sequence, 1) == Outcome(20, [20], [20])


async def test_a_dict_on_either_side_is_a_parallel_step() -> None:
    first = {"a": plus, "b": times} | RunnableLambda(lambda branches: branches["a"] + branches["b"])
    assert isinstance(first.first, RunnableParallel)
    assert (await everywhere(first, 1)).whole == 12
    last = RunnableLambda(plus) | {"a": times}
    assert isinstance(last.last, RunnableParallel)
    assert (await everywhere(last, 1)).whole == {"a": 20}


def test_pipe_takes_many() -> None:
    sequence = RunnableLambda(plus).pipe(times, plus, str, name="digits")
    assert sequence.invoke(1) == "21"
    assert sequence.get_name() == "digits"
    assert len(sequence.steps) == 4


def test_sequences_in_a_sequence_are_taken_apart() -> None:
    sequence = (RunnableLambda(plus) | times) | (RunnableLambda(plus) | str)
    assert [step.get_name() for step in sequence.steps] == ["plus", "times", "plus", "str"]
    assert sequence.first.get_name() == "plus"
    assert sequence.last.get_name() == "str"


def test_a_sequence_with_a_name_stays_one() -> None:
    named = RunnableSequence(plus, times, name="inner")
    sequence = named | RunnableLambda(str)
    assert [step.get_name() for step in sequence.steps] == ["inner", "str"]
    assert sequence.invoke(1) == "20"


def test_pipes_do_not_change_what_they_combine() -> None:
    first = RunnableLambda(plus) | times
    assert (first | str).invoke(1) == "20"
    assert first.invoke(1) == 20
    assert len(first.steps) == 2


@pytest.mark.parametrize("value", [3, None, "text", [plus], {"a": 3}, {"a": {"b": None}}])
def test_what_is_no_step_is_refused(value: Any) -> None:
    for combine in (
        lambda: RunnableLambda(plus) | value,
        lambda: value | RunnableLambda(plus),
        lambda: RunnableLambda(plus).pipe(value),
        lambda: RunnableSequence(value),
    ):
        with pytest.raises(CoercionError, match="expected a Runnable"):
            combine()


def test_a_sequence_without_steps_is_refused() -> None:
    with pytest.raises(ConfigError):
        RunnableSequence()


def test_repr_and_name() -> None:
    sequence = RunnableLambda(plus) | {"a": times}
    assert repr(sequence) == "RunnableLambda(plus) | {'a': RunnableLambda(times)}"
    assert sequence.get_name() == "RunnableSequence"


# --------------------------------------------------------------------------- streaming


async def test_chunks_pass_as_they_come() -> None:
    sequence = RunnableGenerator(doubled) | StrOutputParser() | doubled
    outcome = await everywhere(sequence, "a", ["a", "b"])
    assert outcome == Outcome("aaaa", ["aaaa"], ["aaaa", "bbbb"])


async def test_a_step_that_waits_gets_the_sum_and_what_follows_streams() -> None:
    seen: list[str] = []

    def letters(text: str) -> Iterator[str]:
        seen.append(text)
        yield from text

    sequence = RunnableGenerator(doubled) | RunnableLambda(letters) | doubled
    assert [c async for c in sequence.atransform(arriving(["a", "b"]))] == ["aa", "aa", "bb", "bb"]
    assert seen == ["aabb"]


PASSES = {
    "generator": RunnableGenerator(doubled),
    "generators": RunnableGenerator(doubled) | doubled,
    "per chunk": RunnableLambda(lambda text: text * 2, per_chunk=True),
    "parser": StrOutputParser(),
    "binding": RunnableGenerator(doubled).with_config(tags=["bound"]),
    "passthrough": RunnablePassthrough(),
    "passthrough that looks": RunnablePassthrough(lambda _: None),
    "parallel": RunnableParallel(a=doubled, b=StrOutputParser()),
    "nested": RunnablePassthrough() | {"a": {"b": doubled}},
    "pick": RunnableParallel(a=doubled).pick("a"),
}


@pytest.mark.parametrize("capacity", [None, 1, 3])
@pytest.mark.parametrize("name", PASSES)
async def test_the_first_chunk_comes_while_the_source_is_blocked(
    name: str, capacity: int | None
) -> None:
    gate = anyio.Event()

    async def source() -> AsyncIterator[str]:
        yield "a"
        await gate.wait()
        yield "b"

    sequence = StrOutputParser() | PASSES[name]
    async with sequence.atransform(source(), {"channel_capacity": capacity}) as chunks:
        with anyio.fail_after(5):
            first = await anext(chunks)
        assert "a" in str(first)
        assert "b" not in str(first).replace("'b'", "")
        gate.set()
        assert [chunk async for chunk in chunks]


@pytest.mark.parametrize("name", PASSES)
def test_without_a_loop_the_source_is_read_as_needed(name: str) -> None:
    read: list[str] = []

    def source() -> Iterator[str]:
        for letter in "a" * 200:
            read.append(letter)
            yield letter

    with (StrOutputParser() | PASSES[name]).transform(source()) as chunks:
        assert next(chunks)
        # What feeds branches may read ahead, within their buffers.
        assert len(read) < 60 if name in ("parallel", "nested", "pick") else read == ["a"]


async def test_a_buffered_step_runs_ahead_by_its_capacity() -> None:
    read: list[int] = []

    async def numbers(_: AsyncIterator[Any]) -> AsyncIterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    sequence = RunnableGenerator(numbers) | RunnablePassthrough()
    async with sequence.astream(None, {"channel_capacity": 3}) as chunks:
        assert await anext(chunks) == 0
        await anyio.wait_all_tasks_blocked()
        assert 1 < len(read) <= 6


# ----------------------------------------------------------------------- its runs


def test_each_step_is_a_run_below_the_sequence() -> None:
    assert names_of(RunnableLambda(plus) | times, 1) == [
        ("start", "RunnableSequence"),
        ("start", "plus"),
        ("stream", "plus"),
        ("start", "times"),  # at the first chunk of its input
        ("end", "plus"),
        ("stream", "times"),
        ("stream", "RunnableSequence"),
        ("end", "times"),
        ("end", "RunnableSequence"),
    ]


def test_keyword_arguments_are_for_the_first_step() -> None:
    def add(number: int, more: int = 0) -> int:
        return number + more

    sequence = RunnableLambda(add) | add
    assert sequence.invoke(1, more=5) == 6
    assert list(sequence.stream(1, more=5)) == [6]
    assert sequence.bind(more=2).invoke(1) == 3


# ------------------------------------------------------------------------------- laws


@given(recipe=recipes, chunks=texts)
@settings(max_examples=60)
def test_joined_chunks_equal_invoke(recipe: Any, chunks: list[str]) -> None:
    whole = "".join(chunks)
    outcome = without_loop(build(recipe), whole, chunks)
    assert "".join(outcome.streamed) == outcome.whole
    assert "".join(outcome.transformed) == outcome.whole


@given(recipe=recipes, chunks=texts)
@settings(max_examples=30)
async def test_all_executions_agree(recipe: Any, chunks: list[str]) -> None:
    whole = "".join(chunks)
    alone, awaited = without_loop(build(recipe), whole, chunks), None
    awaited = await on_loop(build(recipe), whole, chunks)
    assert awaited.whole == alone.whole
    assert "".join(awaited.streamed) == "".join(alone.streamed)
    assert "".join(awaited.transformed) == "".join(alone.transformed)


@given(recipe=recipes, chunks=texts)
@settings(max_examples=30)
async def test_buffered_channels_carry_the_same_values(recipe: Any, chunks: list[str]) -> None:
    whole = "".join(chunks)
    direct = without_loop(build(recipe), whole, chunks)
    for capacity in (1, 4):
        buffered = await on_loop(build(recipe), whole, chunks, {"channel_capacity": capacity})
        assert buffered.whole == direct.whole
        assert "".join(buffered.streamed) == direct.whole
        assert "".join(buffered.transformed) == direct.whole
    buffered = without_loop(build(recipe), whole, chunks, {"channel_capacity": 2})
    assert buffered.whole == "".join(buffered.streamed) == direct.whole
