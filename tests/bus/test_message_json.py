"""Messages as JSON: any payload can be written, and registered types come back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.bus import (
    Bus,
    ChunkStreamed,
    CustomEvent,
    ErrorInfo,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunInfo,
    RunStarted,
    message_from_json,
)
from streamflow.errors import MessageDecodeError
from streamflow.messages import AIMessageChunk, HumanMessage
from streamflow.runnables import RunnableLambda


class Hostile:
    """Everything that can be asked of it fails."""

    def __repr__(self) -> str:
        raise ZeroDivisionError

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    __hash__ = None  # type: ignore[assignment]  # as a class with __eq__ has it


payloads = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.builds(Hostile),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

RUN = RunInfo("1", "name", "chain", ["tag"], {"key": 1}, ["0"])


@given(payloads)
def test_any_payload_is_valid_json(payload: Any) -> None:
    for message in (
        RunStarted(RUN, payload),
        ChunkStreamed(RUN, payload),
        RunEnded(RUN, payload, payload),
        RunFailed(RUN, ValueError(payload), payload),
        RunCancelled(RUN, payload),
        CustomEvent(RUN, "name", payload),
    ):
        assert json.loads(message.to_json())["kind"] == message.kind


def test_registered_types_come_back() -> None:
    chunk = AIMessageChunk(content="hi", id="run-1")
    back = message_from_json(ChunkStreamed(RUN, chunk).to_json())
    assert isinstance(back, ChunkStreamed)
    assert back.chunk == chunk
    assert back.run == RUN


def test_a_run_can_be_written_and_read() -> None:
    bus = Bus()
    lines: list[bytes] = []
    bus.listen(lambda message: lines.append(message.to_json()))
    RunnableLambda(lambda x: [HumanMessage(content=x)], name="ask").invoke("hi", {"bus": bus})
    start, end = map(message_from_json, lines)
    assert isinstance(start, RunStarted)
    assert isinstance(end, RunEnded)
    assert end.output == [HumanMessage(content="hi")]
    assert (start.seq, end.seq) == (1, 2)
    assert start.run == end.run
    assert start.time <= end.time


def test_an_error_comes_back_as_its_description() -> None:
    try:
        raise ValueError("no such thing")
    except ValueError as error:
        message = message_from_json(RunFailed(RUN, error, partial="so far").to_json())
    assert isinstance(message, RunFailed)
    assert isinstance(message.error, ErrorInfo)
    assert (message.error.type, message.error.message) == ("ValueError", "no such thing")
    assert "test_message_json" in message.error.traceback
    assert message.partial == "so far"


@pytest.mark.parametrize("text", ["{}", "[]", '{"kind": "start"}', '{"kind": "what", "run": {}}'])
def test_json_that_is_no_message(text: str) -> None:
    with pytest.raises(MessageDecodeError):
        message_from_json(text)


def test_ids_of_parents_come_first() -> None:
    bus = Bus()
    runs: list[Any] = []
    bus.listen(lambda message: runs.append(message.run))
    (RunnableLambda(str) | RunnableLambda(str)).invoke(1, {"bus": bus})
    inner = runs[1]
    assert inner.parent_ids == [inner.parent.id]
    assert inner.parent.id < inner.id
