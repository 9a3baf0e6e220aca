"""A reader that stands still until the publisher is done is never waited for."""

from __future__ import annotations

import threading
from typing import Any

import anyio
from anyio import wait_all_tasks_blocked
from anyio.lowlevel import checkpoint

from streamflow.bus import Bus, Subscription
from streamflow.runnables import RunnableGenerator, RunnableLambda
from tests.execution.both import in_time


def numbers(_: Any) -> Any:
    yield from range(20)


async def anumbers(_: Any) -> Any:
    for number in range(20):
        await checkpoint()
        yield number


CHAINS = [RunnableGenerator(numbers), RunnableGenerator(anumbers)]


def read(messages: Subscription) -> list[int]:
    return [message.chunk for message in messages if message.kind == "stream"]


def test_a_synchronous_call_in_the_reader_s_thread() -> None:
    def main() -> None:
        for chain in CHAINS:
            bus = Bus()
            with bus.subscribe(capacity=2) as messages:
                assert list(chain.stream("go", {"bus": bus})) == list(range(20))
                assert messages.statistics().waiting == 22
                bus.close()
                assert read(messages) == list(range(20))

    in_time(main)


async def test_a_synchronous_call_on_the_reader_s_loop() -> None:
    for chain in CHAINS:
        bus = Bus()
        async with bus.subscribe(capacity=2) as messages:
            assert list(chain.stream("go", {"bus": bus})) == list(range(20))
            bus.close()
            assert read(messages) == list(range(20))


async def test_async_only_code_below_a_synchronous_call_on_the_reader_s_loop() -> None:
    # Its messages come from the background loop, which the reader's thread waits for.
    chain = CHAINS[1]

    async def relay(_: Any) -> list[int]:
        return [chunk async for chunk in chain.astream("go")]

    bus = Bus()
    async with bus.subscribe(capacity=2) as messages:
        assert RunnableLambda(relay).invoke(0, {"bus": bus}) == list(range(20))
        bus.close()
        assert read(messages) == list(range(20))


async def test_an_inline_function_on_the_reader_s_loop() -> None:
    inner = CHAINS[0]

    def call(_: Any) -> list[int]:
        return list(inner.stream("go"))

    bus = Bus()
    async with bus.subscribe(capacity=2) as messages:
        publisher = RunnableLambda(call, inline=True)
        async with anyio.create_task_group() as group:
            group.start_soon(publisher.ainvoke, 0, {"bus": bus})
            await wait_all_tasks_blocked()
            # All of it came while the loop stood still, and its end had to wait.
            assert messages.statistics().waiting >= 22
            taken = [await messages.receive() for _ in range(24)]
    assert [m.chunk for m in taken if m.kind == "stream"] == list(range(20))


async def test_a_worker_thread_waits_for_the_reader_on_the_loop() -> None:
    inner = CHAINS[0]
    made: list[int] = []

    def call(_: Any) -> None:
        made.extend(iter(inner.stream("go")))

    bus = Bus()
    async with bus.subscribe(capacity=2) as messages, anyio.create_task_group() as group:
        group.start_soon(RunnableLambda(call).ainvoke, 0, {"bus": bus})
        # The start of the outer run, that of the inner one, and then it is full.
        while messages.statistics().waiting < 2:
            await checkpoint()
        await wait_all_tasks_blocked()
        assert len(made) == 0
        assert [(await messages.receive()).seq for _ in range(24)] == list(range(1, 25))
    assert made == list(range(20))
    assert messages.statistics().peak <= 2


def test_detached_readers_are_waited_for_whatever_their_thread_does() -> None:
    bus = Bus()
    messages = bus.subscribe(capacity=2)
    messages.detach()

    def publish() -> None:
        for _ in CHAINS[0].stream("go", {"bus": bus}):
            pass
        bus.close()

    def main() -> list[int]:
        thread = threading.Thread(target=publish)
        thread.start()
        chunks = read(messages)
        thread.join()
        return chunks

    assert in_time(main) == list(range(20))
    assert messages.statistics().peak <= 2
