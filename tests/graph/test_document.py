"""The graph of the guide to streaming, in every mode, with what the guide prints."""

from __future__ import annotations

import re
from typing import Any, TypedDict

import pytest

from streamflow.graph import START, StateGraph
from streamflow.language_models import FakeListChatModel
from streamflow.types import StreamWriter


class State(TypedDict):
    topic: str
    joke: str


class Model(FakeListChatModel):
    model: str = "small"
    temperature: float = 0.7
    ls_provider = "acme"


def refine_topic(state: State) -> Any:
    return {"topic": state["topic"] + " and cats"}


def generate_joke(state: State) -> Any:
    return {"joke": f"This is a joke about {state['topic']}"}


def ask_model(state: State) -> Any:
    answer = Model(responses=["Why?"]).invoke([{"role": "user", "content": state["topic"]}])
    return {"joke": answer.content}


def write_custom(state: State, writer: StreamWriter) -> Any:
    writer({"custom_key": "Writing custom data while generating a joke"})
    return {"joke": f"This is a joke about {state['topic']}"}


def graph_with(joke: Any) -> Any:
    return (
        StateGraph(State)
        .add_node(refine_topic)
        .add_node("generate_joke", joke)
        .add_edge(START, "refine_topic")
        .add_edge("refine_topic", "generate_joke")
        .compile()
    )


INPUT = {"topic": "ice cream"}


async def streamed(joke: Any, mode: Any, **more: Any) -> list[list[Any]]:
    graph = graph_with(joke)
    plain = list(graph.stream(INPUT, stream_mode=mode, **more))
    return [plain, [chunk async for chunk in graph.astream(INPUT, stream_mode=mode, **more)]]


async def test_values() -> None:
    for chunks in await streamed(generate_joke, "values"):
        assert chunks == [
            {"topic": "ice cream"},
            {"topic": "ice cream and cats"},
            {"topic": "ice cream and cats", "joke": "This is a joke about ice cream and cats"},
        ]


UPDATES = [
    {"refine_topic": {"topic": "ice cream and cats"}},
    {"generate_joke": {"joke": "This is a joke about ice cream and cats"}},
]


async def test_updates() -> None:
    for mode in ("updates", None):
        for chunks in await streamed(generate_joke, mode):
            assert chunks == UPDATES


async def test_debug() -> None:
    for chunks in await streamed(generate_joke, "debug"):
        assert [list(chunk) for chunk in chunks] == [["type", "timestamp", "step", "payload"]] * 4
        for chunk in chunks:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", chunk["timestamp"])
            assert re.fullmatch(
                r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", chunk["payload"]["id"]
            )
        shown = [
            (c["type"], c["step"], {k: v for k, v in c["payload"].items() if k != "id"})
            for c in chunks
        ]
        first = {"name": "refine_topic", "input": INPUT, "triggers": ["start:refine_topic"]}
        after = {"topic": "ice cream and cats"}
        second = {"name": "generate_joke", "input": after, "triggers": ["refine_topic"]}
        joke = ("joke", "This is a joke about ice cream and cats")
        assert shown == [
            ("task", 1, first),
            ("task_result", 1, result("refine_topic", ("topic", "ice cream and cats"))),
            ("task", 2, second),
            ("task_result", 2, result("generate_joke", joke)),
        ]


def result(name: str, *pairs: Any) -> dict[str, Any]:
    return {"name": name, "error": None, "result": list(pairs), "interrupts": []}


async def test_messages() -> None:
    for chunks in await streamed(ask_model, "messages"):
        assert [message.content for message, _ in chunks] == ["W", "h", "y", "?"]
        metadata = chunks[-1][1]
        namespace = metadata["checkpoint_ns"]
        assert re.fullmatch(r"generate_joke:[-0-9a-f]{36}", namespace)
        assert list(metadata.items()) == [
            ("langgraph_step", 2),
            ("langgraph_node", "generate_joke"),
            ("langgraph_triggers", ["refine_topic"]),
            ("langgraph_path", ("__pregel_pull", "generate_joke")),
            ("langgraph_checkpoint_ns", namespace),
            ("checkpoint_ns", namespace),
            ("ls_provider", "acme"),
            ("ls_model_name", "small"),
            ("ls_model_type", "chat"),
            ("ls_temperature", 0.7),
        ]


CUSTOM = {"custom_key": "Writing custom data while generating a joke"}


async def test_custom() -> None:
    for chunks in await streamed(write_custom, "custom"):
        assert chunks == [CUSTOM]


async def test_several_modes() -> None:
    for chunks in await streamed(write_custom, ["updates", "custom"]):
        assert chunks == [("updates", UPDATES[0]), ("custom", CUSTOM), ("updates", UPDATES[1])]


@pytest.mark.parametrize("mode", ["update", [], ["values", "x"]])
def test_an_unknown_mode_is_an_error(mode: Any) -> None:
    with pytest.raises(ValueError, match="stream_mode"):
        list(graph_with(generate_joke).stream(INPUT, stream_mode=mode))
