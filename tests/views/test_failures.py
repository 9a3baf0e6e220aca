"""What event dicts tell of runs that fail, of both versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamflow.runnables import Runnable, RunnableLambda
from tests.views.reading import read

BOTH = pytest.mark.parametrize("version", ["v1", "v2"])


class Tool(RunnableLambda[Any, Any]):
    """A function as a tool, of which the views know the type only."""

    run_type = "tool"


def broken(_: Any) -> Iterator[str]:
    yield "so "
    yield "far"
    raise ValueError("no further")


async def told(runnable: Runnable[Any, Any], value: Any, **kwargs: Any) -> list[Any]:
    """The events before the exception, which must come."""
    events, error = await read(runnable.astream_events(value, **kwargs))
    assert repr(error) == "ValueError('no further')"
    return events


@BOTH
async def test_failures_are_told_to_those_who_ask(version: str) -> None:
    chain = RunnableLambda(lambda x: x, name="first") | RunnableLambda(broken, name="second")
    silent = await told(chain, 1, version=version)
    assert not [event for event in silent if event["event"].endswith("_error")]
    *_, inner, outer = await told(chain, 1, version=version, include_errors=True)
    for event, name in (inner, "second"), (outer, "RunnableSequence"):
        assert (event["event"], event["name"]) == ("on_chain_error", name)
        assert event["run_id"]
        assert repr(event["data"]["error"]) == "ValueError('no further')"
        assert event["data"]["partial"] == "so far"
    assert inner["data"]["input"] == 1
    assert "input" not in outer["data"]  # its start has it


@BOTH
async def test_the_error_of_a_tool_is_always_told_with_its_input(version: str) -> None:
    tool = Tool(broken, name="search")
    for runnable in (tool, RunnableLambda(lambda x: x) | tool):
        events = await told(runnable, {"query": "bees"}, version=version)
        (error,) = (event for event in events if event["event"] == "on_tool_error")
        assert error["name"] == "search"
        assert error["data"]["input"] == {"query": "bees"}
        assert "tool_call_id" not in error["data"]


@BOTH
async def test_the_id_of_the_call_is_told_if_the_tool_was_given_a_call(version: str) -> None:
    call = {"type": "tool_call", "id": "call_1", "name": "search", "args": {"query": "bees"}}
    events = await told(Tool(broken), call, version=version)
    assert events[-1]["data"]["tool_call_id"] == "call_1"


@BOTH
async def test_runs_that_are_cut_short_are_told_to_those_who_ask(version: str) -> None:
    def greedy(_: Any) -> Iterator[str]:
        while True:
            yield "more"

    async def first(chunks: Any) -> Any:
        async for chunk in chunks:
            yield chunk
            return

    chain = RunnableLambda(greedy, name="greedy", inline=True) | first
    for asked in (False, True):
        events = [
            event
            async for event in chain.astream_events(0, version=version, include_errors=asked)  # type: ignore[call-overload]  # by name
        ]
        cut = [event for event in events if event["event"] == "on_chain_cancelled"]
        assert [(event["name"], event["data"]["partial"]) for event in cut] == (
            [("greedy", "more")] if asked else []
        )
