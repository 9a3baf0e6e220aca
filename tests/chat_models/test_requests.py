"""Messages and options as the vendors are told of them."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow._vendors._table import VENDORS
from streamflow.chat_models._anthropic_request import anthropic_body
from streamflow.chat_models._converse_request import converse_body
from streamflow.chat_models._ollama import ollama_body
from streamflow.chat_models._openai_request import openai_body
from streamflow.errors import ModelInputError
from streamflow.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

CALL = {"name": "f", "args": {"x": 1}, "id": "a"}
BAD = {"name": "f", "args": '{"x', "id": "b", "error": "no"}
TURN: list[BaseMessage] = [
    SystemMessage("Be brief."),
    HumanMessage("Hi", name="ann"),
    AIMessage("", tool_calls=[CALL], invalid_tool_calls=[BAD]),
    ToolMessage("17", tool_call_id="a"),
    ToolMessage("no", tool_call_id="b", status="error"),
]


def openai(*messages: BaseMessage, vendor: str = "openai", **options: Any) -> Any:
    return openai_body(VENDORS[vendor], messages, options, stream=False)


def anthropic(*messages: BaseMessage, **options: Any) -> Any:
    return anthropic_body(messages, options, stream=False)


def content_of(body: Any) -> Any:
    return body["messages"][0]["content"]


def add(a: int, b: int = 0) -> int:
    """Add two numbers."""
    return a + b


# ------------------------------------------------------------------------------ openai


def test_every_kind_of_message() -> None:
    others = (ChatMessage("x", role="developer"), FunctionMessage("17", name="f"))
    assert openai(*TURN, *others)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "ann"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "b", "type": "function", "function": {"name": "f", "arguments": '{"x'}},
            ],
        },
        {"role": "tool", "content": "17", "tool_call_id": "a"},
        {"role": "tool", "content": "no", "tool_call_id": "b"},
        {"role": "developer", "content": "x"},
        {"role": "function", "content": "17", "name": "f"},
    ]


@pytest.mark.parametrize(
    ("block", "url"),
    [
        ({"type": "image_url", "image_url": "http://x/a.png"}, "http://x/a.png"),
        ({"type": "image_url", "image_url": {"url": "http://x/a.png"}}, "http://x/a.png"),
        ({"type": "image", "url": "http://x/a.png"}, "http://x/a.png"),
        ({"type": "image", "source_type": "url", "url": "http://x/a.png"}, "http://x/a.png"),
        (
            {"type": "image", "base64": "AA==", "mime_type": "image/png"},
            "data:image/png;base64,AA==",
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
            },
            "data:image/png;base64,AA==",
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            "data:image/png;base64,AA==",
        ),
    ],
)
def test_images(block: Any, url: str) -> None:
    text = {"type": "text", "text": "See:"}
    said = content_of(openai(HumanMessage(["See:", block])))
    assert said == [text, {"type": "image_url", "image_url": {"url": url}}]
    [_, image] = content_of(anthropic(HumanMessage(["See:", block])))
    if url.startswith("data:"):
        source = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    else:
        source = {"type": "url", "url": url}
    assert image == {"type": "image", "source": source}


def test_audio_and_files() -> None:
    audio = {"type": "audio", "base64": "AA==", "mime_type": "audio/mpeg"}
    file = {"type": "file", "base64": "AA==", "mime_type": "application/pdf", "filename": "a.pdf"}
    known = {"type": "file", "file_id": "file-1"}
    assert content_of(openai(HumanMessage([audio, file, known]))) == [
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
        },
        {"type": "file", "file": {"file_id": "file-1"}},
    ]
    assert content_of(anthropic(HumanMessage([file, known]))) == [
        {
            "type": "document",
            "title": "a.pdf",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="},
        },
        {"type": "document", "source": {"type": "file", "file_id": "file-1"}},
    ]
    with pytest.raises(ModelInputError, match="audio"):
        anthropic(HumanMessage([audio]))


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "é"}},
        {"type": "file", "source_type": "text", "text": "é"},
        {"type": "file", "base64": "w6k=", "mime_type": "text/plain"},
    ],
)
def test_documents_of_plain_text(block: Any) -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "é"}
    assert content_of(anthropic(HumanMessage([block]))) == [{"type": "document", "source": source}]
    file = {"filename": "file", "file_data": "data:text/plain;base64,w6k="}
    assert content_of(openai(HumanMessage([block]))) == [{"type": "file", "file": file}]


def test_marks_of_caches_and_details_stay() -> None:
    mark = {"type": "ephemeral"}
    image = {"type": "image_url", "image_url": {"url": "http://x", "detail": "low"}}
    assert content_of(openai(HumanMessage([{**image, "cache_control": mark}]))) == [
        {**image, "cache_control": mark}
    ]


def test_a_block_without_media_is_refused() -> None:
    with pytest.raises(ModelInputError, match="holds no url"):
        openai(HumanMessage([{"type": "image"}]))


def test_reasoning_is_not_said_again_and_text_needs_no_list() -> None:
    reasoning = {"type": "reasoning", "reasoning": "hm", "index": "reasoning"}
    assert content_of(openai(AIMessage([reasoning, "Yes", " it is"]))) == "Yes it is"


SIGNED = {"google": {"thought_signature": "s1"}}


def signed(provider: str | None) -> AIMessage:
    told = {} if provider is None else {"model_provider": provider}
    beside = {"tool_call_extra_content": {"a": SIGNED, "b": {"x": 1}, "elsewhere": SIGNED}}
    return AIMessage(
        "",
        tool_calls=[CALL, {**CALL, "id": "c"}],
        invalid_tool_calls=[BAD],
        additional_kwargs=beside,
        response_metadata=told,
    )


@pytest.mark.parametrize("provider", ["google_vertexai", None])
def test_what_a_vendor_says_beside_a_call_goes_back_to_it(provider: str | None) -> None:
    results = [ToolMessage("17", tool_call_id=id) for id in "abc"]
    body = openai(signed(provider), *results, vendor="google_vertexai")
    calls = body["messages"][0]["tool_calls"]
    assert [(each["id"], each.get("extra_content")) for each in calls] == [
        ("a", SIGNED),
        ("c", None),
        ("b", {"x": 1}),
    ]


def test_other_vendors_are_not_told_of_it() -> None:
    turn = [signed("google_vertexai"), *(ToolMessage("17", tool_call_id=id) for id in "abc")]
    told = [
        openai(*turn, vendor="groq"),
        anthropic(*turn, model="m", max_tokens=5),
        ollama_body(turn, {}, stream=False),
        converse_body(turn, {}),
    ]
    plain = [AIMessage("", tool_calls=turn[0].tool_calls, invalid_tool_calls=[BAD]), *turn[1:]]
    assert told == [
        openai(*plain, vendor="groq"),
        anthropic(*plain, model="m", max_tokens=5),
        ollama_body(plain, {}, stream=False),
        converse_body(plain, {}),
    ]


def test_options_are_named_as_the_vendor_names_them() -> None:
    options = {"model": "m", "max_tokens": 5, "seed": 1, "stop": "x", "top_p": None, "new": 1}
    body = openai(TURN[0], **options)
    assert body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}],
        "max_completion_tokens": 5,
        "seed": 1,
        "stop": ["x"],
        "new": 1,
    }
    body = openai(TURN[0], vendor="mistralai", **options)
    assert (body["max_tokens"], body["random_seed"]) == (5, 1)


def test_streams_ask_for_usage_where_the_vendor_knows_how() -> None:
    def options(vendor: str, **options: Any) -> Any:
        body = openai_body(VENDORS[vendor], TURN, options, stream=True)
        assert body["stream"] is True
        assert "stream_usage" not in body
        return body.get("stream_options")

    assert options("openai") == {"include_usage": True}
    assert options("openai", stream_usage=False) is None
    assert options("mistralai") is None


@pytest.mark.parametrize(
    ("choice", "told", "of_anthropic"),
    [
        ("auto", "auto", {"type": "auto"}),
        ("none", "none", {"type": "none"}),
        ("any", "required", {"type": "any"}),
        ("required", "required", {"type": "any"}),
        (True, "required", {"type": "any"}),
        ("add", {"type": "function", "function": {"name": "add"}}, {"type": "tool", "name": "add"}),
        (
            {"type": "function", "function": {"name": "add"}},
            {"type": "function", "function": {"name": "add"}},
            {"type": "tool", "name": "add"},
        ),
        ({"type": "any"}, "required", {"type": "any"}),
        (
            {"type": "tool", "name": "add"},
            {"type": "function", "function": {"name": "add"}},
            {"type": "tool", "name": "add"},
        ),
    ],
)
def test_tools(choice: Any, told: Any, of_anthropic: Any) -> None:
    body = openai(TURN[0], tools=[add], tool_choice=choice, parallel_tool_calls=False)
    assert body["tools"][0]["function"]["name"] == "add"
    assert body["tool_choice"] == told
    assert body["parallel_tool_calls"] is False
    body = anthropic(TURN[1], tools=[add], tool_choice=choice)
    assert body["tools"][0]["input_schema"]["required"] == ["a"]
    assert body["tool_choice"] == of_anthropic


def test_one_of_the_tools_in_the_words_of_a_vendor() -> None:
    assert (
        openai(TURN[0], vendor="mistralai", tools=[add], tool_choice="any")["tool_choice"] == "any"
    )


def test_forms_of_an_answer() -> None:
    schema = {"title": "City", "type": "object", "properties": {"name": {"type": "string"}}}
    told = openai(TURN[0], response_format=schema)["response_format"]
    assert told["type"] == "json_schema"
    assert told["json_schema"]["name"] == "City"
    assert openai(TURN[0], response_format="json_object")["response_format"] == {
        "type": "json_object"
    }
    as_given = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    assert openai(TURN[0], response_format=as_given)["response_format"] == as_given


# --------------------------------------------------------------------------- anthropic


def test_a_turn_for_anthropic() -> None:
    body = anthropic(*TURN, model="m", max_tokens=5, stop="x", user="ann", top_k=1)
    assert body == {
        "model": "m",
        "max_tokens": 5,
        "top_k": 1,
        "system": "Be brief.",
        "stop_sequences": ["x"],
        "metadata": {"user_id": "ann"},
        "messages": [
            {"role": "user", "content": "Hi"},
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
                    {"type": "tool_use", "id": "b", "name": "f", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "a", "content": "17"},
                    {"type": "tool_result", "tool_use_id": "b", "content": "no", "is_error": True},
                ],
            },
        ],
    }


def test_marks_of_the_prompt_cache() -> None:
    mark = {"type": "ephemeral"}
    text = {"type": "text", "text": "long", "cache_control": mark}
    tool = {"name": "f", "input_schema": {"type": "object"}, "cache_control": mark}
    body = anthropic(SystemMessage([text]), HumanMessage([text]), tools=[tool])
    assert body["system"] == [text]
    assert content_of(body) == [text]
    assert body["tools"] == [tool]
    result = anthropic(ToolMessage([text], tool_call_id="a"))["messages"][0]["content"][0]
    assert result["cache_control"] == mark
    assert result["content"] == "long"


def test_thinking_goes_back_with_its_signature() -> None:
    content: Any = [
        {"type": "reasoning", "reasoning": "hm", "signature": "s1", "index": 0},
        {"type": "reasoning", "redacted": "zzz", "index": 1},
        {"type": "reasoning", "reasoning": "of another vendor"},
        {"type": "citations", "citations": [], "index": 2},
        {"type": "server_tool_use", "id": "s", "name": "w", "partial_json": '{"q": 1}', "index": 3},
        "Yes",
    ]
    assert content_of(anthropic(AIMessage(content))) == [
        {"type": "thinking", "thinking": "hm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "zzz"},
        {"type": "server_tool_use", "id": "s", "name": "w", "input": {"q": 1}},
        {"type": "text", "text": "Yes"},
    ]


def test_parallel_calls_are_forbidden_in_the_choice() -> None:
    body = anthropic(TURN[1], tools=[add], parallel_tool_calls=False)
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_tools_of_the_vendor_itself_go_as_they_are() -> None:
    tool = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}
    assert anthropic(TURN[1], tools=[tool])["tools"] == [tool]


# ------------------------------------------------------------------------------ ollama


def test_a_turn_for_ollama() -> None:
    options = {"model": "m", "temperature": 0, "max_tokens": 5, "stop": "x", "tool_choice": "any"}
    image = {"type": "image", "base64": "AA=="}
    body = ollama_body([*TURN, HumanMessage(["See", image])], options, stream=True)
    assert body["options"] == {"temperature": 0, "num_predict": 5, "stop": ["x"]}
    assert body["stream"] is True
    _, _, ai, tool, failed, human = body["messages"]
    assert ai["tool_calls"] == [
        {"function": {"name": "f", "arguments": {"x": 1}}},
        {"function": {"name": "f", "arguments": {}}},
    ]
    assert tool == {"role": "tool", "content": "17", "tool_name": "f"}
    assert failed == {"role": "tool", "content": "no", "tool_name": "f"}
    assert human == {"role": "user", "content": "See", "images": ["AA=="]}


def test_ollama_reads_no_addresses() -> None:
    with pytest.raises(ModelInputError, match="base64"):
        ollama_body([HumanMessage([{"type": "image", "url": "http://x"}])], {}, stream=False)


def test_forms_of_an_answer_for_ollama() -> None:
    def form(response_format: Any) -> Any:
        return ollama_body(TURN, {"response_format": response_format}, stream=False)["format"]

    assert form({"type": "json_object"}) == "json"
    assert form({"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}) == {
        "type": "object"
    }
