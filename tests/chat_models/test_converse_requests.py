"""What Amazon Bedrock's Converse is told, of messages and of options."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from streamflow.chat_models._converse_request import converse_body
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
from tests.chat_models.test_requests import TURN, add, content_of

USER = {"role": "user", "content": [{"text": "Hi"}]}
CALLED: list[BaseMessage] = [
    HumanMessage("Hi"),
    AIMessage("", tool_calls=[{"name": "f", "args": {"x": 1}, "id": "a"}]),
    ToolMessage("17", tool_call_id="a"),
]


def converse(*messages: BaseMessage, **options: Any) -> Any:
    return converse_body(messages or [HumanMessage("Hi")], options)


def said(*blocks: Any) -> Any:
    return content_of(converse(HumanMessage([*blocks])))


def use(id: str, name: str, given: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": id, "name": name, "input": given}}


# ---------------------------------------------------------------------------- messages


def test_a_turn() -> None:
    assert converse(*TURN) == {
        "system": [{"text": "Be brief."}],
        "messages": [
            USER,
            {"role": "assistant", "content": [use("a", "f", {"x": 1}), use("b", "f", {})]},
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": "a", "content": [{"text": "17"}]}},
                    {
                        "toolResult": {
                            "toolUseId": "b",
                            "content": [{"text": "no"}],
                            "status": "error",
                        }
                    },
                ],
            },
        ],
        "toolConfig": {
            "tools": [
                {
                    "toolSpec": {
                        "name": "f",
                        "inputSchema": {"json": {"type": "object", "properties": {}}},
                    }
                }
            ]
        },
    }


def test_messages_of_any_role() -> None:
    body = converse(
        ChatMessage("Be kind.", role="developer"),
        HumanMessage("Hi"),
        ChatMessage("and", role="ann"),
        ChatMessage("Yes?", role="assistant"),
        AIMessage("Well?"),
    )
    assert body == {
        "system": [{"text": "Be kind."}],
        "messages": [
            {"role": "user", "content": [{"text": "Hi"}, {"text": "and"}]},
            {"role": "assistant", "content": [{"text": "Yes?"}, {"text": "Well?"}]},
        ],
    }
    with pytest.raises(ModelInputError, match="ToolMessage"):
        converse(FunctionMessage("17", name="f"))


def test_what_is_blank_is_not_said() -> None:
    body = converse(HumanMessage("Hi"), AIMessage(["\n\n", ""]), HumanMessage("Hello?"))
    assert body["messages"] == [{"role": "user", "content": [{"text": "Hi"}, {"text": "Hello?"}]}]


def test_tool_calls_that_stand_in_the_content_too_are_told_once() -> None:
    content: Any = [
        "Let me see.",
        {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "b", "name": "f", "input": '{"x": 2}'},
        {"type": "tool_call", "id": "a", "name": "f", "args": {"x": 1}},
    ]
    calls: Any = [{"name": "f", "args": {"x": n}, "id": id} for n, id in ((1, "a"), (3, "c"))]
    assert content_of(converse(AIMessage(content, tool_calls=calls))) == [
        {"text": "Let me see."},
        use("a", "f", {"x": 1}),
        use("b", "f", {"x": 2}),
        use("c", "f", {"x": 3}),
    ]


def test_results_of_tools_may_be_of_parts() -> None:
    image = {"type": "image", "base64": "AA==", "mime_type": "image/png"}
    mark = {"type": "ephemeral", "ttl": "1h"}
    text = {"type": "text", "text": "17", "cache_control": mark}
    body = converse(ToolMessage([text, image, {"json": {"x": 1}}], tool_call_id="a"))
    assert content_of(body) == [
        {
            "toolResult": {
                "toolUseId": "a",
                "content": [
                    {"text": "17"},
                    {"image": {"format": "png", "source": {"bytes": "AA=="}}},
                    {"json": {"x": 1}},
                ],
            }
        },
        {"cachePoint": {"type": "default", "ttl": "1h"}},
    ]
    assert content_of(converse(ToolMessage("", tool_call_id="a"))) == [
        {"toolResult": {"toolUseId": "a", "content": []}}
    ]


def test_reasoning_goes_back_with_its_signature() -> None:
    content: Any = [
        {"type": "reasoning", "reasoning": "hm", "signature": "s1", "index": 0},
        {"type": "reasoning", "redacted": "AA==", "index": 1},
        {"type": "thinking", "thinking": "so", "signature": "s2"},
        {"type": "reasoning", "reasoning": "of a model that does not sign"},
        {"type": "citations", "citations": [], "index": 2},
        "Yes",
    ]
    assert content_of(converse(AIMessage(content))) == [
        {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s1"}}},
        {"reasoningContent": {"redactedContent": "AA=="}},
        {"reasoningContent": {"reasoningText": {"text": "so", "signature": "s2"}}},
        {"text": "Yes"},
    ]


def test_what_the_service_did_itself_goes_back() -> None:
    block = {"type": "server_tool_use", "id": "s", "name": "nova_grounding", "index": 0}
    content: Any = [
        {**block, "partial_json": '{"q": 1}'},
        {
            "type": "server_tool_result",
            "tool_use_id": "s",
            "name": "nova_grounding_result",
            "content": [{"text": "found"}],
            "status": "success",
            "index": 1,
        },
    ]
    called = use("s", "nova_grounding", {"q": 1})
    called["toolUse"]["type"] = "server_tool_use"
    assert content_of(converse(AIMessage(content))) == [
        called,
        {
            "toolResult": {
                "toolUseId": "s",
                "content": [{"text": "found"}],
                "status": "success",
                "type": "nova_grounding_result",
            }
        },
    ]


def test_marks_of_the_prompt_cache_stand_behind_what_they_mark() -> None:
    mark = {"type": "ephemeral"}
    point = {"cachePoint": {"type": "default"}}
    text = {"type": "text", "text": "long", "cache_control": mark}
    image = {"type": "image", "base64": "AA==", "mime_type": "image/png", "cache_control": mark}
    tool = {"name": "f", "input_schema": {"type": "object"}, "cache_control": mark}
    body = converse(SystemMessage([text]), HumanMessage([text, image]), tools=[tool])
    assert body["system"] == [{"text": "long"}, point]
    [told, first, picture, second] = content_of(body)
    assert (told, first, second) == ({"text": "long"}, point, point)
    assert picture["image"]["format"] == "png"
    assert body["toolConfig"]["tools"] == [
        {"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}},
        point,
    ]


def test_blocks_in_the_words_of_the_protocol_go_as_they_are() -> None:
    guarded = {"guardContent": {"text": {"text": "Hi", "qualifiers": ["query"]}}}
    image = {"image": {"format": "png", "source": {"bytes": b"\x00"}}}
    assert said(guarded, {"cachePoint": {"type": "default"}}, image) == [
        guarded,
        {"cachePoint": {"type": "default"}},
        {"image": {"format": "png", "source": {"bytes": "AA=="}}},
    ]
    with pytest.raises(ModelInputError, match="no content block of type 'hologram'"):
        said({"type": "hologram"})


# ----------------------------------------------------------------------------- options


def test_options_go_where_the_protocol_has_them() -> None:
    body = converse(
        model="m",
        max_tokens=5,
        temperature=0.5,
        top_p=0.9,
        stop="x",
        top_k=3,
        seed=None,
        thinking={"type": "enabled", "budget_tokens": 2000},
        output_config={"effort": "low"},
        stream_usage=True,
        guardrailConfig={"guardrailIdentifier": "g", "guardrailVersion": "1"},
        request_metadata={"team": "a"},
        service_tier="flex",
        outputConfig={"effort": "low"},
        additional_model_request_fields={"k": 1},
        additionalModelResponseFieldPaths=["/stop_sequence"],
    )
    assert body == {
        "messages": [USER],
        "inferenceConfig": {
            "maxTokens": 5,
            "temperature": 0.5,
            "topP": 0.9,
            "stopSequences": ["x"],
        },
        "additionalModelRequestFields": {
            "k": 1,
            "top_k": 3,
            "thinking": {"type": "enabled", "budget_tokens": 2000},
            "output_config": {"effort": "low"},
        },
        "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"},
        "requestMetadata": {"team": "a"},
        "serviceTier": {"type": "flex"},
        "outputConfig": {"effort": "low"},
        "additionalModelResponseFieldPaths": ["/stop_sequence"],
    }


def test_a_stored_prompt_needs_no_messages() -> None:
    body = converse_body([], {"prompt_variables": {"x": {"text": "1"}}})
    assert body == {"promptVariables": {"x": {"text": "1"}}}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (None, None),
        ("auto", {"auto": {}}),
        ("any", {"any": {}}),
        ("required", {"any": {}}),
        (True, {"any": {}}),
        ({"type": "any"}, {"any": {}}),
        ("add", {"tool": {"name": "add"}}),
        ({"type": "tool", "name": "add"}, {"tool": {"name": "add"}}),
        ({"type": "function", "function": {"name": "add"}}, {"tool": {"name": "add"}}),
        ({"tool": {"name": "add"}}, {"tool": {"name": "add"}}),
    ],
)
def test_tools(choice: Any, told: Any) -> None:
    config = converse(tools=[add], tool_choice=choice)["toolConfig"]
    [tool] = config["tools"]
    assert tool["toolSpec"]["name"] == "add"
    assert tool["toolSpec"]["description"] == "Add two numbers."
    assert tool["toolSpec"]["inputSchema"]["json"]["required"] == ["a"]
    assert "strict" not in tool["toolSpec"]
    assert config.get("toolChoice") == told


def test_no_tool_is_to_be_called() -> None:
    # The protocol has no word for that: the model is not told of any.
    for choice in ("none", False, {"type": "none"}):
        assert "toolConfig" not in converse(tools=[add], tool_choice=choice)
    # But it wants tools when some were called before.
    config = converse(*CALLED, tools=[add], tool_choice="none")["toolConfig"]
    assert config.keys() == {"tools"}
    assert [tool["toolSpec"]["name"] for tool in config["tools"]] == ["add"]
    for options in ({}, {"tools": []}, {"tool_choice": "any"}):
        config = converse(*CALLED, **options)["toolConfig"]
        assert config.keys() == {"tools"}
        assert [tool["toolSpec"]["name"] for tool in config["tools"]] == ["f"]
    assert "toolConfig" not in converse(tools=[], tool_choice="any")


def test_tools_in_the_words_of_the_protocol() -> None:
    system = {"systemTool": {"name": "nova_grounding"}}
    point = {"cachePoint": {"type": "default"}}
    given = {"tools": [system], "toolChoice": {"auto": {}}}
    assert converse(tools=[system, point])["toolConfig"] == {"tools": [system, point]}
    config = converse(tools=[add], toolConfig=given)["toolConfig"]
    assert config["tools"][0] == system
    assert config["tools"][1]["toolSpec"]["name"] == "add"
    assert config["toolChoice"] == {"auto": {}}
    strict = {"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}
    [tool] = converse(tools=[strict])["toolConfig"]["tools"]
    assert tool["toolSpec"]["strict"] is True
    with pytest.raises(ModelInputError, match="no tool of type 'web_search_20250305'"):
        converse(tools=[{"type": "web_search_20250305", "name": "web_search"}])


def test_forms_of_an_answer() -> None:
    schema = {"title": "City", "type": "object", "properties": {"name": {"type": "string"}}}
    form = converse(response_format=schema, outputConfig={"effort": "low"})["outputConfig"]
    assert form["effort"] == "low"
    assert form["textFormat"]["type"] == "json_schema"
    described = form["textFormat"]["structure"]["jsonSchema"]
    assert described["name"] == "City"
    assert set(orjson.loads(described["schema"])["properties"]) == {"name"}
    assert "outputConfig" not in converse(response_format="text")
    with pytest.raises(ModelInputError, match="'json_object'; give a schema"):
        converse(response_format={"type": "json_object"})
