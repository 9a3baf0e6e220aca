"""The vendors' own SDKs as oracles: the same server, the same answers, the same requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import pytest
from pydantic import BaseModel, ConfigDict

from streamflow.chat_models import ChatAnthropic, ChatOpenAI, VendorChatModel
from streamflow.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from tests.chat_models.scripts import (
    ANTHROPIC,
    OPENAI,
    anthropic_answer,
    anthropic_facts,
    facts_of,
    openai_answer,
    openai_facts,
)
from tests.chat_models.server import Answer, Server

openai = pytest.importorskip("openai", reason="the official SDK of OpenAI is the oracle")
anthropic = pytest.importorskip("anthropic", reason="the official SDK of Anthropic is the oracle")

KEY = "sk-test"
ASKED = [{"role": "user", "content": "Hi"}]


async def told_by(
    model: VendorChatModel, stream: bool, question: Any = "Hi", **bound: Any
) -> AIMessage:
    async with model:
        if not stream:
            return await model.ainvoke(question, **bound)
        message: Any = None
        async for chunk in model.astream(question, **bound):
            message = chunk if message is None else message + chunk
        return message


# ------------------------------------------------------------------------------ openai


def openai_oracle(server: Server, stream: bool, **options: Any) -> Any:
    """What the SDK makes of the answer."""
    asked = {"model": "m-1", "messages": ASKED, **options}
    with openai.OpenAI(base_url=server.url, api_key=KEY, max_retries=0) as client:
        if not stream:
            return client.chat.completions.create(**asked)
        asked["stream_options"] = {"include_usage": True}
        state = openai.lib.streaming.chat.ChatCompletionStreamState()
        for chunk in client.chat.completions.create(stream=True, **asked):
            state.handle_chunk(chunk)
        return state.current_completion_snapshot


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", OPENAI)
async def test_answers_of_openai(server: Server, name: str, stream: bool) -> None:
    server.answer(openai_answer(name, stream))
    oracle = await anyio.to_thread.run_sync(openai_oracle, server, stream)
    model = ChatOpenAI(model="m-1", api_key=KEY, base_url=server.url)
    assert facts_of(await told_by(model, stream)) == openai_facts(oracle)
    theirs, ours = server.asked
    assert (ours.method, ours.target) == (theirs.method, theirs.target)
    assert ours.headers["authorization"] == theirs.headers["authorization"]
    assert ours.json == theirs.json


# --------------------------------------------------------------------------- anthropic


def anthropic_oracle(server: Server, stream: bool, **options: Any) -> Any:
    """What the SDK makes of the answer."""
    asked = {"model": "m-1", "max_tokens": 1024, "messages": ASKED, **options}
    # The dialect that is spoken here; the SDK may by itself speak a newer one.
    headers = {"anthropic-version": ChatAnthropic.vendor.headers["anthropic-version"]}
    given = {"base_url": server.url, "api_key": KEY, "max_retries": 0, "default_headers": headers}
    with anthropic.Anthropic(**given) as client:
        if not stream:
            return client.messages.create(**asked)
        with client.messages.stream(**asked) as answer:
            return answer.get_final_message()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", ANTHROPIC)
async def test_answers_of_anthropic(server: Server, name: str, stream: bool) -> None:
    server.answer(anthropic_answer(name, stream))
    oracle = await anyio.to_thread.run_sync(anthropic_oracle, server, stream)
    model = ChatAnthropic(model="m-1", api_key=KEY, base_url=server.url)
    assert facts_of(await told_by(model, stream)) == anthropic_facts(oracle)
    theirs, ours = server.asked
    assert (ours.method, ours.target) == (theirs.method, theirs.target)
    assert ours.headers["anthropic-version"] == theirs.headers["anthropic-version"]
    assert ours.json == theirs.json


# ---------------------------------------------------------------------------- requests


class Weather(BaseModel):
    """Tell the weather of a place."""

    model_config = ConfigDict(extra="forbid")

    place: str
    days: int


CHOICES: dict[str, tuple[Any, Any, Any]] = {
    "auto": ("auto", "auto", {"type": "auto"}),
    "none": ("none", "none", {"type": "none"}),
    "any": ("any", "required", {"type": "any"}),
    "one": (
        "Weather",
        {"type": "function", "function": {"name": "Weather"}},
        {"type": "tool", "name": "Weather"},
    ),
}


async def second_turn(
    server: Server,
    model: VendorChatModel,
    oracle: Callable[..., Any],
    answers: tuple[Answer, Answer],
    then: Callable[[Any], dict[str, Any]],
    bound: dict[str, Any],
) -> tuple[Any, Any]:
    """Give each its own answer back with the tools' results; return the second requests."""
    first, second = answers
    server.answer(first)
    theirs = await anyio.to_thread.run_sync(oracle, server, False)
    asked: list[Any] = [SystemMessage("Be brief."), HumanMessage("Hi")]
    async with model:
        answer = await model.ainvoke(asked)
        results = [
            ToolMessage(f"result of {each['id']}", tool_call_id=each["id"])
            for each in answer.tool_calls
        ]
        server.answer(second)
        await anyio.to_thread.run_sync(lambda: oracle(server, False, **then(theirs)))
        await model.bind_tools([Weather], **bound).ainvoke([*asked, answer, *results])
    return server.asked[-2].json, server.asked[-1].json


