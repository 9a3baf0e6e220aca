"""What passes chunks on and what waits: explained, and insisted on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from streamflow.errors import StrictStreamingError
from streamflow.language_models import FakeListLLM, FakeMessagesListChatModel, ReplayChatModel
from streamflow.messages import AIMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    Runnable,
    RunnableConfig,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
    RunnableSequence,
)
from tests.runnables.ways import arriving

STRICT: RunnableConfig = {"strict_streaming": True}


def plain(value: Any) -> Any:
    return value


def yields(values: Any) -> Iterator[Any]:
    yield from values


class Invokes(Runnable[Any, Any]):
    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        return input


class Streams(Runnable[Any, Any]):
    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        yield from input


class Transforms(Runnable[Any, Any]):
    def transform(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        yield from input


prompt = ChatPromptTemplate.from_template("about {topic}")
model = ReplayChatModel(recording=["to", "ken"], speed=None)

FLOWS: list[tuple[Runnable[Any, Any], str]] = [
    (RunnableLambda(plain), "buffers"),
    (RunnableLambda(plain, per_chunk=True), "passes"),
    (RunnableLambda(yields), "streams"),
    (RunnableGenerator(yields), "passes"),
    (RunnablePassthrough(), "passes"),
    (RunnablePassthrough(plain), "passes"),
    (RunnablePick("a"), "passes"),
    (StrOutputParser(), "passes"),
    (prompt, "buffers"),
    (model, "streams"),
    (FakeMessagesListChatModel(responses=[AIMessage("x")]), "buffers"),
    (FakeListLLM(responses=["x"]), "buffers"),
    (model.with_config(tags=["x"]), "streams"),
    (model.bind(stop=["x"]), "streams"),
    (Invokes(), "buffers"),
    (Streams(), "streams"),
    (Transforms(), "passes"),
    (RunnablePassthrough.assign(a=yields), "passes"),
    (RunnablePassthrough.assign(a=plain), "streams"),
    (RunnableParallel(a=yields, b=StrOutputParser()), "passes"),
    (RunnableParallel(a=yields, b=plain), "streams"),
    (prompt | model | StrOutputParser(), "streams"),
    (model | plain, "buffers"),
    (RunnableGenerator(yields) | StrOutputParser(), "passes"),
    (RunnableLambda(plain) | yields, "buffers"),
]


@pytest.mark.parametrize(("runnable", "flow"), FLOWS, ids=lambda x: getattr(x, "__repr__", str)())
def test_how_a_step_treats_a_stream(runnable: Runnable[Any, Any], flow: str) -> None:
    report = (RunnablePassthrough() | RunnableSequence(runnable, name="inner")).explain().steps[1]
    assert report.flow == flow
    assert report.passes_chunks == (flow == "passes")


def test_the_text() -> None:
    chain = (
        {"context": RunnableLambda(plain), "topic": RunnablePassthrough()}
        | prompt
        | model
        | StrOutputParser()
    )
    assert str(chain.explain()).splitlines() == [
        "1 RunnableParallel<context,topic>: waits for its whole input, then yields chunks",
        "  1.context plain: waits for its whole input, then yields one chunk",
        "  1.topic RunnablePassthrough: passes chunks on",
        "2 ChatPromptTemplate: waits for its whole input, then yields one chunk",
        "3 ReplayChatModel: waits for its whole input, then yields chunks",
        "4 StrOutputParser: passes chunks on",
    ]


def test_one_step_is_explained_too() -> None:
    assert str(RunnableLambda(plain).explain()) == (
        "1 plain: waits for its whole input, then yields one chunk"
    )
    assert [step.path for step in RunnableLambda(plain).explain()] == ["1"]


def test_names_are_those_of_the_runs() -> None:
    chain = model.with_config(run_name="model") | RunnableGenerator(yields, name="each")
    assert [step.name for step in chain.explain()] == ["model", "each"]


# -------------------------------------------------------------------------------- strict


@pytest.mark.parametrize(
    ("chain", "step"),
    [
        (model | StrOutputParser() | plain, "3 (plain)"),
        (model | StrOutputParser() | plain | yields, "3 (plain)"),
        (model | prompt, "2 (ChatPromptTemplate)"),
        (model | model, "2 (ReplayChatModel)"),
        (model | {"a": StrOutputParser(), "b": plain}, "2.b (plain)"),
        (model | RunnablePassthrough.assign(a=plain), "2.a (plain)"),
        (model | RunnableLambda(plain).with_config(run_name="mine"), "2 (mine)"),
        (RunnableLambda(yields) | Invokes(), "2 (Invokes)"),
        (Streams() | Streams(), "2 (Streams)"),
        (RunnableParallel(a=plain, b=model) | plain, "2 (plain)"),
    ],
    ids=lambda x: x if isinstance(x, str) else repr(x),
)
async def test_strict_streaming_names_the_step(chain: Runnable[Any, Any], step: str) -> None:
    for call in (
        lambda: chain.stream("x", STRICT),
        lambda: chain.astream("x", STRICT),
        lambda: chain.astream_events("x", STRICT),
        lambda: chain.events("x", STRICT),
        lambda: chain.stream_events("x", STRICT),
    ):
        with pytest.raises(StrictStreamingError) as caught:
            call()
        assert caught.value.step == step
        assert f"step {step} would collapse the stream" in str(caught.value)


@pytest.mark.parametrize(
    "chain",
    [
        prompt | model | StrOutputParser(),
        {"topic": RunnablePassthrough()} | prompt | model | StrOutputParser() | yields,
        RunnableLambda(plain) | plain | plain,
        # One value under each key, however they come, is not a stream that collapses.
        RunnableLambda(plain) | {"topic": plain, "a": plain} | prompt | model,
        RunnableLambda(plain),
        Invokes() | Transforms(),
        RunnableLambda(plain) | model | RunnableLambda(plain, per_chunk=True),
    ],
    ids=repr,
)
async def test_strict_streaming_lets_pass_what_streams(chain: Runnable[Any, Any]) -> None:
    chain.stream({"topic": "x"}, STRICT).close()
    await chain.astream({"topic": "x"}, STRICT).aclose()
    await chain.astream_events({"topic": "x"}, STRICT).aclose()


async def test_input_in_chunks_is_a_stream_that_can_collapse() -> None:
    for runnable, name in ((RunnableLambda(plain), "plain"), (model, "ReplayChatModel")):
        with pytest.raises(StrictStreamingError) as caught:
            runnable.transform(iter("ab"), STRICT)
        assert caught.value.step == name
        with pytest.raises(StrictStreamingError):
            runnable.atransform(arriving("ab"), STRICT)
    chain = RunnableGenerator(yields) | StrOutputParser()
    assert list(chain.transform(iter("ab"), STRICT)) == ["a", "b"]
    assert [c async for c in chain.atransform(arriving("ab"), STRICT)] == ["a", "b"]


def test_invoke_never_minds() -> None:
    assert (RunnableLambda(yields) | plain).invoke("ab", STRICT) == "ab"


async def test_strict_streaming_is_inherited() -> None:
    inner = RunnableLambda(yields) | plain

    def outer(value: str) -> list[str]:
        return list(inner.stream(value))

    assert RunnableLambda(outer).invoke("ab") == ["ab"]
    with pytest.raises(StrictStreamingError):
        RunnableLambda(outer).invoke("ab", STRICT)
    # An inner call may say otherwise.
    lax = RunnableLambda(lambda x: list(inner.stream(x, {"strict_streaming": False})))
    assert lax.invoke("ab", STRICT) == ["ab"]


async def test_nothing_is_left_behind_by_a_refusal() -> None:
    closed: list[str] = []

    async def source() -> AsyncIterator[str]:
        try:
            yield "a"
        finally:
            closed.append("closed")

    with pytest.raises(StrictStreamingError):
        RunnableLambda(plain).atransform(source(), STRICT)
    assert closed == []  # it was never started
