"""Balance, for random trees with random failures, cancellations and readers.

Every start has exactly one end, error or cancelled message; children close before their
parents; the numbers strictly increase; each subscriber sees each message once; and it is
always over at some time.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint, current_token
from attrs import frozen
from hypothesis import given, settings, strategies as st

from streamflow.bus import AnyMessage, Bus, EventFilter
from streamflow.errors import ChunkMergeError
from streamflow.execution._waiting import call_soon
from streamflow.runnables import RunnableConfig
from tests.cancellation.probes import complaints, nothing_moves, running_threads
from tests.properties.balance import check_balance, root_closing
from tests.properties.trees import Nursery, Tree, TreeError, trees

EXAMPLES = 150
# What may come out of a tree: what its leaves raise, and what their values do not add up to.
EXPECTED = (TreeError, ChunkMergeError, TypeError)


@frozen
class Reading:
    """How a tree is run, and who listens."""

    way: str
    listeners: tuple[str, ...]
    """One to three subscribers: functions, or readers with a capacity."""
    capacity: int | None
    """Of the channels."""
    cancel_at: int | None
    """After how many messages the run is cancelled from outside."""
    leave_at: int | None
    """After how many items the reader leaves."""


def readings(ways: list[str]) -> st.SearchStrategy[Reading]:
    subscriber = st.sampled_from(["function", "async function", "1", "3", "64", "leaver"])
    return st.builds(
        Reading,
        st.sampled_from(ways),
        st.lists(subscriber, min_size=1, max_size=3).map(tuple),
        st.sampled_from([None, None, 1, 2]),
        st.sampled_from([None, None, *range(1, 25)]),
        st.sampled_from([None, None, None, 1, 2, 3]),
    )


class Audience:
    """The subscribers of one run, and what each has seen."""

    def __init__(self, reading: Reading) -> None:
        self.bus = Bus()
        self.seen: dict[str, list[AnyMessage]] = {"all": []}
        self._reading = reading
        self.bus.listen(self.seen["all"].append)  # sees everything, and never waits
        self.config: RunnableConfig = {"bus": self.bus}
        if reading.capacity is not None:
            self.config["channel_capacity"] = reading.capacity

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            for number, kind in enumerate(self._reading.listeners):
                seen = self.seen[f"{number}: {kind}"] = []
                if kind == "function":
                    self.bus.listen(seen.append)
                elif kind == "async function":
                    self._listen_slowly(seen)
                else:
                    capacity = int(kind) if kind.isdigit() else 2
                    subscription = self.bus.subscribe(capacity=capacity)
                    leaves = self._reading.leave_at or 2 if kind == "leaver" else None
                    group.start_soon(self._read, subscription, seen, leaves)
            yield
            self.bus.close()

    def _listen_slowly(self, seen: list[AnyMessage]) -> None:
        async def listen(message: AnyMessage) -> None:
            seen.append(message)
            await checkpoint()

        self.bus.listen(listen)

    async def _read(self, subscription: Any, seen: list[AnyMessage], leaves: int | None) -> None:
        async with subscription as messages:
            async for message in messages:
                seen.append(message)
                if len(seen) == leaves:
                    break

    def check(self) -> None:
        messages = self.seen["all"]
        check_balance(messages)
        for name, seen in self.seen.items():
            numbers = [message.seq for message in seen]
            if "leaver" in name:
                assert numbers == list(range(1, len(seen) + 1)), name
            elif "async" in name:
                # Calls begin in order, but those of two threads may overtake one another.
                assert sorted(numbers) == [message.seq for message in messages], name
            else:
                assert seen == messages, name


async def use(nursery: Nursery, tree: Tree, reading: Reading, config: RunnableConfig) -> str:
    """Run ``tree`` as the reading says, and say what became of it."""
    chain = nursery.grow(tree)
    if reading.way == "ainvoke":
        await chain.ainvoke(1, config)
        return "end"
    stream: Any = getattr(chain, reading.way)(1, config)
    left = reading.leave_at
    async with stream:
        async for _ in stream:
            if left is not None:
                left -= 1
                if left == 0:
                    return "left"
    return "end"


async def run_tree(tree: Tree, reading: Reading) -> None:
    audience = Audience(reading)
    token, stop = current_token(), anyio.Event()

    def ask_to_stop() -> None:
        # In any thread, and without waiting: a listener must not wait for the run.
        call_soon(token, stop.set)

    def count(_: AnyMessage) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            ask_to_stop()

    left = reading.cancel_at or -1
    audience.bus.listen(count)
    nursery = Nursery(ask_to_stop)
    outcome: Any = "cancelled"
    async with audience.listening(), anyio.create_task_group() as group:

        async def cancel() -> None:
            await stop.wait()
            group.cancel_scope.cancel()

        group.start_soon(cancel)
        try:
            outcome = await use(nursery, tree, reading, audience.config)
        except EXPECTED as error:
            outcome = error
        group.cancel_scope.cancel()
    audience.check()
    if not stop.is_set():
        check_outcome(outcome, audience.seen["all"], reading)
    await nothing_moves(nursery.ledger)


def check_outcome(outcome: Any, messages: list[AnyMessage], reading: Reading) -> None:
    """The caller has got what the outermost run has told of itself."""
    if not messages:
        return
    closing: Any = root_closing(messages)
    if outcome == "end":
        assert closing.kind == "end"
    elif isinstance(outcome, Exception) and reading.leave_at is None:
        assert closing.kind == "error"
        assert closing.error is outcome


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Chunks that do not add up are told of in the log; here there are many."""
    with caplog.at_level(logging.CRITICAL, logger="streamflow"):
        yield


