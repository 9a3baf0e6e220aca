"""What models give back: generations, and results of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow._json import dumps, loads
from streamflow._merge import merge
from streamflow.errors import ChunkMergeError
from streamflow.messages import AIMessage, AIMessageChunk, HumanMessageChunk
from streamflow.outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    ChatResult,
    Generation,
    GenerationChunk,
    LLMResult,
)


def test_a_chat_generation_has_the_text_of_its_message() -> None:
    blocks: list[Any] = [{"type": "text", "text": "a"}, {"type": "image"}]
    assert ChatGeneration(message=AIMessage(blocks)).text == "a"
    assert isinstance(ChatGeneration(AIMessage("a")), Generation)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Generation(text="a"), "Generation(text='a')"),
        (
            GenerationChunk("a", generation_info={"x": 1}),
            "GenerationChunk(text='a', generation_info={'x': 1})",
        ),
        (
            ChatGenerationChunk(AIMessageChunk("a"), generation_info={"x": 1}),
            (
                "ChatGenerationChunk(text='a', generation_info={'x': 1}, "
                "message=AIMessageChunk(content='a'))"
            ),
        ),
        (
            LLMResult(generations=[[Generation("a")]]),
            "LLMResult(generations=[[Generation(text='a')]], llm_output=None)",
        ),
    ],
)
def test_reprs(value: object, shown: str) -> None:
    assert repr(value) == shown


def test_types_are_named() -> None:
    kinds = (Generation, ChatGeneration, ChatGenerationChunk, LLMResult)
    assert [kind.type for kind in kinds] == [kind.__name__ for kind in kinds]


def test_text_generations_add_up() -> None:
    chunks = [
        GenerationChunk("a", generation_info={"model": "m"}),
        GenerationChunk("b"),
        GenerationChunk("c", generation_info={"stop": "end"}),
    ]
    whole = GenerationChunk("abc", generation_info={"model": "m", "stop": "end"})
    assert chunks[0] + chunks[1] + chunks[2] == merge(chunks) == whole
    assert (chunks[1] + chunks[1]).generation_info is None
    assert GenerationChunk.merge_chunks(chunks[:1]) is chunks[0]


def test_chat_generations_add_up() -> None:
    first = ChatGenerationChunk(AIMessageChunk("a", id="1"), generation_info={"n": 1})
    second = ChatGenerationChunk(AIMessageChunk("b"), generation_info={"n": 2})
    whole = ChatGenerationChunk(AIMessageChunk("ab", id="1"), generation_info={"n": 2})
    rest = [second]
    assert first + second == first + rest == merge([first, second]) == whole
    assert (first + second).text == "ab"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (GenerationChunk("a"), Generation("b")),
        (GenerationChunk("a"), "b"),
        (ChatGenerationChunk(AIMessageChunk("a")), ChatGenerationChunk(HumanMessageChunk("b"))),
        (ChatGenerationChunk(AIMessageChunk("a")), ChatGeneration(AIMessage("b"))),
        (ChatGenerationChunk(AIMessageChunk("a")), AIMessageChunk("b")),
    ],
)
def test_what_does_not_add_up(left: Any, right: Any) -> None:
    with pytest.raises(TypeError):
        left + right
    with pytest.raises(ChunkMergeError):
        merge([left, right])


INFO = st.none() | st.dictionaries(st.sampled_from("ab"), st.integers() | st.text())


@given(st.lists(st.builds(GenerationChunk, st.text(), generation_info=INFO), min_size=3))
def test_generations_add_up_in_any_portions(chunks: list[GenerationChunk]) -> None:
    a, b, rest = chunks[0], chunks[1], merge(chunks[2:])
    assert (a + b) + rest == a + (b + rest) == merge(chunks)


@pytest.mark.parametrize(
    "value",
    [
        GenerationChunk("a", generation_info={"x": 1}),
        ChatResult([ChatGeneration(AIMessage("a"))], llm_output={"m": "n"}),
        LLMResult([[ChatGenerationChunk(AIMessageChunk("a"))], [Generation("b")]]),
    ],
)
def test_results_survive_a_journey(value: object) -> None:
    assert loads(dumps(value)) == value
