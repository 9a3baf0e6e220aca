"""Steps: which nodes run, on what, and what becomes of what they return."""

from __future__ import annotations

from typing import Any, Literal

import anyio
import pytest

from streamflow.errors import (
    GraphDefinitionError,
    GraphRecursionError,
    InvalidUpdateError,
)
from streamflow.graph import (
    END,
    START,
    MessagesState,
    StateGraph,
    add_messages,
)
from streamflow.messages import AIMessage, HumanMessage, RemoveMessage
from streamflow.runnables import RunnableLambda
from streamflow.types import Command, Send
from tests.graph.programs import Count, Log, add, adds, both, graph_of


async def test_a_fan_is_joined_when_all_have_run() -> None:
    edges = [(START, "a"), ("a", "b"), ("a", "c"), ("c", "d"), (["b", "d"], "e")]
    graph = graph_of("a", "b", "c", "d", "e", edges=edges)
    assert await both(graph, {"log": []}) == {"log": ["a", "b", "c", "d", "e"]}


async def test_two_edges_to_a_node_run_it_once_a_step() -> None:
    graph = graph_of("a", "b", "c", edges=[(START, "a"), (START, "b"), ("a", "c"), ("b", "c")])
    assert await both(graph, {"log": []}) == {"log": ["a", "b", "c"]}


async def test_writes_of_one_step_are_ordered_by_the_names_of_the_nodes() -> None:
    gate = anyio.Event()

    async def a(state: Log) -> Log:
        await gate.wait()
        return {"log": ["a"]}

    async def b(state: Log) -> Log:
        gate.set()
        return {"log": ["b"]}

    builder = StateGraph(Log).add_node(b).add_node(a).add_edge(START, "b").add_edge(START, "a")
    assert await builder.compile().ainvoke({"log": []}) == {"log": ["a", "b"]}


async def test_a_cycle_ends_where_its_condition_says() -> None:
    def enough(state: Count) -> Literal["add", "__end__"]:
        return "add" if state["n"] < 5 else END

    builder = StateGraph(Count).add_node(add).add_edge(START, "add")
    graph = builder.add_conditional_edges("add", enough).compile()
    assert await both(graph, {"n": 0}) == {"n": 5}
    with pytest.raises(GraphRecursionError, match="3 steps.*'add'"):
        graph.invoke({"n": 0}, {"recursion_limit": 3})


async def test_conditional_edges_see_what_their_node_has_written() -> None:
    def which(state: Count) -> bool:
        return state["n"] == 1

    builder = StateGraph(Count).add_node(add).add_node("more", add).add_edge(START, "add")
    graph = builder.add_conditional_edges("add", which, {True: "more", False: END}).compile()
    assert await both(graph, {"n": 0}) == {"n": 2}
    assert await both(graph, {"n": 1}) == {"n": 2}


async def test_the_start_can_have_conditional_edges() -> None:
    builder = StateGraph(Log).add_node(adds("a")).add_node(adds("b"))
    builder.set_conditional_entry_point(lambda state: state["log"], ["a", "b"])
    assert await both(builder.compile(), {"log": ["b"]}) == {"log": ["b", "b"]}


async def test_two_nodes_that_write_one_key_fail_and_change_nothing() -> None:
    builder = StateGraph(Count).add_node("a", add).add_node("b", add)
    graph = builder.add_edge(START, "a").add_edge(START, "b").compile()
    with pytest.raises(InvalidUpdateError, match="key 'n'.*Annotated"):
        graph.invoke({"n": 0})


async def test_sends_run_a_node_on_inputs_of_their_own() -> None:
    def each(state: dict[str, Any]) -> list[Send]:
        return [Send("square", {"x": n}) for n in range(4)]

    def square(input: dict[str, int]) -> Any:
        return {"log": [str(input["x"] ** 2)]}

    builder = StateGraph(Log).add_node(square).add_node(adds("sum"))
    builder.add_conditional_edges(START, each, ["square"]).add_edge("square", "sum")
    assert await both(builder.compile(), {}) == {"log": ["0", "1", "4", "9", "sum"]}


async def test_commands_write_and_go() -> None:
    def first(state: Log) -> Command[Literal["c", "d"]]:
        return Command(update={"log": ["first"]}, goto=["c", Send("d", None)])

    builder = StateGraph(Log).add_node(first).add_node(adds("c"))
    builder.add_node("d", lambda input: [{"log": [repr(input)]}, Command(goto="c")])
    graph = builder.add_edge(START, "first").compile()
    assert await both(graph, {}) == {"log": ["first", "c", "None", "c"]}


