"""When a bus hears of a run: for a call, for a block, for the process; and listeners."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

from streamflow.bus import Bus, EventFilter, current_run
from streamflow.runnables import RunnableLambda

double = RunnableLambda(lambda x: x * 2, name="double")


def heard(bus: Bus) -> list[str]:
    names: list[str] = []
    bus.listen(lambda message: names.append(f"{message.run.name}:{message.kind}"))
    return names


def test_for_one_call() -> None:
    bus = Bus()
    names = heard(bus)
    double.invoke(1, {"bus": bus})
    double.invoke(1)
    assert names == ["double:start", "double:end"]


def test_for_a_block_also_nested() -> None:
    outer, inner = Bus(), Bus()
    names, more = heard(outer), heard(inner)
    with outer.active():
        with inner.active():
            double.invoke(1)
        double.invoke(1)
    double.invoke(1)
    assert names == ["double:start", "double:end"] * 2
    assert more == ["double:start", "double:end"]


async def test_for_a_block_inside_a_run() -> None:
    bus = Bus()
    names = heard(bus)

    async def outer(x: int) -> int:
        with bus.active():
            run = current_run()
            assert run is not None
            assert run.name == "outer"
            return await double.ainvoke(x)

    assert await RunnableLambda(outer).ainvoke(2) == 4
    assert names == ["double:start", "double:end"]


async def test_tasks_started_in_a_block_are_in_it() -> None:
    bus = Bus()
    names = heard(bus)
    with bus.active():
        async with anyio.create_task_group() as group:
            group.start_soon(double.ainvoke, 1)
            group.start_soon(double.ainvoke, 2)
    assert sorted(names) == ["double:end"] * 2 + ["double:start"] * 2


def test_for_the_process() -> None:
    bus = Bus()
    names = heard(bus)
    bus.install()
    bus.install()
    try:
        double.invoke(1)
    finally:
        bus.uninstall()
    double.invoke(1)
    assert names == ["double:start", "double:end"]


def test_one_bus_by_two_ways_hears_once() -> None:
    bus = Bus()
    names = heard(bus)
    with bus.active():
        bus.install()
        try:
            double.invoke(1, {"bus": bus})
        finally:
            bus.uninstall()
    assert names == ["double:start", "double:end"]


def test_listening_ends() -> None:
    bus = Bus()
    names: list[str] = []
    stop = bus.listen(lambda message: names.append(message.kind))
    double.invoke(1, {"bus": bus})
    stop()
    double.invoke(1, {"bus": bus})
    assert names == ["start", "end"]


def test_a_listener_with_a_filter() -> None:
    bus = Bus()
    names: list[str] = []
    bus.listen(
        lambda message: names.append(message.run.name), EventFilter(exclude_names=["double"])
    )
    (double | RunnableLambda(str, name="text")).invoke(1, {"bus": bus})
    assert names == ["RunnableSequence", "text", "text", "RunnableSequence"]


async def test_an_async_listener_is_awaited_before_the_run_goes_on() -> None:
    bus = Bus()
    log: list[str] = []

    async def listen(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        log.append(message.kind)

    async def work(x: int) -> int:
        log.append("work")
        return x

    bus.listen(listen)
    await RunnableLambda(work).ainvoke(1, {"bus": bus})
    assert log == ["start", "work", "end"]


def test_an_async_listener_without_a_loop() -> None:
    bus = Bus()
    log: list[str] = []

    async def listen(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        log.append(message.kind)

    bus.listen(listen)
    assert double.invoke(3, {"bus": bus}) == 6
    assert log == ["start", "end"]


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_failing_listener_is_logged_and_harms_nothing(
    caplog: pytest.LogCaptureFixture, *, is_async: bool
) -> None:
    bus = Bus()

    def listen(message: Any) -> None:
        raise ZeroDivisionError

    async def listen_async(message: Any) -> None:
        raise ZeroDivisionError

    bus.listen(listen_async if is_async else listen)
    names = heard(bus)
    with caplog.at_level(logging.ERROR, logger="streamflow"):
        assert await double.ainvoke(1, {"bus": bus}) == 2
    assert names == ["double:start", "double:end"]
    assert "run 'double'" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_cancelled_run_is_told_to_async_listeners() -> None:
    bus = Bus()
    log: list[str] = []

    async def listen(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        log.append(message.kind)

    async def wait(x: int) -> int:
        await anyio.sleep_forever()
        return x

    bus.listen(listen)
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(RunnableLambda(wait).ainvoke, 1, {"bus": bus})
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
    assert log == ["start", "cancelled"]
