"""Streams of graphs: what is seen, from how deep, and what is left when nobody reads on."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import anyio
import pytest

from streamflow.bus import get_stream_writer
from streamflow.checkpoint import InMemorySaver
from streamflow.graph import START, MessagesState, StateGraph
from streamflow.language_models import FakeListChatModel
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage
from streamflow.runnables import RunnableLambda


class Log(TypedDict):
    log: Annotated[list[str], operator.add]


def row(*nodes: Any, schema: Any = Log, **more: Any) -> Any:
    builder = StateGraph(schema).add_sequence(nodes)
    return builder.add_edge(START, next(iter(builder.nodes))).compile(**more)


async def streams(graph: Any, input: Any, **more: Any) -> list[Any]:
    """Return what a graph streams, which must be the same without a loop and on one."""
    plain = await anyio.to_thread.run_sync(lambda: list(graph.stream(input, **more)))
    chunks = [chunk async for chunk in graph.astream(input, **more)]
    if more.get("subgraphs") or "messages" in more["stream_mode"]:
        return chunks
    assert chunks == plain
    return chunks


def model() -> Any:
    return FakeListChatModel(responses=["ab"])


async def test_tokens_are_seen_however_deep_the_model_is_called() -> None:
    def deep(state: Log) -> Any:
        chain = RunnableLambda(lambda _: model().invoke("hi").content)
        return {"log": [(chain | str.upper).invoke(None)]}

    async def adeep(state: Log) -> Any:
        return {"log": [(await model().ainvoke("hi")).content]}

    inner = row(deep)
    graph = row(("inner", inner), adeep)
    for chunks in (
        list(graph.stream({"log": []}, stream_mode="messages")),
        await streams(graph, {"log": []}, stream_mode="messages"),
    ):
        assert [(m.content, meta["langgraph_node"]) for m, meta in chunks] == [
            ("a", "deep"),
            ("b", "deep"),
            ("a", "adeep"),
            ("b", "adeep"),
        ]


async def test_messages_that_were_not_streamed_appear_once() -> None:
    def node(state: MessagesState) -> Any:
        answer = model().invoke("hi")
        return {"messages": [answer, AIMessage("made", id="m"), *state["messages"]]}

    graph = row(node, ("again", lambda state: state), schema=MessagesState)
    input = {"messages": [HumanMessage("hello", id="h")]}
    chunks = await streams(graph, input, stream_mode="messages")
    assert [type(m) for m, _ in chunks] == [AIMessageChunk, AIMessageChunk, AIMessage]
    assert chunks[-1][0] == AIMessage("made", id="m")
    assert chunks[-1][1]["langgraph_node"] == "node"


async def test_models_can_be_left_out() -> None:
    def node(state: Log) -> Any:
        model().invoke("hi", {"tags": ["nostream"]})

    assert await streams(row(node), {"log": []}, stream_mode="messages") == []


async def test_tokens_come_while_the_node_still_runs() -> None:
    seen = anyio.Event()

    async def node(state: Log) -> Any:
        await model().ainvoke("hi")
        await seen.wait()
        return {"log": ["done"]}

    modes = ["messages", "updates"]
    async with row(node).astream({"log": []}, stream_mode=modes) as chunks:
        assert (await chunks.__anext__())[0] == "messages"
        seen.set()
        assert [chunk async for chunk in chunks][-1] == ("updates", {"node": {"log": ["done"]}})


async def test_a_writer_is_heard_from_below_a_node() -> None:
    def below(_: Any) -> Any:
        get_stream_writer()("below")

    async def node(state: Log) -> Any:
        await RunnableLambda(below).ainvoke(None)
        get_stream_writer()("node")

    assert await streams(row(node), {"log": []}, stream_mode="custom") == ["below", "node"]
    assert await streams(row(node), {"log": []}, stream_mode="updates") == [{"node": None}]


async def test_graphs_inside_are_shown_with_where_they_are() -> None:
    inner = row(("i", lambda state: {"log": ["i"]}))
    graph = row(("outer", inner))
    chunks = await streams(graph, {"log": []}, stream_mode=["updates", "values"], subgraphs=True)
    assert [(len(place), mode, chunk) for place, mode, chunk in chunks] == [
        (0, "values", {"log": []}),
        (1, "values", {"log": []}),
        (1, "updates", {"i": {"log": ["i"]}}),
        (1, "values", {"log": ["i"]}),
        (0, "updates", {"outer": {"log": ["i"]}}),
        (0, "values", {"log": ["i"]}),
    ]
    assert chunks[1][0][0].startswith("outer:")


async def test_tasks_and_checkpoints() -> None:
    graph = row(("a", lambda state: {"log": ["a"]}), checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    modes = ["tasks", "checkpoints"]
    chunks = [c async for c in graph.astream({"log": []}, config, stream_mode=modes)]
    assert [mode for mode, _ in chunks] == ["checkpoints", "tasks", "tasks", "checkpoints"]
    assert [chunks[0][1]["next"], chunks[3][1]["next"]] == [["a"], []]
    assert chunks[3][1]["values"] == {"log": ["a"]}


async def test_what_has_ended_is_told_before_an_error() -> None:
    async def fails(state: Log) -> Any:
        raise ZeroDivisionError

    builder = StateGraph(Log).add_node("a", lambda state: {"log": ["a"]}).add_node("b", fails)
    graph = builder.add_edge(START, "a").add_edge(START, "b").compile()
    for mode in ("updates", ["updates", "custom"]):
        told: list[Any] = []
        chunks = graph.astream({"log": []}, {"max_concurrency": 1}, stream_mode=mode)
        with pytest.raises(ZeroDivisionError):
            await all_of(chunks, told)
        assert [each[1] if isinstance(each, tuple) else each for each in told] == [
            {"a": {"log": ["a"]}}
        ]


async def all_of(chunks: Any, told: list[Any]) -> None:
    async for chunk in chunks:
        told.append(chunk)  # noqa: PERF401 - those before an error count


async def test_a_stream_that_nobody_reads_on_stops_the_graph() -> None:
    stopped = anyio.Event()

    async def node(state: Log) -> Any:
        get_stream_writer()("begun")
        try:
            await anyio.sleep_forever()
        finally:
            stopped.set()

    async with row(node).astream({"log": []}, stream_mode="custom") as chunks:
        assert await chunks.__anext__() == "begun"
    assert stopped.is_set()


async def test_events_show_nodes_as_runs() -> None:
    graph = row(("a", lambda state: {"log": ["a"]}), ("b", lambda state: {"log": ["b"]}))
    events = [event async for event in graph.astream_events({"log": []})]
    shown = [(event["event"], event["name"], event["tags"]) for event in events]
    assert shown == [
        ("on_chain_start", "LangGraph", []),
        ("on_chain_start", "a", ["graph:step:1"]),
        ("on_chain_end", "a", ["graph:step:1"]),
        ("on_chain_stream", "LangGraph", []),
        ("on_chain_start", "b", ["graph:step:2"]),
        ("on_chain_end", "b", ["graph:step:2"]),
        ("on_chain_stream", "LangGraph", []),
        ("on_chain_end", "LangGraph", []),
    ]
    assert events[-1]["data"]["output"] == {"log": ["a", "b"]}
    assert events[1]["metadata"]["langgraph_node"] == "a"
