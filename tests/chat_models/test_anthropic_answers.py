"""Answers of Anthropic's protocol."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow._vendors._source import Source
from streamflow.chat_models._anthropic_stream import AnthropicReader
from streamflow.chat_models._reader import Whole, message_in
from streamflow.chat_models._sse import ServerSentEvents
from streamflow.chat_models._usage import anthropic_usage
from streamflow.errors import ModelError, ModelOverloadedError, TruncatedStreamError
from streamflow.messages import AIMessageChunk
from tests.chat_models.answers import sse
from tests.chat_models.dialect_anthropic import ANTHROPIC
from tests.chat_models.test_openai_answers import JSON
from tests.chat_models.test_sse import CUTS, cut

END = ANTHROPIC.payloads()[-2:]


def reader(framing: Any = None) -> AnthropicReader:
    return AnthropicReader(Source("v", "m"), framing or ServerSentEvents(), "run-1")


def start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def piece(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def message(*payloads: Any) -> AIMessageChunk:
    return message_in(reader(), b"".join(sse(*payloads, *END)))


def test_a_stream() -> None:
    reading = reader()
    chunks = [c for data in ANTHROPIC.events("Hel", "lo") for c in reading.feed(data)]
    chunks += reading.end()
    assert reading.error is None
    assert [chunk.content for chunk in chunks] == ["Hel", "lo", ""]
    assert chunks[-1].response_metadata["stop_reason"] == "end_turn"
    assert chunks[-1].usage_metadata == {
        "input_tokens": 9,
        "output_tokens": 12,
        "total_tokens": 21,
        "input_token_details": {"cache_read": 4},
    }


def test_a_whole_answer_is_the_sum_of_a_stream() -> None:
    whole = message_in(reader(Whole()), orjson.dumps(ANTHROPIC.whole("Hello")))
    assert whole == message_in(reader(), b"".join(ANTHROPIC.events("Hel", "lo")))


PAYLOADS = st.one_of(
    st.builds(lambda i, t: piece(i, type="text_delta", text=t), st.integers(0, 2), st.text()),
    st.builds(
        lambda i, t: piece(i, type="input_json_delta", partial_json=t),
        st.integers(0, 2),
        st.text(max_size=4),
    ),
    st.builds(lambda i: start(i, type="tool_use", id=f"t{i}", name="f"), st.integers(0, 2)),
    st.builds(lambda i: start(i, type="web_search_tool_result"), st.integers(0, 2)),
    st.sampled_from([*END, {"type": "ping"}, {"type": "error", "error": {"message": "no"}}]),
    JSON,
)


@given(st.lists(PAYLOADS), CUTS)
def test_chunks_and_errors_do_not_depend_on_the_cuts(
    payloads: list[Any], places: list[int]
) -> None:
    body = b"".join(sse(*payloads))
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


def test_parallel_tool_calls() -> None:
    whole = message(
        start(0, type="text", text=""),
        piece(0, type="text_delta", text="Let me see."),
        start(1, type="tool_use", id="a", name="f", input={}),
        piece(1, type="input_json_delta", partial_json='{"x"'),
        start(2, type="tool_use", id="b", name="g"),
        piece(1, type="input_json_delta", partial_json=": 1}"),
        start(3, type="tool_use", id="c", name="f", input={"x": 2}),
    )
    assert [(c["id"], c["name"], c["args"]) for c in whole.tool_calls] == [
        ("a", "f", {"x": 1}),
        ("b", "g", {}),
        ("c", "f", {"x": 2}),
    ]
    assert whole.content == "Let me see."


def test_thinking_has_blocks_with_a_signature() -> None:
    whole = message(
        start(0, type="thinking", thinking=""),
        piece(0, type="thinking_delta", thinking="Well, "),
        piece(0, type="thinking_delta", thinking="hm."),
        piece(0, type="signature_delta", signature="s1"),
        start(1, type="redacted_thinking", data="zzz"),
        start(2, type="text", text="Yes"),
    )
    assert whole.text == "Yes"
    assert whole.content == [
        {"type": "reasoning", "reasoning": "Well, hm.", "signature": "s1", "index": 0},
        {"type": "reasoning", "redacted": "zzz", "index": 1},
        "Yes",
    ]


def test_what_the_vendor_does_itself_is_told() -> None:
    whole = message(
        start(0, type="server_tool_use", id="s", name="web_search", input={}),
        piece(0, type="input_json_delta", partial_json='{"query": "x"}'),
        start(1, type="web_search_tool_result", tool_use_id="s", content=[]),
        start(2, type="text", text=""),
        piece(2, type="citations_delta", citation={"url": "u"}),
        piece(2, type="text_delta", text="So."),
    )
    assert whole.text == "So."
    assert [block["type"] for block in whole.content if isinstance(block, dict)] == [
        "server_tool_use",
        "web_search_tool_result",
        "citations",
    ]
    assert not whole.tool_calls


@pytest.mark.parametrize("named", [True, False])
def test_errors_may_come_in_the_middle(named: bool) -> None:
    error: dict[str, Any] = {"error": {"type": "overloaded_error", "message": "Overloaded"}}
    error.update({} if named else {"type": "error"})
    body = ANTHROPIC.events("a")[:4] + sse(error, event="error" if named else None)
    reading = reader()
    chunks = reading.feed(b"".join(body))
    assert [chunk.content for chunk in chunks] == ["a"]
    assert type(reading.error) is ModelOverloadedError


def test_an_answer_without_a_stop_is_truncated() -> None:
    events = ANTHROPIC.events("a")
    reading = reader()
    assert reading.feed(b"".join(events[:-2]))
    reading.end()
    assert isinstance(reading.error, TruncatedStreamError)
    # Its reason to stop is enough.
    assert message_in(reader(), b"".join(events[:-1])).content == "a"


def test_tokens_of_thoughts_are_counted() -> None:
    usage = {
        "input_tokens": 5,
        "output_tokens": 12,
        "output_tokens_details": {"thinking_tokens": 7},
    }
    assert anthropic_usage(usage) == {
        "input_tokens": 5,
        "output_tokens": 12,
        "total_tokens": 17,
        "output_token_details": {"reasoning": 7},
    }
