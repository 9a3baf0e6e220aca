"""Answers of Ollama's protocol."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow._vendors._source import Source
from streamflow.chat_models._frames import Lines
from streamflow.chat_models._ollama import OllamaReader
from streamflow.chat_models._reader import message_in
from streamflow.errors import MalformedStreamError, ModelError, ModelServerError
from streamflow.messages import AIMessageChunk
from tests.chat_models.dialect_ollama import OLLAMA
from tests.chat_models.test_openai_answers import JSON
from tests.chat_models.test_sse import CUTS, cut


def reader() -> OllamaReader:
    return OllamaReader(Source("v", "m"), Lines(), "run-1")


def lines(*payloads: Any) -> bytes:
    return b"".join(p if isinstance(p, bytes) else orjson.dumps(p) + b"\n" for p in payloads)


def message(*payloads: Any) -> AIMessageChunk:
    return message_in(reader(), lines(*payloads))


def test_reasoning_and_tool_calls() -> None:
    calls = [{"function": {"name": "f", "arguments": {"x": n}}} for n in (1, 2)]
    whole = message(
        {"message": {"thinking": "Well, "}},
        {"message": {"thinking": "hm."}},
        {"message": {"content": "Let me see."}},
        {"message": {"content": "", "tool_calls": calls[:1]}},
        {"message": {"content": "", "tool_calls": calls[1:]}},
        OLLAMA.whole(""),
    )
    assert whole.text == "Let me see."
    assert whole.content[0] == {
        "type": "reasoning",
        "reasoning": "Well, hm.",
        "index": "reasoning",
    }
    assert [call["args"] for call in whole.tool_calls] == [{"x": 1}, {"x": 2}]
    assert len({call["id"] for call in whole.tool_calls}) == 2


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"error": "model runner has crashed"}, ModelServerError),
        ([1], MalformedStreamError),
        (b"{oh\n", MalformedStreamError),
        ({"message": {"content": 5}}, MalformedStreamError),
        ({"message": {"tool_calls": [{}]}}, MalformedStreamError),
    ],
)
def test_faults(event: Any, kind: type[ModelError]) -> None:
    reading = reader()
    chunks = reading.feed(lines({"message": {"content": "a"}}, event, OLLAMA.whole("")))
    assert [chunk.content for chunk in chunks] == ["a"]
    assert type(reading.error) is kind


PAYLOADS = st.one_of(
    st.builds(lambda text: {"message": {"content": text}}, st.text()),
    st.just(OLLAMA.whole("")),
    JSON,
)


@given(st.lists(PAYLOADS), CUTS)
def test_chunks_and_errors_do_not_depend_on_the_cuts(
    payloads: list[Any], places: list[int]
) -> None:
    body = lines(*payloads)
    ends = []
    for pieces in ([body], cut(body, places)):
        reading = reader()
        chunks = [chunk for data in pieces for chunk in reading.feed(data)]
        chunks += reading.end()
        assert reading.error is None or isinstance(reading.error, ModelError)
        if chunks:
            assert isinstance(merge(chunks).text, str)
        ends.append((chunks, type(reading.error), str(reading.error)))
    assert ends[0] == ends[1]
