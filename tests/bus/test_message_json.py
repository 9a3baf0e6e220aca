"""Messages as JSON: any payload can be written, and registered types come back."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from streamflow._json import dumps
from streamflow.bus import (
    Bus,
    ChunkStreamed,
    CustomEvent,
    ErrorInfo,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunInfo,
    RunRetried,
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


class Impostor:
    """Does not even say of what class it is."""

    @property
    def __class__(self) -> Any:
        raise ZeroDivisionError


class Speechless(Exception):  # noqa: N818 - what it is, is all it is
    """An exception that cannot be shown."""

    def __str__(self) -> str:
        raise ZeroDivisionError

    __repr__ = __str__
    __class__ = Impostor.__class__


payloads = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(Hostile)
    | st.builds(Impostor)
    | st.builds(Speechless),
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
        RunRetried(RUN, 2, Speechless(payload)),
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


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(), inner)
    ),
    max_leaves=6,
)


@given(value=PLAIN, seq=st.integers(1, 2**50), time=st.floats(0, 2**40))
def test_every_message_comes_back_as_it_was(value: Any, seq: int, time: float) -> None:
    info = ErrorInfo("ValueError", "no", "Traceback ...")
    for message in (
        RunStarted(RUN),
        RunStarted(RUN, value),
        ChunkStreamed(RUN, value),
        RunEnded(RUN, value),
        RunEnded(RUN, value, value),
        RunFailed(RUN, info, value),
        RunCancelled(RUN, input=value),
        RunRetried(RUN, 2, info, 3),
        CustomEvent(RUN, "name", value),
    ):
        message.seq, message.time = seq, time
        back = message_from_json(message.to_json())
        assert type(back) is type(message)
        assert attrs.asdict(back, recurse=False) == attrs.asdict(message, recurse=False)
        assert back.to_json() == message.to_json()


@given(st.binary() | st.text() | PLAIN.map(lambda value: dumps({"kind": value, "run": value})))
def test_what_is_no_message_is_refused_and_nothing_else_happens(data: Any) -> None:
    with pytest.raises(ValueError):
        message_from_json(data)
