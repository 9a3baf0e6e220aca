"""Graphs on each saver: they stop, go on in another process's saver, and go back in time."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from streamflow.checkpoint import BaseCheckpointSaver
from streamflow.graph import END, START, StateGraph
from streamflow.messages import AIMessage, BaseMessage, HumanMessage
from streamflow.types import Command, interrupt


class State(TypedDict, total=False):
    messages: Annotated[list[BaseMessage], operator.add]
    count: int


def graph_on(saver: BaseCheckpointSaver, durability: Any = None) -> Any:
    def ask(state: State) -> State:
        return {"messages": [HumanMessage(interrupt("how many?"))]}

    async def answer(state: State) -> State:
        last = state["messages"][-1]
        return {"messages": [AIMessage(last.text)], "count": int(last.text)}

    builder = StateGraph(State).add_node(ask).add_node(answer)
    builder.add_edge(START, "ask").add_edge("ask", "answer").add_edge("answer", END)
    return builder.compile(checkpointer=saver)


CONFIG: Any = {"configurable": {"thread_id": "1"}}
SAID = [HumanMessage("hi"), HumanMessage("3"), AIMessage("3")]


async def test_a_graph_stops_and_goes_on(saver: BaseCheckpointSaver) -> None:
    stopped = await graph_on(saver).ainvoke({"messages": [HumanMessage("hi")]}, CONFIG)
    assert stopped["__interrupt__"][0].value == "how many?"
    # Another graph object knows only what the saver keeps.
    ended = await graph_on(saver).ainvoke(Command(resume="3"), CONFIG)
    assert ended == {"messages": SAID, "count": 3}
    assert graph_on(saver).get_state(CONFIG).values == ended


def test_a_graph_goes_back_in_time(saver: BaseCheckpointSaver) -> None:
    graph = graph_on(saver)
    graph.invoke({"messages": [HumanMessage("hi")]}, CONFIG)
    graph.invoke(Command(resume="3"), CONFIG)
    history = list(graph.get_state_history(CONFIG))
    asked = next(snapshot for snapshot in history if snapshot.next == ("ask",))
    again = graph.invoke(Command(resume="5"), asked.config)
    assert again["count"] == 5
    assert len(list(graph.get_state_history(CONFIG))) > len(history)
