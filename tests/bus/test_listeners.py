"""Listeners: what they may be, what they may do, and when they are called."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import Bus, EventFilter, Message
from streamflow.runnables import (
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnableSequence,
)

step = RunnableLambda(str, name="step")
other = RunnableLambda(str, name="other")
branches = RunnableParallel({str(n): RunnableLambda(str, name=f"branch {n}") for n in range(5)})


async def test_calls_of_an_async_listener_begin_in_the_order_of_the_messages() -> None:
    bus = Bus()
    begun: list[int] = []
    ended: list[int] = []

    async def listen(message: Message) -> None:
        begun.append(message.seq)
        await checkpoint()
        ended.append(message.seq)

    bus.listen(listen)
    await branches.ainvoke(1, {"bus": bus})
    assert begun == list(range(1, 13))
    assert sorted(ended) == begun


async def test_a_run_waits_for_the_calls_of_its_own_messages_whoever_else_publishes() -> None:
    steps: list[str] = []
    go = {"a": anyio.Event(), "b": anyio.Event()}

    async def listen(message: Message) -> None:
        if message.kind == "start":
            await go[message.run.name].wait()
            steps.append(f"{message.run.name} heard of")

    async def work(name: str) -> None:
        steps.append(f"{name} runs")

    async def run(name: str) -> None:
        await RunnableLambda(work, name=name).ainvoke(name, {"bus": bus})

    bus = Bus()
    # It holds up the run b between its first message and the call of the listener.
    full = bus.subscribe(EventFilter(include_names=["b"]), capacity=1)
    bus.listen(listen)
    async with anyio.create_task_group() as group:
        group.start_soon(run, "a")
        await anyio.wait_all_tasks_blocked()
        group.start_soon(run, "b")
        await anyio.wait_all_tasks_blocked()
        go["a"].set()
        await anyio.wait_all_tasks_blocked()
        full.close()
        await anyio.wait_all_tasks_blocked()
        assert steps == ["a heard of", "a runs"]
        go["b"].set()
    assert steps == ["a heard of", "a runs", "b heard of", "b runs"]


async def test_a_run_that_goes_on_in_a_thread_waits_for_its_calls_too() -> None:
    class Plain(RunnableGenerator[Any, Any]):
        def transform(self, input: Any, config: Any = None, **kwargs: Any) -> Any:
            for chunk in super().transform(input, config, **kwargs):
                steps.append(f"yields {chunk}")
                yield chunk

    steps: list[str] = []

    async def listen(message: Message) -> None:
        await checkpoint()
        steps.append(message.kind)

    def numbers(_: Any) -> Any:
        yield from range(2)

    bus = Bus()
    bus.listen(listen)
    chain = Plain(numbers)
    expected = ["start", "yields 0", "stream", "yields 1", "stream", "end"]
    assert [chunk async for chunk in chain.astream(0, {"bus": bus})] == [0, 1]
    assert steps == expected
    assert list(chain.stream(0, {"bus": bus})) == [0, 1]
    assert steps == expected * 2


async def test_an_object_may_listen_too() -> None:
    class Plain:
        def __init__(self) -> None:
            self.kinds: list[str] = []

        def __call__(self, message: Message) -> None:
            self.kinds.append(message.kind)

    class Asynchronous(Plain):
        async def __call__(self, message: Message) -> None:  # type: ignore[override]  # on purpose
            await checkpoint()
            self.kinds.append(message.kind)

    bus = Bus()
    listeners = [Plain(), Asynchronous()]
    for listener in listeners:
        bus.listen(listener)
    await step.ainvoke(1, {"bus": bus})
    step.invoke(1, {"bus": bus})
    assert [listener.kinds for listener in listeners] == [["start", "end"] * 2] * 2


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
async def test_a_listener_may_run_something_that_publishes(*, is_async: bool) -> None:
    bus = Bus()
    heard: list[tuple[int, str]] = []
    bus.listen(lambda message: heard.append((message.seq, message.run.name)))

    def listen(message: Message) -> None:
        other.invoke(message.kind, {"bus": bus})

    async def listen_async(message: Message) -> None:
        await other.ainvoke(message.kind, {"bus": bus})

    bus.listen(listen_async if is_async else listen, EventFilter(include_names=["step"]))
    assert await step.ainvoke(1, {"bus": bus}) == "1"
    names = [name for _, name in heard]
    assert names == ["step", "other", "other", "step", "other", "other"]


def test_a_listener_may_end_its_own_listening() -> None:
    bus = Bus()
    heard: list[str] = []

    def listen(message: Message) -> None:
        heard.append(message.kind)
        stop()

    stop = bus.listen(listen)
    step.invoke(1, {"bus": bus})
    step.invoke(1, {"bus": bus})
    # It has been asked for the first run already, and hears that to its end.
    assert heard == ["start", "end"]
    stop()


def test_who_comes_late_hears_of_the_runs_that_start_then() -> None:
    bus = Bus()
    heard: list[str] = []

    def arrive(value: Any) -> Any:
        bus.listen(lambda message: heard.append(f"{message.run.name} {message.kind}"))
        return value

    bus.listen(lambda _: None)
    chain = RunnableSequence(RunnableLambda(arrive, name="arrive"), step, name="all")
    chain.invoke(1, {"bus": bus})
    assert heard == ["step start", "step end"]


def test_closing_a_bus_ends_all_listening() -> None:
    bus = Bus()
    heard: list[str] = []
    bus.listen(lambda message: heard.append(message.kind))
    bus.install()
    step.invoke(1)
    bus.close()
    step.invoke(1)
    step.invoke(1, {"bus": bus})
    assert heard == ["start", "end"]
    bus.close()
    bus.listen(lambda message: heard.append(message.kind))  # and it can be used again
    step.invoke(1, {"bus": bus})
    assert heard == ["start", "end"] * 2


def test_one_listener_that_fails_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus()
    heard: list[str] = []

    def fails(message: Message) -> None:
        raise LookupError("on purpose")

    bus.listen(fails)
    bus.listen(lambda message: heard.append(message.kind))
    assert branches.invoke(1, {"bus": bus}) == {str(n): "1" for n in range(5)}
    assert len(heard) == len(caplog.records) == 12
    assert {"run 'branch 3'" in record.getMessage() for record in caplog.records} == {True, False}
