"""What a graph prints while it runs; what its caller gets stays the same."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest

from streamflow.errors import ConfigError
from streamflow.graph import START, StateGraph, create_react_agent
from streamflow.language_models import FakeListChatModel
from streamflow.types import StreamWriter


class State(TypedDict):
    texts: Annotated[list[str], operator.add]


def say(state: State, writer: StreamWriter) -> dict[str, Any]:
    writer("half done")
    return {"texts": ["said"]}


async def ask(state: State) -> dict[str, Any]:
    message = await FakeListChatModel(responses=["Hi"]).ainvoke("?")
    return {"texts": [message.content]}


def graph(node: Any = say, **settings: Any) -> Any:
    return StateGraph(State).add_node("work", node).add_edge(START, "work").compile(**settings)


INPUT = {"texts": ["first"]}
DEBUG = [
    "[values] {'texts': ['first']}",
    "[updates] {'work': {'texts': ['said']}}",
    "[values] {'texts': ['first', 'said']}",
]


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


async def test_a_graph_that_is_debugged(capsys: pytest.CaptureFixture[str]) -> None:
    for made, call in ((graph(debug=True), {}), (graph(), {"debug": True})):
        assert await made.ainvoke(INPUT, **call) == {"texts": ["first", "said"]}
        assert printed(capsys) == DEBUG
        assert [chunk async for chunk in made.astream(INPUT, **call)] == [
            {"work": {"texts": ["said"]}}
        ]
        assert printed(capsys) == DEBUG
    assert await graph(debug=True).ainvoke(INPUT, debug=False) == {"texts": ["first", "said"]}
    assert printed(capsys) == []


def test_without_a_loop(capsys: pytest.CaptureFixture[str]) -> None:
    made = graph(debug=True)
    assert made.invoke(INPUT) == {"texts": ["first", "said"]}
    assert printed(capsys) == DEBUG
    assert list(made.stream(INPUT, stream_mode="custom")) == ["half done"]
    assert printed(capsys) == DEBUG


async def test_any_mode_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    chunks = [
        chunk
        async for chunk in graph().astream(
            INPUT, stream_mode="values", print_mode=["custom", "updates"]
        )
    ]
    assert chunks == [{"texts": ["first"]}, {"texts": ["first", "said"]}]
    assert printed(capsys) == ["[custom] 'half done'", DEBUG[1]]
    await graph(ask).ainvoke(INPUT, print_mode="messages")
    lines = printed(capsys)
    assert [line[:37] for line in lines] == [
        "[messages] (AIMessageChunk(content='H",
        "[messages] (AIMessageChunk(content='i",
    ]
    assert "'langgraph_node': 'work'" in lines[0]


async def test_graphs_inside_are_printed_where_they_are_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outer = graph(graph(), debug=True)
    await outer.ainvoke(INPUT)
    assert all("] [work:" not in line for line in printed(capsys))
    [chunk async for chunk in outer.astream(INPUT, subgraphs=True, print_mode="updates")]
    inner, own = printed(capsys)
    assert inner.startswith("[updates] [work:")
    assert inner.endswith("] {'work': {'texts': ['said']}}")
    assert own.startswith("[updates] {'work': {'texts': [")


def test_an_agent_that_is_debugged(capsys: pytest.CaptureFixture[str]) -> None:
    agent = create_react_agent(FakeListChatModel(responses=["Hi"]), [], debug=True)
    agent.invoke({"messages": [("user", "Hi")]})
    assert [line.partition(" ")[0] for line in printed(capsys)] == [
        "[values]",
        "[updates]",
        "[values]",
    ]


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ConfigError, match="print_mode must be of"):
        graph().invoke(INPUT, print_mode="loud")
