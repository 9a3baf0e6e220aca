"""Threads: what is saved, read back, changed, and gone on with."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest

from streamflow.checkpoint import InMemorySaver, SqliteSaver
from streamflow.errors import ConfigError, EmptyInputError, InvalidUpdateError
from streamflow.graph import START, StateGraph
from streamflow.types import Command, Interrupt, Send, interrupt


class Log(TypedDict):
    log: Annotated[list[str], operator.add]


def adds(name: str) -> Any:
    def node(state: Log) -> Log:
        return {"log": [name]}

    node.__name__ = name
    return node


def row(*nodes: Any, **more: Any) -> Any:
    builder = StateGraph(Log).add_sequence(nodes)
    return builder.add_edge(START, next(iter(builder.nodes))).compile(**more)


CONFIG: Any = {"configurable": {"thread_id": "1"}}


@pytest.fixture(params=["memory", "sqlite"])
def saver(request: Any, tmp_path: Any) -> Any:
    if request.param == "memory":
        yield InMemorySaver()
    else:
        with SqliteSaver(str(tmp_path / "threads.sqlite")) as saver:
            yield saver


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_a_thread_remembers(saver: Any, durability: Any) -> None:
    graph = row(adds("a"), adds("b"), checkpointer=saver)
    graph.invoke({"log": ["1"]}, CONFIG, durability=durability)
    result = await graph.ainvoke({"log": ["2"]}, CONFIG, durability=durability)
    assert result == {"log": ["1", "a", "b", "2", "a", "b"]}
    state = await graph.aget_state(CONFIG)
    assert (state.values, state.next) == (result, ())
    assert state == graph.get_state(CONFIG)


def test_the_history_shows_every_step(saver: Any) -> None:
    graph = row(adds("a"), adds("b"), checkpointer=saver)
    graph.invoke({"log": ["1"]}, CONFIG)
    history = list(graph.get_state_history(CONFIG))
    assert [(each.next, each.metadata["source"], each.metadata["step"]) for each in history] == [
        ((), "loop", 2),
        (("b",), "loop", 1),
        (("a",), "input", 0),
    ]
    assert [each.parent_config for each in history[:2]] == [each.config for each in history[1:]]
    assert list(graph.get_state_history(CONFIG, before=history[0].config, limit=1)) == [history[1]]


def test_time_travel_goes_on_from_an_earlier_state(saver: Any) -> None:
    graph = row(adds("a"), adds("b"), checkpointer=saver)
    graph.invoke({"log": []}, CONFIG)
    before_b = list(graph.get_state_history(CONFIG))[1]
    assert graph.invoke(None, before_b.config) == {"log": ["a", "b"]}
    forked = graph.update_state(before_b.config, {"log": ["x"]})
    assert graph.get_state(forked).next == ("b",)
    assert graph.invoke(None, forked) == {"log": ["a", "x", "b"]}
    assert graph.get_state(CONFIG).values == {"log": ["a", "x", "b"]}


async def test_update_state_as_a_node(saver: Any) -> None:
    graph = row(adds("a"), adds("b"), adds("c"), checkpointer=saver)
    await graph.aupdate_state(CONFIG, {"log": ["as b"]}, as_node="b")
    assert (await graph.aget_state(CONFIG)).next == ("c",)
    assert await graph.ainvoke(None, CONFIG) == {"log": ["as b", "c"]}
    with pytest.raises(InvalidUpdateError, match="'z'"):
        graph.update_state(CONFIG, {}, as_node="z")


def test_stops_before_and_after_nodes(saver: Any) -> None:
    graph = row(adds("a"), adds("b"), adds("c"), checkpointer=saver, interrupt_before=["b"])
    assert graph.invoke({"log": []}, CONFIG) == {"log": ["a"]}
    assert graph.get_state(CONFIG).next == ("b",)
    assert graph.invoke(None, CONFIG, interrupt_after="b") == {"log": ["a", "b"]}
    chunks = list(graph.stream(None, CONFIG, stream_mode="updates"))
    assert chunks == [{"c": {"log": ["c"]}}]
    chunks = list(graph.stream({"log": []}, CONFIG, stream_mode="updates"))
    assert chunks == [{"a": {"log": ["a"]}}, {"__interrupt__": ()}]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_an_interrupt_is_answered(saver: Any, durability: Any) -> None:
    runs = []

    def ask(state: Log) -> Any:
        runs.append(1)
        return {"log": [interrupt("name?"), interrupt("age?")]}

    graph = row(adds("a"), ask, adds("z"), checkpointer=saver)
    first = graph.invoke({"log": []}, CONFIG, durability=durability)
    assert [each.value for each in first["__interrupt__"]] == ["name?"]
    state = graph.get_state(CONFIG)
    assert state.next == ("ask",)
    assert state.interrupts == tuple(first["__interrupt__"]) == state.tasks[0].interrupts
    stream = graph.astream(
        Command(resume="Ada"), CONFIG, stream_mode="updates", durability=durability
    )
    chunks = [chunk async for chunk in stream]
    assert [each.value for each in chunks[0]["__interrupt__"]] == ["age?"]
    result = graph.invoke(Command(resume="36"), CONFIG, durability=durability)
    assert result == {"log": ["a", "Ada", "36", "z"]}
    assert len(runs) == 3


def test_several_interrupts_of_one_step(saver: Any) -> None:
    def ask(input: Any) -> Any:
        return {"log": [input + interrupt(input)]}

    builder = StateGraph(Log).add_node(ask)
    builder.add_conditional_edges(START, lambda _: [Send("ask", "a"), Send("ask", "b")], ["ask"])
    graph = builder.compile(checkpointer=saver)
    waiting = graph.invoke({"log": []}, CONFIG)["__interrupt__"]
    assert [each.value for each in waiting] == ["a", "b"]
    with pytest.raises(ConfigError, match="2 nodes wait"):
        graph.invoke(Command(resume="?"), CONFIG)
    rest = graph.invoke(Command(resume={waiting[1].id: "2"}), CONFIG)["__interrupt__"]
    assert rest == [Interrupt("a", waiting[0].id)]
    assert graph.invoke(Command(resume="1"), CONFIG) == {"log": ["a1", "b2"]}


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_an_interrupt_in_a_graph_inside(saver: Any, durability: Any) -> None:
    calls = []

    def ask(state: Log) -> Any:
        return {"log": [interrupt("inside?")]}

    def before(state: Log) -> Any:
        calls.append("before")
        return {"log": ["before"]}

    inner = row(before, ask)
    graph = row(("outer", inner), adds("z"), checkpointer=saver)
    stream = graph.stream({"log": []}, CONFIG, stream_mode="updates", durability=durability)
    assert list(stream)[-1]["__interrupt__"][0].value == "inside?"
    state = graph.get_state(CONFIG, subgraphs=True)
    assert state.tasks[0].state.next == ("ask",)
    assert graph.get_state(graph.get_state(CONFIG).tasks[0].state).next == ("ask",)
    assert graph.invoke(Command(resume="yes"), CONFIG) == {"log": ["before", "yes", "z"]}
    assert calls == ["before"]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_nodes_that_have_ended_do_not_run_again_after_a_failure(
    saver: Any, durability: Any
) -> None:
    one_at_a_time: Any = {**CONFIG, "max_concurrency": 1}
    runs: list[str] = []
    broken = [True]

    async def good(state: Log) -> Any:
        runs.append("good")
        return Command(update={"log": ["good"]}, goto="z")

    async def bad(state: Log) -> Any:
        if broken.pop() if broken else False:
            raise ZeroDivisionError
        runs.append("bad")
        return {"log": ["bad"]}

    builder = StateGraph(Log).add_node("a", good).add_node("b", bad).add_node(adds("z"))
    builder.add_edge(START, "a").add_edge(START, "b")
    graph = builder.compile(checkpointer=saver)
    with pytest.raises(ZeroDivisionError):
        await graph.ainvoke({"log": []}, one_at_a_time, durability=durability)
    state = await graph.aget_state(CONFIG)
    assert state.values == {"log": []}
    assert [(each.name, each.error is not None) for each in state.tasks] == [
        ("a", False),
        ("b", True),
    ]
    assert await graph.ainvoke(None, CONFIG, durability=durability) == {"log": ["good", "bad", "z"]}
    assert runs == ["good", "bad"]


def test_what_cannot_go_on() -> None:
    graph = row(adds("a"), checkpointer=InMemorySaver())
    with pytest.raises(ConfigError, match="thread_id"):
        graph.invoke({"log": []})
    with pytest.raises(EmptyInputError, match="None"):
        graph.invoke(None, CONFIG)
    with pytest.raises(EmptyInputError, match="resume"):
        row(adds("a")).invoke(Command(resume=1))
    with pytest.raises(ConfigError, match="checkpointer"):
        row(adds("a")).get_state(CONFIG)


def test_a_command_as_input_writes_and_goes() -> None:
    graph = row(adds("a"), adds("b"), checkpointer=InMemorySaver())
    assert graph.invoke(Command(update={"log": ["x"]}, goto="b"), CONFIG) == {"log": ["x", "b"]}


def test_an_inner_graph_remembers_from_call_to_call() -> None:
    inner = row(adds("i"), checkpointer=True)
    builder = StateGraph(Log).add_node(
        "inner", lambda state: {"log": inner.invoke({"log": []})["log"]}
    )
    graph = builder.add_edge(START, "inner").compile(checkpointer=InMemorySaver())
    assert graph.invoke({"log": []}, CONFIG) == {"log": ["i"]}
    assert graph.invoke({"log": []}, CONFIG) == {"log": ["i", "i", "i"]}
