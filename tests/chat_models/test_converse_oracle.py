"""AWS' own client as an oracle of Converse: the same server, the same answers and requests."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import anyio.to_thread
import pytest

from streamflow.chat_models import ChatBedrock
from streamflow.chat_models._converse_request import MEMBERS, converse_body
from streamflow.errors import ModelRateLimitError
from streamflow.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from tests.chat_models.answers import aws_message, converse_stream
from tests.chat_models.dialect_converse import CONVERSE
from tests.chat_models.dialects import SIGNATURE, Said, Thought, arguments_in
from tests.chat_models.scripts import UNICODE, Facts, facts_of, pieces
from tests.chat_models.server import Answer, Server
from tests.chat_models.test_bedrock import PROFILE
from tests.chat_models.test_contract_tools import CALLS
from tests.chat_models.test_oracles import CHOICES, Weather, normal, told_by
from tests.chat_models.test_requests import TURN, add

session = pytest.importorskip("botocore.session", reason="AWS' own client is the oracle")
config = pytest.importorskip("botocore.config")
exceptions = pytest.importorskip("botocore.exceptions")
validate = pytest.importorskip("botocore.validate")

MODEL = "us.amazon.nova-lite-v1:0"
ASKED = [{"role": "user", "content": [{"text": "Hi"}]}]


@pytest.fixture(scope="module")
def client(running_server: Server) -> Iterator[Any]:
    client = session.Session().create_client(
        "bedrock-runtime",
        region_name="eu-central-1",
        endpoint_url=running_server.url,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret-example",
        config=config.Config(retries={"total_max_attempts": 1}, max_pool_connections=1),
    )
    yield client
    client.close()


# ----------------------------------------------------------------------------- answers

COUNTS = {"inputTokens": 5, "outputTokens": 12, "totalTokens": 17}
CACHED = {
    **COUNTS,
    "totalTokens": 24,
    "cacheReadInputTokens": 4,
    "cacheWriteInputTokens": 3,
}
THOUGHT = {"reasoningContent": {"reasoningText": {"text": f"Hm. {UNICODE}", "signature": "c2ln"}}}
SECRET = {"reasoningContent": {"redactedContent": "c2VjcmV0"}}


def use(id: str, name: str, **given: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": id, "name": name, "input": given}}


ANSWERS: dict[str, tuple[list[dict[str, Any]], str, dict[str, Any]]] = {
    "text": ([{"text": "so it goes"}], "end_turn", COUNTS),
    "nothing": ([], "end_turn", COUNTS),
    "unicode": ([{"text": UNICODE}], "end_turn", CACHED),
    "long": ([{"text": UNICODE * 50}], "max_tokens", COUNTS),
    "two texts": ([{"text": "so it "}, {"text": "goes"}], "stop_sequence", COUNTS),
    "a guardrail": ([{"text": "I can not"}], "guardrail_intervened", COUNTS),
    "reasoning": ([THOUGHT, {"text": "so it goes"}], "end_turn", CACHED),
    "redacted": ([SECRET, {"text": "so it goes"}], "end_turn", COUNTS),
    "a call": ([use("a", "add", a=1, b=2)], "tool_use", COUNTS),
    "a call without arguments": ([use("a", "now")], "tool_use", COUNTS),
    "reasoning and calls": (
        [
            THOUGHT,
            {"text": "Let me see."},
            use("a", "add", a=1, b=2),
            use("b", "search", query="世界 😀", deep={"x": [1, None]}),
        ],
        "tool_use",
        CACHED,
    ),
}


def answer(name: str, stream: bool) -> Answer:
    blocks, reason, usage = ANSWERS[name]
    counted = {"usage": usage, "metrics": {"latencyMs": 17}}
    if not stream:
        said = {"message": {"role": "assistant", "content": blocks}}
        body = {"output": said, "stopReason": reason, **counted}
        return Answer.json(body, x_amzn_requestid="r-1")
    events: list[tuple[str, Any]] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(blocks):
        at = {"contentBlockIndex": index}
        if "toolUse" in block:
            begun = {key: block["toolUse"][key] for key in ("toolUseId", "name")}
            events.append(("contentBlockStart", {**at, "start": {"toolUse": begun}}))
        events += [("contentBlockDelta", {**at, "delta": each}) for each in deltas(block)]
        events.append(("contentBlockStop", at))
    events += [("messageStop", {"stopReason": reason}), ("metadata", counted)]
    headers = {
        "content-type": "application/vnd.amazon.eventstream",
        "x-amzn-requestid": "r-1",
    }
    return Answer(converse_stream(*events), headers=headers)


def deltas(block: dict[str, Any]) -> list[dict[str, Any]]:
    if "text" in block:
        return [{"text": piece} for piece in pieces(block["text"])]
    if "toolUse" in block:
        text = json.dumps(block["toolUse"]["input"])
        return [{"toolUse": {"input": piece}} for piece in pieces(text)]
    reasoning = block["reasoningContent"]
    if "redactedContent" in reasoning:
        return [{"reasoningContent": reasoning}]
    said = reasoning["reasoningText"]
    told = [{"text": piece} for piece in pieces(said["text"])]
    return [{"reasoningContent": each} for each in [*told, {"signature": said["signature"]}]]


def oracle(client: Any, stream: bool, **asked: Any) -> Any:
    """What the client makes of the answer, as one that is not streamed."""
    asked = {"modelId": MODEL, "messages": ASKED, **asked}
    if not stream:
        return client.converse(**asked)
    response = client.converse_stream(**asked)
    whole: dict[str, Any] = {"ResponseMetadata": response["ResponseMetadata"]}
    blocks: dict[int, list[dict[str, Any]]] = {}
    for event in response["stream"]:
        for name, told in event.items():
            if name == "contentBlockStart":
                blocks.setdefault(told["contentBlockIndex"], []).append(told["start"])
            elif name == "contentBlockDelta":
                blocks.setdefault(told["contentBlockIndex"], []).append(told["delta"])
            elif name in ("messageStop", "metadata"):
                whole.update(told)
    content = [joined(blocks[index]) for index in sorted(blocks)]
    return {**whole, "output": {"message": {"content": content}}}


def joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One block of the pieces in which it came."""
    if "text" in parts[0]:
        return {"text": "".join(part["text"] for part in parts)}
    if "toolUse" in parts[0]:
        given = "".join(part["toolUse"]["input"] for part in parts[1:])
        return {"toolUse": {**parts[0]["toolUse"], "input": json.loads(given)}}
    if "redactedContent" in parts[0]["reasoningContent"]:
        return parts[0]
    said: dict[str, str] = {"text": "", "signature": ""}
    for part in parts:
        for key, text in part["reasoningContent"].items():
            said[key] += text
    return {"reasoningContent": {"reasoningText": said}}


