"""Something else when a runnable fails: when, with what input, and that no chunk comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.bus import Bus
from streamflow.errors import CoercionError, StepInputError
from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnablePassthrough,
    RunnableWithFallbacks,
)
from tests.runnables.ways import Outcome, arriving, everywhere


def failing(name: str, chunks_before: int = 0) -> Runnable[Any, str]:
    """Yields some chunks of its name, then fails."""

    def chunks(_: Any) -> Iterator[str]:
        yield from name[:chunks_before]
        raise LookupError(name)

    return RunnableLambda(chunks, name=name)


class _Letters(Runnable[Any, str]):
    def __init__(self, text: str) -> None:
        self.text = self.name = text

    def stream(self, input: Any, config: Any = None, **kwargs: Any) -> Iterator[str]:  # type: ignore[override]  # an override yields
        yield from self.text


@given(failures=st.integers(0, 3), fallbacks=st.integers(0, 3))
async def test_the_first_that_does_not_fail_decides(failures: int, fallbacks: int) -> None:
    names = [f"r{number}" for number in range(fallbacks + 1)]
    parts = [failing(n) if i < failures else _Letters(n) for i, n in enumerate(names)]
    runnable = parts[0].with_fallbacks(parts[1:])
    if failures <= fallbacks:
        name = names[failures]
        outcome = await everywhere(runnable, "in", ["i", "n"])
        assert outcome == Outcome(name, [*name], [*name])
        return
    for call in (runnable.invoke, lambda value: list(runnable.stream(value))):
        with pytest.raises(LookupError) as caught:
            call("in")
        assert caught.value.args == ("r0",)
        notes = getattr(caught.value, "__notes__", [])
        assert notes == [f"A fallback failed too: LookupError: {name}" for name in names[1:]]


async def test_after_its_first_chunk_a_stream_fails() -> None:
    runnable = failing("abc", chunks_before=2).with_fallbacks([_Letters("xyz")])
    seen: list[str] = []

    async def read() -> None:
        async for chunk in runnable.astream("in"):
            seen.append(chunk)  # noqa: PERF401 - what came before the failure is looked at

    with pytest.raises(LookupError, match="abc"):
        await read()
    assert seen == ["a", "b"]
    seen.clear()
    with pytest.raises(LookupError, match="abc"):
        seen.extend(runnable.stream("in"))
    assert await runnable.ainvoke("in") == "xyz"  # nothing was given out


async def test_a_stream_without_chunks_is_no_failure() -> None:
    def nothing(_: Any) -> Iterator[str]:
        yield from ""

    runnable = RunnableLambda(nothing).with_fallbacks([_Letters("xyz")])
    assert [chunk async for chunk in runnable.astream("in")] == []


@pytest.mark.parametrize(("handled", "falls_back"), [((LookupError,), True), ((OSError,), False)])
async def test_only_some_exceptions_are_handled(handled: Any, falls_back: bool) -> None:
    runnable = failing("r0").with_fallbacks([_Letters("r1")], exceptions_to_handle=handled)
    calls: list[Callable[[], Any]] = [
        lambda: runnable.ainvoke("in"),
        lambda: runnable.astream("in").__anext__(),
    ]
    for call in calls:
        if falls_back:
            assert (await call()) in ("r1", "r")
        else:
            with pytest.raises(LookupError, match="r0"):
                await call()


class Stop(BaseException):
    pass


async def test_what_is_no_exception_passes() -> None:
    def stop(_: Any) -> None:
        raise Stop

    runnable = RunnableLambda(stop, inline=True).with_fallbacks(
        [_Letters("r1")], exceptions_to_handle=(BaseException,)
    )
    with pytest.raises(Stop):
        await runnable.ainvoke("in")
    with pytest.raises(Stop):
        list(runnable.stream("in"))


# ----------------------------------------------------------------------- the exception key


def told(value: dict[str, Any]) -> str:
    return f"{value['n']} after {value['error'].args[0]}"


async def test_a_fallback_is_told_of_the_failure_before_it() -> None:
    again = RunnableLambda(lambda value: 1 / 0 if value["error"] else 0, name="again")
    for fallbacks, text in (([told], "5 after r0"), ([again, told], "5 after division by zero")):
        runnable = failing("r0").with_fallbacks(fallbacks, exception_key="error")
        outcome = await everywhere(runnable, {"n": 5}, [{"n": 3}, {"n": 5}])
        assert outcome == Outcome(text, [text], [text])


async def test_without_a_failure_nothing_is_told() -> None:
    runnable = RunnablePassthrough().with_fallbacks([told], exception_key="error")
    assert await everywhere(runnable, {"n": 5}) == Outcome({"n": 5}, [{"n": 5}], [{"n": 5}])


async def test_what_is_told_needs_a_dict() -> None:
    runnable = failing("r0").with_fallbacks([told], exception_key="error")
    with pytest.raises(StepInputError, match="needs a dict, got str"):
        await runnable.ainvoke("in")
    with pytest.raises(StepInputError, match="needs a dict, got str"):
        await runnable.astream("in").__anext__()
    with pytest.raises(StepInputError, match="needs a dict, got str"):
        await runnable.atransform(arriving("in")).__anext__()


# -------------------------------------------------------------------------- runs and input


async def test_each_is_a_run_below() -> None:
    bus, messages = Bus(), []
    bus.listen(lambda m: messages.append((m.kind, m.run.name, m.run.parent is None)))
    await failing("r0").with_fallbacks([_Letters("r1")]).ainvoke("in", {"bus": bus})
    assert [message for message in messages if message[0] != "stream"] == [
        ("start", "RunnableWithFallbacks", True),
        ("start", "r0", False),
        ("error", "r0", False),
        ("start", "r1", False),
        ("end", "r1", False),
        ("end", "RunnableWithFallbacks", True),
    ]


@given(read=st.integers(0, 4), sent=st.text("abc", min_size=4, max_size=7))
async def test_the_input_comes_again_as_it_was(read: int, sent: str) -> None:
    async def breaks(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
        for _ in range(read):
            await chunks.__anext__()
        raise LookupError("r0")
        yield ""

    runnable = RunnableGenerator(breaks).with_fallbacks([RunnablePassthrough()])
    chunks = runnable.atransform(arriving(sent))
    assert [chunk async for chunk in chunks] == [*sent]
    assert list(runnable.transform(iter(sent))) == [*sent]


async def test_an_input_that_fails_is_nobodys_failure_here() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "a"
        raise LookupError("no more")

    runnable = RunnableLambda(str).with_fallbacks([_Letters("r1")])
    with pytest.raises(LookupError, match="no more"):
        await runnable.atransform(broken()).__anext__()


def test_fallbacks_may_be_functions_and_are_explained() -> None:
    runnable = RunnablePassthrough().with_fallbacks([str.upper, _Letters("r2")])
    assert isinstance(runnable, RunnableWithFallbacks)
    assert len(runnable.runnables) == 3
    assert [(step.path, step.flow) for step in runnable.explain()] == [
        ("first", "passes"),
        ("fallback:1", "buffers"),
        ("fallback:2", "streams"),
    ]
    with pytest.raises(CoercionError):
        runnable.with_fallbacks([5])
