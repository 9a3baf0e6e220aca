"""What type checkers infer of the results of runnables and models."""

from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import assert_type

from streamflow.bus import AnyMessage, ChunkStreamed, RunEnded
from streamflow.execution import AsyncStream, Stream
from streamflow.language_models import FakeListLLM, ReplayChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import RunnableConfig, RunnableLambda
from streamflow.views import StreamEvent

model = ReplayChatModel(recording=["to", "ken"], speed=None)
chain = ChatPromptTemplate.from_template("about {topic}") | model | StrOutputParser()


def plain(text: str) -> int:
    return len(text)


async def test_results_of_a_chain() -> None:
    values = {"topic": "cats"}
    assert_type(chain.invoke(values), str)
    assert_type(await chain.ainvoke(values), str)
    assert_type(chain.stream(values), Stream[str])
    assert_type(chain.astream(values), AsyncStream[str])
    for chunk in chain.stream(values):
        assert_type(chunk, str)
    async for chunk in chain.astream(values):
        assert_type(chunk, str)
    with chain.stream(values) as chunks:
        assert_type(next(chunks), str)
    async with chain.astream(values) as stream:
        assert_type(await anext(stream), str)


async def test_results_of_a_model() -> None:
    assert_type(model.invoke("hi"), AIMessage)
    assert_type(await model.ainvoke([("human", "hi")]), AIMessage)
    total: AIMessageChunk | None = None
    for chunk in model.stream("hi"):
        assert_type(chunk, AIMessageChunk)
        total = chunk if total is None else total + chunk
    async for chunk in model.astream("hi"):
        assert_type(chunk, AIMessageChunk)
    assert total is not None
    assert total.content == "token"


def test_results_of_a_model_of_text() -> None:
    text = FakeListLLM(responses=["hi"])
    assert_type(text.invoke("hi"), str)
    assert_type(next(text.stream("hi")), str)


async def test_events() -> None:
    step = RunnableLambda(plain)
    assert_type(step.astream_events("hi"), AsyncStream[StreamEvent])
    assert_type(step.events("hi"), AsyncStream[AnyMessage])
    assert_type(step.stream_events("hi"), Stream[AnyMessage])
    async for event in step.astream_events("hi"):
        assert_type(event["event"], str)
        assert_type(event["data"], dict[str, Any])
        assert_type(event["tags"], list[str])
    async for message in step.events("hi"):
        if isinstance(message, ChunkStreamed):
            assert_type(message.chunk, Any)
        if isinstance(message, RunEnded):
            assert message.output == 2


def test_config() -> None:
    config: RunnableConfig = {"tags": ["x"], "max_concurrency": 2, "run_name": "mine"}
    assert RunnableLambda(plain).invoke("hi", config) == 2
    mistaken: RunnableConfig = {"tags": ["x"], "tag": "x"}  # type: ignore[typeddict-unknown-key]  # as it should be
    assert mistaken


def test_inputs_are_checked() -> None:
    with pytest.raises(TypeError):
        RunnableLambda(plain).invoke(3)  # type: ignore[arg-type]  # as it should be
    with pytest.raises(TypeError):
        model.invoke(3)  # type: ignore[arg-type]  # as it should be