WAYS = ["ainvoke", "astream", "events", "astream_events"]


@settings(max_examples=EXAMPLES)
@given(tree=trees(), reading=readings(WAYS))
async def test_runs_are_balanced(tree: Tree, reading: Reading) -> None:
    with complaints() as found, anyio.fail_after(10):
        await run_tree(tree, reading)
    assert found == []


SYNC_WAYS = ["invoke", "stream", "stream_events"]


def use_without_loop(nursery: Nursery, tree: Tree, reading: Reading, config: RunnableConfig) -> str:
    chain = nursery.grow(tree)
    if reading.way == "invoke":
        chain.invoke(1, config)
        return "end"
    stream: Any = getattr(chain, reading.way)(1, config)
    left = reading.leave_at
    with stream:
        for _ in stream:
            if left is not None:
                left -= 1
                if left == 0:
                    return "left"
    return "end"


@settings(max_examples=EXAMPLES)
@given(tree=trees(waiting=False), reading=readings(SYNC_WAYS))
def test_runs_without_a_loop_are_balanced(tree: Tree, reading: Reading) -> None:
    messages: list[AnyMessage] = []
    bus = Bus()
    bus.listen(messages.append)
    readers = [bus.subscribe(capacity=2) for _ in reading.listeners]
    config: RunnableConfig = {"bus": bus}
    if reading.capacity is not None:
        config["channel_capacity"] = reading.capacity
    nursery = Nursery(lambda: None)
    outcome: Any
    with complaints() as found:
        try:
            outcome = use_without_loop(nursery, tree, reading, config)
        except EXPECTED as error:
            outcome = error
        assert running_threads() == []
        assert nursery.ledger.still_open() == []
    assert found == []
    check_balance(messages)
    check_outcome(outcome, messages, reading)
    bus.close()
    for reader in readers:
        assert list(reader) == messages


FILTERS: dict[str, Callable[[], EventFilter]] = {
    "names": lambda: EventFilter(include_names=["afunction", "agenerator", "RunnableSequence"]),
    "tags": lambda: EventFilter(include_tags=["tag 1", "seq:step:1"]),
    "not names": lambda: EventFilter(exclude_names=["afunction", "called"]),
    "roots": lambda: EventFilter(predicate=lambda run: run.parent is None),
}


@settings(max_examples=EXAMPLES // 3)
@given(tree=trees(waiting=False), chosen=st.sampled_from(list(FILTERS)))
async def test_a_filtered_subscriber_sees_the_chosen_runs(tree: Tree, chosen: str) -> None:
    everything: list[AnyMessage] = []
    some: list[AnyMessage] = []
    bus, only = Bus(), FILTERS[chosen]()
    bus.listen(everything.append)
    bus.listen(some.append, only)
    try:
        await Nursery(lambda: None).grow(tree).ainvoke(1, {"bus": bus})
    except EXPECTED:
        pass
    assert some == [message for message in everything if only.matches(message.run)]
