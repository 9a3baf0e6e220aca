"""Ctrl-C in a run without a loop: the run is closed, and so is everything behind it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from streamflow.bus import Bus
from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel
from tests.cancellation.probes import (
    Ledger,
    complaints,
    plain_source,
    running_threads,
    step,
    waiting,
)

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="no signals to single threads here"
)

PATIENCE = 50

Call = Callable[[Runnable[Any, Any], dict[str, Any]], Any]


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """A shell that runs the suite in the background has Ctrl-C ignored by what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def interrupted_when_blocked(ready: Callable[[], bool]) -> Iterator[None]:
    """Send Ctrl-C to this thread as soon as it waits for a lock and ``ready`` says so.

    Python may miss a signal that comes just before a thread begins to wait. So it is sent
    once the thread has been in one place for a while, and again if it stays there.
    """
    main, over = threading.get_ident(), threading.Event()

    def place() -> tuple[Any, int] | None:
        frame = sys._current_frames().get(main)
        if frame is None or frame.f_code.co_filename != threading.__file__:
            return None
        return frame, frame.f_lasti

    def watch() -> None:
        before, rounds, sent = None, 0, None
        while not over.is_set():
            now = place()
            rounds = rounds + 1 if now is not None and now == before else 0
            before = now
            if rounds >= PATIENCE and ready() and (sent is None or now == sent):
                sent, rounds = now, 0
                signal.pthread_kill(main, signal.SIGINT)
            time.sleep(0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        over.set()
        watcher.join()


def history(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Note all messages of the runs with ``config``."""
    messages: list[tuple[str, str]] = []
    bus = config.setdefault("bus", Bus())
    bus.listen(lambda message: messages.append((message.kind, message.run.name)))
    return messages


def endless(ledger: Ledger) -> Runnable[Any, Any]:
    """An async generator that yields once and then waits for ever."""

    async def numbers(inputs: AsyncIterator[Any]) -> AsyncIterator[int]:
        ledger.enter("endless")
        try:
            async for _ in inputs:
                yield 0
                await anyio.sleep_forever()
        finally:
            ledger.leave("endless")

    return RunnableGenerator(numbers, name="endless")


CALLS: dict[str, Call] = {
    "invoke": lambda runnable, config: runnable.invoke(1, config),
    "stream": lambda runnable, config: list(runnable.stream(1, config)),
    "stream_events": lambda runnable, config: list(runnable.stream_events(1, config)),
}
CHAINS: dict[str, Callable[[Ledger], Runnable[Any, Any]]] = {
    "function": waiting,
    "generator": endless,
    "sequence": lambda ledger: endless(ledger) | step(ledger, "step"),
    "parallel": lambda ledger: RunnableParallel(a=lambda x: x, b=waiting(ledger)),
    "parallel generators": lambda ledger: RunnableParallel(a=endless(ledger), b=waiting(ledger)),
    "nested": lambda ledger: RunnableLambda(waiting(ledger).invoke, name="outer"),
}


@pytest.mark.parametrize("chain", list(CHAINS))
@pytest.mark.parametrize("call", list(CALLS))
def test_ctrl_c_while_something_is_waited_for(call: str, chain: str) -> None:
    ledger, config = Ledger(), {}
    messages = history(config)
    with complaints() as found:
        with interrupted_when_blocked(lambda: any(ledger.open.values())):
            CALLS[call](CHAINS[chain](ledger), config)
        assert ledger.still_open() == []
        assert running_threads() == []
    started = [name for kind, name in messages if kind == "start"]
    closed = [name for kind, name in messages if kind == "cancelled"]
    ended = [name for kind, name in messages if kind == "end"]
    assert sorted(started) == sorted(closed + ended)
    assert messages[-1] == ("cancelled", started[0]), "the root is closed last"
    assert found == []


@pytest.mark.parametrize("call", list(CALLS))
def test_ctrl_c_with_buffered_channels(call: str) -> None:
    ledger = Ledger()
    config: dict[str, Any] = {"channel_capacity": 2}
    messages = history(config)
    with interrupted_when_blocked(lambda: any(ledger.open.values())):
        CALLS[call](endless(ledger) | step(ledger, "step"), config)
    assert ledger.still_open() == []
    assert running_threads() == []
    assert messages[-1][0] == "cancelled"


@pytest.mark.parametrize("call", ["invoke", "stream"])
def test_ctrl_c_in_the_code_of_a_step(call: str) -> None:
    """The signal arrives while Python code of the main thread runs."""
    ledger, config = Ledger(), {}
    messages = history(config)

    def interrupted(items: Iterator[int]) -> Iterator[int]:
        ledger.enter("interrupted")
        try:
            for item in items:
                yield item
                signal.raise_signal(signal.SIGINT)
        finally:
            ledger.leave("interrupted")

    chain = RunnableLambda(lambda x: x, name="first") | RunnableGenerator(interrupted)
    with pytest.raises(KeyboardInterrupt):
        CALLS[call](chain, config)
    assert ledger.closed == ["interrupted"]
    assert messages[-2:] == [("cancelled", "interrupted"), ("cancelled", "RunnableSequence")]


def test_ctrl_c_in_the_loop_of_the_reader() -> None:
    ledger, config = Ledger(), {}
    messages = history(config)

    def read() -> None:
        with plain_source(ledger).stream(1, config) as chunks:
            for chunk in chunks:
                if chunk == 2:
                    signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        read()
    assert ledger.closed == ["source"]
    assert messages[-1] == ("cancelled", "source")


def test_ctrl_c_that_a_branch_raises_itself() -> None:
    ledger = Ledger()

    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RunnableParallel(a=interrupt, b=waiting(ledger)).invoke(1)
    assert ledger.still_open() == []
    assert running_threads() == []
