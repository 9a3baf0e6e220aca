"""Nodes: what they read, what they are given, and what happens when they fail."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import anyio
import attrs
import pytest
from pydantic import BaseModel

from streamflow.errors import (
    RunTimeoutError,
)
from streamflow.graph import (
    END,
    START,
    IsLastStep,
    RemainingSteps,
    Runtime,
    StateGraph,
    get_runtime,
)
from streamflow.runnables import RunnableLambda
from streamflow.types import CachePolicy, Command, Overwrite, RetryPolicy
from tests.graph.programs import Count, Log, both, notes_of


@dataclass
class Plain:
    n: int
    note: str = "-"


@attrs.define
class Attrs:
    n: int
    note: str = "-"


class Model(BaseModel):
    n: int
    note: str = "-"


@pytest.mark.parametrize("schema", [Plain, Attrs, Model])
async def test_a_state_can_be_any_class_with_fields(schema: Any) -> None:
    def node(state: Any) -> Any:
        assert type(state) is schema
        return {"n": state.n + 1}

    def whole(state: Any) -> Any:
        return schema(n=state.n * 10, note="done")

    builder = StateGraph(schema).add_sequence([node, whole]).add_edge(START, "node")
    assert await both(builder.compile(), {"n": 1}) == {"n": 20, "note": "done"}
    assert await both(builder.compile(), schema(n=1, note="?")) == {"n": 20, "note": "done"}


async def test_input_output_and_private_keys() -> None:
    class Input(TypedDict):
        question: str

    class Output(TypedDict):
        answer: str

    class Whole(Input, Output):
        pass

    class Private(TypedDict):
        secret: str

    def think(state: Input) -> Private:
        return {"secret": state["question"].upper()}

    def answer(state: Private) -> Output:
        assert list(state) == ["secret"]
        return {"answer": state["secret"] + "!"}

    builder = StateGraph(Whole, input_schema=Input, output_schema=Output)
    builder.add_node("think", think, input_schema=Input)
    builder.add_node("answer", answer, input_schema=Private)
    graph = builder.add_edge(START, "think").add_edge("think", "answer").compile()
    assert await both(graph, {"question": "hm", "answer": "x"}) == {"answer": "HM!"}


async def test_a_value_can_replace_one_that_is_reduced() -> None:
    builder = StateGraph(Log).add_node("reset", lambda state: {"log": Overwrite(["new"])})
    graph = builder.add_edge(START, "reset").compile()
    assert await both(graph, {"log": ["old"]}) == {"log": ["new"]}


async def test_generators_runnables_and_what_returns_them_are_nodes() -> None:
    def chunks(state: Log) -> Any:
        yield {"log": ["g1"]}
        yield {"log": ["g2"]}

    builder = StateGraph(Log).add_node(chunks)
    builder.add_node("runnable", RunnableLambda(lambda state: {"log": ["r"]}))
    builder.add_node("made", lambda state: RunnableLambda(lambda state: {"log": ["m"]}))
    builder.add_edge(START, "chunks").add_edge("chunks", "runnable").add_edge("runnable", "made")
    assert await both(builder.compile(), {}) == {"log": ["g1", "g2", "r", "m"]}


async def test_nodes_are_given_what_they_ask_for() -> None:
    @dataclass
    class Context:
        user: str

    def node(state: Log, runtime: Runtime[Context], config: Any, *, store: Any) -> Any:
        assert get_runtime(Context).context == runtime.context
        return {"log": [runtime.context.user, config["metadata"]["langgraph_node"], repr(store)]}

    builder = StateGraph(Log, context_schema=Context).add_node(node).add_edge(START, "node")
    result = await both(builder.compile(), {}, context={"user": "Ada"})
    assert result == {"log": ["Ada", "node", "None"]}


async def test_managed_keys_tell_how_many_steps_are_left() -> None:
    class State(TypedDict):
        log: Annotated[list[Any], operator.add]
        last: IsLastStep
        left: RemainingSteps

    def look(state: State) -> Any:
        return Command(
            update={"log": [(state["left"], state["last"])]}, goto=END if state["last"] else "look"
        )

    graph = StateGraph(State).add_node(look).add_edge(START, "look").compile()
    result = await both(graph, {}, {"recursion_limit": 3})
    assert result == {"log": [(3, False), (2, False), (1, True)]}


async def test_a_node_is_run_again_as_its_policy_says() -> None:
    failures = {"left": 0}

    def shaky(state: Log) -> Any:
        if failures["left"]:
            failures["left"] -= 1
            raise ConnectionError("down")
        return {"log": ["up"]}

    policy = RetryPolicy(initial_interval=0.0, jitter=False, max_attempts=3)
    builder = StateGraph(Log).add_node(shaky, retry_policy=policy).add_edge(START, "shaky")
    graph = builder.compile()
    failures["left"] = 2
    assert graph.invoke({}) == {"log": ["up"]}
    failures["left"] = 2
    assert await graph.ainvoke({}) == {"log": ["up"]}
    failures["left"] = 3
    with pytest.raises(ConnectionError) as caught:
        graph.invoke({})
    assert any("'shaky'" in note for note in notes_of(caught.value))


async def test_a_node_that_takes_too_long_is_stopped() -> None:
    async def slow(state: Log) -> None:
        await anyio.sleep_forever()

    graph = StateGraph(Log).add_node(slow, timeout=0.01).add_edge(START, "slow").compile()
    with pytest.raises(RunTimeoutError, match="slow"):
        await graph.ainvoke({})


async def test_what_a_node_has_written_is_kept() -> None:
    calls = []

    def costly(state: Count) -> Any:
        calls.append(state)
        return {"n": state["n"] * 2}

    builder = StateGraph(Count).add_node(costly, cache_policy=CachePolicy())
    graph = builder.add_edge(START, "costly").compile()
    assert [graph.invoke({"n": n})["n"] for n in (1, 2, 1)] == [2, 4, 2]
    assert len(calls) == 2


async def test_an_error_cancels_the_other_nodes_and_names_its_own() -> None:
    begun, cancelled = anyio.Event(), anyio.Event()

    async def waits(state: Log) -> None:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()

    async def fails(state: Log) -> None:
        await begun.wait()
        raise ZeroDivisionError

    builder = StateGraph(Log).add_node(waits).add_node(fails)
    graph = builder.add_edge(START, "waits").add_edge(START, "fails").compile()
    with pytest.raises(ZeroDivisionError) as caught:
        await graph.ainvoke({})
    assert any("'fails'" in note for note in notes_of(caught.value))
    assert cancelled.is_set()


async def test_max_concurrency_bounds_how_many_nodes_run_at_once() -> None:
    running, most = 0, 0

    async def node(state: Log) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        running -= 1

    builder = StateGraph(Log)
    for n in range(6):
        builder.add_node(f"n{n}", node).add_edge(START, f"n{n}")
    await builder.compile().ainvoke({}, {"max_concurrency": 2})
    assert most == 2
