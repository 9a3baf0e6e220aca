"""Entry points with a checkpointer: what is kept, asked, and gone on with."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest

from streamflow.checkpoint import InMemorySaver, SqliteSaver
from streamflow.errors import (
    ConfigError,
)
from streamflow.func import entrypoint, task
from streamflow.graph import START, StateGraph
from streamflow.types import Command, interrupt

CONFIG: Any = {"configurable": {"thread_id": "1"}}


@pytest.fixture(params=["memory", "sqlite"])
def saver(request: Any, tmp_path: Any) -> Any:
    if request.param == "memory":
        yield InMemorySaver()
    else:
        with SqliteSaver(str(tmp_path / "threads.sqlite")) as saver:
            yield saver


@task
def add_one(number: int) -> int:
    return number + 1


async def test_previous_and_final(saver: Any) -> None:
    @entrypoint(checkpointer=saver)
    def save(number: int, *, previous: Any = None) -> Any:
        if number == 0:
            return previous
        return entrypoint.final(value=previous, save=2 * number)

    assert [await save.ainvoke(number, CONFIG) for number in (3, 1, 0, 0)] == [None, 6, 2, 2]
    assert [
        chunk async for chunk in save.astream(5, CONFIG, stream_mode=["updates", "values"])
    ] == [("updates", {"save": 2}), ("values", 2)]
    state = await save.aget_state(CONFIG)
    assert (state.values, state.next) == (2, ())
    assert [each.values for each in save.get_state_history(CONFIG, limit=3)] == [2, 2, 2]
    await save.aupdate_state(CONFIG, 7)
    assert save.invoke(0, CONFIG) == 7
    assert repr(entrypoint.final(value=1, save=2)) == "entrypoint.final(value=1, save=2)"


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_tasks_that_have_ended_do_not_run_again(
    saver: Any, durability: Any, kind: str
) -> None:
    runs: list[str] = []

    @task
    def compose(topic: str) -> str:
        runs.append("compose")
        return f"An essay about {topic}"

    def review(topic: str) -> Any:
        runs.append("review")
        essay = compose(topic).result()
        return {"essay": essay, "review": interrupt(essay), "grade": interrupt("grade?")}

    async def areview(topic: str) -> Any:
        runs.append("review")
        essay = await compose(topic)
        return {"essay": essay, "review": interrupt(essay), "grade": interrupt("grade?")}

    work = entrypoint(checkpointer=saver)(review if kind == "plain" else areview)
    chunks = [chunk async for chunk in work.astream("cats", CONFIG, durability=durability)]
    assert chunks[0] == {"compose": "An essay about cats"}
    assert chunks[1]["__interrupt__"][0].value == "An essay about cats"
    state = await work.aget_state(CONFIG)
    assert state.next == (work.function.__name__,)
    assert state.interrupts == chunks[1]["__interrupt__"]
    result = work.invoke(Command(resume="Great."), CONFIG, durability=durability)
    assert [each.value for each in result["__interrupt__"]] == ["grade?"]
    values = [
        chunk
        async for chunk in work.astream(
            Command(resume=1), CONFIG, stream_mode="values", durability=durability
        )
    ]
    assert values[-1] == {"essay": "An essay about cats", "review": "Great.", "grade": 1}
    assert runs == ["review", "compose", "review", "review"]


async def test_several_tasks_wait_for_answers(saver: Any) -> None:
    runs: list[str] = []

    @task
    async def ask(question: str) -> str:
        answer: str = interrupt(question)
        runs.append(question)
        return answer

    @entrypoint(checkpointer=saver)
    async def work(questions: list[str]) -> list[str]:
        return [await future for future in [ask(question) for question in questions]]

    waiting = (await work.ainvoke(["a", "b"], CONFIG))["__interrupt__"]
    assert [each.value for each in waiting] == ["a", "b"]
    with pytest.raises(ConfigError, match="2 nodes wait"):
        await work.ainvoke(Command(resume="?"), CONFIG)
    rest = await work.ainvoke(Command(resume={waiting[1].id: "B"}), CONFIG)
    assert rest == {"__interrupt__": [waiting[0]]}
    assert await work.ainvoke(Command(resume="A"), CONFIG) == ["A", "B"]
    assert runs == ["b", "a"]


def test_a_task_that_nobody_asks_for_is_waited_for_all_the_same() -> None:
    @task
    def ask() -> str:
        return str(interrupt("?"))

    @entrypoint(checkpointer=InMemorySaver())
    def work(_: Any) -> str:
        ask()
        return "end"

    assert work.invoke(1, CONFIG)["__interrupt__"][0].value == "?"
    assert work.invoke(Command(resume="!"), CONFIG) == "end"


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_a_failure_keeps_what_tasks_have_returned(saver: Any, durability: Any) -> None:
    runs: list[str] = []

    @task
    async def good() -> str:
        runs.append("good")
        return "good"

    @task
    async def shaky() -> str:
        runs.append("shaky")
        if len(runs) < 3:
            raise ZeroDivisionError
        return "shaky"

    @entrypoint(checkpointer=saver)
    async def work(_: Any) -> list[str]:
        return [await good(), await shaky()]

    with pytest.raises(ZeroDivisionError):
        await work.ainvoke(1, CONFIG, durability=durability)
    assert await work.ainvoke(None, CONFIG, durability=durability) == ["good", "shaky"]
    assert runs == ["good", "shaky", "shaky"]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_answers_outlast_a_failure(saver: Any, durability: Any) -> None:
    runs: list[Any] = []

    @entrypoint(checkpointer=saver)
    def work(_: Any) -> Any:
        runs.append(interrupt("?"))
        if len(runs) == 1:
            raise ZeroDivisionError
        return runs[-1]

    work.invoke(1, CONFIG, durability=durability)
    with pytest.raises(ZeroDivisionError):
        work.invoke(Command(resume="!"), CONFIG, durability=durability)
    assert work.invoke(None, CONFIG, durability=durability) == "!"


def test_a_thread_goes_on_after_an_interrupt_with_a_new_input() -> None:
    @entrypoint(checkpointer=InMemorySaver())
    def work(number: int) -> Any:
        return interrupt("?") if number == 0 else number

    assert work.invoke(1, CONFIG) == 1
    assert list(work.stream(0, CONFIG, stream_mode="values")) == [
        {"__interrupt__": work.get_state(CONFIG).interrupts}
    ]
    assert work.invoke(2, CONFIG) == 2


def test_an_entry_point_in_a_graph() -> None:
    class Count(TypedDict):
        n: int

    @entrypoint()
    def ask(state: Count) -> Count:
        return {"n": add_one(interrupt("how many?")).result()}

    builder = StateGraph(Count).add_node("ask", ask).add_edge(START, "ask")
    graph = builder.compile(checkpointer=InMemorySaver())
    assert graph.invoke({"n": 1}, CONFIG)["__interrupt__"][0].value == "how many?"
    assert graph.invoke(Command(resume=3), CONFIG) == {"n": 4}
