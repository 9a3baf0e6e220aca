"""The runs of tools: their messages, their threads, and what stops them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import RunCancelled, RunEnded, RunFailed, RunStarted, current_run
from streamflow.runnables import RunnableLambda, RunnableParallel
from streamflow.tools import BaseTool, StructuredTool, ToolException, tool
from tests.cancellation.probes import Ledger, nothing_moves

INNER = RunnableLambda(lambda x: x + 1, name="inner")


def call(id: str, **args: Any) -> Any:
    return {"name": "any", "args": args, "id": id, "type": "tool_call"}


# --------------------------------------------------------------------- threads and loops


async def test_a_tool_that_blocks_does_not_stop_the_loop() -> None:
    released = threading.Event()
    order = []

    @tool
    def blocking() -> str:
        """Wait until the loop has done something else."""
        order.append("blocked")
        assert released.wait(20)
        order.append("released")
        return "done"

    async def beside() -> None:
        while "blocked" not in order:
            await checkpoint()
        order.append("loop")
        released.set()

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(beside)
            assert await blocking.ainvoke({}) == "done"
    assert order == ["blocked", "loop", "released"]


async def test_plain_tools_of_one_turn_run_side_by_side() -> None:
    both_are_there = threading.Barrier(2, timeout=20)

    @tool
    def meet(name: str) -> str:
        """Wait for the other one."""
        both_are_there.wait()
        return name

    results = await RunnableParallel(
        a=RunnableLambda(lambda _: "a", inline=True) | meet,
        b=RunnableLambda(lambda _: "b", inline=True) | meet,
    ).ainvoke(0)
    assert results == {"a": "a", "b": "b"}


def test_an_async_tool_runs_with_no_loop_of_the_caller() -> None:
    threads = []

    @tool
    async def asynchronous(number: int) -> int:
        """Add two."""
        threads.append(threading.current_thread())
        await checkpoint()
        return await INNER.ainvoke(number) + 1

    messages: list[Any] = []
    assert asynchronous.invoke("1", {"callbacks": messages.append}) == 3
    assert threads[0] is not threading.current_thread()
    assert [(type(m), m.run.name) for m in messages] == [
        (RunStarted, "asynchronous"),
        (RunStarted, "inner"),
        (RunEnded, "inner"),
        (RunEnded, "asynchronous"),
    ]


async def test_of_a_pair_the_one_is_chosen_that_suits() -> None:
    def plain(a: int) -> str:
        """Show which."""
        return "plain"

    async def asynchronous(a: int) -> str:
        return "async"

    pair = StructuredTool.from_function(plain, asynchronous)
    assert (pair.name, pair.description) == ("plain", "Show which.")
    assert pair.invoke({"a": 1}) == "plain"
    assert await pair.ainvoke({"a": 1}) == "async"
    alone = StructuredTool.from_function(coroutine=asynchronous, description="Show.")
    assert alone.invoke({"a": 1}) == await alone.ainvoke({"a": 1}) == "async"


# ------------------------------------------------------------------------- what is inside


def calls(number: int) -> int:
    return INNER.invoke(number)


async def awaits(number: int) -> int:
    return await INNER.ainvoke(number)


def yields(number: int) -> Iterator[int]:
    yield INNER.invoke(number)


async def yields_async(number: int) -> AsyncIterator[int]:
    yield await INNER.ainvoke(number)


async def starts_tasks(number: int) -> int:
    results = []

    async def one() -> None:
        results.append(await INNER.ainvoke(number))

    async with anyio.create_task_group() as group:
        group.start_soon(one)
    return results[0]


async def calls_in_a_thread(number: int) -> int:
    return await anyio.to_thread.run_sync(INNER.invoke, number)


INSIDE = pytest.mark.parametrize(
    "function",
    [calls, awaits, yields, yields_async, starts_tasks, calls_in_a_thread],
    ids=lambda f: f.__name__,
)


@INSIDE
async def test_nothing_goes_dark(function: Any) -> None:
    outer = tool(function.__name__, description="x")(function)
    events = [e async for e in outer.astream_events({"number": 1}, version="v2")]
    by_name = {event["name"]: event for event in events}
    assert events[-1]["data"] == {"output": 2}
    assert by_name["inner"]["parent_ids"] == [by_name[function.__name__]["run_id"]]


@INSIDE
def test_nothing_goes_dark_with_no_loop(function: Any) -> None:
    outer = tool(function.__name__, description="x")(function)
    messages: list[Any] = []
    assert outer.invoke({"number": 1}, {"callbacks": messages.append}) == 2
    inner = [message.run for message in messages if message.run.name == "inner"]
    assert {run.parent.name for run in inner} == {function.__name__}


async def test_a_tool_that_calls_tools() -> None:
    @tool
    async def middle(number: int) -> int:
        """Call a runnable."""
        return await INNER.ainvoke(number)

    @tool
    def outer(number: int) -> int:
        """Call a tool."""
        return middle.invoke({"number": number})

    names = [
        (event["event"], event["name"])
        async for event in outer.astream_events({"number": 1}, version="v2")
    ]
    assert names == [
        ("on_tool_start", "outer"),
        ("on_tool_start", "middle"),
        ("on_chain_start", "inner"),
        ("on_chain_end", "inner"),
        ("on_tool_end", "middle"),
        ("on_tool_end", "outer"),
    ]


# ------------------------------------------------------------------------------- errors


async def keep(stream: AsyncIterator[Any], items: list[Any]) -> None:
    async for item in stream:
        items.append(item)  # noqa: PERF401 - those before an error are kept, too


@tool
def fails(count: int) -> None:
    """Fail."""
    raise ToolException("no")


@tool
async def async_fails(count: int) -> None:
    """Fail."""
    raise KeyError("no")


@pytest.mark.parametrize("failing", [fails, async_fails], ids=lambda t: t.name)
async def test_the_event_of_an_error_has_the_input_and_the_id_of_the_call(
    failing: BaseTool,
) -> None:
    events: list[Any] = []
    chain = RunnableLambda(lambda _: call("call_7", count=1)) | failing
    with pytest.raises((ToolException, KeyError)):
        await keep(chain.astream_events("go", version="v2"), events)
    start, error = (event for event in events if event["event"].startswith("on_tool"))
    assert start["data"] == {"input": {"count": 1}, "tool_call_id": "call_7"}
    assert error["event"] == "on_tool_error"
    assert error["data"]["input"] == {"count": 1}
    assert error["data"]["tool_call_id"] == "call_7"
    assert isinstance(error["data"]["error"], (ToolException, KeyError))


async def test_calls_of_one_tool_are_told_apart() -> None:
    @tool
    async def double(number: int) -> AsyncIterator[int]:
        """Double a number."""
        await checkpoint()
        yield 2 * number

    calls_of_one_turn = [call(f"call_{n}", number=n) for n in range(3)]
    ids: dict[str, str] = {}
    chunks: dict[str, int] = {}
    answers: dict[str, str] = {}

    async def turn(_: Any) -> Any:
        return await double.abatch(calls_of_one_turn)

    async for event in RunnableLambda(turn).astream_events(0, include_types=["tool"]):
        if event["event"] == "on_tool_start":
            ids[event["run_id"]] = event["data"]["tool_call_id"]
        elif event["event"] == "on_tool_stream":
            chunks[ids[event["run_id"]]] = event["data"]["chunk"]
        else:
            answers[event["data"]["output"].tool_call_id] = event["data"]["output"].content
    assert chunks == {"call_0": 0, "call_1": 2, "call_2": 4}
    assert answers == {"call_0": "0", "call_1": "2", "call_2": "4"}


def test_a_failure_with_no_loop() -> None:
    messages: list[Any] = []
    with pytest.raises(ToolException):
        fails.invoke(call("call_1", count=1), {"callbacks": messages.append})
    assert [type(message) for message in messages] == [RunStarted, RunFailed]
    assert messages[0].input == {"count": 1}


# -------------------------------------------------------------------------- cancellation


def endless(ledger: Ledger) -> list[BaseTool]:
    async def one() -> None:
        ledger.enter("tool")
        try:
            while True:
                ledger.passed += 1
                await checkpoint()
        finally:
            ledger.leave("tool")

    async def many() -> AsyncIterator[int]:
        ledger.enter("tool")
        try:
            while True:
                ledger.passed += 1
                await checkpoint()
                yield 1
        finally:
            ledger.leave("tool")

    def plain() -> Iterator[int]:
        ledger.enter("tool")
        try:
            while True:
                ledger.passed += 1
                yield 1
        finally:
            ledger.leave("tool")

    functions: list[Any] = [one, many, plain]
    return [tool(each.__name__, description="x")(each) for each in functions]


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("given", [{}, call("call_1")], ids=["dict", "tool call"])
async def test_a_cancelled_tool_stops(kind: int, given: Any) -> None:
    ledger = Ledger()
    running = endless(ledger)[kind]
    messages: list[Any] = []
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(running.ainvoke, given, {"callbacks": messages.append})
            while ledger.passed < 3:
                await checkpoint()
            group.cancel_scope.cancel()
        await nothing_moves(ledger)
    assert isinstance(messages[-1], RunCancelled)


async def test_a_reader_who_leaves_stops_the_tool() -> None:
    for kind in (1, 2):
        ledger = Ledger()
        with anyio.fail_after(20):
            async with endless(ledger)[kind].astream({}) as chunks:
                async for _ in chunks:
                    break
            await nothing_moves(ledger)
        assert ledger.settled()


# ------------------------------------------------------- what a tool is made with


def test_listeners_tags_and_metadata_of_the_tool_itself() -> None:
    heard: list[Any] = []

    @tool(callbacks=[heard.append], tags=["own"], metadata={"team": "a"})
    def outer(number: int) -> int:
        """Call a runnable."""
        run = current_run()
        assert run is not None
        assert (run.tags, run.metadata) == (["own", "given"], {"team": "a", "k": 1})
        return INNER.invoke(number)

    messages: list[Any] = []
    config: Any = {"callbacks": messages.append, "tags": ["given"], "metadata": {"k": 1}}
    assert outer.invoke({"number": 1}, config) == 2
    assert [(type(m), m.run.name) for m in heard] == [(RunStarted, "outer"), (RunEnded, "outer")]
    inner = next(message.run for message in messages if message.run.name == "inner")
    assert (inner.tags, inner.metadata) == (["given"], {"k": 1})


async def test_own_tags_are_filtered_by() -> None:
    tagged = tool("tagged", description="x", tags=["mine"])(calls)
    chain = INNER | RunnableLambda(lambda n: {"number": n}) | tagged
    names = {e["name"] async for e in chain.astream_events(1, include_tags=["mine"])}
    assert names == {"tagged"}


def test_a_tool_that_tells_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    tool("loud", description="x", verbose=True)(calls).invoke({"number": 41})
    assert "42" in capsys.readouterr().out
