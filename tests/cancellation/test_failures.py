"""An error reaches the caller as it is, is told of once by each run, and stops the others."""

from __future__ import annotations

import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from streamflow.bus import AnyMessage, Bus, RunCancelled, RunFailed
from streamflow.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel
from tests.cancellation.probes import Ledger, nothing_moves, running_threads, waiting

ERROR = ValueError("the one")


async def afail(_: Any) -> Any:
    await checkpoint()
    raise ERROR


def fail(_: Any) -> Any:
    raise ERROR


async def agenerate_and_fail(items: AsyncIterator[Any]) -> AsyncIterator[str]:
    async for _ in items:
        yield "par"
        yield "tial"
        raise ERROR


def generate_and_fail(items: Iterator[Any]) -> Iterator[str]:
    for _ in items:
        yield "par"
        yield "tial"
        raise ERROR


FAILING: dict[str, Callable[[], Runnable[Any, Any]]] = {
    "async function": lambda: RunnableLambda(afail),
    "function": lambda: RunnableLambda(fail),
    "inline function": lambda: RunnableLambda(fail, inline=True),
    "async generator": lambda: RunnableGenerator(agenerate_and_fail),
    "generator": lambda: RunnableGenerator(generate_and_fail),
}


def wrapped(inner: Runnable[Any, Any]) -> Runnable[Any, Any]:
    """Four levels above ``inner``, each of another kind."""
    in_sequence = RunnableLambda(lambda x: x, inline=True) | inner
    in_parallel = RunnableParallel(it=in_sequence, beside=RunnableLambda(checkpointing))

    async def call(value: Any) -> Any:
        return await in_parallel.ainvoke(value)

    return RunnableLambda(call) | RunnableLambda(lambda x: x)


async def checkpointing(value: Any) -> Any:
    await checkpoint()
    return value


async def drain(stream: Any) -> None:
    async with stream:
        async for _ in stream:
            pass


USES: dict[str, Callable[[Runnable[Any, Any], Any], Awaitable[Any]]] = {
    "ainvoke": lambda chain, config: chain.ainvoke(1, config),
    "astream": lambda chain, config: drain(chain.astream(1, config)),
    "buffered": lambda chain, config: drain(chain.astream(1, {**config, "channel_capacity": 2})),
    "events": lambda chain, config: drain(chain.events(1, config)),
    "astream_events": lambda chain, config: drain(chain.astream_events(1, config)),
}
SYNC_USES: dict[str, Callable[[Runnable[Any, Any], Any], Any]] = {
    "invoke": lambda chain, config: chain.invoke(1, config),
    "stream": lambda chain, config: list(chain.stream(1, config)),
    "buffered": lambda chain, config: list(chain.stream(1, {**config, "channel_capacity": 2})),
    "stream_events": lambda chain, config: list(chain.stream_events(1, config)),
}


def check_messages(messages: list[AnyMessage]) -> None:
    """The failing run and every ancestor have told of it once; nothing has been left open."""
    failed = [message for message in messages if isinstance(message, RunFailed)]
    first = failed[0].run
    assert [message.run for message in failed] == [first, *reversed(ancestors(first))]
    assert all(message.error is ERROR for message in failed)
    started = [message.run for message in messages if message.kind == "start"]
    closed = [message.run for message in messages if message.kind in ("end", "error", "cancelled")]
    assert len(closed) == len(started) == len(set(started))
    assert set(closed) == set(started)


def ancestors(run: Any) -> list[Any]:
    return [] if run.parent is None else [*ancestors(run.parent), run.parent]


