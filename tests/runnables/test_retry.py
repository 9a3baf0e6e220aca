"""Trying again: how often, when, with which runs, and that no chunk comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow.bus import Bus, RunRetried, message_from_json
from streamflow.errors import ConfigError
from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableRetry
from tests.runnables.ways import arriving


class Attempts:
    """Fails some times, each time after some chunks, and then yields them all."""

    def __init__(self, failures: int, chunks_before: int = 0, chunks: int = 3) -> None:
        self.made = 0
        self._failures = failures
        self._before = chunks_before
        self._chunks = chunks

    def whole(self, _: Any) -> list[int]:
        self.made += 1
        if self.made <= self._failures:
            raise TimeoutError(self.made)
        return list(range(self._chunks))

    async def awhole(self, value: Any) -> list[int]:
        await checkpoint()
        return self.whole(value)

    def chunks(self, _: Any) -> Iterator[list[int]]:
        self.made += 1
        for number in range(self._chunks):
            if self.made <= self._failures and number == self._before:
                raise TimeoutError(self.made)
            yield [number]

    async def achunks(self, value: Any) -> AsyncIterator[list[int]]:
        for chunk in self.chunks(value):
            await checkpoint()
            yield chunk


def at_once(runnable: Runnable[Any, Any], **kwargs: Any) -> Runnable[Any, Any]:
    return runnable.with_retry(wait_exponential_jitter=False, **kwargs)


async def outcome(call: Callable[[], Any], attempts: Attempts) -> tuple[Any, int]:
    """What comes of a call, and after how many attempts."""
    attempts.made = 0
    try:
        result = call()
        result = await result if hasattr(result, "__await__") else result
    except TimeoutError as error:
        result = error.args
    return result, attempts.made


async def listed(chunks: AsyncIterator[Any]) -> list[Any]:
    return [chunk async for chunk in chunks]


@given(failures=st.integers(0, 4), stop=st.integers(1, 4), kind=st.sampled_from("pag"))
async def test_every_method_makes_as_many_attempts(failures: int, stop: int, kind: str) -> None:
    attempts = Attempts(failures)
    function: Any = {"p": attempts.whole, "a": attempts.awhole, "g": attempts.achunks}[kind]
    runnable = at_once(RunnableLambda(function), stop_after_attempt=stop)
    expected: Any = (failures < stop and [0, 1, 2]) or (stop,)
    made = min(failures + 1, stop)

    assert await outcome(lambda: runnable.ainvoke(0), attempts) == (expected, made)
    assert await outcome(lambda: runnable.invoke(0), attempts) == (expected, made)
    assert await outcome(lambda: runnable.batch([0]), attempts) in (
        ([expected], made),
        (expected, made),
    )
    for chunks in (
        lambda: listed(runnable.astream(0)),
        lambda: list(runnable.stream(0)),
        lambda: listed(runnable.atransform(arriving([0, 0]))),
        lambda: list(runnable.transform(iter([0, 0]))),
    ):
        result, count = await outcome(chunks, attempts)
        assert count == made
        assert (result if failures >= stop else merge(result)) == expected


@pytest.mark.parametrize("name", ["chunks", "achunks"])
@given(failures=st.integers(0, 3), before=st.integers(0, 3))
async def test_no_chunk_comes_twice(name: str, failures: int, before: int) -> None:
    attempts = Attempts(failures, before)
    runnable = at_once(RunnableLambda(getattr(attempts, name)))
    seen: list[int] = []

    async def read() -> None:
        async for chunk in runnable.astream(0):
            seen.extend(chunk)

    def read_without_loop() -> None:
        for chunk in runnable.stream(0):
            seen.extend(chunk)

    for reading in (read, lambda: to_thread.run_sync(read_without_loop)):
        seen.clear()
        result, made = await outcome(reading, attempts)
        assert seen == list(range(len(seen)))
        if before and failures and before < 3:  # after the first chunk an error passes
            assert (seen, result, made) == (list(range(before)), (1,), 1)
        elif failures < 3 or before == 3:
            assert (seen, result) == ([0, 1, 2], None)


# ---------------------------------------------------------------------------- restart


async def test_restart_begins_the_chunks_anew_and_says_which_are_void() -> None:
    attempts = Attempts(2, chunks_before=2)
    runnable = at_once(RunnableLambda(attempts.achunks), restart=True)
    assert await listed(runnable.astream(0)) == [[0], [1], [0], [1], [0], [1], [2]]
    attempts.made = 0
    messages = await listed(runnable.events(0))
    root = [message for message in messages if message.run.parent is None]
    retries = [message for message in root if isinstance(message, RunRetried)]
    assert [(m.attempt, m.void, type(m.error)) for m in retries] == [
        (2, 2, TimeoutError),
        (3, 2, TimeoutError),
    ]
    kinds = [message.kind for message in root]
    assert kinds == ["start", *["stream", "stream", "retry"] * 2, *["stream"] * 3, "end"]
    assert root[-1].output == [0, 1, 2]


async def test_the_reader_of_events_is_told_of_void_chunks() -> None:
    attempts = Attempts(1, chunks_before=1)
    runnable = at_once(RunnableLambda(attempts.achunks), restart=True)
    text: list[int] = []
    async for event in runnable.astream_events(0, version="v2"):
        if not event["parent_ids"]:
            if event["event"] == "on_chain_stream":
                text.extend(event["data"]["chunk"])
            elif event["event"] == "on_chain_retry":
                del text[-event["data"]["void"] :]
    assert text == [0, 1, 2]


async def test_a_restart_counts_attempts_as_invoke_does() -> None:
    attempts = Attempts(5, chunks_before=1)
    runnable = at_once(RunnableLambda(attempts.achunks), restart=True, stop_after_attempt=4)
    assert await outcome(lambda: listed(runnable.astream(0)), attempts) == ((4,), 4)
    assert await outcome(lambda: runnable.ainvoke(0), attempts) == ((4,), 4)


# ------------------------------------------------------------------------------- runs


async def test_attempts_are_runs_below_the_one_that_retries() -> None:
    attempts = Attempts(2)
    runnable = at_once(RunnableLambda(attempts.awhole, name="ask")).with_config(tags=["t"])
    bus, told = Bus(), []
    bus.listen(lambda m: told.append((m.kind, m.run.name, m.run.tags, m.run.parent is None)))
    await runnable.ainvoke(0, {"bus": bus})
    invoked = told.copy()
    told.clear()
    attempts.made = 0
    await listed(runnable.astream(0, {"bus": bus}))
    assert invoked == [
        ("start", "ask", ["t"], True),
        ("start", "ask", ["t"], False),
        ("error", "ask", ["t"], False),
        ("retry", "ask", ["t"], True),
        ("start", "ask", ["retry:attempt:2", "t"], False),
        ("error", "ask", ["retry:attempt:2", "t"], False),
        ("retry", "ask", ["t"], True),
        ("start", "ask", ["retry:attempt:3", "t"], False),
        ("end", "ask", ["retry:attempt:3", "t"], False),
        ("end", "ask", ["t"], True),
    ]
    assert [each for each in told if each[0] != "stream"] == invoked


async def test_a_retry_survives_json() -> None:
    messages = await listed(at_once(RunnableLambda(Attempts(1).awhole)).events(0))
    [retry] = [message for message in messages if isinstance(message, RunRetried)]
    again = message_from_json(retry.to_json())
    assert isinstance(again, RunRetried)
    assert (again.attempt, again.void, again.error.type) == (2, 0, "TimeoutError")  # type: ignore[union-attr]  # read back


# --------------------------------------------------------------------------- which ones


async def test_only_some_exceptions_are_worth_another_attempt() -> None:
    attempts = Attempts(1)
    for condition in ((KeyError,), (), lambda error: "no" in str(error)):
        runnable = at_once(RunnableLambda(attempts.awhole), retry_if_exception_type=condition)
        assert await outcome(lambda r=runnable: r.ainvoke(0), attempts) == ((1,), 1)
        assert await outcome(lambda r=runnable: listed(r.astream(0)), attempts) == ((1,), 1)
    for condition in ((KeyError, TimeoutError), lambda error: error.args == (1,)):
        runnable = at_once(RunnableLambda(attempts.awhole), retry_if_exception_type=condition)
        assert await outcome(lambda r=runnable: r.ainvoke(0), attempts) == ([0, 1, 2], 2)


async def test_what_is_no_exception_is_not_retried() -> None:
    made = 0

    async def stuck(_: Any) -> None:
        nonlocal made
        made += 1
        await anyio.sleep_forever()

    runnable = at_once(RunnableLambda(stuck), retry_if_exception_type=(BaseException,))
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(runnable.ainvoke, 0)
            while not made:
                await checkpoint()
            scope.cancel()
    assert made == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"stop_after_attempt": 0},
        {"stop_after_attempt": 1.5},
        {"retry_if_exception_type": ValueError},
        {"retry_if_exception_type": ("ValueError",)},
        {"exponential_jitter_params": {"inital": 1}},
        {"exponential_jitter_params": {"max": -1}},
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        RunnableLambda(int).with_retry(**arguments)


# ----------------------------------------------------------------------- streaming input


@given(
    consumed=st.integers(0, 3),
    failures=st.integers(0, 2),
    more=st.integers(0, 2),
    wait=st.booleans(),
)
async def test_the_input_comes_again_as_it_was(
    consumed: int, failures: int, more: int, wait: bool
) -> None:
    made = 0

    async def read(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
        nonlocal made
        made += 1
        head = [await chunks.__anext__() for _ in range(consumed + made - 1)]
        if made <= failures:
            raise TimeoutError(made)
        yield "".join(head)
        async for chunk in chunks:
            yield chunk

    sent = "abcdefg"[: consumed + failures + more]
    inner: Any = RunnableGenerator(read)
    runnable = at_once(inner | RunnableLambda(str, per_chunk=True, inline=True) if wait else inner)
    assert "".join(await listed(runnable.atransform(arriving(sent)))) == sent
    made = 0
    assert "".join(runnable.transform(iter(sent))) == sent


async def test_an_input_that_fails_is_not_read_again() -> None:
    made = 0

    async def broken() -> AsyncIterator[str]:
        yield "a"
        raise LookupError("no more")

    async def read(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
        nonlocal made
        made += 1
        yield "".join([chunk async for chunk in chunks])

    with pytest.raises(LookupError, match="no more"):
        await listed(at_once(RunnableGenerator(read)).atransform(broken()))
    assert made == 1


def test_it_is_named_after_what_it_retries() -> None:
    inner = RunnableLambda(int, name="ask")
    assert inner.with_retry().get_name() == "ask"
    assert RunnableRetry(inner, name="patient").get_name() == "patient"
    assert [step.path for step in inner.with_retry().explain()] == ["attempt"]
