"""Which methods of a handler are called, when, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import anyio
import pytest

from streamflow.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from streamflow.errors import RunCancelledError
from streamflow.language_models import FakeListChatModel, FakeStreamingListLLM
from streamflow.messages import AIMessage, HumanMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.outputs import ChatGeneration, ChatGenerationChunk, Generation, LLMResult
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import Runnable, RunnableLambda
from tests.callbacks.recorders import (
    METHODS,
    AsyncRecorder,
    Recorder,
    Retriever,
    Tool,
    in_all_ways,
)

KINDS = pytest.mark.parametrize("kind", [Recorder, AsyncRecorder])


def chat() -> Runnable[Any, Any]:
    prompt = ChatPromptTemplate.from_template("tell {topic}")
    return prompt | FakeListChatModel(responses=["ab"]) | StrOutputParser()


CHAT_CALLS = [
    ("on_chain_start", "RunnableSequence"),
    ("on_chain_start", "ChatPromptTemplate"),
    ("on_chain_end", "ChatPromptTemplate"),
    ("on_chat_model_start", "FakeListChatModel"),
    ("on_llm_new_token", "FakeListChatModel"),
    ("on_llm_new_token", "FakeListChatModel"),
    ("on_llm_end", "FakeListChatModel"),
    ("on_chain_start", "StrOutputParser"),
    ("on_chain_end", "StrOutputParser"),
    ("on_chain_end", "RunnableSequence"),
]


@KINDS
async def test_the_calls_for_a_chain_are_the_same_in_all_ways(kind: type[Recorder]) -> None:
    handlers: list[Recorder] = []

    def config() -> Any:
        handlers.append(kind())
        return {"callbacks": [handlers[-1]]}

    assert await in_all_ways(chat, {"topic": "bees"}, config) == ["ab"] * 3
    assert [handler.names for handler in handlers] == [CHAT_CALLS] * 3


@KINDS
async def test_streaming_calls_what_happens_as_it_happens(kind: type[Recorder]) -> None:
    seen: list[list[tuple[str, str]]] = []
    for stream in ("stream", "astream"):
        handler = kind()
        chunks = getattr(chat(), stream)({"topic": "bees"}, {"callbacks": [handler]})
        if stream == "astream":
            assert [chunk async for chunk in chunks] == ["a", "b"]
        else:
            assert list(chunks) == ["a", "b"]
        seen.append(handler.names)
    assert seen[0] == seen[1]
    assert sorted(seen[0]) == sorted(CHAT_CALLS)
    # The parser reads the first token before the second one comes.
    assert seen[0].index(("on_chain_start", "StrOutputParser")) == 5


def test_what_all_calls_tell_of_the_run() -> None:
    handler = Recorder()
    config: Any = {"callbacks": [handler], "tags": ["mine"], "metadata": {"user": 7}}
    chat().invoke({"topic": "bees"}, config)
    by_name = {(method, kwargs["name"]): kwargs for method, _, kwargs in handler.calls}
    root = by_name["on_chain_start", "RunnableSequence"]
    assert isinstance(root["run_id"], UUID)
    assert root["parent_run_id"] is None
    assert (root["tags"], root["metadata"], root["run_type"]) == (["mine"], {"user": 7}, "chain")
    prompt = by_name["on_chain_start", "ChatPromptTemplate"]
    assert prompt["parent_run_id"] == root["run_id"]
    assert (prompt["tags"], prompt["run_type"]) == (["seq:step:1", "mine"], "prompt")
    end = by_name["on_chain_end", "ChatPromptTemplate"]
    assert (end["run_id"], end["tags"]) == (prompt["run_id"], prompt["tags"])
    assert end["inputs"] == {"topic": "bees"}


def test_the_arguments_of_chat_models() -> None:
    handler = Recorder()
    chat().invoke({"topic": "bees"}, {"callbacks": [handler]})
    ((_, started, _),) = handler.of("on_chat_model_start")
    assert started == ({"name": "FakeListChatModel"}, [[HumanMessage("tell bees")]])
    tokens = handler.of("on_llm_new_token")
    assert [args for _, args, _ in tokens] == [("a",), ("b",)]
    chunks = [kwargs["chunk"] for _, _, kwargs in tokens]
    assert all(isinstance(chunk, ChatGenerationChunk) for chunk in chunks)
    assert [chunk.message.content for chunk in chunks] == ["a", "b"]
    ((_, (response,), kwargs),) = handler.of("on_llm_end")
    assert isinstance(response, LLMResult)
    ((generation,),) = response.generations
    assert isinstance(generation, ChatGeneration)
    assert generation.message == AIMessage("ab", id=f"run-{kwargs['run_id']}")


def test_the_arguments_of_models_of_text() -> None:
    handler = Recorder()
    FakeStreamingListLLM(responses=["ab"]).invoke("hi", {"callbacks": handler})
    assert [(method, args) for method, args, _ in handler.calls] == [
        ("on_llm_start", ({"name": "FakeStreamingListLLM"}, ["hi"])),
        ("on_llm_new_token", ("a",)),
        ("on_llm_new_token", ("b",)),
        ("on_llm_end", (LLMResult([[Generation("ab")]]),)),
    ]


def test_the_arguments_of_tools_and_retrievers() -> None:
    handler = Recorder()
    chain = Tool(lambda x: x["q"], name="t") | Retriever(lambda q: [q], name="r")
    chain.invoke({"q": "bees"}, {"callbacks": [handler]})
    calls = [(method, args) for method, args, _ in handler.calls[1:-1]]
    assert calls == [
        ("on_tool_start", ({"name": "t"}, "{'q': 'bees'}")),
        ("on_tool_end", ("bees",)),
        ("on_retriever_start", ({"name": "r"}, "bees")),
        ("on_retriever_end", (["bees"],)),
    ]
    assert handler.of("on_tool_start")[0][2]["inputs"] == {"q": "bees"}


def test_an_input_that_comes_in_chunks_is_told_at_the_end() -> None:
    handler = Recorder()
    list(chat().stream({"topic": "bees"}, {"callbacks": [handler]}))
    starts = {kwargs["name"]: args for _, args, kwargs in handler.of("on_chain_start")}
    assert starts["StrOutputParser"] == ({"name": "StrOutputParser"}, {})
    ends = {kwargs["name"]: kwargs for _, _, kwargs in handler.of("on_chain_end")}
    assert ends["StrOutputParser"]["inputs"].content == "ab"


@KINDS
@pytest.mark.parametrize(
    ("make", "method"),
    [(RunnableLambda, "on_chain"), (Tool, "on_tool"), (Retriever, "on_retriever")],
)
async def test_a_failure_is_told_to_the_run_and_those_above(
    kind: type[Recorder], make: Any, method: str
) -> None:
    def fail(_: Any) -> None:
        raise ValueError("no")

    handler = kind()
    chain = make(fail, name="bad") | (lambda x: x)
    with pytest.raises(ValueError, match="no") as caught:
        await chain.ainvoke(1, {"callbacks": [handler]})
    ends = [(name, kwargs["name"], args) for name, args, kwargs in handler.calls[-2:]]
    assert ends == [
        (f"{method}_error", "bad", (caught.value,)),
        ("on_chain_error", "RunnableSequence", (caught.value,)),
    ]


def test_a_model_that_fails_tells_what_had_come() -> None:
    handler = Recorder()
    model = FakeListChatModel(responses=["abc"], error_on_chunk_number=2)
    with pytest.raises(RuntimeError):
        list(model.stream("hi", {"callbacks": [handler]}))
    ((_, _, kwargs),) = handler.of("on_llm_error")
    assert kwargs["response"].generations[0][0].text == "ab"


@KINDS
async def test_a_run_that_nobody_reads_on_is_told_as_cancelled(kind: type[Recorder]) -> None:
    def letters(text: str) -> Iterator[str]:
        yield from text

    handler = kind()
    async with RunnableLambda(letters).astream("abc", {"callbacks": [handler]}) as chunks:
        async for _ in chunks:
            break
    ((_, (error,), _),) = handler.of("on_chain_error")
    assert isinstance(error, RunCancelledError)
    assert "'letters' was stopped" in str(error)


@KINDS
async def test_a_cancelled_run_is_told_as_cancelled(kind: type[Recorder]) -> None:
    handler = kind()
    with anyio.move_on_after(5) as scope:

        async def wait(_: Any) -> None:
            scope.cancel()
            await anyio.sleep_forever()

        await RunnableLambda(wait).ainvoke(1, {"callbacks": [handler]})
    ((_, (error,), _),) = handler.of("on_chain_error")
    assert isinstance(error, RunCancelledError)


@pytest.mark.parametrize(
    ("flag", "silent"),
    [
        ("ignore_chain", {"on_chain_start", "on_chain_end", "on_chain_error"}),
        ("ignore_llm", {"on_llm_start", "on_llm_new_token", "on_llm_end", "on_llm_error"}),
        ("ignore_chat_model", {"on_chat_model_start"}),
        ("ignore_agent", {"on_tool_start", "on_tool_end"}),
        ("ignore_retriever", {"on_retriever_start", "on_retriever_end"}),
    ],
)
def test_what_a_handler_ignores_it_is_not_called_for(flag: str, silent: set[str]) -> None:
    class Silent(Recorder):
        pass

    setattr(Silent, flag, True)
    handler, other = Silent(), Recorder()
    llm = FakeStreamingListLLM(responses=["ab"])
    chain = chat() | llm | Tool(lambda x: x) | Retriever(lambda x: x)
    chain.invoke({"topic": "bees"}, {"callbacks": [handler, other]})
    expected = [name for name, *_ in other.calls if name not in silent]
    assert [name for name, *_ in handler.calls] == expected
    assert len(handler.calls) < len(other.calls)


def test_a_handler_that_knows_no_chat_models_is_told_of_text() -> None:
    started = []

    class Old(BaseCallbackHandler):
        def on_llm_start(self, serialized: Any, prompts: Any, **kwargs: Any) -> None:
            started.append((prompts, kwargs["run_type"]))

    chat().invoke({"topic": "bees"}, {"callbacks": [Old()]})
    assert started == [(["Human: tell bees"], "chat_model")]


def test_a_handler_without_methods_does_not_listen() -> None:
    seen = []

    def look(_: Any, config: Any) -> None:
        seen.append(config["callbacks"].run.sinks)

    config: Any = {"callbacks": [BaseCallbackHandler(), AsyncCallbackHandler()]}
    RunnableLambda(look).invoke(1, config)
    assert seen == [()]


def test_plain_and_async_methods_mix() -> None:
    calls = []

    class Mixed(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, **__: Any) -> None:
            calls.append("start")

        async def on_chain_end(self, *_: Any, **__: Any) -> None:
            calls.append("end")

    RunnableLambda(lambda x: x).invoke(1, {"callbacks": [Mixed()]})
    assert calls == ["start", "end"]


@KINDS
async def test_a_retry_is_told_with_its_message(kind: type[Recorder]) -> None:
    attempts = iter([ValueError("no"), "here"])

    def ask(_: Any) -> Any:
        answer = next(attempts)
        if isinstance(answer, Exception):
            raise answer
        return answer

    handler = kind()
    retrying = RunnableLambda(ask).with_retry(wait_exponential_jitter=False)
    assert await retrying.ainvoke("?", {"callbacks": [handler]}) == "here"
    ((_, (message,), kwargs),) = handler.of("on_retry")
    assert (message.attempt, str(message.error)) == (2, "no")
    assert kwargs["run_id"] == handler.calls[0][2]["run_id"]


@pytest.mark.parametrize("method", METHODS)
async def test_the_methods_of_the_base_classes_can_be_called(method: str) -> None:
    arguments = [None, None] if method.endswith("_start") or "custom" in method else [None]
    assert getattr(BaseCallbackHandler(), method)(*arguments, run_id=None) is None
    assert await getattr(AsyncCallbackHandler(), method)(*arguments, run_id=None) is None
