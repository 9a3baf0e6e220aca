"""Graphs around a model: its tokens as a stream, and an agent that calls a tool.

The peer of streamflow is langgraph here.
"""

from __future__ import annotations

import importlib
import itertools
import operator
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypedDict

from benchmarks.harness import Speed, main
from benchmarks.peers import Peer
from benchmarks.scenarios.graph_steps import graphs

TOKENS = 1_000
ROUNDS = 5


class Joke(TypedDict):
    joke: str


class FloorStream:
    """A generator of tokens with the metadata that a stream shows."""

    async def astream(self, state: Any, *, stream_mode: str) -> AsyncIterator[Any]:
        metadata = {"langgraph_node": "tell", "langgraph_step": 1}

        async def tokens() -> AsyncIterator[str]:
            for _ in range(TOKENS):
                yield "token "

        async for token in tokens():
            yield token, metadata


def build_stream(peer: Peer) -> Any:
    module = graphs(peer)
    if module is None:
        return FloorStream()
    model = peer.scripted_model(["token "] * TOKENS)  # type: ignore[attr-defined]  # no floor

    async def tell(state: Joke) -> Any:
        return {"joke": (await model.ainvoke("a joke")).content}

    return module.StateGraph(Joke).add_node(tell).add_edge(module.START, "tell").compile()


async def stream(graph: Any) -> Any:
    count = 0
    async for token, metadata in graph.astream({"joke": ""}, stream_mode="messages"):
        assert metadata["langgraph_node"] == "tell"
        # langgraph marks the end of a message with an empty chunk.
        count += bool(token if isinstance(token, str) else token.content)
    return count


class Agent(TypedDict):
    messages: Annotated[list[Any], operator.add]


class FloorAgent:
    """The loop of an agent by hand."""

    async def ainvoke(self, state: Any, config: Any = None) -> Any:
        messages = list(state["messages"])
        for _ in range(ROUNDS):
            messages += ["call", "4"]
        return {"messages": [*messages, "done"]}


def build_agent(peer: Peer) -> Any:
    """A model that asks for a tool some times, and a node that calls it."""
    module = graphs(peer)
    if module is None:
        return FloorAgent()
    package = peer._package  # type: ignore[attr-defined]  # no floor
    message = importlib.import_module(f"{package}.messages")
    call = {"name": "add", "args": {"a": 2, "b": 2}, "id": "1", "type": "tool_call"}
    script = [message.AIMessage("call", tool_calls=[call])] * ROUNDS + [message.AIMessage("done")]
    models = importlib.import_module(f"{package}.language_models")
    model = models.GenericFakeChatModel(messages=itertools.cycle(script))

    async def think(state: Agent) -> Any:
        return {"messages": [await model.ainvoke(["question"])]}

    async def act(state: Agent) -> Any:
        calls = state["messages"][-1].tool_calls
        results = [str(each["args"]["a"] + each["args"]["b"]) for each in calls]
        return {"messages": [message.ToolMessage(text, tool_call_id="1") for text in results]}

    async def acts(state: Agent) -> str:
        return "act" if state["messages"][-1].tool_calls else module.END

    builder = module.StateGraph(Agent).add_node(think).add_node(act)
    builder.add_edge(module.START, "think").add_edge("act", "think")
    return builder.add_conditional_edges("think", acts, ["act", module.END]).compile()


async def solve(graph: Any) -> Any:
    result = await graph.ainvoke({"messages": ["question"]})
    return len(result["messages"])


SCENARIOS = (
    Speed(
        "graph_messages",
        f"the tokens of a model in a graph, {TOKENS:,} of them",
        "µs a token",
        build_stream,
        stream,
        units=TOKENS,
        target=6,
        peer="langgraph",
    ),
    Speed(
        "graph_agent",
        f"an agent that calls a tool {ROUNDS} times",
        "µs a call",
        build_agent,
        solve,
        units=ROUNDS,
        peer="langgraph",
    ),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
