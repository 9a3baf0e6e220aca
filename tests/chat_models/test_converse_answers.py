"""Answers of Amazon Bedrock's Converse."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow._vendors._source import Source
from streamflow.chat_models._aws_frames import AwsEvents
from streamflow.chat_models._converse_stream import ConverseReader
from streamflow.chat_models._reader import Whole, message_in
from streamflow.chat_models._usage import converse_usage
from streamflow.errors import (
    ContextLengthError,
    MalformedStreamError,
    ModelError,
    ModelOverloadedError,
    ModelPermissionError,
    ModelRateLimitError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
    TruncatedStreamError,
)
from streamflow.messages import AIMessageChunk
from tests.chat_models.answers import aws_exception, aws_message, converse_stream
from tests.chat_models.dialect_converse import CONVERSE
from tests.chat_models.test_openai_answers import JSON
from tests.chat_models.test_sse import CUTS, cut

Event = tuple[str, Any]
END = CONVERSE.named_events()[-2:]


def reader(framing: Any = None) -> ConverseReader:
    return ConverseReader(Source("v", "m-1", request_id="r-1"), framing or AwsEvents(), "run-1")


def start(index: int, **start: Any) -> Event:
    return "contentBlockStart", {"contentBlockIndex": index, "start": start}


def piece(index: int, **delta: Any) -> Event:
    return "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}


def stop(index: int) -> Event:
    return "contentBlockStop", {"contentBlockIndex": index}


def message(*events: Event) -> AIMessageChunk:
    return message_in(reader(), b"".join(converse_stream(*events, *END)))


def whole(*content: Any, **facts: Any) -> AIMessageChunk:
    answer = {**CONVERSE.whole(), "output": {"message": {"content": content}}, **facts}
    return message_in(reader(Whole()), orjson.dumps(answer))


def test_a_stream() -> None:
    reading = reader()
    chunks = []
    for data in CONVERSE.events("Hel", "lo"):
        assert not reading.done
        chunks += reading.feed(data)
    assert reading.done
    assert reading.end() == []
    assert reading.error is None
    assert [chunk.content for chunk in chunks] == ["Hel", "lo", ""]
    assert chunks[-1].response_metadata == {
        "model_provider": "v",
        "model_name": "m-1",
        "id": "r-1",
        "stop_reason": "end_turn",
        "metrics": {"latencyMs": 17},
    }
    assert chunks[-1].usage_metadata == {
        "input_tokens": 9,
        "output_tokens": 12,
        "total_tokens": 21,
        "input_token_details": {"cache_read": 4},
    }


def test_a_whole_answer_is_the_sum_of_a_stream() -> None:
    image = {"format": "png", "source": {"bytes": "AAEC"}}
    found = {"toolUseId": "s", "type": "found", "content": [{"json": {"x": 1}}]}
    searched = {"toolUseId": "s", "name": "search", "type": "server_tool_use", "input": {"q": 1}}
    page = {"title": "Page", "location": {"web": {"url": "u"}}}
    streamed = message(
        piece(0, reasoningContent={"text": "Well, "}),
        piece(0, reasoningContent={"text": "hm."}),
        piece(0, reasoningContent={"signature": "s1"}),
        stop(0),
        piece(1, reasoningContent={"redactedContent": "AA=="}),
        start(2, toolUse={key: searched[key] for key in ("toolUseId", "name", "type")}),
        piece(2, toolUse={"input": '{"q":'}),
        piece(2, toolUse={"input": "1}"}),
        start(3, toolResult={"toolUseId": "s", "type": "found"}),
        piece(3, toolResult=[{"json": {"x": 1}}]),
        piece(4, text="So."),
        piece(4, citation=page),
        start(5, image={"format": "png"}),
        piece(5, image={"source": {"bytes": "AA=="}}),
        piece(5, image={"source": {"bytes": "AQI="}}),
        stop(5),
        start(6, toolUse={"toolUseId": "a", "name": "f"}),
        piece(6, toolUse={"input": '{"x":1}'}),
    )
    at_once = whole(
        {"reasoningContent": {"reasoningText": {"text": "Well, hm.", "signature": "s1"}}},
        {"reasoningContent": {"redactedContent": "AA=="}},
        {"toolUse": searched},
        {"toolResult": found},
        {"citationsContent": {"content": [{"text": "So."}], "citations": [page]}},
        {"image": image},
        {"toolUse": {"toolUseId": "a", "name": "f", "input": {"x": 1}}},
    )
    assert streamed == at_once
    assert streamed.text == "So."
    assert streamed.content == [
        {"type": "reasoning", "reasoning": "Well, hm.", "signature": "s1", "index": 0},
        {"type": "reasoning", "redacted": "AA==", "index": 1},
        {
            "type": "server_tool_use",
            "id": "s",
            "name": "search",
            "partial_json": '{"q":1}',
            "index": 2,
        },
        {
            "type": "server_tool_result",
            "tool_use_id": "s",
            "name": "found",
            "content": [{"json": {"x": 1}}],
            "index": 3,
        },
        "So.",
        {"type": "citations", "citations": [page], "index": 4},
        {"type": "image", "base64": "AAEC", "mime_type": "image/png", "index": 5},
    ]
    assert [(call["id"], call["args"]) for call in streamed.tool_calls] == [("a", {"x": 1})]


def test_parallel_tool_calls() -> None:
    said = message(
        piece(0, text="Let me see."),
        start(1, toolUse={"toolUseId": "a", "name": "f"}),
        piece(1, toolUse={"input": '{"x"'}),
        start(2, toolUse={"toolUseId": "b", "name": "g"}),
        piece(1, toolUse={"input": ": 1}"}),
        stop(1),
        stop(2),
    )
    assert [(c["id"], c["name"], c["args"]) for c in said.tool_calls] == [
        ("a", "f", {"x": 1}),
        ("b", "g", {}),
    ]
    assert said.content == "Let me see."


def test_what_is_not_known_is_told_as_it_is() -> None:
    video = {"format": "mp4", "source": {"bytes": "AA=="}}
    s3_image = {"format": "png", "source": {"s3Location": {"uri": "s3://b/a.png"}}}
    assert whole({"video": video}, {"image": s3_image}).content == [
        {"type": "video", "video": video, "index": 0},
        {"type": "image", "image": s3_image, "index": 1},
    ]
    assert message(("newEvent", {"x": 1}), piece(0, smell="rose"), piece(0, text="a")).text == "a"


def test_halves_of_characters_are_put_together() -> None:
    halves = rb'{"contentBlockIndex": 0, "delta": {"text": "\ud83d"}}'
    rest = rb'{"contentBlockIndex": 0, "delta": {"text": "\ude00"}}'
    body = [aws_message(data, **{":event-type": "contentBlockDelta"}) for data in (halves, rest)]
    assert message_in(reader(), b"".join([*body, *converse_stream(*END)])).text == "😀"


@pytest.mark.parametrize("reason", ["guardrail_intervened", "content_filtered", "max_tokens"])
def test_why_it_stops(reason: str) -> None:
    trace = {"guardrail": {"actionReason": "no"}}
    fields = {"stop_sequence": "x"}
    told = {"stopReason": reason, "additionalModelResponseFields": fields}
    counted = {**END[1][1], "trace": trace, "serviceTier": {"type": "flex"}}
    body = converse_stream(piece(0, text="a"), ("messageStop", told), ("metadata", counted))
    facts = message_in(reader(), b"".join(body)).response_metadata
    assert facts["stop_reason"] == reason
    assert facts["additionalModelResponseFields"] == fields
    assert (facts["trace"], facts["serviceTier"]) == (trace, {"type": "flex"})
    assert whole({"text": "a"}, **told, **counted).response_metadata == facts


def test_usage() -> None:
    counts = {"inputTokens": 4, "outputTokens": 10, "totalTokens": 1014}
    cached = {**counts, "cacheReadInputTokens": 300, "cacheWriteInputTokens": 700}
    assert converse_usage(cached) == {
        "input_tokens": 1004,
        "output_tokens": 10,
        "total_tokens": 1014,
        "input_token_details": {"cache_read": 300, "cache_creation": 700},
    }
    # A total that leaves out what is in the cache would be less than its parts.
    assert converse_usage({**cached, "totalTokens": 14})["total_tokens"] == 1014
    assert converse_usage({"inputTokens": "many"})["total_tokens"] == 0
    bare = b"".join(converse_stream(piece(0, text="a"), END[0]))
    assert message_in(reader(), bare).usage_metadata is None


# ---------------------------------------------------------------------- when it goes wrong


def failure(kind: str, reason: str = "no", **facts: Any) -> bytes:
    return aws_exception(kind, {"message": reason, **facts})


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (failure("throttlingException"), ModelRateLimitError),
        (failure("modelStreamErrorException"), ModelServerError),
        (failure("internalServerException"), ModelServerError),
        (failure("serviceUnavailableException"), ModelOverloadedError),
        (failure("modelTimeoutException"), ModelTimeoutError),
        (failure("modelNotReadyException"), ModelOverloadedError),
        (failure("accessDeniedException"), ModelPermissionError),
        (failure("validationException"), ModelRequestError),
        (
            failure("validationException", "Input is too long for requested model."),
            ContextLengthError,
        ),
        (
            aws_message(
                b"",
                **{
                    ":message-type": "error",
                    ":error-code": "InternalFailure",
                    ":error-message": "no",
                },
            ),
            ModelServerError,
        ),
    ],
)
def test_errors_may_come_in_the_middle(data: bytes, kind: type[ModelError]) -> None:
    reading = reader()
    chunks = reading.feed(b"".join([*CONVERSE.events("a")[:2], data]))
    assert [chunk.content for chunk in chunks] == ["a"]
    assert type(reading.error) is kind
    assert str(reading.error).startswith(("v: no", "v: Input is too long"))


def test_what_the_model_said_to_an_error_is_in_its_body() -> None:
    reading = reader()
    told = {"originalStatusCode": 424, "originalMessage": "out of memory"}
    reading.feed(failure("modelStreamErrorException", **told))
    assert reading.error is not None
    assert reading.error.body["error"]["originalMessage"] == "out of memory"


def test_an_answer_without_a_reason_to_stop_is_truncated() -> None:
    events = CONVERSE.events("a")
    reading = reader()
    assert reading.feed(b"".join(events[:-2]))
    reading.end()
    assert isinstance(reading.error, TruncatedStreamError)
    # The reason is enough, though the counts have not come.
    reading = reader()
    reading.feed(b"".join(events[:-1]))
    assert (reading.finished, reading.done) == (True, False)
    [last] = reading.end()
    assert reading.error is None
    assert last.response_metadata["stop_reason"] == "end_turn"


def test_counts_do_not_end_an_answer_that_has_not_stopped() -> None:
    reason, counts = END
    events = converse_stream(piece(0, text="a"), counts, piece(0, text="b"), reason)
    said = message_in(reader(), b"".join(events))
    assert (said.content, said.usage_metadata["total_tokens"]) == ("ab", 21)
    with pytest.raises(TruncatedStreamError):
        message_in(reader(), b"".join(events[:-1]))


@pytest.mark.parametrize(
    "answer",
    [
        {"message": "no"},
        {"Output": {"__type": "UnknownOperationException"}, "Version": "1.0"},
        {"output": {}},
        {"output": {"message": {"content": [{"toolUse": {}}]}}},
        {"output": {"message": {"content": [{"text": 1}]}}},
        [],
        17,
    ],
)
def test_what_is_no_answer(answer: Any) -> None:
    with pytest.raises(ModelError):
        message_in(reader(Whole()), orjson.dumps(answer))


# -------------------------------------------------------------------------------- laws

INDEX = st.integers(0, 2)
NAMES = ("contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")
EVENTS: Any = st.one_of(
    st.builds(lambda i, t: piece(i, text=t), INDEX, st.text()),
    st.builds(lambda i, t: piece(i, toolUse={"input": t}), INDEX, st.text(max_size=4)),
    st.builds(lambda i, t: piece(i, reasoningContent={"text": t}), INDEX, st.text(max_size=4)),
    st.builds(lambda i: start(i, toolUse={"toolUseId": f"t{i}", "name": "f"}), INDEX),
    st.builds(lambda i: start(i, image={"format": "png"}), INDEX),
    st.builds(
        lambda i, b: piece(i, image={"source": {"bytes": base64.b64encode(b).decode()}}),
        INDEX,
        st.binary(max_size=4),
    ),
    st.builds(stop, INDEX),
    st.sampled_from([*END, ("messageStart", {"role": "assistant"}), ("ping", {})]),
    st.tuples(st.sampled_from([*NAMES, "", "chunk", "error"]), JSON),
)


def read(pieces: list[bytes], framing: Any = None) -> Any:
    reading = reader(framing)
    chunks = [chunk for data in pieces for chunk in reading.feed(data)]
    chunks += reading.end()
    assert reading.error is None or isinstance(reading.error, ModelError)
    if chunks:
        assert isinstance(merge(chunks).text, str)
    return chunks, type(reading.error), str(reading.error)


@given(st.lists(EVENTS), CUTS)
def test_chunks_and_errors_do_not_depend_on_the_cuts(
    events: list[Event], places: list[int]
) -> None:
    body = b"".join(converse_stream(*events))
    assert read([body]) == read(cut(body, places))


@given(st.lists(st.one_of(st.binary(), EVENTS.map(lambda e: converse_stream(e)[0]))), CUTS)
def test_any_bytes_give_chunks_or_an_error(parts: list[bytes], places: list[int]) -> None:
    body = b"".join(parts)
    assert read([body]) == read(cut(body, places))


BLOCKS = st.dictionaries(
    st.sampled_from(["text", "toolUse", "reasoningContent", "citationsContent", "image", "other"]),
    st.one_of(
        st.text(),
        JSON,
        st.fixed_dictionaries({"toolUseId": st.text(), "name": st.text(), "input": JSON}),
        st.fixed_dictionaries({"content": st.lists(st.fixed_dictionaries({"text": st.text()}))}),
    ),
    max_size=2,
)


@given(st.one_of(JSON, st.lists(st.one_of(JSON, BLOCKS))))
def test_any_whole_gives_a_message_or_an_error(content: Any) -> None:
    answer = orjson.dumps({**CONVERSE.whole(), "output": {"message": {"content": content}}})
    chunks, error, _ = read([answer], Whole())
    assert chunks or error in (MalformedStreamError, ModelServerError)
