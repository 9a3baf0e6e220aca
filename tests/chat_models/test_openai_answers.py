"""Answers of OpenAI's protocol, in all the ways in which vendors write it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from streamflow._merge import merge
from streamflow._vendors._source import Source
from streamflow.chat_models._openai_stream import OpenAIReader
from streamflow.chat_models._reader import Whole, message_in
from streamflow.chat_models._sse import ServerSentEvents
from streamflow.errors import (
    ContextLengthError,
    MalformedStreamError,
    ModelError,
    ModelOverloadedError,
    ModelServerError,
    TruncatedStreamError,
)
from streamflow.messages import AIMessageChunk
from streamflow.serialization import dumps, loads
from tests.chat_models.answers import USAGE, call_piece, delta, finish, sse
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.dialects import call
from tests.chat_models.test_sse import CUTS, cut


def reader(framing: Any = None) -> OpenAIReader:
    return OpenAIReader(Source("v", "m"), framing or ServerSentEvents(), "run-1")


def read(pieces: list[bytes]) -> tuple[list[AIMessageChunk], ModelError | None]:
    reading = reader()
    chunks = [chunk for piece in pieces for chunk in reading.feed(piece)]
    chunks += reading.end()
    return chunks, reading.error


def message(*payloads: Any) -> AIMessageChunk:
    return message_in(reader(), b"".join(sse(*payloads)))


def thought(text: str) -> dict[str, Any]:
    """An event in which Gemini thinks."""
    return delta(content=text, extra_content={"google": {"thought": True}})


def signed(id: str, extra: Any) -> dict[str, Any]:
    """A call, as Gemini makes it."""
    return {**call_piece(None, id, "f", "{}"), "extra_content": extra}


def test_a_stream() -> None:
    chunks, error = read(OPENAI.events("Hel", "lo"))
    assert error is None
    assert [chunk.content for chunk in chunks] == ["Hel", "lo", ""]
    assert {chunk.id for chunk in chunks} == {"run-1"}
    last = chunks[-1]
    assert last.response_metadata == {
        "model_provider": "v",
        "finish_reason": "stop",
        "model_name": "m-1",
        "id": "c-1",
    }
    assert last.usage_metadata == {
        "input_tokens": 9,
        "output_tokens": 12,
        "total_tokens": 21,
        "input_token_details": {"cache_read": 4},
        "output_token_details": {"reasoning": 3},
    }


def test_a_whole_answer_is_the_sum_of_a_stream() -> None:
    whole = message_in(reader(Whole()), orjson.dumps(OPENAI.whole("Hello")))
    assert whole == message_in(reader(), b"".join(OPENAI.events("Hel", "lo")))


DELTAS = st.one_of(
    st.builds(lambda text: delta(content=text), st.text()),
    st.builds(lambda text: delta(reasoning_content=text, content=None), st.text()),
    st.builds(thought, st.sampled_from(["<thought>", "a", "b</thought>c"])),
    st.builds(
        lambda index, id, name, args: delta(tool_calls=[call_piece(index, id, name, args)]),
        st.sampled_from([None, 0, 1]),
        st.sampled_from([None, "", "a", "b"]),
        st.sampled_from([None, "", "f", "g"]),
        st.one_of(st.none(), st.text(max_size=5), st.just({"x": 1})),
    ),
    st.sampled_from([finish(), b"[DONE]", {"choices": []}, {"error": {"message": "no"}}, b"{"]),
    st.sampled_from([b'{"choices": [{"delta": {"content": "\\ud83d"}}]}',
                     b'{"choices": [{"delta": {"content": "\\ude00!"}}]}']),
)  # fmt: skip


@given(st.lists(DELTAS), CUTS)
def test_chunks_and_errors_do_not_depend_on_the_cuts(
    payloads: list[Any], places: list[int]
) -> None:
    body = b"".join(sse(*payloads))
    chunks, error = read([body])
    again, same = read(cut(body, places))
    assert again == chunks
    assert (type(same), str(same)) == (type(error), str(error))


KEYS = (
    *("choices", "delta", "content", "tool_calls", "function", "usage", "error", "index"),
    *("message", "code", "model", "finish_reason", "logprobs", "reasoning", "prompt_tokens"),
    *("type", "text", "thinking", "extra_content", "google", "thought", "id"),
)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.one_of(st.binary(), JSON.map(orjson.dumps)), st.booleans())
def test_anything_gives_chunks_or_an_error_of_the_tree(data: bytes, framed: bool) -> None:
    body = b"".join(sse(data, finish())) if framed else data
    for framing in (ServerSentEvents(), Whole()):
        reading = reader(framing)
        chunks = [*reading.feed(body), *reading.end()]
        assert reading.error is None or isinstance(reading.error, ModelError)
        assert all(isinstance(chunk, AIMessageChunk) for chunk in chunks)
        assert chunks or reading.error is not None
        if chunks:
            whole = merge(chunks)
            assert isinstance(whole.text, str)
            assert len(whole.tool_calls) + len(whole.invalid_tool_calls) >= 0


# ---------------------------------------------------------------------------- the end


@pytest.mark.parametrize("end", [[], [b"[DONE]"], [{"choices": []}], [b" [DONE] "]])
def test_an_answer_ends_with_done_or_without(end: list[Any]) -> None:
    assert message(delta(content="a"), finish(), *end).content == "a"


@pytest.mark.parametrize("end", [[], [b"[DONE]"]])
def test_an_answer_without_a_finish_reason_is_truncated(end: list[Any]) -> None:
    chunks, error = read(sse(delta(content="a"), *end))
    assert [chunk.content for chunk in chunks] == ["a"]
    assert isinstance(error, TruncatedStreamError)


def test_an_answer_cut_off_in_an_event_is_truncated() -> None:
    _, error = read([*sse(delta(content="a")), b'data: {"choices": [{"del'])
    assert isinstance(error, TruncatedStreamError)


def test_an_empty_answer_is_truncated() -> None:
    chunks, error = read([])
    assert not chunks
    assert isinstance(error, TruncatedStreamError)


def test_an_event_that_is_no_json_is_malformed() -> None:
    chunks, error = read([*sse(delta(content="a")), b"data: {oh\n\n", *sse(finish())])
    assert [chunk.content for chunk in chunks] == ["a"]
    assert isinstance(error, MalformedStreamError)
    assert error.body == "{oh"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"error": {"message": "too much", "code": 502}}, ModelServerError),
        ({"error": {"message": "busy", "type": "overloaded_error"}}, ModelOverloadedError),
        ({"error": {"message": "This model's maximum context length is 8"}}, ContextLengthError),
        ({"error": "plain words"}, ModelServerError),
        ({"object": "error", "message": "no", "code": 500}, ModelServerError),
        ({"errors": [{"message": "no", "code": "x"}], "status_code": 500}, ModelServerError),
        ([{"error": {"message": "a list", "status": "INTERNAL", "code": 500}}], ModelServerError),
    ],
)
def test_errors_may_come_in_the_middle(event: Any, kind: type[ModelError]) -> None:
    chunks, error = read(sse(delta(content="a"), event))
    assert [chunk.content for chunk in chunks] == ["a"]
    assert type(error) is kind
    assert error.body == event


# --------------------------------------------------------------------------- its usage


@pytest.mark.parametrize(
    "events",
    [
        [finish(), {"choices": [], "usage": USAGE}],
        [finish(), {"choices": [{"delta": {}}], "usage": USAGE}],
        [{**finish(), "usage": USAGE}],
        [{**delta(content=""), "usage": {"prompt_tokens": 1}}, {**finish(), "usage": USAGE}],
        [{**finish(), "x_groq": {"usage": USAGE}}],
    ],
)
def test_usage_comes_in_many_ways(events: list[Any]) -> None:
    usage = message(delta(content="a"), *events).usage_metadata
    assert usage is not None
    assert usage["total_tokens"] == 21


def test_usage_may_not_come() -> None:
    assert message(delta(content="a"), finish()).usage_metadata is None


# -------------------------------------------------------------------------- tool calls


@pytest.mark.parametrize(
    "pieces",
    [
        [call_piece(0, "a", "f", '{"x"'), call_piece(0, None, None, ": 1}")],
        [call_piece(0, "a", "f", '{"x"'), call_piece(0, "a", "f", ": 1}")],
        [call_piece(0, "a", "f", ""), call_piece(0, "", "", '{"x": 1}')],
        [call_piece(0, None, "f", '{"x"'), call_piece(0, "a", None, ": 1}")],
        [call_piece(None, "a", "f", '{"x": 1}')],
        [call_piece(0, "a", "f", {"x": 1})],
        [{"id": "a", "function": {"name": "f"}}, {"function": {"arguments": '{"x": 1}'}}],
    ],
)
def test_a_tool_call_comes_in_many_ways(pieces: list[Any]) -> None:
    whole = message(*(delta(tool_calls=[piece]) for piece in pieces), finish("tool_calls"))
    assert whole.tool_calls == [{"name": "f", "args": {"x": 1}, "id": "a", "type": "tool_call"}]


@pytest.mark.parametrize(
    "pieces",
    [
        # One after the other; at once; interleaved; all of one index; without an index.
        [call_piece(0, "a", "f", "{}"), call_piece(1, "b", "f", "{}")],
        [call_piece(0, "a", "f", ""), call_piece(1, "b", "f", "{}"), call_piece(0, args="{}")],
        [call_piece(0, "a", "f", "{}"), call_piece(0, "b", "f", "{}")],
        [call_piece(None, "a", "f", "{}"), call_piece(None, "b", "f", "{}")],
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_parallel_tool_calls_come_in_many_ways(pieces: list[Any], at_once: bool) -> None:
    deltas = [delta(tool_calls=pieces)] if at_once else [delta(tool_calls=[p]) for p in pieces]
    calls = message(*deltas, finish("tool_calls")).tool_calls
    assert [call["id"] for call in calls] == ["a", "b"]
    assert [call["args"] for call in calls] == [{}, {}]


def test_arguments_may_be_missing_or_malformed() -> None:
    pieces = [call_piece(0, "a", "f", None), call_piece(1, "b", "f", '{"x": ')]
    whole = message(delta(tool_calls=pieces), finish("tool_calls"))
    assert [call["args"] for call in whole.tool_calls] == [{}]
    assert [bad["id"] for bad in whole.invalid_tool_calls] == ["b"]


def test_whole_answers_have_tool_calls() -> None:
    body = orjson.dumps(OPENAI.whole(*call(0, "a", "f", "{}"), *call(1, "b", "f", "{}")))
    assert [c["id"] for c in message_in(reader(Whole()), body).tool_calls] == ["a", "b"]


def test_what_is_said_beside_calls_is_kept_by_their_ids() -> None:
    beside = [{"google": {"thought_signature": text}} for text in ("s1", "s2")]
    events = [
        delta(tool_calls=[signed("a", beside[0]), signed("b", None)]),
        delta(tool_calls=[signed("c", beside[1])]),
        finish("stop"),
    ]
    kept = {"a": beside[0], "c": beside[1]}
    streamed = message(*events)
    assert streamed.additional_kwargs == {"tool_call_extra_content": kept}
    assert [each["id"] for each in streamed.tool_calls] == ["a", "b", "c"]
    answer = {"message": {"tool_calls": [signed("a", beside[0]), signed("c", beside[1])]}}
    whole = message_in(reader(Whole()), orjson.dumps({"choices": [answer]}))
    assert whole.additional_kwargs == streamed.additional_kwargs
    assert loads(dumps(streamed)).additional_kwargs == streamed.additional_kwargs


def test_what_is_said_beside_a_call_again_is_not_added_up() -> None:
    pieces = [
        {**call_piece(0, "a", "f", text), "extra_content": {"google": {"thought_signature": "s"}}}
        for text in ("{", "}")
    ]
    said = message(*(delta(tool_calls=[piece]) for piece in pieces), finish("tool_calls"))
    assert said.additional_kwargs["tool_call_extra_content"] == {
        "a": {"google": {"thought_signature": "s"}}
    }


# -------------------------------------------------------------------- beside the text


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning_has_blocks_of_its_own(key: str) -> None:
    deltas = [delta(**{key: "Well, "}), delta(**{key: "hm."}), delta(content="Yes", **{key: None})]
    whole = message(*deltas, finish())
    assert whole.text == "Yes"
    assert whole.content == [
        {"type": "reasoning", "reasoning": "Well, hm.", "index": "reasoning"},
        "Yes",
    ]


CALLED = {"tool_calls": [call_piece(None, "a", "f", "{}")]}


@pytest.mark.parametrize(
    "events",
    [
        [thought("Well, "), thought("hm."), delta(content="Yes")],
        [thought("<thought>Well, "), thought("hm."), delta(content="</thought>Yes")],
        [thought("<think>Well, "), thought("hm."), delta(content="</think>Ye"), delta(content="s")],
        [thought("<thought>Well, "), thought("hm.</thought>Ye"), delta(content="s")],
        [
            thought("<thought>Well, "),
            thought("hm."),
            delta(content="</thought>", **CALLED),
            delta(content="Yes"),
        ],
        [thought("<thought>Well, "), thought("hm."), delta(content=None, **CALLED),
         delta(content="Yes")],
        [thought("<thought>Well, hm.</thought>"), delta(content="Yes", extra_content=None)],
    ],
)  # fmt: skip
def test_thoughts_of_gemini_are_told_by_their_marks(events: list[Any]) -> None:
    whole = message(*events, finish())
    assert whole.content == [
        {"type": "reasoning", "reasoning": "Well, hm.", "index": "reasoning"},
        "Yes",
    ]


def test_gemini_may_think_again() -> None:
    events = [thought("<thought>a"), delta(content="</thought>b"), delta(content="</thought>")]
    said = message(*events, thought("<thought>c"), delta(content="</thought>d"), finish())
    assert said.text == "b</thought>d"
    assert said.content[0]["reasoning"] == "ac"  # type: ignore[index]  # a block


def of_gemini(content: str, **extra: Any) -> AIMessageChunk:
    said = {"role": "assistant", "content": content, "extra_content": {"google": extra}}
    return message_in(reader(Whole()), orjson.dumps({"choices": [{"message": said}]}))


def test_whole_thoughts_of_gemini_stand_in_tags() -> None:
    both = of_gemini("<thought>Well, hm.</thought>Yes", thought=True)
    assert both.content == [
        {"type": "reasoning", "reasoning": "Well, hm.", "index": "reasoning"},
        "Yes",
    ]
    assert of_gemini("Well, hm. Yes", thought=True).content == "Well, hm. Yes"
    assert of_gemini("<thought>", thought_signature="s1").content == "<thought>"


def test_tags_alone_are_no_thoughts() -> None:
    text = "<thought>is a tag</thought>, and ends with </thought>"
    assert message(delta(content=text), delta(content="</thought>"), finish()).content == (
        text + "</thought>"
    )


def test_content_may_be_a_list() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    whole = message(delta(content=[thinking, {"type": "text", "text": "Yes"}]), finish())
    assert whole.text == "Yes"


def test_refusals_and_log_probabilities_are_kept() -> None:
    event = delta(content="a")
    event["choices"][0]["logprobs"] = {"content": [{"token": "a", "logprob": -1}]}
    whole = message(event, event, delta(refusal="I"), delta(refusal=" can't"), finish())
    assert whole.additional_kwargs == {"refusal": "I can't"}
    assert len(whole.response_metadata["logprobs"]["content"]) == 2


def test_halves_of_characters_are_put_together() -> None:
    halves = [b'{"choices": [{"delta": {"content": "a\\ud83d"}}]}',
              b'{"choices": [{"delta": {"content": "\\ude00b"}}]}']  # fmt: skip
    chunks, error = read(sse(*halves, delta(content="c"), finish()))
    assert error is None
    assert [chunk.content for chunk in chunks] == ["a", "\N{GRINNING FACE}b", "c", ""]
    chunks, _ = read(sse(halves[0], finish()))
    assert "".join(chunk.text for chunk in chunks) == "a\N{REPLACEMENT CHARACTER}"


def test_of_several_answers_the_first_is_read() -> None:
    whole = message(delta(content="a"), delta(1, content="b"), delta(0, content="c"), finish())
    assert whole.content == "ac"
