"""``with_listeners``: functions that hear of the runs of one runnable."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timezone
from typing import Any

import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

from streamflow.errors import RunCancelledError
from streamflow.runnables import Runnable, RunnableConfig, RunnableLambda, RunRecord

INNER = RunnableLambda(lambda x: x + 1, name="inner")

KINDS = pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])


def listening(runnable: Runnable[Any, Any], told: list[Any], is_async: bool) -> Runnable[Any, Any]:
    """``runnable`` with listeners that write down what they are told."""

    def listener(what: str) -> Callable[[RunRecord], Any]:
        def tell(run: RunRecord) -> None:
            told.append((what, run))

        async def tell_later(run: RunRecord) -> None:
            await checkpoint()
            tell(run)

        return tell_later if is_async else tell

    functions = {f"on_{what}": listener(what) for what in ("start", "end", "error")}
    if is_async:
        return runnable.with_alisteners(**functions)
    return runnable.with_listeners(**functions)


async def on_loop(runnable: Runnable[Any, Any], value: Any) -> Any:
    return await runnable.ainvoke(value)


async def in_a_thread(runnable: Runnable[Any, Any], value: Any) -> Any:
    return await to_thread.run_sync(runnable.invoke, value)


WAYS = pytest.mark.parametrize("call", [on_loop, in_a_thread])


@KINDS
@WAYS
async def test_they_hear_of_the_own_run_not_of_those_below(is_async: bool, call: Any) -> None:
    told: list[Any] = []
    outer = RunnableLambda(lambda x: INNER.invoke(x) + INNER.invoke(x), name="outer")
    assert await call(listening(outer, told, is_async), 1) == 4
    (what, start), (what2, end) = told
    assert (what, what2) == ("start", "end")
    assert (start.name, start.run_type, start.inputs, start.outputs) == ("outer", "chain", 1, None)
    assert (end.id, end.inputs, end.outputs, end.error) == (start.id, 1, 4, None)
    assert start.end_time is None
    assert end.start_time == start.start_time <= end.end_time
    assert end.end_time.tzinfo is timezone.utc


@KINDS
@WAYS
async def test_they_hear_of_failures(is_async: bool, call: Any) -> None:
    def fail(_: Any) -> None:
        raise ValueError("no")

    told: list[Any] = []
    runnable = INNER | listening(RunnableLambda(fail), told, is_async)
    with pytest.raises(ValueError, match="no") as caught:
        await call(runnable, 1)
    (_, start), (what, run) = told
    assert (what, run.error, run.inputs) == ("error", caught.value, 2)
    assert run.parent_run_id == start.parent_run_id is not None
    assert run.tags == ["seq:step:2"]


@KINDS
async def test_a_run_that_is_stopped_tells_what_had_come(is_async: bool) -> None:
    def letters(text: str) -> Any:
        yield from text

    told: list[Any] = []
    async with listening(RunnableLambda(letters), told, is_async).astream("abc") as chunks:
        async for _ in chunks:
            break
    what, run = told[-1]
    assert (what, run.outputs) == ("error", "a")
    assert isinstance(run.error, RunCancelledError)


def test_each_call_is_told_by_itself() -> None:
    told: list[Any] = []
    runnable = listening(INNER, told, is_async=False)
    assert [runnable.invoke(n) for n in range(3)] == [1, 2, 3]
    assert [run.outputs for what, run in told if what == "end"] == [1, 2, 3]
    assert len({run.id for _, run in told}) == 3


def test_a_listener_may_take_the_config() -> None:
    given: list[Any] = []

    def ended(run: RunRecord, config: RunnableConfig) -> None:
        given.append((run.outputs, config["tags"], config["callbacks"]))

    def any_number(*arguments: Any) -> None:
        given.append(len(arguments))

    runnable = INNER.with_listeners(on_start=any_number, on_end=ended)
    runnable.invoke(1, {"tags": ["mine"]})
    assert given[0] == 2
    assert given[1][:2] == (2, ["mine"])


def test_a_builtin_may_listen() -> None:
    told: list[Any] = []
    INNER.with_listeners(on_end=told.append).invoke(1)
    assert [run.outputs for run in told] == [2]


def test_listeners_add_up_and_do_not_stop_one_another(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Any] = []

    def bad(_: RunRecord) -> None:
        raise ValueError("listener")

    runnable = listening(INNER.with_listeners(on_start=bad, on_end=bad), told, is_async=False)
    assert runnable.invoke(1) == 2
    assert [what for what, _ in told] == ["start", "end"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_the_runnable_without_them_is_unchanged() -> None:
    told: list[Any] = []
    listening(INNER, told, is_async=False)
    INNER.invoke(1)
    assert not told
