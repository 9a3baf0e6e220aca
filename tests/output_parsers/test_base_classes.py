"""Parsers that users write, by the classes made for that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from streamflow.errors import ModelArgumentError, OutputParserException
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.output_parsers import (
    BaseCumulativeTransformOutputParser,
    BaseOutputParser,
    BaseTransformOutputParser,
    JsonOutputParser,
    StrOutputParser,
)
from streamflow.outputs import ChatGeneration, Generation
from streamflow.runnables import ConfigurableField
from tests.runnables.ways import Outcome, everywhere, names_of


class YesOrNo(BaseOutputParser[bool]):
    yes: str = "yes"

    def parse(self, text: str) -> bool:
        if text not in (self.yes, "no"):
            raise OutputParserException("neither yes nor no", text=text)
        return text == self.yes


@pytest.mark.parametrize(
    "value", ["yes", AIMessage("yes"), AIMessageChunk("yes"), Generation("yes")]
)
async def test_parse_alone_is_enough(value: Any) -> None:
    assert await everywhere(YesOrNo(), value) == Outcome(True, [True], [True])


async def test_it_waits_for_the_whole_answer() -> None:
    chunks = [AIMessageChunk("y"), AIMessageChunk("es")]
    outcome = await everywhere(YesOrNo(), "yes", chunks)
    assert outcome.transformed == [True]
    assert "waits for its whole input" in str(YesOrNo().explain())


def test_fields_are_arguments() -> None:
    assert YesOrNo(yes="ja").invoke("ja") is True
    with pytest.raises(ModelArgumentError, match="maybe"):
        YesOrNo(maybe="x")
    chosen = YesOrNo().configurable_fields(yes=ConfigurableField(id="word"))
    assert chosen.invoke("oui", {"configurable": {"word": "oui"}}) is True


class Async(BaseOutputParser[str]):
    async def aparse(self, text: str) -> str:
        return text * 2


class OfResult(BaseOutputParser[Any]):
    def parse_result(self, result: Any, *, partial: bool = False) -> Any:
        return type(result[0]).__name__, result[0].text


class AsyncOfResult(BaseOutputParser[Any]):
    async def aparse_result(self, result: Any, *, partial: bool = False) -> Any:
        return result[0].text, partial


class Both(BaseOutputParser[str]):
    def parse(self, text: str) -> str:
        return "plain"

    async def aparse(self, text: str) -> str:
        return "async"


async def test_any_of_the_methods_is_enough() -> None:
    assert await everywhere(Async(), "ab") == Outcome("abab", ["abab"], ["abab"])
    assert OfResult().invoke(AIMessage("hi")) == ("ChatGeneration", "hi")
    assert AsyncOfResult().invoke("hi") == ("hi", False)
    assert await Both().ainvoke("x") == "async"
    assert Both().invoke("x") == "plain"
    assert await YesOrNo().aparse("yes") is True
    assert await YesOrNo().aparse_result([ChatGeneration(AIMessage("no"))]) is False
    assert YesOrNo().parse_with_prompt("yes", "Is it?") is True


def test_without_a_method_it_says_so() -> None:
    class Nothing(BaseOutputParser[str]):
        pass

    with pytest.raises(NotImplementedError, match="implement parse"):
        Nothing().invoke("x")
    with pytest.raises(NotImplementedError, match="get_format_instructions"):
        Nothing().get_format_instructions()


async def test_what_it_raises_travels_unchanged() -> None:
    for method in (YesOrNo().ainvoke, YesOrNo().aparse):
        with pytest.raises(OutputParserException) as caught:
            await method("maybe")
        assert caught.value.llm_output == caught.value.text == "maybe"


class Loud(BaseTransformOutputParser[str]):
    def parse(self, text: str) -> str:
        return text.upper()


class Pairs(BaseTransformOutputParser[list[str]]):
    def parse(self, text: str) -> list[str]:
        return text.split()

    def _transform(self, input: Iterator[Any]) -> Iterator[list[str]]:
        rest = ""
        for chunk in input:
            *words, rest = (rest + chunk).split(" ")
            yield from ([word] for word in words)
        yield [rest]


class AsyncPairs(BaseTransformOutputParser[list[str]]):
    async def aparse(self, text: str) -> list[str]:
        return text.split()

    async def _atransform(self, input: AsyncIterator[Any]) -> AsyncIterator[list[str]]:
        async for chunk in input:
            yield [chunk]


async def test_chunk_by_chunk() -> None:
    assert await everywhere(Loud(), "abc", ["a", "bc"]) == Outcome("ABC", ["ABC"], ["A", "BC"])
    outcome = await everywhere(Pairs(), "so it goes", ["so i", "t go", "es"])
    assert outcome.transformed == [["so"], ["it"], ["goes"]]
    outcome = await everywhere(AsyncPairs(), "so it", ["so", "it"])
    assert outcome == Outcome(["so", "it"], [["so it"]], [["so"], ["it"]])


class Words(BaseCumulativeTransformOutputParser[dict[str, int]]):
    def parse_result(self, result: Any, *, partial: bool = False) -> Any:
        count = len(result[0].text.split())
        return {"words": count} if count else None


async def test_all_so_far() -> None:
    pieces = [" ", "so ", "i", "t ", "goes"]
    snapshots = [{"words": 1}, {"words": 2}, {"words": 3}]
    outcome = await everywhere(Words(), "so it goes", pieces)
    assert outcome == Outcome({"words": 3}, [{"words": 3}], snapshots)
    chunks = [AIMessageChunk(piece) for piece in pieces]
    assert (await everywhere(Words(), "so", chunks)).transformed == snapshots
    assert list(Words(diff=True).transform(iter(pieces))) == [
        [{"op": "replace", "path": "", "value": {"words": 1}}],
        [{"op": "replace", "path": "/words", "value": 2}],
        [{"op": "replace", "path": "/words", "value": 3}],
    ]


async def test_a_parser_of_the_library_with_another_parse() -> None:
    class Stripped(StrOutputParser):
        def parse(self, text: str) -> str:
            return text.strip()

    class Names(JsonOutputParser):
        def parse_result(self, result: Any, *, partial: bool = False) -> Any:
            value = super().parse_result(result, partial=partial)
            return {"names": sorted(value)} if value else None

    assert await everywhere(Stripped(), " a ", [" a", " b"]) == Outcome("a", ["a"], ["a", "b"])
    outcome = await everywhere(Names(), '{"b": 1, "a": 2}', ['{"b": 1, ', '"a": 2}'])
    assert outcome.whole == {"names": ["a", "b"]}
    assert outcome.transformed == [{"names": ["b"]}, {"names": ["a", "b"]}]


def test_their_runs_are_parsers() -> None:
    with Words().stream_events("so") as messages:
        assert {message.run.type for message in messages} == {"parser"}
    assert names_of(YesOrNo(name="answer"), "yes")[0] == ("start", "answer")
