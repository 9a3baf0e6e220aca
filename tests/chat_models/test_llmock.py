"""The two protocols against a server that others have written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from streamflow.chat_models import ChatAnthropic, ChatOpenAI, VendorChatModel
from streamflow.errors import (
    ContextLengthError,
    MalformedStreamError,
    ModelConnectionError,
    ModelError,
    ModelRateLimitError,
    ModelTimeoutError,
    TruncatedStreamError,
)
from streamflow.messages import HumanMessage, ToolMessage
from tests.chat_models.asking import pool, stream

llmock = pytest.importorskip("llmock.testing")
scenarios = pytest.importorskip("llmock.scenarios")

MODELS = {"openai": ChatOpenAI, "anthropic": ChatAnthropic}
pytestmark = pytest.mark.parametrize("provider", list(MODELS))


@pytest.fixture(scope="session")
def running_mock() -> Iterator[Any]:
    with llmock.LLMockServer() as server:
        yield server


@pytest.fixture
def mock(running_mock: Any) -> Any:
    running_mock.state.reset()
    return running_mock


def model_of(mock: Any, provider: str, **settings: Any) -> VendorChatModel:
    names = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-5"}
    given = {"model": names[provider], "api_key": "k-1", "base_url": mock.base_url(provider)}
    return MODELS[provider](**{**given, **settings})


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def test_text(mock: Any, provider: str) -> None:
    mock.state.scenarios.add(scenarios.Reply(text="so it goes", times=2))
    async with model_of(mock, provider) as model:
        chunks = [chunk async for chunk in model.astream("Hi")]
        assert "".join(chunk.text for chunk in chunks) == "so it goes"
        assert len(chunks) > 2
        whole = await model.ainvoke("Hi")
    assert whole.content == "so it goes"
    assert chunks[-1].usage_metadata == whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0


def test_text_without_a_loop(mock: Any, provider: str) -> None:
    mock.state.scenarios.add(scenarios.Reply(text="so it goes", times=2))
    with model_of(mock, provider) as model:
        assert "".join(chunk.text for chunk in model.stream("Hi")) == "so it goes"
        assert model.invoke("Hi").content == "so it goes"


async def test_a_turn_with_parallel_tools(mock: Any, provider: str) -> None:
    calls = [scenarios.ToolCall("add", {"a": 1, "b": n}) for n in (2, 3)]
    mock.state.scenarios.add(scenarios.Reply(tool_calls=tuple(calls), times=2))
    async with model_of(mock, provider) as model:
        bound = model.bind_tools([add])
        whole = await bound.ainvoke("1 + 2, 1 + 3")
        said: Any = None
        async for chunk in bound.astream("1 + 2, 1 + 3"):
            said = chunk if said is None else said + chunk
        for message in (said, whole):
            assert [call["args"] for call in message.tool_calls] == [
                {"a": 1, "b": 2},
                {"a": 1, "b": 3},
            ]
        results = [ToolMessage("3", tool_call_id=call["id"]) for call in said.tool_calls]
        answer = await bound.ainvoke([HumanMessage("1 + 2, 1 + 3"), said, *results])
    assert answer.text


async def test_malformed_arguments(mock: Any, provider: str) -> None:
    call = scenarios.ToolCall("add", {"a": 1})
    mock.state.scenarios.add(scenarios.Reply(tool_calls=(call,)))
    mock.state.scenarios.add(scenarios.ToolFault("malformed_arguments"))
    async with model_of(mock, provider) as model:
        said: Any = None
        async for chunk in model.bind_tools([add]).astream("1 + 2"):
            said = chunk if said is None else said + chunk
    assert [bad["name"] for bad in said.invalid_tool_calls] == ["add"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("truncate", TruncatedStreamError),
        ("disconnect", ModelConnectionError),
        ("malformed", MalformedStreamError),
    ],
)
async def test_faults_of_a_stream(
    mock: Any, provider: str, fault: str, kind: type[ModelError]
) -> None:
    mock.state.scenarios.add(scenarios.Reply(text="one two three four five six seven"))
    mock.state.scenarios.add(scenarios.StreamFault(fault, after_chunks=5))
    async with model_of(mock, provider) as model:
        heard = await stream(model)
    assert type(heard.error) is kind
    assert heard.texts[0] == "one "


async def test_a_stream_that_stalls(mock: Any, provider: str) -> None:
    mock.state.scenarios.add(scenarios.StreamFault("stall", after_chunks=5, stall_seconds=1.0))
    async with model_of(mock, provider, timeout=0.1, max_retries=0) as model:
        with pytest.raises(ModelTimeoutError):
            async for _ in model.astream("Hi"):
                pass


async def test_errors(mock: Any, provider: str) -> None:
    add_ = mock.state.scenarios.add
    async with model_of(mock, provider) as model:
        add_(scenarios.Fail(429, retry_after=0.01, times=2))
        assert (await model.ainvoke("Hi")).text
        add_(scenarios.Fail(429, retry_after=600.0))
        with pytest.raises(ModelRateLimitError) as caught:
            await model.ainvoke("Hi")
        assert caught.value.retry_after == 600
        long = "This model's maximum context length was exceeded."
        add_(scenarios.Fail(400, code="context_length_exceeded", message=long))
        with pytest.raises(ContextLengthError):
            await model.ainvoke("Hi")


async def test_it_sees_a_client_that_hangs_up(mock: Any, provider: str) -> None:
    mock.state.scenarios.add(scenarios.Reply(text="one two three four five six seven"))
    mock.state.scenarios.add(scenarios.StreamFault("stall", after_chunks=5, stall_seconds=30.0))
    async with model_of(mock, provider) as model:
        with anyio.CancelScope() as scope:
            async for _ in model.astream("Hi"):
                scope.cancel()
        assert not pool(model).connections
