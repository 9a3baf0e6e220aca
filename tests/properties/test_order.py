"""The same input gives the same messages on asyncio, on trio and without a loop.

As long as nothing works beside anything else: channels are direct, and no branches.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings, strategies as st

from streamflow.bus import AnyMessage, Bus, ChunkStreamed, RunEnded
from streamflow.errors import ChunkMergeError
from streamflow.runnables import Runnable
from tests.properties.balance import check_balance
from tests.properties.trees import Nursery, Tree, TreeError, trees

EXPECTED = (TreeError, ChunkMergeError, TypeError)


async def drain(stream: Any) -> None:
    async with stream:
        async for _ in stream:
            pass


async def leave(stream: Any) -> None:
    async with stream:
        async for _ in stream:
            break


def plain_drain(stream: Any) -> None:
    for _ in stream:
        pass


def plain_leave(stream: Any) -> None:
    with stream:
        for _ in stream:
            break


USES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "invoke": (
        lambda chain, config: chain.ainvoke(1, config),
        lambda chain, config: chain.invoke(1, config),
    ),
    "stream": (
        lambda chain, config: drain(chain.astream(1, config)),
        lambda chain, config: plain_drain(chain.stream(1, config)),
    ),
    "left stream": (
        lambda chain, config: leave(chain.astream(1, config)),
        lambda chain, config: plain_leave(chain.stream(1, config)),
    ),
    "events": (
        lambda chain, config: drain(chain.events(1, config)),
        lambda chain, config: plain_drain(chain.stream_events(1, config)),
    ),
}


def shown(messages: list[AnyMessage]) -> list[tuple[Any, ...]]:
    """What there is to see in messages, without what differs from run to run."""
    rows: list[tuple[Any, ...]] = []
    for message in messages:
        run, value = message.run, None
        if isinstance(message, ChunkStreamed):
            value = message.chunk
        elif isinstance(message, RunEnded):
            value = message.output
        depth = len(run.parent_ids)
        rows.append((message.seq, message.kind, run.name, depth, tuple(run.tags), repr(value)))
    return rows


def told(tree: Tree, use: Callable[[Runnable[Any, Any], Any], object]) -> list[tuple[Any, ...]]:
    """What is told when ``tree`` is used, checked for balance."""
    messages: list[AnyMessage] = []
    bus = Bus()
    bus.listen(messages.append)
    try:
        use(Nursery(lambda: None).grow(tree), {"bus": bus})
    except EXPECTED:
        pass
    check_balance(messages)
    return shown(messages)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Chunks that do not add up are told of in the log."""
    with caplog.at_level(logging.CRITICAL, logger="streamflow"):
        yield


@settings(max_examples=150)
@example(tree=Tree("sequence", 0, [Tree("agenerator"), Tree("generator")]), way="stream")
@given(tree=trees(waiting=False, concurrent=False), way=st.sampled_from(list(USES)))
def test_the_order_is_the_same_everywhere(tree: Tree, way: str) -> None:
    on_loop, alone = USES[way]
    expected = told(tree, alone)
    for backend in ("asyncio", "trio"):
        assert expected == told(
            tree,
            lambda chain, config, backend=backend: anyio.run(
                on_loop, chain, config, backend=backend
            ),
        )


async def test_a_consumer_tells_of_a_chunk_before_the_producer_makes_the_next() -> None:
    messages: list[tuple[str, str]] = []
    bus = Bus()
    bus.listen(lambda message: messages.append((message.kind, message.run.name)))
    nursery = Nursery(lambda: None)
    chain = nursery.grow(Tree("sequence", 0, [Tree("agenerator"), Tree("generator")]))
    await drain(chain.astream(1, {"bus": bus}))
    kinds = [row for row in messages if row[0] == "stream"]
    one = [("stream", "agenerator"), *[("stream", "generator"), ("stream", "RunnableSequence")] * 2]
    assert kinds == one * 2