def theirs(response: Any) -> Facts:
    content, usage = response["output"]["message"]["content"], response["usage"]
    names = {"cacheReadInputTokens": "cache_read", "cacheWriteInputTokens": "cache_creation"}
    cache = {new: usage[old] for old, new in names.items() if old in usage}
    thoughts = [block["reasoningContent"] for block in content if "reasoningContent" in block]
    return Facts(
        text="".join(block.get("text", "") for block in content),
        calls=[
            (each["toolUse"]["toolUseId"], each["toolUse"]["name"], each["toolUse"]["input"])
            for each in content
            if "toolUse" in each
        ],
        finish=response["stopReason"],
        model=MODEL,
        id=response["ResponseMetadata"]["RequestId"],
        usage={
            "input": usage["inputTokens"] + sum(cache.values()),
            "output": usage["outputTokens"],
            "total": usage["totalTokens"],
            **cache,
        },
        thoughts=[
            (each["reasoningText"]["text"], each["reasoningText"]["signature"])
            if "reasoningText" in each
            else ("", base64.b64encode(each["redactedContent"]).decode())
            for each in thoughts
        ],
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", ANSWERS)
async def test_answers(client: Any, server: Server, name: str, stream: bool) -> None:
    server.answer(answer(name, stream))
    told = await anyio.to_thread.run_sync(oracle, client, stream)
    model = ChatBedrock(model=MODEL, api_key="k", base_url=server.url)
    message = await told_by(model, stream)
    assert facts_of(message) == theirs(told)
    assert message.response_metadata["metrics"] == told["metrics"]
    first, second = server.asked
    assert (second.method, second.target) == (first.method, first.target)
    assert second.json == first.json


SCRIPTS: dict[str, Any] = {
    # Arguments that are malformed or empty it leaves to the user to read.
    **{
        name: pieces
        for name, pieces in CALLS.items()
        if all(arguments_in(text) for _, _, text in Said.by(*pieces).calls.values())
    },
    "text": ("Hel", "lo"),
    "nothing": (),
    "thoughts": (Thought("Well, "), Thought("hm."), "Yes"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("pieces", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_it_reads_the_dialect(client: Any, server: Server, pieces: Any, stream: bool) -> None:
    answer = CONVERSE.answer(*pieces) if stream else Answer.json(CONVERSE.whole(*pieces))
    answer.headers = {**answer.headers, "x-amzn-requestid": "r-1"}
    server.answer(answer)
    facts, said = theirs(oracle(client, stream)), Said.by(*pieces)
    assert (facts.text, facts.calls) == (said.text, said.good)
    assert facts.thoughts == ([(said.thoughts, SIGNATURE)] if said.thoughts else [])
    assert facts.usage == {"input": 9, "output": 12, "total": 21, "cache_read": 4}


@pytest.mark.parametrize("name", CHOICES)
async def test_an_agents_turn(client: Any, server: Server, name: str) -> None:
    choice, _, told = CHOICES[name]
    schema = {
        "type": "object",
        "properties": {"place": {"type": "string"}, "days": {"type": "integer"}},
    }
    spec = {
        "name": "Weather",
        "description": Weather.__doc__,
        "inputSchema": {
            "json": {**schema, "required": ["place", "days"], "additionalProperties": False}
        },
    }
    tools: dict[str, Any] = {"tools": [{"toolSpec": spec}]}
    if name != "none":
        kind = told["type"]
        tools["toolChoice"] = {kind: {"name": "Weather"} if kind == "tool" else {}}

    server.answer(answer("reasoning and calls", False))
    response = await anyio.to_thread.run_sync(oracle, client, False)
    said = response["output"]["message"]
    results = [
        {"toolResult": {"toolUseId": id, "content": [{"text": f"result of {id}"}]}} for id in "ab"
    ]
    asked = {
        "messages": [*ASKED, said, {"role": "user", "content": results}],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.5},
        "toolConfig": tools,
    }
    question: list[BaseMessage] = [SystemMessage("Be brief."), HumanMessage("Hi")]
    model = ChatBedrock(
        model=MODEL, api_key="k", base_url=server.url, max_tokens=100, temperature=0.5
    )
    async with model:
        message = await model.ainvoke(question)
        server.answer(answer("text", False))
        await anyio.to_thread.run_sync(lambda: oracle(client, False, **asked))
        answers = [ToolMessage(f"result of {id}", tool_call_id=id) for id in "ab"]
        bound = model.bind_tools([Weather], tool_choice=choice)
        await bound.ainvoke([*question, message, *answers])
    first, second = server.asked[-2:]
    assert normal(second.json) == normal(first.json)


async def test_errors_in_the_middle(client: Any, server: Server) -> None:
    *_, stop = answer("text", True).pieces
    headers = {":message-type": "exception", ":exception-type": "throttlingException"}
    failure = aws_message(b'{"message": "slow down"}', **headers)
    begun = list(answer("text", True).pieces)[:3]
    server.answer(Answer([*begun, failure, stop], headers=answer("text", True).headers))
    with pytest.raises(exceptions.EventStreamError, match="throttlingException.*slow down"):
        await anyio.to_thread.run_sync(oracle, client, True)
    model = ChatBedrock(model=MODEL, api_key="k", base_url=server.url)
    with pytest.raises(ModelRateLimitError, match="slow down"):
        await told_by(model, True)


# ---------------------------------------------------------------------------- requests


def media(**block: Any) -> BaseMessage:
    return HumanMessage(["See:", {"base64": "AAEC", **block}])


MARK = {"type": "ephemeral", "ttl": "1h"}
REQUESTS: dict[str, tuple[list[BaseMessage], dict[str, Any]]] = {
    "a turn": (TURN, {}),
    "options": (
        TURN[:2],
        {"max_tokens": 5, "temperature": 0, "top_p": 0.5, "stop": ["x"], "top_k": 3},
    ),
    "tools": (TURN, {"tools": [add], "tool_choice": "add"}),
    "strict tools": (
        TURN,
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]},
    ),
    "an image": ([media(type="image", mime_type="image/png")], {}),
    "a document": ([media(type="file", filename="my_file.v1.pdf")], {}),
    "audio": ([media(type="audio", mime_type="audio/mpeg")], {}),
    "video": ([media(type="video", mime_type="video/mp4")], {}),
    "from s3": ([HumanMessage([{"type": "image", "url": "s3://bucket/a.png"}])], {}),
    "the cache": ([HumanMessage([{"type": "text", "text": "Hi", "cache_control": MARK}])], {}),
    "reasoning": (
        [
            HumanMessage("Hi"),
            AIMessage(
                [
                    {"type": "reasoning", "reasoning": "hm", "signature": "s"},
                    {"type": "reasoning", "redacted": "AA=="},
                    "Yes",
                ]
            ),
        ],
        {},
    ),
    "results": (
        [
            *TURN[:3],
            ToolMessage(
                [{"type": "image", "base64": "AA=="}, {"json": {"x": 1}}], tool_call_id="a"
            ),
        ],
        {},
    ),
    "a form": (
        TURN[:2],
        {"response_format": {"title": "City", "type": "object", "properties": {}}},
    ),
    "members": (
        TURN[:2],
        {
            "guardrail_config": {"guardrailIdentifier": "abc", "guardrailVersion": "1"},
            "performance_config": {"latency": "optimized"},
            "service_tier": "flex",
            "request_metadata": {"team": "a"},
            "prompt_variables": {"x": {"text": "1"}},
            "project_identifier": "p-1",
            "additional_model_response_field_paths": ["/stop_sequence"],
            "outputConfig": {"effort": "low"},
        },
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_client_says_it_in_the_same_way(client: Any, server: Server, name: str) -> None:
    messages, options = REQUESTS[name]
    body = converse_body(messages, options)
    asked = unpacked(body)
    shape = client.meta.service_model.operation_model("Converse").input_shape
    report = validate.ParamValidator().validate({"modelId": MODEL, **asked}, shape)
    assert not report.has_errors(), report.generate_report()
    server.answer(answer("text", False))
    client.converse(modelId=MODEL, **asked)
    assert server.asked[-1].json == body


def test_every_member_of_a_request_is_known(client: Any) -> None:
    for operation in ("Converse", "ConverseStream"):
        shape = client.meta.service_model.operation_model(operation).input_shape
        known = {*MEMBERS.values(), "outputConfig", "messages", "modelId", "system"}
        assert set(shape.members) == known


def test_a_profile_has_the_same_address(client: Any, server: Server) -> None:
    server.answer(answer("text", False))
    client.converse(modelId=PROFILE, messages=ASKED)
    with ChatBedrock(model=PROFILE, api_key="k", base_url=server.url) as model:
        model.invoke("Hi")
    first, second = server.asked
    assert first.target == second.target


def unpacked(value: Any) -> Any:
    """A body as the client takes it: with bytes in place of base64."""
    if isinstance(value, list):
        return [unpacked(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(each) if key in ("bytes", "redactedContent") else unpacked(each)
        for key, each in value.items()
    }
