"""``run_manager.on_llm_new_token`` publishes a chunk once, whoever else does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from anyio import to_thread

from streamflow.language_models import LLM, AsyncRunManager, BaseChatModel, RunManager
from streamflow.messages import AIMessageChunk
from streamflow.outputs import ChatResult, GenerationChunk
from streamflow.runnables import Runnable, RunnableLambda
from tests.models.authors import TEXT, TOKENS, part, result


class GenerateTells(BaseChatModel):
    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> ChatResult:
        assert isinstance(run_manager, RunManager)
        for token in TOKENS:
            run_manager.on_llm_new_token(token, chunk=part(token))
        return result()


class GenerateTellsText(BaseChatModel):
    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> ChatResult:
        for token in TOKENS:
            run_manager.on_llm_new_token(token)
        return result()


class AGenerateTells(BaseChatModel):
    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> ChatResult:
        assert isinstance(run_manager, AsyncRunManager)
        for token in TOKENS:
            await run_manager.on_llm_new_token(token, chunk=part(token))
        return result()


class AGenerateTellsPlainly(BaseChatModel):
    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> ChatResult:
        plain = run_manager.get_sync()
        for token in TOKENS:
            plain.on_llm_new_token(token)
        return result()


class StreamTells(BaseChatModel):
    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[Any]:
        for token in TOKENS:
            chunk = part(token)
            run_manager.on_llm_new_token(token, chunk=chunk)
            yield chunk


class StreamIsSilent(BaseChatModel):
    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[Any]:
        yield from map(part, TOKENS)


class AStreamTells(BaseChatModel):
    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
    ) -> AsyncIterator[Any]:
        for token in TOKENS:
            chunk = part(token)
            await run_manager.on_llm_new_token(token, chunk=chunk)
            yield chunk


class AStreamIsSilent(BaseChatModel):
    async def _astream(self, messages: Any, stop: Any = None, **_: Any) -> AsyncIterator[Any]:
        for token in TOKENS:
            yield part(token)


class GenerateCollectsItsStream(StreamTells):
    """As authors write it who have streaming as a setting."""

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        chunks = self._stream(messages, stop, run_manager, **kwargs)
        return result("".join(chunk.message.content for chunk in chunks))


KINDS = [
    GenerateTells,
    GenerateTellsText,
    AGenerateTells,
    AGenerateTellsPlainly,
    StreamTells,
    StreamIsSilent,
    AStreamTells,
    AStreamIsSilent,
    GenerateCollectsItsStream,
]


def called(model: BaseChatModel) -> list[Runnable[Any, Any]]:
    """The model by itself, invoked by a function, and invoked by an async one."""

    async def awaits(text: str) -> str:
        return (await model.ainvoke(text)).text

    return [model, RunnableLambda(lambda text: model.invoke(text).text), RunnableLambda(awaits)]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_token_is_published_once_on_a_loop(kind: Any) -> None:
    for runnable in called(kind()):
        events = [e async for e in runnable.astream_events("hi", include_types=["chat_model"])]
        assert [event["event"] for event in events] == [
            "on_chat_model_start",
            *["on_chat_model_stream"] * len(TOKENS),
            "on_chat_model_end",
        ]
        chunks = [event["data"]["chunk"] for event in events[1:-1]]
        assert [chunk.content for chunk in chunks] == list(TOKENS)
        assert {type(chunk) for chunk in chunks} == {AIMessageChunk}
        assert {chunk.id for chunk in chunks} == {f"run-{events[0]['run_id']}"}
        assert events[-1]["data"]["output"].content == TEXT


def _published(runnable: Runnable[Any, Any]) -> list[str]:
    with runnable.stream_events("hi") as messages:
        return [
            m.chunk.content if m.kind == "stream" else m.kind
            for m in messages
            if m.run.type == "chat_model"
        ]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_token_is_published_once_without_a_loop(kind: Any) -> None:
    expected = ["start", *TOKENS, "end"]
    assert _published(kind()) == expected
    assert _published(called(kind())[1]) == expected
    assert await to_thread.run_sync(_published, kind()) == expected


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_listens(kind: Any) -> None:
    model = kind()
    assert model.invoke("hi").content == TEXT
    assert (await model.ainvoke("hi")).content == TEXT
    assert "".join(chunk.text for chunk in model.stream("hi")) == TEXT
    assert "".join([chunk.text async for chunk in model.astream("hi")]) == TEXT


async def test_the_tokens_of_a_model_of_text() -> None:
    class Tells(LLM):
        def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any) -> str:
            run_manager.on_llm_new_token("to")
            run_manager.on_llm_new_token("ken", chunk=GenerationChunk(text="ken"))
            return TEXT

    events = [(e["event"], e["data"]) async for e in Tells().astream_events("hi")]
    assert events == [
        ("on_llm_start", {"input": "hi"}),
        ("on_llm_stream", {"chunk": "to"}),
        ("on_llm_stream", {"chunk": "ken"}),
        ("on_llm_end", {"output": TEXT}),
    ]


async def test_the_manager_knows_the_run() -> None:
    seen: dict[str, Any] = {}

    class Looks(BaseChatModel):
        model: str = "small"

        async def _agenerate(
            self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any
        ) -> ChatResult:
            seen.update(
                id=run_manager.run_id,
                parent=run_manager.parent_run_id,
                tags=run_manager.tags,
                metadata=run_manager.metadata,
            )
            return result()

    chain = RunnableLambda(str) | Looks()
    config: Any = {"tags": ["t"], "metadata": {"user": 1}}
    events = [e async for e in chain.astream_events("hi", config)]
    [model] = [event for event in events if event["event"] == "on_chat_model_start"]
    assert seen["id"] == model["run_id"]
    assert [seen["parent"]] == model["parent_ids"]
    assert seen["tags"] == model["tags"] == ["seq:step:2", "t"]
    assert seen["metadata"] == model["metadata"]
    assert seen["metadata"]["user"] == 1
    assert seen["metadata"]["ls_model_name"] == "small"
    await Looks().ainvoke("hi")
    assert seen["parent"] is None


def test_a_method_need_not_take_the_manager() -> None:
    class Simple(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None) -> ChatResult:
            return result()

    assert Simple().invoke("hi").content == TEXT