@pytest.mark.parametrize("name", CHOICES)
async def test_an_agents_turn_with_openai(server: Server, name: str) -> None:
    choice, theirs_choice, _ = CHOICES[name]

    def then(completion: Any) -> dict[str, Any]:
        said = completion.choices[0].message
        results = [
            {"role": "tool", "tool_call_id": each.id, "content": f"result of {each.id}"}
            for each in said.tool_calls
        ]
        tools = [openai.pydantic_function_tool(Weather)]
        system = {"role": "system", "content": "Be brief."}
        messages = [system, *ASKED, said, *results]
        return {"messages": messages, "tools": tools, "tool_choice": theirs_choice}

    answers = openai_answer("interleaved calls", False), openai_answer("text", False)
    model = ChatOpenAI(model="m-1", api_key=KEY, base_url=server.url)
    bound = {"tool_choice": choice, "strict": True}
    theirs, ours = await second_turn(server, model, openai_oracle, answers, then, bound)
    assert normal(ours) == normal(theirs)


@pytest.mark.parametrize("name", CHOICES)
async def test_an_agents_turn_with_anthropic(server: Server, name: str) -> None:
    choice, _, theirs_choice = CHOICES[name]

    def then(message: Any) -> dict[str, Any]:
        results = [
            {"type": "tool_result", "tool_use_id": each.id, "content": f"result of {each.id}"}
            for each in message.content
            if each.type == "tool_use"
        ]
        said = {"role": "assistant", "content": message.content}
        messages = [*ASKED, said, {"role": "user", "content": results}]
        tool = {
            "name": "Weather",
            "description": Weather.__doc__,
            "input_schema": anthropic.transform_schema(Weather),
        }
        more = {"system": "Be brief.", "tools": [tool], "tool_choice": theirs_choice}
        return {"messages": messages, **more}

    answers = anthropic_answer("thinking and calls", False), anthropic_answer("text", False)
    model = ChatAnthropic(model="m-1", api_key=KEY, base_url=server.url)
    bound = {"tool_choice": choice}
    theirs, ours = await second_turn(server, model, anthropic_oracle, answers, then, bound)
    assert normal(ours) == normal(theirs)


def normal(body: Any) -> Any:
    """A request without what says nothing.

    That is titles in schemas, the tool's description said again in its schema, and how the
    JSON of arguments is spaced.
    """
    if isinstance(body, list):
        return [normal(each) for each in body]
    if not isinstance(body, dict):
        return body
    told = {key: normal(value) for key, value in body.items() if key != "title"}
    if "properties" in told:
        told.pop("description", None)
    if isinstance(told.get("arguments"), str):
        told["arguments"] = json.loads(told["arguments"])
    return told
