"""What is in an answer: the id of its run, metadata, usage; and in the metadata of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from streamflow.language_models import LLM, BaseChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from streamflow.runnables import RunnableLambda
from tests.models import authors

KINDS = pytest.mark.parametrize("kind", authors.GENERATING + authors.STREAMING)


@KINDS
async def test_all_parts_of_an_answer_have_the_id_of_the_run(kind: Any) -> None:
    model = kind()
    for config in ({}, {"callbacks": [lambda _: None]}):
        one, two = model.invoke("hi", {"run_id": "one", **config}), model.invoke("hi", config)
        assert one.id == "run-one"
        assert two.id != one.id
        assert (await model.ainvoke("hi", {"run_id": "two", **config})).id == "run-two"
        chunks = [chunk async for chunk in model.astream("hi", {"run_id": "three", **config})]
        assert {chunk.id for chunk in chunks} == {"run-three"}
        assert {chunk.id for chunk in model.stream("hi", {"run_id": "four"})} == {"run-four"}


async def test_an_id_that_the_author_gives_stays() -> None:
    class Named(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            return ChatResult([ChatGeneration(AIMessage("hi", id="mine"))])

        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            yield AIMessageChunk("hi", id="mine")

    assert Named().invoke("hi").id == "mine"
    assert [chunk.id for chunk in Named().stream("hi")] == ["mine"]
    assert [chunk.id async for chunk in Named().astream("hi")] == ["mine"]


async def test_messages_that_an_author_gives_again_have_the_id_of_the_new_run() -> None:
    """A chunk is given the id of the first run; the second one has a copy."""
    message, chunk = AIMessage("hi"), AIMessageChunk("hi")
    generated = ChatGenerationChunk(chunk, generation_info={"stop_reason": "end"})

    class Keeps(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            return ChatResult([ChatGeneration(message, generation_info={"stop_reason": "end"})])

        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            yield chunk
            yield generated

    seen = []
    for run_id in ("one", "two"):
        answer = Keeps().invoke("hi", {"run_id": run_id})
        info = {"stop_reason": "end"}
        assert answer == AIMessage("hi", id=f"run-{run_id}", response_metadata=info)
        given = [c async for c in Keeps().astream("hi", {"run_id": run_id})]
        assert [c.id for c in given] == [f"run-{run_id}"] * 2
        seen.append(given[0])
    assert message == AIMessage("hi")
    assert [c.id for c in seen] == ["run-one", "run-two"]


def test_generation_info_becomes_response_metadata() -> None:
    class Informs(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            message = AIMessage("hi", response_metadata={"model": "small", "stop_reason": "mine"})
            info = {"stop_reason": "end", "logprobs": None}
            return ChatResult([ChatGeneration(message, generation_info=info)])

    assert Informs().invoke("hi").response_metadata == {
        "stop_reason": "mine",
        "logprobs": None,
        "model": "small",
    }
    assert authors.Generates().invoke("hi").response_metadata == {}


def usage(given: int, made: int) -> Any:
    return {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}


class Counts(BaseChatModel):
    """Streams as the provider of document 001 does."""

    def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
        yield ChatGenerationChunk(AIMessageChunk("", usage_metadata=usage(182, 0)))
        yield ChatGenerationChunk(AIMessageChunk("Bee"))
        yield ChatGenerationChunk(AIMessageChunk("."))
        info = {"stop_reason": "end_turn", "stop_sequence": None}
        last = AIMessageChunk("", usage_metadata=usage(0, 16))
        yield ChatGenerationChunk(last, generation_info=info)


async def test_usage_and_metadata_of_chunks_add_up() -> None:
    def check(message: Any) -> None:
        assert message.content == "Bee."
        assert message.usage_metadata == usage(182, 16)
        assert message.response_metadata == {"stop_reason": "end_turn", "stop_sequence": None}

    check(Counts().invoke("hi"))
    check(await Counts().ainvoke("hi"))
    check(AIMessageChunk.merge_chunks(list(Counts().stream("hi"))))
    events = [event async for event in Counts().astream_events("hi")]
    check(events[-1]["data"]["output"])
    assert type(events[-1]["data"]["output"]) is AIMessageChunk


async def test_who_invokes_gets_a_message_and_who_streams_a_chunk() -> None:
    async def invokes(text: str) -> str:
        return (await Counts().ainvoke(text)).text

    async def streams(text: str) -> str:
        return "".join([chunk.text async for chunk in Counts().astream(text)])

    for function, kind in ((invokes, AIMessage), (streams, AIMessageChunk)):
        events = RunnableLambda(function).astream_events("hi", include_types=["chat_model"])
        ended = [event async for event in events][-1]
        assert ended["event"] == "on_chat_model_end"
        assert type(ended["data"]["output"]) is kind


# ------------------------------------------------------------------ metadata of the run


class ChatProvider(authors.Generates):
    ls_provider: ClassVar[str | None] = "provider"

    model: str
    temperature: float = 0.0
    max_tokens: int = 1024


class TextProvider(LLM):
    model_name: str = "old"

    def _call(self, prompt: str, stop: Any = None, **_: Any) -> str:
        return prompt


async def metadata_of(model: Any, config: Any = None) -> dict[str, Any]:
    events = [event async for event in model.astream_events("hi", config)]
    assert all(event["metadata"] == events[0]["metadata"] for event in events)
    return events[0]["metadata"]


async def test_the_settings_of_a_model_are_in_the_metadata_of_its_runs() -> None:
    metadata = await metadata_of(ChatProvider(model="small"))
    assert list(metadata.items()) == [
        ("ls_provider", "provider"),
        ("ls_model_name", "small"),
        ("ls_model_type", "chat"),
        ("ls_temperature", 0.0),
        ("ls_max_tokens", 1024),
    ]
    assert await metadata_of(TextProvider()) == {
        "ls_provider": "TextProvider",
        "ls_model_name": "old",
        "ls_model_type": "llm",
    }
    assert await metadata_of(authors.Generates()) == {}


async def test_metadata_of_the_call_comes_first_and_is_inherited_alone() -> None:
    async def calls(text: str) -> Any:
        return await RunnableLambda(str, name="below").ainvoke(text)

    model = ChatProvider(model="small", max_tokens=None)
    metadata = await metadata_of(model, {"metadata": {"user": 1}})
    assert list(metadata) == [
        "user",
        "ls_provider",
        "ls_model_name",
        "ls_model_type",
        "ls_temperature",
    ]
    chain = model | RunnableLambda(calls)
    events = [e async for e in chain.astream_events("hi", {"metadata": {"user": 1}})]
    by_name = {event["name"]: event["metadata"] for event in events}
    assert by_name["ChatProvider"]["ls_model_name"] == "small"
    assert by_name["below"] == by_name["RunnableSequence"] == {"user": 1}
