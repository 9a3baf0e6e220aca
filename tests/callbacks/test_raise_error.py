"""What becomes of a handler that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint

from streamflow.callbacks import BaseCallbackHandler, dispatch_custom_event
from streamflow.language_models import FakeListChatModel
from streamflow.runnables import RunnableLambda, RunnableParallel
from tests.callbacks.recorders import AsyncRecorder, Recorder

KINDS = pytest.mark.parametrize("kind", [Recorder, AsyncRecorder])


class HandlerError(Exception):
    pass


def failing(kind: type[Recorder], method: str, *names: str, raise_error: bool = True) -> Recorder:
    """A handler whose ``method`` fails, for runs of these names if some are given."""
    handler = kind()
    handler.raise_error = raise_error

    def fails(kwargs: dict[str, Any]) -> bool:
        return not names or kwargs["name"] in names

    record: Callable[..., Any] = getattr(handler, method)
    if kind is AsyncRecorder:

        async def fail_later(*args: Any, **kwargs: Any) -> None:
            await record(*args, **kwargs)
            if fails(kwargs):
                raise HandlerError(kwargs["name"])

        setattr(handler, method, fail_later)
    else:

        def fail(*args: Any, **kwargs: Any) -> None:
            record(*args, **kwargs)
            if fails(kwargs):
                raise HandlerError(kwargs["name"])

        setattr(handler, method, fail)
    return handler


def chain() -> Any:
    return RunnableLambda(lambda x: x + 1, name="a") | RunnableLambda(lambda x: x + 1, name="b")


@KINDS
@pytest.mark.parametrize("method", ["on_chain_start", "on_chain_end"])
async def test_a_failure_is_logged_and_harms_nothing(
    kind: type[Recorder], method: str, caplog: pytest.LogCaptureFixture
) -> None:
    for ask in (
        lambda config: chain().ainvoke(1, config),
        lambda config: to_thread.run_sync(chain().invoke, 1, config),
    ):
        caplog.clear()
        other = Recorder()
        handler = failing(kind, method, "a", raise_error=False)
        assert await ask({"callbacks": [handler, other]}) == 3
        assert handler.names == other.names
        (record,) = caplog.records
        assert (record.levelno, record.exc_info[0]) == (logging.ERROR, HandlerError)
        assert "run 'a'" in record.message


@KINDS
@pytest.mark.parametrize("method", ["on_chain_start", "on_chain_end"])
async def test_raise_error_lets_it_reach_the_run_once(kind: type[Recorder], method: str) -> None:
    handler, other = failing(kind, method, "a"), Recorder()
    with pytest.raises(HandlerError) as caught:
        await chain().ainvoke(1, {"callbacks": [handler, other]})
    started = method == "on_chain_start"
    expected = [
        ("on_chain_start", "RunnableSequence"),
        ("on_chain_start", "a"),
        # The run that had ended stays so; one that was about to begin has failed.
        ("on_chain_error" if started else "on_chain_end", "a"),
        ("on_chain_error", "RunnableSequence"),
    ]
    assert other.names == expected
    assert handler.names == expected
    assert [args for _, args, _ in other.of("on_chain_error")] == [(caught.value,)] * (1 + started)


@KINDS
def test_raise_error_works_without_a_loop(kind: type[Recorder]) -> None:
    with pytest.raises(HandlerError, match="b"):
        chain().invoke(1, {"callbacks": [failing(kind, "on_chain_end", "b")]})
    model = FakeListChatModel(responses=["abc"])
    chunks = model.stream("hi", {"callbacks": [failing(kind, "on_llm_new_token")]})
    with pytest.raises(HandlerError):
        next(chunks)


@KINDS
async def test_of_branches_the_one_that_published_fails(kind: type[Recorder]) -> None:
    async def branch(name: str, _: Any) -> None:
        for _ in range(20):
            await checkpoint()

    branches = {name: RunnableLambda(partial(branch, name), name=name) for name in "abc"}
    handler = failing(kind, "on_chain_end", "b")
    with pytest.raises(HandlerError, match="b"):
        await RunnableParallel(branches).ainvoke(0, {"callbacks": [handler]})
    told = {kwargs["name"]: args for _, args, kwargs in handler.of("on_chain_error")}
    assert "b" not in told  # it had ended, and tells so
    assert isinstance(told["RunnableParallel<a,b,c>"][0], HandlerError)


@KINDS
async def test_many_runs_side_by_side_each_wait_for_their_own_calls(kind: type[Recorder]) -> None:
    order: list[str] = []

    class Slow(BaseCallbackHandler):
        async def on_chain_start(self, *_: Any, name: str, **__: Any) -> None:
            for _ in range(3):
                await checkpoint()
            order.append(f"heard {name}")

    def branch(name: str) -> RunnableLambda[Any, Any]:
        return RunnableLambda(lambda _: order.append(f"in {name}"), name=name)

    names = "abcdef"
    parallel = RunnableParallel({name: branch(name) for name in names})
    await parallel.ainvoke(0, {"callbacks": [Slow(), kind()]})
    for name in names:
        assert order.index(f"heard {name}") < order.index(f"in {name}")


@KINDS
async def test_a_run_that_fails_raises_its_own_error(
    kind: type[Recorder], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Any) -> None:
        raise ValueError("mine")

    handler = failing(kind, "on_chain_error")
    with pytest.raises(ValueError, match="mine"):
        await RunnableLambda(fail).ainvoke(0, {"callbacks": [handler]})
    assert [record.exc_info[0] for record in caplog.records] == [HandlerError]


@KINDS
async def test_a_cancellation_is_not_held_up(
    kind: type[Recorder], caplog: pytest.LogCaptureFixture
) -> None:
    handler = failing(kind, "on_chain_error")
    with anyio.move_on_after(5) as scope:

        async def wait(_: Any) -> None:
            scope.cancel()
            await anyio.sleep_forever()

        await RunnableLambda(wait).ainvoke(0, {"callbacks": [handler]})
    assert scope.cancelled_caught
    assert [record.exc_info[0] for record in caplog.records] == [HandlerError]


@KINDS
def test_user_code_that_publishes_gets_the_error(kind: type[Recorder]) -> None:
    caught = []

    def code(_: Any) -> Iterator[str]:
        try:
            dispatch_custom_event("news")
        except HandlerError as error:
            caught.append(error)
        yield "on"

    def bad(self: Any, *_: Any, **__: Any) -> None:
        raise HandlerError

    async def bad_later(self: Any, *_: Any, **__: Any) -> None:
        raise HandlerError

    attributes = {
        "raise_error": True,
        "on_custom_event": bad if kind is Recorder else bad_later,
    }
    handler = type("Bad", (BaseCallbackHandler,), attributes)()
    assert list(RunnableLambda(code).stream(0, {"callbacks": [handler]})) == ["on"]
    assert len(caught) == 1