def code_names(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("use", list(USES))
@pytest.mark.parametrize("kind", list(FAILING))
async def test_an_error_reaches_the_caller_as_it_is(kind: str, use: str) -> None:
    messages: list[AnyMessage] = []
    bus = Bus()
    bus.listen(messages.append)
    ERROR.__traceback__ = None
    with pytest.raises(ValueError, match="the one") as caught:
        await USES[use](wrapped(FAILING[kind]()), {"bus": bus})
    assert caught.value is ERROR
    names = [name for name in code_names(ERROR) if "fail" in name]
    assert len(names) == 1, "the traceback repeats"
    assert code_names(ERROR)[-1] in names
    check_messages(messages)
    assert not getattr(ERROR, "__notes__", [])


@pytest.mark.parametrize("use", list(SYNC_USES))
@pytest.mark.parametrize("kind", list(FAILING))
def test_an_error_reaches_the_caller_without_a_loop(kind: str, use: str) -> None:
    messages: list[AnyMessage] = []
    bus = Bus()
    bus.listen(messages.append)
    ERROR.__traceback__ = None
    with pytest.raises(ValueError, match="the one") as caught:
        SYNC_USES[use](wrapped(FAILING[kind]()), {"bus": bus})
    assert caught.value is ERROR
    assert "fail" in code_names(ERROR)[-1]
    check_messages(messages)
    assert running_threads() == []


async def test_stop_iteration_is_an_error_like_others() -> None:
    def stop(_: Any) -> Any:
        raise StopIteration("as any other")

    for chain in (RunnableLambda(stop), RunnableLambda(stop, inline=True)):
        with pytest.raises((StopIteration, RuntimeError), match="as any other|StopIteration"):
            await chain.ainvoke(1)


# ------------------------------------------------------------------------- partial


def partials(messages: list[AnyMessage], kind: type[Any]) -> dict[str, Any]:
    return {m.run.name: m.partial for m in messages if isinstance(m, kind)}


async def test_a_failed_message_carries_what_had_come() -> None:
    seen: list[AnyMessage] = []
    chain = RunnableGenerator(agenerate_and_fail) | RunnableLambda(str.upper, per_chunk=True)

    async def read() -> None:
        async for message in chain.events(1):
            seen.append(message)  # noqa: PERF401 - what had come before the error

    with pytest.raises(ValueError, match="the one"):
        await read()
    assert partials(seen, RunFailed) == {
        "agenerate_and_fail": "partial",
        "upper": "PARTIAL",
        "RunnableSequence": "PARTIAL",
    }


async def test_a_cancelled_message_carries_what_had_come() -> None:
    messages: list[AnyMessage] = []
    bus = Bus()
    bus.listen(messages.append)
    chain = RunnableGenerator(agenerate_and_fail) | RunnableLambda(str.upper, per_chunk=True)
    async with chain.astream(1, {"bus": bus}) as chunks:
        assert await chunks.__anext__() == "PAR"
    cut = {"agenerate_and_fail": "par", "upper": "PAR", "RunnableSequence": "PAR"}
    assert partials(messages, RunCancelled) == cut

    messages.clear()
    with chain.stream(1, {"bus": bus}) as plain:
        assert next(plain) == "PAR"
    assert partials(messages, RunCancelled) == cut


# -------------------------------------------------------------------------- branches


async def test_siblings_are_stopped_before_the_error_is_raised() -> None:
    ledger, messages = Ledger(), []
    bus = Bus()
    bus.listen(lambda message: messages.append((message.kind, message.run.name)))
    chain = RunnableParallel(bad=afail, good=waiting(ledger), other=waiting(ledger, "other"))
    for use in USES.values():
        with pytest.raises(ValueError, match="the one"):
            await use(chain, {"bus": bus})
        await nothing_moves(ledger)
        assert messages[-1] == ("error", chain.get_name())
        cut = {name for kind, name in messages if kind == "cancelled"}
        assert cut <= {"waiter", "other"}
        assert len([1 for kind, _ in messages if kind == "start"]) == len(
            [1 for kind, _ in messages if kind in ("error", "cancelled")]
        )
        messages.clear()


def test_siblings_are_stopped_without_a_loop() -> None:
    ledger = Ledger()
    chain = RunnableParallel(good=waiting(ledger), bad=afail, other=waiting(ledger, "other"))
    for use in SYNC_USES.values():
        with pytest.raises(ValueError, match="the one"):
            use(chain, {})
        assert ledger.still_open() == []
        assert running_threads() == []


async def test_branches_that_fail_together_raise_the_first_with_the_others_as_notes() -> None:
    together = anyio.Event()

    def failing(error: Exception) -> Runnable[Any, Any]:
        async def run(_: Any) -> None:
            try:
                await together.wait()
            finally:
                raise error

        return RunnableLambda(run)

    first, second, third = ValueError("first"), KeyError("second"), OSError("third")
    chain = RunnableParallel(a=failing(first), b=failing(second), c=failing(third))

    async with anyio.create_task_group() as group:

        async def let_go() -> None:
            await anyio.wait_all_tasks_blocked()
            together.set()

        group.start_soon(let_go)
        with pytest.raises((ValueError, KeyError, OSError)) as caught:
            await chain.ainvoke(1)
    raised = caught.value
    others = [error for error in (first, second, third) if error is not raised]
    assert len(others) == 2
    notes = "\n".join(raised.__notes__)  # type: ignore[attr-defined]  # Python 3.11
    assert len(raised.__notes__) == 2  # type: ignore[attr-defined]  # as above
    assert all(f"{type(error).__name__}: {error}" in notes for error in others)
    if sys.version_info >= (3, 11):
        assert "failed too" in "".join(traceback.format_exception(raised))


class SignalError(BaseException):
    """A control-flow signal, which is no Exception."""


async def test_a_signal_that_is_no_exception_gets_through_branches() -> None:
    ledger = Ledger()

    async def signal(_: Any) -> None:
        await checkpoint()
        raise SignalError

    for chain in (
        RunnableParallel(a=signal, b=waiting(ledger)),
        RunnableParallel(b=waiting(ledger), a=signal),
    ):
        for use in USES.values():
            with pytest.raises(SignalError):
                await use(chain, {})
            await nothing_moves(ledger)
        with pytest.raises(SignalError):
            chain.invoke(1)
        assert ledger.still_open() == []


async def test_an_error_of_the_clean_up_comes_out() -> None:
    async def clumsy(items: AsyncIterator[Any]) -> AsyncIterator[int]:
        try:
            async for _ in items:
                yield 1
                yield 2
        finally:
            raise ERROR

    chain = RunnableGenerator(clumsy) | RunnableLambda(lambda x: x, per_chunk=True, inline=True)
    stream = chain.astream(1)
    await stream.__anext__()
    with pytest.raises(ValueError, match="the one"):
        await stream.aclose()
    plain = chain.stream(1)
    next(plain)
    with pytest.raises(ValueError, match="the one"):
        plain.close()
