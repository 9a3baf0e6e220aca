"""Nested calls find their parent with no config passed by hand, wherever they are made.

On Python 3.10 as well, where a task cannot be given a context.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint, current_token

from streamflow.bus import AnyMessage, Bus, current_run
from streamflow.errors import NoActiveRunError
from streamflow.runnables import (
    Runnable,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    get_config,
)


async def aleaf_of(value: Any) -> str:
    await checkpoint()
    return f"{value}!"


def leaf_of(value: Any) -> str:
    return f"{value}!"


ALEAF = RunnableLambda(aleaf_of, name="leaf")
LEAF = RunnableLambda(leaf_of, name="leaf")

# ------------------------------------------------------------- how a call is nested
#
# Each is called as "outer" and makes a call below it.


async def awaits(value: Any) -> Any:
    return await ALEAF.ainvoke(value)


async def awaits_plain(value: Any) -> Any:
    return await LEAF.ainvoke(value)


def calls(value: Any) -> Any:
    return LEAF.invoke(value)


def calls_async(value: Any) -> Any:
    return ALEAF.invoke(value)


async def calls_within_a_loop(value: Any) -> Any:
    return LEAF.invoke(value)


async def calls_async_within_a_loop(value: Any) -> Any:
    return ALEAF.invoke(value)


async def iterates(value: Any) -> Any:
    return "".join([chunk async for chunk in ALEAF.astream(value)])


def iterates_plainly(value: Any) -> Any:
    return "".join(ALEAF.stream(value))


async def watches(value: Any) -> Any:
    async with ALEAF.events(value) as messages:
        return [message.kind async for message in messages]


def watches_plainly(value: Any) -> Any:
    return [message.kind for message in ALEAF.stream_events(value)]


async def generates(value: Any) -> AsyncIterator[Any]:
    yield "first"
    yield await ALEAF.ainvoke(value)


def generates_plainly(value: Any) -> Iterator[Any]:
    yield "first"
    yield LEAF.invoke(value)


async def generates_a_stream(value: Any) -> AsyncIterator[Any]:
    async for chunk in ALEAF.astream(value):
        yield chunk
        await checkpoint()


async def in_a_worker_thread(value: Any) -> Any:
    return await to_thread.run_sync(LEAF.invoke, value)


async def in_a_worker_thread_on_async(value: Any) -> Any:
    return await to_thread.run_sync(ALEAF.invoke, value)


async def in_a_task_group(value: Any) -> Any:
    async with anyio.create_task_group() as group:
        group.start_soon(ALEAF.ainvoke, value)


async def in_parallel(value: Any) -> Any:
    return await RunnableParallel(a=ALEAF).ainvoke(value)


async def returns_a_runnable(_: Any) -> Any:
    return ALEAF


async def at_the_end(value: Any) -> Any:
    try:
        await checkpoint()
    finally:
        await ALEAF.ainvoke(value)


async def in_a_loop_of_its_own(value: Any) -> Any:
    return await to_thread.run_sync(lambda: anyio.run(ALEAF.ainvoke, value))


def in_a_copied_context(value: Any) -> Any:
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(context.run, LEAF.invoke, value).result()


NESTED: list[Callable[[Any], Any]] = [
    awaits,
    awaits_plain,
    calls,
    calls_async,
    calls_within_a_loop,
    calls_async_within_a_loop,
    iterates,
    iterates_plainly,
    watches,
    watches_plainly,
    generates,
    generates_plainly,
    generates_a_stream,
    in_a_worker_thread,
    in_a_worker_thread_on_async,
    in_a_task_group,
    in_parallel,
    returns_a_runnable,
    at_the_end,
    in_a_loop_of_its_own,
    in_a_copied_context,
]


def collecting() -> tuple[list[AnyMessage], RunnableConfig]:
    messages: list[AnyMessage] = []
    bus = Bus()
    bus.listen(messages.append)
    return messages, {"bus": bus, "tags": ["mine"], "metadata": {"who": "me"}}


def check_tree(messages: list[AnyMessage]) -> None:
    """The leaf is below the outer run, in whatever lies between, and inherits from it."""
    starts = {message.run.name: message for message in messages if message.kind == "start"}
    outer, leaf = starts["outer"].run, starts["leaf"].run
    assert leaf.parent_ids[0] == outer.id
    assert "mine" in leaf.tags
    assert leaf.metadata == {"who": "me"}
    closed = [m.run.name for m in messages if m.kind == "end"]
    assert closed.index("leaf") < closed.index("outer")
    numbers = [message.seq for message in messages]
    assert numbers == sorted(set(numbers))
    assert current_run() is None


@pytest.mark.parametrize("function", NESTED)
async def test_a_nested_call_finds_its_parent(function: Callable[[Any], Any]) -> None:
    outer = RunnableLambda(function, name="outer")
    for use in (outer.ainvoke, lambda v, c: drain(outer.astream(v, c))):
        messages, config = collecting()
        with anyio.fail_after(10):
            await use(1, config)
        check_tree(messages)
        assert [m.run.name for m in messages if m.kind == "start"].count("leaf") == 1


@pytest.mark.parametrize("function", NESTED)
def test_a_nested_call_finds_its_parent_without_a_loop(function: Callable[[Any], Any]) -> None:
    outer = RunnableLambda(function, name="outer")
    for use in (outer.invoke, lambda v, c: list(outer.stream(v, c))):
        messages, config = collecting()
        use(1, config)
        check_tree(messages)


async def drain(stream: Any) -> None:
    async for _ in stream:
        pass


@pytest.mark.parametrize("function", [awaits, calls, calls_async, generates, generates_plainly])
async def test_with_buffered_channels(function: Callable[[Any], Any]) -> None:
    chain = RunnableLambda(lambda x: x) | RunnableLambda(function, name="outer")
    messages, config = collecting()
    await drain(chain.astream(1, {**config, "channel_capacity": 2}))
    starts = {message.run.name: message.run for message in messages if message.kind == "start"}
    assert starts["leaf"].parent_ids == [starts["RunnableSequence"].id, starts["outer"].id]


# ---------------------------------------------------------------------- asyncio only


async def gathers(value: Any) -> Any:
    return await asyncio.gather(ALEAF.ainvoke(value), ALEAF.ainvoke(value))


async def creates_a_task(value: Any) -> Any:
    return await asyncio.create_task(ALEAF.ainvoke(value))


async def creates_a_task_in_a_task(value: Any) -> Any:
    async def inner() -> Any:
        return await asyncio.create_task(ALEAF.ainvoke(value))

    return await asyncio.create_task(inner())


async def runs_in_a_thread_of_asyncio(value: Any) -> Any:
    return await asyncio.to_thread(LEAF.invoke, value)


@pytest.mark.parametrize(
    "function", [gathers, creates_a_task, creates_a_task_in_a_task, runs_in_a_thread_of_asyncio]
)
async def test_a_nested_call_in_a_task_of_asyncio(function: Callable[[Any], Any]) -> None:
    if not hasattr(current_token().native_token, "create_task"):
        pytest.skip("asyncio's own")
    messages, config = collecting()
    await RunnableLambda(function, name="outer").ainvoke(1, config)
    check_tree(messages)


# ------------------------------------------------------------------- explicit configs


def in_a_bare_thread(call: Callable[[], Any]) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    thread.join()
    return results[0]


async def passes_config(value: Any, config: RunnableConfig) -> Any:
    return await ALEAF.ainvoke(value, config)


def passes_config_to_a_thread(value: Any, config: RunnableConfig) -> Any:
    return in_a_bare_thread(lambda: LEAF.invoke(value, config))


def passes_config_to_a_thread_on_async(value: Any, config: RunnableConfig) -> Any:
    return in_a_bare_thread(lambda: ALEAF.invoke(value, config))


def passes_config_to_a_loop_in_a_thread(value: Any, config: RunnableConfig) -> Any:
    return in_a_bare_thread(lambda: anyio.run(ALEAF.ainvoke, value, config))


def streams_with_config_in_a_thread(value: Any, config: RunnableConfig) -> Any:
    return in_a_bare_thread(lambda: list(ALEAF.stream(value, config)))


def takes_config_from_around(value: Any) -> Any:
    config = get_config()
    return in_a_bare_thread(lambda: LEAF.invoke(value, config))


WITH_CONFIG: list[Callable[..., Any]] = [
    passes_config,
    passes_config_to_a_thread,
    passes_config_to_a_thread_on_async,
    passes_config_to_a_loop_in_a_thread,
    streams_with_config_in_a_thread,
    takes_config_from_around,
]


@pytest.mark.parametrize("function", WITH_CONFIG)
async def test_an_explicit_config_names_the_parent(function: Callable[..., Any]) -> None:
    messages, config = collecting()
    with anyio.fail_after(10):
        assert "!" in "".join(await RunnableLambda(function, name="outer").ainvoke(1, config))
    check_tree(messages)


@pytest.mark.parametrize("function", WITH_CONFIG)
def test_an_explicit_config_without_a_loop(function: Callable[..., Any]) -> None:
    messages, config = collecting()
    RunnableLambda(function, name="outer").invoke(1, config)
    check_tree(messages)


async def test_an_explicit_config_counts_more_than_where_the_code_runs() -> None:
    seen: list[RunnableConfig] = []

    async def remember(value: Any, config: RunnableConfig) -> Any:
        seen.append(config)
        # Called below another run, with the config of this one.
        return await RunnableLambda(use_first, name="second").ainvoke(value)

    async def use_first(value: Any) -> Any:
        return await ALEAF.ainvoke(value, seen[0])

    messages, config = collecting()
    await RunnableLambda(remember, name="outer").ainvoke(1, config)
    starts = {m.run.name: m.run for m in messages if m.kind == "start"}
    assert starts["leaf"].parent_ids == [starts["outer"].id]
    assert starts["second"].parent_ids == [starts["outer"].id]


# ------------------------------------------------------------------------ elsewhere


async def test_siblings_in_a_task_group_do_not_see_one_another() -> None:
    async def visit(number: int) -> list[Any]:
        names = [name_now()]
        await checkpoint()
        names.append(await RunnableLambda(below, name=f"below {number}").ainvoke(number))
        await checkpoint()
        return [*names, name_now()]

    async def below(_: int) -> Any:
        await checkpoint()
        return name_now()

    steps = {str(n): RunnableLambda(visit, name=f"visit {n}") for n in range(5)}
    parallel = RunnableParallel({key: RunnableLambda(int) | steps[key] for key in steps})
    for number in steps:
        result = await parallel.ainvoke(number)
        assert result == {key: [f"visit {key}", f"below {number}", f"visit {key}"] for key in steps}


def name_now() -> str | None:
    run = current_run()
    return None if run is None else run.name


async def test_the_consumer_of_a_stream_is_outside_of_it() -> None:
    async def generate(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for _ in items:
            for _ in range(3):
                yield name_now()

    chain: Runnable[Any, Any] = RunnableGenerator(generate, name="inner")
    for config in ({}, {"channel_capacity": 1}):
        async for chunk in (chain | RunnableLambda(lambda x: x, per_chunk=True)).astream(1, config):
            assert chunk == "inner"
            assert name_now() is None
    for chunk in chain.stream(1):
        assert (chunk, name_now()) == ("inner", None)


def test_outside_of_any_run_there_is_no_config() -> None:
    with pytest.raises(NoActiveRunError, match="copy_context"):
        get_config()
