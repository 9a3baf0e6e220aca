"""Framings: whatever the cuts, the same frames."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.chat_models._aws_frames import AwsEvents
from streamflow.chat_models._frames import BadFrame, Lines
from streamflow.chat_models._sse import ServerSentEvents
from tests.chat_models.answers import aws_message

LINE = st.sampled_from(
    [b"data: a", b"data:b", b"data", b"data:  c", b"event: x", b"", b"", b": note", b"id: 1", b"q",
     "data: é\N{GRINNING FACE}".encode(), b"data: \xff"]
)  # fmt: skip
BODY = st.lists(st.tuples(LINE, st.sampled_from([b"\n", b"\r\n", b"\r"]))).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    points = sorted({min(place, len(data)) for place in places})
    return [data[a:b] for a, b in zip([0, *points], [*points, len(data)], strict=True)]


def frames(framing: Any, pieces: list[bytes]) -> list[tuple[str, bytes]]:
    found = [frame for piece in pieces for frame in framing.feed(piece)]
    return [*found, *framing.end()]


CUTS = st.lists(st.integers(0, 300), max_size=30)


@given(st.one_of(BODY, st.binary(max_size=300)), CUTS, st.booleans())
def test_events_do_not_depend_on_the_cuts(body: bytes, places: list[int], bom: bool) -> None:
    body = b"\xef\xbb\xbf" + body if bom else body
    whole = frames(ServerSentEvents(), [body])
    assert frames(ServerSentEvents(), cut(body, places)) == whole
    assert frames(ServerSentEvents(), [bytes([byte]) for byte in body]) == whole


# Whole events, of which some are of one line each, and what may come between.
EVENTS = st.lists(
    st.sampled_from(
        [b"data: a\n\n", b"data: \n\n", b"data: b\ndata: c\n\n", b"data: d\nid: 1\n\n", b": e\n\n",
         b"event: f\ndata: g\n\n", b"data: h\r\n\r\n", b"data: k\rdata: l\n\n", b"data: i",
         b"\n", b"\n\n", b"event: j\n"]
    ),
    max_size=5,
).map(b"".join)  # fmt: skip


@given(st.lists(EVENTS))
def test_events_may_come_several_in_a_piece(pieces: list[bytes]) -> None:
    one_by_one = [bytes([byte]) for byte in b"".join(pieces)]
    assert frames(ServerSentEvents(), pieces) == frames(ServerSentEvents(), one_by_one)


@given(st.binary(max_size=300), CUTS)
def test_lines_do_not_depend_on_the_cuts(body: bytes, places: list[int]) -> None:
    whole = frames(Lines(), [body])
    assert frames(Lines(), cut(body, places)) == whole
    assert [line for _, line in whole] == [
        line.strip() for line in body.split(b"\n") if line.strip()
    ]


@given(st.lists(st.binary(max_size=50)), CUTS)
def test_messages_of_aws_do_not_depend_on_the_cuts(
    payloads: list[bytes], places: list[int]
) -> None:
    payloads = [b'{"n": "%b"}' % payload.hex().encode() for payload in payloads]
    body = b"".join(aws_message(payload) for payload in payloads)
    assert frames(AwsEvents(), cut(body, places)) == [("", payload) for payload in payloads]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_messages_of_aws_are_refused(body: bytes) -> None:
    try:
        found = frames(AwsEvents(), [body])
    except BadFrame:
        return
    assert len(body) < 16 or found


def test_damaged_messages_of_aws_are_refused() -> None:
    message = bytearray(aws_message(b'{"a": 1}'))
    message[-6] ^= 1
    with pytest.raises(BadFrame, match="damaged"):
        frames(AwsEvents(), [bytes(message)])


def test_an_exception_of_aws_is_an_error_event() -> None:
    names = {":message-type": "exception", ":exception-type": "throttlingException"}
    body = aws_message(b'{"message": "slow down"}', **names)
    [(event, data)] = frames(AwsEvents(), [body])
    assert event == "error"
    assert b"throttlingException" in data


def test_events_of_aws_have_names_or_hold_another_event() -> None:
    held = aws_message(b'{"bytes": "eyJ4IjogMX0="}', **{":event-type": "chunk"})
    named = aws_message(b'{"bytes": "eyJ4IjogMX0="}', **{":event-type": "metadata"})
    assert frames(AwsEvents(), [held + named]) == [
        ("", b'{"x": 1}'),
        ("metadata", b'{"bytes": "eyJ4IjogMX0="}'),
    ]


def test_events_of_the_standard() -> None:
    body = (
        b"\xef\xbb\xbfdata: first\ndata: second\r\n\r\nevent: e\rdata:third\r\r: note\n\ndata: last"
    )
    assert frames(ServerSentEvents(), [body]) == [
        ("", b"first\nsecond"),
        ("e", b"third"),
        ("", b"last"),
    ]


@pytest.mark.parametrize("framing", [ServerSentEvents, Lines])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_has_a_largest_size(framing: Any, size: int) -> None:
    body = b"data: " + b"x" * 100 + b"\n\n"
    assert frames(framing(200), [body])
    long = b"data: " + b"x" * 1000 + b"\n\n"
    pieces = [long[at : at + size] for at in range(0, len(long), size)]
    with pytest.raises(BadFrame, match="200 bytes"):
        frames(framing(200), pieces)


def test_many_small_events_are_not_too_large_together() -> None:
    assert len(frames(ServerSentEvents(50), [b"data: x\n\n" * 100])) == 100
