"""Any one method of an author makes a model, whatever way it is used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from anyio import to_thread

from streamflow.callbacks import BaseCallbackHandler
from streamflow.errors import MissingImplementationError
from streamflow.language_models import LLM, BaseChatModel, SimpleChatModel
from streamflow.messages import AIMessage, AIMessageChunk, BaseMessage
from streamflow.outputs import ChatResult
from streamflow.runnables import RunnableLambda
from tests.models import authors
from tests.models.authors import TEXT, TOKENS


def said(messages: list[BaseMessage]) -> list[str]:
    return [message.text for message in messages]


def alone(model: BaseChatModel) -> tuple[BaseMessage, list[BaseMessage]]:
    return model.invoke("hi"), list(model.stream("hi"))


@pytest.mark.parametrize("kind", authors.GENERATING + authors.STREAMING)
async def test_one_method_is_enough(kind: Any) -> None:
    streams = kind in authors.STREAMING
    answers = [
        (await kind().ainvoke("hi"), [chunk async for chunk in kind().astream("hi")]),
        await to_thread.run_sync(alone, kind()),
        alone(kind()),  # in the thread of the loop
    ]
    for message, chunks in answers:
        assert type(message) is AIMessage
        assert message.content == TEXT
        assert said(chunks) == (list(TOKENS) if streams else [TEXT])
        assert {type(chunk) for chunk in chunks} == {AIMessageChunk if streams else AIMessage}


@pytest.mark.parametrize("kind", [authors.Calls, authors.ACalls])
async def test_a_simple_model_answers_with_text(kind: Any) -> None:
    assert said([kind().invoke("hi"), await kind().ainvoke("hi")]) == [TEXT, TEXT]
    assert said(list(kind().stream("hi"))) == [TEXT]
    assert said([chunk async for chunk in kind().astream("hi")]) == [TEXT]


@pytest.mark.parametrize("kind", authors.WHOLE_TEXT + authors.STREAMED_TEXT)
async def test_one_method_is_enough_for_a_model_of_text(kind: Any) -> None:
    chunks = list(TOKENS) if kind in authors.STREAMED_TEXT else [TEXT]
    assert kind().invoke("hi") == TEXT
    assert await kind().ainvoke("hi") == TEXT
    assert list(kind().stream("hi")) == chunks
    assert [chunk async for chunk in kind().astream("hi")] == chunks
    assert await to_thread.run_sync(kind().invoke, "hi") == TEXT


async def test_the_method_that_suits_the_execution_is_taken() -> None:
    class All(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            return authors.result("generate")

        async def _agenerate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            return authors.result("agenerate")

        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            yield authors.part("stream")

        async def _astream(self, messages: Any, stop: Any = None, **_: Any) -> AsyncIterator[Any]:
            yield authors.part("astream")

    model = All()
    assert model.invoke("hi").content == "generate"
    assert (await model.ainvoke("hi")).content == "agenerate"
    assert said(list(model.stream("hi"))) == ["stream"]
    assert said([chunk async for chunk in model.astream("hi")]) == ["astream"]


async def test_invoke_streams_under_the_hood_when_somebody_listens() -> None:
    class Both(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            return authors.result("whole")

        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            yield from map(authors.part, ("in", " parts"))

    model = Both()
    assert model.invoke("hi").content == "whole"
    heard: list[Any] = []
    message = model.invoke("hi", {"callbacks": [heard.append]})
    assert message == AIMessage("in parts", id=message.id)
    assert [each.kind for each in heard] == ["start", "stream", "stream", "end"]
    # A listener to somebody else is no reason to stream.
    chain = RunnableLambda(str, name="other") | model
    events = [e async for e in chain.astream_events("hi", include_names=["other"])]
    assert {event["name"] for event in events} == {"other"}

    async def calls(text: str) -> Any:
        return (await model.ainvoke(text)).content

    async def result(**filters: Any) -> Any:
        events = RunnableLambda(calls).astream_events("hi", **filters)
        return [e async for e in events][-1]["data"]["output"]

    assert await result() == "in parts"
    assert await result(include_names=["calls"]) == "whole"

    # Nor are listeners to starts and ends.
    class Ends(BaseCallbackHandler):
        def on_chat_model_start(self, serialized: Any, messages: Any, **_: Any) -> None:
            heard.append("start")

        def on_llm_end(self, response: Any, **_: Any) -> None:
            heard.append("end")

    class Tokens(Ends):
        def on_llm_new_token(self, token: str, **_: Any) -> None:
            heard.append(token)

    heard.clear()
    assert model.invoke("hi", {"callbacks": [Ends()]}).content == "whole"
    assert (await model.ainvoke("hi", {"callbacks": [Tokens()]})).content == "in parts"
    assert heard == ["start", "end", "start", "in", " parts", "end"]
    assert model.with_listeners(on_end=print).invoke("hi").content == "whole"


@pytest.mark.parametrize("kind", authors.STREAMING)
async def test_what_may_be_yielded(kind: Any) -> None:
    def parts() -> list[Any]:
        return [authors.part("a"), AIMessageChunk(content="b"), "c"]

    class Mixed(BaseChatModel):
        if kind is authors.Streams:

            def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
                yield from parts()

        else:

            async def _astream(self, messages: Any, stop: Any = None, **_: Any) -> Any:
                for each in parts():
                    yield each

    for chunks in (list(Mixed().stream("hi")), [chunk async for chunk in Mixed().astream("hi")]):
        assert said(chunks) == ["a", "b", "c"]
        assert {type(chunk) for chunk in chunks} == {AIMessageChunk}
    assert Mixed().invoke("hi").content == "abc"


async def test_what_may_be_generated() -> None:
    class Plain(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> Any:
            return AIMessage("a message will do")

    assert Plain().invoke("hi").content == "a message will do"
    assert (await Plain().ainvoke("hi")).content == "a message will do"


async def test_no_chunks_make_an_empty_message() -> None:
    class Silent(BaseChatModel):
        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            yield from ()

    assert Silent().invoke("hi").content == ""
    assert (await Silent().ainvoke("hi")).content == ""
    assert list(Silent().stream("hi")) == []
    assert [chunk async for chunk in Silent().astream("hi")] == []


async def test_simple_models_may_stream_only() -> None:
    class Streams(SimpleChatModel):
        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            yield from TOKENS

    assert Streams().invoke("hi").content == TEXT
    assert said([chunk async for chunk in Streams().astream("hi")]) == list(TOKENS)


@pytest.mark.parametrize(
    ("base", "missing"),
    [(BaseChatModel, "_generate, _agenerate"), (SimpleChatModel, "_call"), (LLM, "_call")],
)
def test_a_model_without_a_method_says_what_is_missing(base: Any, missing: str) -> None:
    class Nothing(base):
        pass

    with pytest.raises(MissingImplementationError, match=f"Nothing cannot run: .*{missing}"):
        Nothing().invoke("hi")
    with pytest.raises(NotImplementedError):
        list(Nothing().stream("hi"))


@pytest.mark.parametrize("kind", authors.GENERATING + authors.STREAMING)
async def test_errors_of_the_author_reach_the_caller(kind: Any) -> None:
    error = ConnectionError("no route")

    class Fails(kind):
        def note(self, *_: Any) -> None:
            raise error

    for call in (lambda: Fails().invoke("hi"), lambda: list(Fails().stream("hi"))):
        with pytest.raises(ConnectionError) as caught:
            call()
        assert caught.value is error
    with pytest.raises(ConnectionError) as caught:
        await Fails().ainvoke("hi")
    assert caught.value is error
    with pytest.raises(ConnectionError):
        [chunk async for chunk in Fails().astream("hi")]


async def test_chunks_come_as_the_author_yields_them() -> None:
    told: list[str] = []

    class Slow(BaseChatModel):
        def _stream(self, messages: Any, stop: Any = None, **_: Any) -> Iterator[Any]:
            for token in TOKENS:
                told.append(token)
                yield token

    with Slow().stream("hi") as chunks:
        assert next(chunks).content == "to"
        assert told == ["to"]
    async with Slow().astream("hi") as stream:
        assert (await anext(stream)).content == "to"
        assert told == ["to", "to"]
