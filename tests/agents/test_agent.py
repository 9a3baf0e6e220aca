"""Agents: the model calls tools until it has an answer, and all of it can be seen."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from pydantic import BaseModel

from streamflow.agents import create_agent
from streamflow.checkpoint import InMemorySaver
from streamflow.errors import GraphDefinitionError
from streamflow.graph import create_react_agent
from streamflow.language_models import FakeListChatModel
from streamflow.messages import AIMessage, HumanMessage, SystemMessage
from streamflow.runnables import RunnableLambda
from streamflow.tools import tool
from streamflow.types import Command, interrupt
from tests.agents.models import calling, saying, shown

ASKED = {"messages": [("user", "What is 1 + 2, doubled?")]}


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def double(a: int) -> int:
    """Double a number."""
    await checkpoint()
    return 2 * a


def script() -> Any:
    return saying(
        calling(("add", {"a": 1, "b": 2})),
        calling(("double", {"a": 3}), ("add", {"a": 1, "b": 1}), start=2),
        "It is 6.",
    )


TALK = [
    ("human", "What is 1 + 2, doubled?"),
    ("ai", ""),
    ("tool", "3"),
    ("ai", ""),
    ("tool", "6"),
    ("tool", "2"),
    ("ai", "It is 6."),
]


@pytest.mark.parametrize("create", [create_agent, create_react_agent])
async def test_it_goes_on_until_there_is_an_answer(create: Any) -> None:
    state = await create(script(), [add, double]).ainvoke(ASKED)
    assert shown(state["messages"]) == TALK
    state = create(script(), [add, double]).invoke(ASKED)
    assert shown(state["messages"]) == TALK


async def test_each_turn_is_an_update() -> None:
    agent = create_agent(script(), [add, double])
    names = []
    async for update in agent.astream(ASKED, stream_mode="updates"):
        names += [(name, len(written["messages"])) for name, written in update.items()]
    assert names == [("agent", 1), ("tools", 1), ("agent", 1), ("tools", 2), ("agent", 1)]


async def test_every_token_comes_when_it_is_said() -> None:
    agent = create_agent(saying("so it goes"))
    parts = [
        (chunk.content, metadata["langgraph_node"])
        async for chunk, metadata in agent.astream(ASKED, stream_mode="messages")
    ]
    assert parts == [(part, "agent") for part in ("so", " ", "it", " ", "goes")]


async def test_what_a_tool_calls_can_be_seen() -> None:
    inner = FakeListChatModel(responses=["!"], name="inner")

    @tool
    async def think(topic: str) -> str:
        """Think."""
        return (await inner.ainvoke(topic)).text

    agent = create_agent(saying(calling(("think", {"topic": "tea"})), "ok"), [think])
    events = [event async for event in agent.astream_events(ASKED)]
    starts = [event["name"] for event in events if event["event"] == "on_tool_start"]
    tokens = [event["name"] for event in events if event["event"] == "on_chat_model_stream"]
    assert starts == ["think"]
    assert tokens == ["GenericFakeChatModel", "inner", "GenericFakeChatModel"]


@pytest.mark.parametrize(
    "prompt",
    [
        "Be brief.",
        SystemMessage("Be brief."),
        lambda state: [SystemMessage("Be brief."), *state["messages"]],
        RunnableLambda(lambda state: [SystemMessage("Be brief."), *state["messages"]]),
    ],
)
async def test_what_the_model_is_told_first(prompt: Any) -> None:
    heard = []

    def listen(messages: Any) -> Any:
        heard.append(shown(messages))
        return AIMessage("ok")

    agent = create_agent(RunnableLambda(listen), prompt=prompt)
    state = await agent.ainvoke(ASKED)
    assert heard == [[("system", "Be brief."), TALK[0]]]
    assert shown(state["messages"]) == [TALK[0], ("ai", "ok")]


async def test_turns_are_limited() -> None:
    again = (calling(("add", {"a": 1, "b": 2}), start=number) for number in range(100))
    state = await create_agent(saying(*again), [add], max_turns=2).ainvoke(ASKED)
    assert [kind for kind, _ in shown(state["messages"])] == ["human", "ai", "tool", "ai"]
    assert "turns" in state["messages"][-1].text


async def test_steps_are_limited() -> None:
    again = (calling(("add", {"a": 1, "b": 2}), start=number) for number in range(100))
    agent = create_agent(saying(*again), [add])
    state = await agent.ainvoke(ASKED, {"recursion_limit": 6})
    assert "turns" in state["messages"][-1].text


async def test_time_is_limited_and_tools_are_stopped() -> None:
    stopped = []

    async def wait() -> None:
        """Wait for ever."""
        try:
            await anyio.sleep_forever()
        finally:
            stopped.append("wait")

    agent = create_agent(saying(calling(("wait", {}))), [wait]).with_timeout(total=0.05)
    with pytest.raises(TimeoutError):
        await agent.ainvoke(ASKED)
    assert stopped == ["wait"]


async def test_a_tool_that_blocks_does_not_stop_the_loop() -> None:
    moved = []
    done = False

    def block() -> str:
        """Block until the loop has moved."""
        deadline = time.monotonic() + 20
        while len(moved) < 3 and time.monotonic() < deadline:
            time.sleep(0.001)
        return str(len(moved) >= 3)

    async def move() -> None:
        while not done:
            moved.append(1)
            await anyio.sleep(0.001)

    async with anyio.create_task_group() as group:
        group.start_soon(move)
        state = await create_agent(saying(calling(("block", {})), "ok"), [block]).ainvoke(ASKED)
        done = True
    assert state["messages"][2].text == "True"


async def test_the_model_hears_of_errors() -> None:
    def fail() -> str:
        """Fail."""
        raise RuntimeError("no luck")

    state = await create_agent(saying(calling(("fail", {})), "Sorry."), [fail]).ainvoke(ASKED)
    assert "no luck" in state["messages"][2].text
    assert state["messages"][-1].text == "Sorry."
    agent = create_agent(saying(calling(("fail", {}))), [fail], handle_tool_errors=False)
    with pytest.raises(RuntimeError, match="no luck"):
        await agent.ainvoke(ASKED)


async def test_a_result_may_be_the_answer() -> None:
    @tool(return_direct=True)
    def answer() -> str:
        """Answer."""
        return "42"

    state = await create_agent(saying(calling(("answer", {}))), [answer, add]).ainvoke(ASKED)
    assert shown(state["messages"]) == [TALK[0], ("ai", ""), ("tool", "42")]


class Number(BaseModel):
    """A number."""

    value: int


async def test_the_answer_in_a_form() -> None:
    model = saying("It is 6.", calling(("Number", {"value": 6})))
    state = await create_agent(model, response_format=Number).ainvoke(ASKED)
    assert state["structured_response"] == Number(value=6)
    assert state["messages"][-1].text == "It is 6."


async def test_it_remembers_and_asks() -> None:
    @tool
    def book(hotel: str) -> str:
        """Book a hotel."""
        return f"{hotel}: {interrupt('sure?')}"

    model = saying(calling(("book", {"hotel": "Ritz"})), "Booked.", "The Ritz.")
    agent = create_agent(model, [book], checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    state = await agent.ainvoke(ASKED, config)
    assert state["__interrupt__"][0].value == "sure?"
    state = await agent.ainvoke(Command(resume="yes"), config)
    assert shown(state["messages"])[-2:] == [("tool", "Ritz: yes"), ("ai", "Booked.")]
    state = await agent.ainvoke({"messages": [HumanMessage("Which?")]}, config)
    assert len(state["messages"]) == 6


def test_a_model_that_knows_no_tools() -> None:
    with pytest.raises(GraphDefinitionError, match="bind_tools"):
        create_agent(RunnableLambda(str), [add])


def test_its_picture() -> None:
    picture = create_agent(script(), [add]).get_graph()
    assert {"agent", "tools"} <= set(picture.nodes)
