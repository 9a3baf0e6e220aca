"""``batch``, ``abatch`` and the two that yield results as they are done."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from hypothesis import given, strategies as st

from streamflow.bus import Bus, current_run
from streamflow.errors import ConfigError
from streamflow.runnables import Runnable, RunnableLambda, RunnablePassthrough


def double(number: int) -> int:
    return number * 2


async def adouble(number: int) -> int:
    await checkpoint()
    return number * 2


KINDS: dict[str, Callable[[], Runnable[int, int]]] = {
    "plain": lambda: RunnableLambda(double),
    "async": lambda: RunnableLambda(adouble),
    "inline": lambda: RunnableLambda(double, inline=True),
    "bound": lambda: RunnableLambda(adouble).with_config(tags=["t"]),
}


def without_loop(runnable: Runnable[Any, Any], inputs: list[int], config: Any) -> list[Any]:
    outputs = runnable.batch(inputs, config)
    with runnable.batch_as_completed(iter(inputs), config) as results:
        assert sorted(results) == list(enumerate(outputs))
    return outputs


async def on_loop(runnable: Runnable[Any, Any], inputs: list[int], config: Any) -> list[Any]:
    outputs = await runnable.abatch(inputs, config)
    async with runnable.abatch_as_completed(iter(inputs), config) as results:
        assert sorted([result async for result in results]) == list(enumerate(outputs))
    return outputs


@given(
    kind=st.sampled_from(sorted(KINDS)),
    inputs=st.lists(st.integers(), max_size=9),
    limit=st.none() | st.integers(1, 5),
)
async def test_a_batch_is_the_outputs_of_invoke_in_order(
    kind: str, inputs: list[int], limit: int | None
) -> None:
    config = None if limit is None else {"max_concurrency": limit}
    expected = [double(number) for number in inputs]
    assert await on_loop(KINDS[kind](), inputs, config) == expected
    assert await to_thread.run_sync(without_loop, KINDS[kind](), inputs, config) == expected
    assert without_loop(KINDS[kind](), inputs, config) == expected


# --------------------------------------------------------------------------- failures


class RefusedError(Exception):
    pass


def picky(bad: set[int]) -> Callable[[int], int]:
    def function(number: int) -> int:
        if number in bad:
            raise RefusedError(number)
        return number

    return function


@given(
    bad=st.sets(st.integers(0, 7), min_size=1),
    limit=st.integers(1, 4),
    inline=st.booleans(),
)
async def test_exceptions_stand_in_the_places_of_outputs(
    bad: set[int], limit: int, inline: bool
) -> None:
    runnable = RunnableLambda(picky(bad), inline=inline)
    config: Any = {"max_concurrency": limit}

    def shown(outputs: list[Any]) -> list[Any]:
        return [("bad", *o.args) if isinstance(o, RefusedError) else o for o in outputs]

    expected = [("bad", n) if n in bad else n for n in range(8)]
    assert shown(await runnable.abatch(range(8), config, return_exceptions=True)) == expected
    assert shown(runnable.batch(range(8), config, return_exceptions=True)) == expected
    async with runnable.abatch_as_completed(range(8), config, return_exceptions=True) as results:
        found = dict([result async for result in results])
    assert shown([found[n] for n in range(8)]) == expected
    with runnable.batch_as_completed(range(8), config, return_exceptions=True) as same:
        found = dict(same)
    assert shown([found[n] for n in range(8)]) == expected


@given(bad=st.sets(st.integers(0, 7), min_size=1), limit=st.integers(1, 4))
async def test_the_first_failure_is_raised_as_it_is(bad: set[int], limit: int) -> None:
    runnable = RunnableLambda(picky(bad), inline=True) | RunnableLambda(adouble)
    config: Any = {"max_concurrency": limit}
    with pytest.raises(RefusedError) as caught:
        await runnable.abatch(range(8), config)
    assert caught.value.args[0] in bad
    with pytest.raises(RefusedError):
        runnable.batch(range(8), config)
    seen: list[tuple[int, int]] = []

    async def read() -> None:
        async for result in runnable.abatch_as_completed(range(8), config):
            seen.append(result)  # noqa: PERF401 - what came before the failure is looked at

    with pytest.raises(RefusedError):
        await read()
    assert all(number not in bad and output == number * 2 for number, output in seen)


async def test_the_first_failure_cancels_and_joins_the_others() -> None:
    log: list[str] = []

    async def work(number: int) -> None:
        if number == 2:
            while len(log) < 2:
                await checkpoint()
            raise RefusedError(number)
        log.append(f"{number} begins")
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await checkpoint()
            log.append(f"{number} ends")

    def run(method: Callable[..., Any]) -> None:
        log.clear()
        with pytest.raises(RefusedError):
            method(range(4), {"max_concurrency": 3})
        assert sorted(log) == ["0 begins", "0 ends", "1 begins", "1 ends"]

    runnable = RunnableLambda(work)
    with pytest.raises(RefusedError):
        await runnable.abatch(range(4), {"max_concurrency": 3})
    assert sorted(log) == ["0 begins", "0 ends", "1 begins", "1 ends"]
    await to_thread.run_sync(run, runnable.batch)
    await to_thread.run_sync(run, lambda *given: list(runnable.batch_as_completed(*given)))


async def test_what_fails_beside_the_first_failure_is_in_its_notes() -> None:
    both = anyio.Event()

    async def work(number: int) -> None:
        if number == 1:
            both.set()
            raise RefusedError("first")
        await both.wait()
        try:
            await anyio.sleep_forever()
        finally:
            raise RefusedError("on the way out")

    with pytest.raises(RefusedError, match="first") as caught:
        await RunnableLambda(work).abatch([0, 1])
    assert caught.value.__notes__ == ["A branch beside it failed too: RefusedError: on the way out"]


class Interrupt(BaseException):
    pass


@pytest.mark.parametrize("return_exceptions", [True, False])
async def test_what_is_no_exception_is_never_an_output(return_exceptions: bool) -> None:
    def work(number: int) -> int:
        if number == 1:
            raise Interrupt
        return number

    runnable = RunnableLambda(work, inline=True) | RunnablePassthrough()
    slow = RunnableLambda(work)
    for each in (runnable, slow):
        with pytest.raises(Interrupt):
            await each.abatch(range(3), return_exceptions=return_exceptions)
        with pytest.raises(Interrupt):
            each.batch(range(3), return_exceptions=return_exceptions)


# ----------------------------------------------------------------------------- limits


class Crowd:
    """Counts how many are in it at once."""

    def __init__(self) -> None:
        self.now = self.peak = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.peak = max(self.peak, self.now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


@pytest.mark.parametrize("limit", [1, 3, None])
async def test_no_more_run_at_once_than_the_limit(limit: int | None) -> None:
    crowd = Crowd()

    async def work(number: int) -> int:
        with crowd:
            for _ in range(number % 3 + 1):
                await checkpoint()
        return number

    config: Any = {} if limit is None else {"max_concurrency": limit}
    runnable = RunnableLambda(work)
    assert await runnable.abatch(range(150), config) == list(range(150))
    assert crowd.peak == (limit or 100)
    crowd.peak = 0
    assert await on_loop(runnable, list(range(150)), config) == list(range(150))
    assert crowd.peak == (limit or 100)


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (3, 3), (None, 32)])
def test_no_more_threads_than_the_limit(limit: int | None, expected: int) -> None:
    crowd, full = Crowd(), threading.Barrier(expected)

    def work(number: int) -> int:
        with crowd:
            if number < expected:
                full.wait(5)  # as many as may run at once do
            return number

    config: Any = {"max_concurrency": limit}
    assert RunnableLambda(work).batch(range(70), config) == list(range(70))
    assert crowd.peak == expected


async def test_the_limit_may_be_bound_or_inherited() -> None:
    crowd = Crowd()

    async def work(number: int) -> int:
        with crowd:
            await checkpoint()
        return number

    inner = RunnableLambda(work)
    await inner.with_config(max_concurrency=2).abatch(range(9))
    assert crowd.peak == 2
    await RunnableLambda(inner.abatch).ainvoke(range(9), {"max_concurrency": 3})  # type: ignore[arg-type]  # overloads of a method
    assert crowd.peak == 3
    await inner.abatch(range(9), [{"max_concurrency": 4}] + [{}] * 8)
    assert crowd.peak == 4


@pytest.mark.parametrize("limit", [0, -1, 1.5, "2", True])
async def test_a_limit_is_a_positive_number(limit: Any) -> None:
    runnable = RunnableLambda(double)
    config: Any = {"max_concurrency": limit}
    with pytest.raises(ConfigError, match="max_concurrency"):
        await runnable.abatch([1], config, return_exceptions=True)
    with pytest.raises(ConfigError, match="max_concurrency"):
        runnable.batch_as_completed([1], config)


# ---------------------------------------------------------------------------- configs


async def test_each_item_may_have_its_own_config() -> None:
    def tags(_: int) -> list[str]:
        run = current_run()
        return [] if run is None else run.tags

    runnable = RunnableLambda(tags)
    configs: Any = [{"tags": [letter]} for letter in "abc"]
    assert await on_loop(runnable, [1, 2, 3], configs) == [["a"], ["b"], ["c"]]
    assert without_loop(runnable, [1, 2, 3], configs) == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize("count", [1, 3])
async def test_as_many_configs_as_inputs(count: int) -> None:
    runnable, configs = RunnableLambda(double), [{"tags": ["t"]} for _ in range(count)]

    async def arriving() -> AsyncIterator[int]:
        for number in (1, 2):
            yield number

    message = rf"one for each input, got {count} for"
    with pytest.raises(ConfigError, match=message):
        await runnable.abatch([1, 2], configs)  # type: ignore[arg-type]  # plain dicts
    with pytest.raises(ConfigError, match=message):
        runnable.batch([1, 2], configs)  # type: ignore[arg-type]  # as above
    for inputs in ([1, 2], iter([1, 2]), arriving()):
        with pytest.raises(ConfigError, match=message):
            async for _ in runnable.abatch_as_completed(inputs, configs):  # type: ignore[arg-type]  # as above
                pass


async def test_an_id_that_was_given_goes_to_the_first_run() -> None:
    bus, ids = Bus(), []
    bus.listen(lambda message: ids.append(message.run.id) if message.kind == "start" else None)
    await RunnableLambda(double, inline=True).abatch(range(3), {"run_id": "mine", "bus": bus})
    assert ids[0] == "mine"
    assert len(set(ids)) == 3


async def test_items_are_trees_of_their_own_or_children() -> None:
    def place(_: int) -> tuple[Any, Any]:
        run = current_run()
        assert run is not None
        return run.tree, run.parent

    inner = RunnableLambda(place)
    roots = [*await inner.abatch(range(3)), *inner.batch(range(3))]
    assert len({tree for tree, _ in roots}) == 6
    assert {parent for _, parent in roots} == {None}

    async def outer(_: int) -> Any:
        return (
            current_run(),
            await inner.abatch(range(2)),
            await to_thread.run_sync(inner.batch, range(2)),
        )

    run, below, beside = await RunnableLambda(outer).ainvoke(0)
    assert {parent for _, parent in [*below, *beside]} == {run}
    assert {tree for tree, _ in [*below, *beside]} == {run.tree}


def test_arguments_go_to_each_item() -> None:
    def add(number: int, more: int) -> int:
        return number + more

    assert RunnableLambda(add).batch([1, 2], more=10) == [11, 12]


def test_an_inline_runnable_needs_no_thread() -> None:
    threads: set[Iterator[Any] | int] = set()
    RunnableLambda(lambda _: threads.add(threading.get_ident()), inline=True).batch(range(9))
    assert threads == {threading.get_ident()}
