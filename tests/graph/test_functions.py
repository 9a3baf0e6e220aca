"""The functional API: entry points of all kinds, what they are given and what they print."""

from __future__ import annotations

from typing import Any, TypedDict

import anyio
import pytest

from streamflow.checkpoint import InMemorySaver
from streamflow.errors import ConfigError, GraphDefinitionError, NoActiveRunError
from streamflow.func import EntryPoint, entrypoint, task
from streamflow.graph import Runtime, get_runtime
from streamflow.language_models import FakeListChatModel
from streamflow.runnables import RunnableConfig, RunnableLambda
from streamflow.store import InMemoryStore
from streamflow.types import StreamWriter

CONFIG: Any = {"configurable": {"thread_id": "1"}}


@task
def add_one(number: int) -> int:
    return number + 1


@task
async def aadd_one(number: int) -> int:
    await anyio.lowlevel.checkpoint()
    return number + 1


@entrypoint()
def plain(numbers: list[int]) -> list[int]:
    return [future.result() for future in [add_one(number) for number in numbers]]


@entrypoint()
def plain_of_async(numbers: list[int]) -> list[int]:
    return [future.result() for future in [aadd_one(number) for number in numbers]]


@entrypoint()
async def awaiting(numbers: list[int]) -> list[int]:
    return [await future for future in [aadd_one(number) for number in numbers]]


@entrypoint()
async def awaiting_plain(numbers: list[int]) -> list[int]:
    return [await future for future in [add_one(number) for number in numbers]]


POINTS = [plain, plain_of_async, awaiting, awaiting_plain]


@pytest.mark.parametrize("point", POINTS)
async def test_tasks_of_all_kinds_with_a_loop_and_without(point: EntryPoint) -> None:
    assert await point.ainvoke([1, 2, 3]) == [2, 3, 4]
    assert await anyio.to_thread.run_sync(point.invoke, [1, 2, 3]) == [2, 3, 4]
    chunks = [chunk async for chunk in point.astream([1])]
    assert [next(iter(chunk.values())) for chunk in chunks] == [2, [2]]
    assert list(chunks[1]) == [point.function.__name__]


@pytest.mark.parametrize("point", POINTS)
def test_every_method_of_a_runnable(point: EntryPoint) -> None:
    assert point.batch([[1], [2]]) == [[2], [3]]
    assert (point | (lambda numbers: numbers[0])).invoke([1]) == 2
    assert list((point | RunnableLambda(str)).stream([1])) == ["[2]"]
    assert list(point.transform(iter([[1]]), stream_mode="values")) == [[2]]
    assert point.with_config(tags=["x"]).invoke([1]) == [2]
    assert point.InputType == point.OutputType == list[int]
    assert [*point.get_graph().nodes] == ["__start__", point.function.__name__, "__end__"]


async def test_events_show_tasks_below_the_entry_point() -> None:
    events = [event async for event in plain.astream_events([1], version="v2")]
    ends = [(e["name"], e["data"]["output"]) for e in events if e["event"] == "on_chain_end"]
    assert ends == [("add_one", 2), ("plain", [2]), ("LangGraph", [2])]


def test_what_each_stream_mode_yields() -> None:
    @entrypoint()
    def work(number: int, writer: StreamWriter) -> int:
        writer("begun")
        return add_one(number).result()

    assert list(work.stream(1)) == list(work.stream(1, stream_mode="updates"))
    modes: Any = ["updates", "values", "custom"]
    assert list(work.stream(1, stream_mode=modes)) == [
        ("custom", "begun"),
        ("updates", {"add_one": 2}),
        ("updates", {"work": 2}),
        ("values", 2),
    ]
    told = list(work.stream(1, stream_mode="tasks"))
    assert [(each["name"], each.get("input"), each.get("result")) for each in told] == [
        ("work", 1, None),
        ("add_one", ((1,), {}), None),
        ("add_one", None, [("__return__", 2)]),
        ("work", None, [("__return__", 2)]),
    ]
    assert told[1]["triggers"] == ["__pregel_push"]
    assert [each["type"] for each in work.stream(1, stream_mode="debug")] == [
        "task",
        "task",
        "task_result",
        "task_result",
    ]


async def test_tokens_of_a_model_in_a_task() -> None:
    model = FakeListChatModel(responses=["Hi!"])

    @task
    async def ask(text: str) -> str:
        return str((await model.ainvoke(text)).content)

    @entrypoint()
    async def chat(text: str) -> str:
        return await ask(text)

    chunks = [chunk async for chunk in chat.astream("hello", stream_mode="messages")]
    assert [chunk.content for chunk, _ in chunks] == ["H", "i", "!"]
    metadata = chunks[0][1]
    assert metadata["langgraph_node"] == "ask"
    assert metadata["langgraph_path"] == ("__pregel_push", ("__pregel_pull", "chat"), 0)


@pytest.mark.parametrize("nothing", [None, 0, [], {}])
def test_any_value_comes_through(nothing: Any) -> None:
    same = entrypoint()(lambda_of("same"))
    assert list(same.stream([nothing])) == [{"same": [nothing]}]

    @entrypoint()
    def returns(input: Any) -> Any:
        return nothing

    assert returns.invoke("x") == nothing
    assert list(returns.stream("x", stream_mode="values")) == [nothing]


def lambda_of(name: str) -> Any:
    function = lambda input: input  # noqa: E731 - a lambda with a name
    function.__name__ = name
    return function


class Settings(TypedDict):
    user: str


def test_what_functions_are_given() -> None:
    store = InMemoryStore()
    store.put(("users",), "x", {"name": "Ada"})

    @task
    def look(
        config: RunnableConfig | None = None,
        *,
        store: Any = None,
        runtime: Runtime[Any] | None = None,
    ) -> Any:
        assert config is not None
        assert runtime is not None
        assert config["configurable"]["thread_id"] == "1"
        return [store.get(("users",), "x").value["name"], runtime.context["user"]]

    @task
    def own(store: str, *, writer: str = "?") -> str:
        return store + writer

    @entrypoint(store=store, context_schema=Settings, checkpointer=InMemorySaver())
    def work(input: str, config: RunnableConfig, *, previous: Any, runtime: Runtime[Any]) -> Any:
        assert get_runtime().context == runtime.context
        assert runtime.previous == previous
        return [*look().result(), own(input, writer="!").result(), previous]

    assert work.invoke("hi", CONFIG, context={"user": "x"}) == ["Ada", "x", "hi!", None]


def test_what_cannot_be() -> None:
    with pytest.raises(NoActiveRunError, match="add_one"):
        add_one(1)

    def generates(_: Any) -> Any:
        yield 1

    with pytest.raises(GraphDefinitionError, match="generator"):
        entrypoint()(generates)
    with pytest.raises(GraphDefinitionError, match="generator"):
        task(generates)
    with pytest.raises(GraphDefinitionError, match="not 3"):
        task(3)  # type: ignore[call-overload]  # the mistake
    with pytest.raises(ConfigError, match="thread_id"):
        entrypoint(checkpointer=InMemorySaver())(lambda_of("f")).invoke(1)