async def test_a_command_goes_to_the_graph_around() -> None:
    def leave(state: Log) -> Any:
        return Command(graph=Command.PARENT, update={"log": ["inner"]}, goto="after")

    inner = StateGraph(Log).add_node(leave).add_edge(START, "leave").compile()
    builder = StateGraph(Log).add_node("inner", inner, destinations=("after",))
    graph = builder.add_node(adds("after")).add_edge(START, "inner").compile()
    assert await both(graph, {"log": []}) == {"log": ["inner", "after"]}
    with pytest.raises(InvalidUpdateError, match="around"):
        inner.invoke({"log": []})


async def test_a_graph_is_a_node_of_another_and_a_step_of_a_chain() -> None:
    inner = graph_of("a", edges=[(START, "a")])

    def called(state: Log) -> Any:
        return {"log": inner.invoke({"log": ["called"]})["log"]}

    builder = StateGraph(Log).add_node("inner", inner).add_node(called)
    graph = builder.add_edge(START, "inner").add_edge("inner", "called").compile()
    chain = RunnableLambda(lambda x: {"log": [x]}, inline=True) | graph | (lambda s: s["log"])
    assert await both(chain, "x") == ["x", "x", "a", "called", "a"]
    assert list(chain.stream("x")) == [["x", "x", "a", "called", "a"]]


async def test_a_deferred_node_waits_until_nothing_else_is_left() -> None:
    builder = StateGraph(Log).add_node(adds("a")).add_node(adds("b")).add_node(adds("c"))
    builder.add_node("last", adds("last"), defer=True)
    builder.add_edge(START, "a").add_edge(START, "b").add_edge("b", "c")
    graph = builder.add_edge("a", "last").add_edge("c", "last").compile()
    assert await both(graph, {"log": []}) == {"log": ["a", "b", "c", "last"]}


def test_what_cannot_be_compiled() -> None:
    def broken(**edges: Any) -> Any:
        return graph_of("a", "b", edges=list(edges.values()))

    with pytest.raises(GraphDefinitionError, match="no way into"):
        broken(one=("a", "b"))
    with pytest.raises(GraphDefinitionError, match="'aa'.*did you mean 'a'"):
        broken(one=(START, "aa"))
    with pytest.raises(GraphDefinitionError, match="no way leads to 'b'"):
        broken(one=(START, "a"), two=("a", END))
    with pytest.raises(GraphDefinitionError, match="already"):
        StateGraph(Log).add_node(adds("a")).add_node(adds("a"))
    with pytest.raises(GraphDefinitionError, match="'__end__'"):
        StateGraph(Log).add_node("__end__", adds("a"))
    with pytest.raises(GraphDefinitionError, match="class with annotated keys"):
        StateGraph(int)


def test_a_node_must_return_an_update() -> None:
    graph = StateGraph(Log).add_node("node", lambda state: 3).add_edge(START, "node").compile()
    with pytest.raises(InvalidUpdateError, match="'node'.*int: 3"):
        graph.invoke({})


def test_messages_are_added_replaced_and_removed() -> None:
    graph = (
        StateGraph(MessagesState)
        .add_node("answer", lambda state: {"messages": [AIMessage("hi", id="2")]})
        .add_node("forget", lambda state: {"messages": [RemoveMessage("1")]})
        .add_edge(START, "answer")
        .add_edge("answer", "forget")
        .compile()
    )
    result = graph.invoke({"messages": [HumanMessage("hello", id="1")]})
    assert result == {"messages": [AIMessage("hi", id="2")]}
    assert graph.invoke({"messages": ("user", "x")}, interrupt_after=["answer"])["messages"][0].id
    with pytest.raises(ValueError, match="'9'"):
        add_messages([], RemoveMessage("9"))


def test_a_picture_shows_nodes_and_ways() -> None:
    inner = graph_of("x", edges=[(START, "x")])
    builder = StateGraph(Log).add_node("a", inner).add_node(adds("b")).add_edge(START, "a")
    builder.add_conditional_edges("a", lambda state: "go", {"go": "b", "stop": END})
    graph = builder.compile()
    edges = {(e.source, e.target, e.conditional) for e in graph.get_graph().edges}
    assert edges == {
        ("__start__", "a", False),
        ("a", "b", True),
        ("a", "__end__", True),
        ("b", "__end__", False),
    }
    assert "a:x" in graph.get_graph(xray=True).nodes
