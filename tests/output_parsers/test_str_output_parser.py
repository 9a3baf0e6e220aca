"""The text of what a model says, chunk by chunk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from streamflow.language_models import FakeStreamingListLLM, ReplayChatModel
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from tests.runnables.ways import Outcome, arriving, everywhere, names_of

BLOCKS: Any = [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {}}, " there"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("hi", "hi"),
        ("", ""),
        (AIMessage("hi"), "hi"),
        (AIMessageChunk("hi"), "hi"),
        (HumanMessage("hi"), "hi"),
        (AIMessage(BLOCKS), "hi there"),
        (AIMessage([]), ""),
        (Generation(text="hi"), "hi"),
        (GenerationChunk(text="hi"), "hi"),
        (ChatGeneration(AIMessage("hi")), "hi"),
        (ChatGenerationChunk(AIMessageChunk("hi")), "hi"),
    ],
    ids=lambda value: f"{type(value).__name__} {str(value)[:20]}",
)
async def test_what_it_reads(value: Any, text: str) -> None:
    outcome = await everywhere(StrOutputParser(), value)
    assert outcome == Outcome(text, [text], [text])
    assert all(type(chunk) is str for chunk in outcome.streamed)


@pytest.mark.parametrize("value", [3, None, ["hi"], {"text": "hi"}, b"hi"])
async def test_what_it_does_not_read_is_shown(value: Any) -> None:
    for call in (
        lambda: StrOutputParser().invoke(value),
        lambda: list(StrOutputParser().stream(value)),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert f"got {type(value).__name__}: {value!r}" in str(caught.value)
    with pytest.raises(TypeError):
        await StrOutputParser().ainvoke(value)


async def test_each_chunk_is_passed_on_at_once() -> None:
    gate = anyio.Event()

    async def source() -> AsyncIterator[AIMessageChunk]:
        yield AIMessageChunk("to")
        await gate.wait()
        yield AIMessageChunk("ken")

    async with StrOutputParser().atransform(source()) as chunks:
        assert await anext(chunks) == "to"
        gate.set()
        assert [chunk async for chunk in chunks] == ["ken"]


async def test_behind_models_of_both_kinds() -> None:
    for model in (
        ReplayChatModel(recording=["to", "ken"], speed=None),
        FakeStreamingListLLM(responses=["to"]),
    ):
        chain = model | StrOutputParser()
        tokens = ["to", "ken"] if isinstance(model, ReplayChatModel) else ["t", "o"]
        expected = Outcome("".join(tokens), tokens, tokens)
        assert await everywhere(chain, "x") == expected


@given(texts=st.lists(st.text(), max_size=6))
async def test_its_chunks_add_up_to_the_text(texts: list[str]) -> None:
    chunks = [AIMessageChunk(text) for text in texts]
    parser = StrOutputParser()
    assert "".join([c async for c in parser.atransform(arriving(chunks))]) == "".join(texts)
    assert list(parser.transform(iter(chunks))) == texts
    if chunks:
        assert parser.invoke(AIMessageChunk.merge_chunks(chunks)) == "".join(texts)


def test_its_runs() -> None:
    assert names_of(StrOutputParser(), "hi") == [
        ("start", "StrOutputParser"),
        ("stream", "StrOutputParser"),
        ("end", "StrOutputParser"),
    ]
    with StrOutputParser(name="mine").stream_events("hi") as messages:
        assert {(message.run.name, message.run.type) for message in messages} == {
            ("mine", "parser")
        }
    assert StrOutputParser().parse("hi") == "hi"
