"""Answers that a model puts right."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.errors import OutputParserException, ScriptError, StepInputError
from streamflow.language_models import GenericFakeChatModel
from streamflow.messages import AIMessage, HumanMessage
from streamflow.output_parsers import (
    BaseOutputParser,
    EnumOutputParser,
    JsonOutputParser,
    OutputFixingParser,
    RetryOutputParser,
    RetryWithErrorOutputParser,
)
from streamflow.prompt_values import StringPromptValue
from streamflow.runnables import RunnableLambda
from tests.output_parsers.test_lists import Colour
from tests.runnables.ways import everywhere, names_of


def model(*answers: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter(answers))


async def test_a_good_answer_asks_nobody() -> None:
    parser = OutputFixingParser.from_llm(model(), JsonOutputParser())
    outcome = await everywhere(parser, AIMessage('{"a": 1}'))
    assert outcome.whole == {"a": 1}
    assert outcome.streamed == [{"a": 1}]


async def test_a_bad_answer_is_put_right() -> None:
    asked: list[Any] = []

    def fix(question: dict[str, Any]) -> str:
        asked.append(question)
        return "red" if len(asked) % 2 == 0 else "green"

    parser = OutputFixingParser(
        parser=EnumOutputParser(enum=Colour), retry_chain=RunnableLambda(fix), max_retries=2
    )
    assert (await everywhere(parser, "rot")).whole is Colour.RED
    assert asked[0]["completion"] == "rot"
    assert asked[1]["completion"] == "green"
    assert "'rot' is none of" in asked[0]["error"]
    assert "one of these" in asked[0]["instructions"]
    assert parser.parse("rot") is Colour.RED
    assert await parser.aparse("rot") is Colour.RED


def test_the_last_failure_is_raised() -> None:
    parser = OutputFixingParser.from_llm(model("b", "c"), JsonOutputParser(), max_retries=2)
    with pytest.raises(OutputParserException) as caught:
        parser.invoke("a")
    assert caught.value.text == "c"
    with pytest.raises(ScriptError):
        parser.invoke("a")


def test_its_runs() -> None:
    parser = OutputFixingParser.from_llm(model('{"a": 1}'), JsonOutputParser())
    names = [name for kind, name in names_of(parser, "a is one") if kind == "start"]
    assert names[0] == "OutputFixingParser"
    assert names.count("JsonOutputParser") == 2
    assert "GenericFakeChatModel" in names


def test_a_parser_without_instructions() -> None:
    class Number(BaseOutputParser[int]):
        def parse(self, text: str) -> int:
            if not text.isdigit():
                raise OutputParserException("no number", text=text)
            return int(text)

    assert OutputFixingParser.from_llm(model("7"), Number()).invoke("seven") == 7


async def test_asked_again() -> None:
    seen: list[dict[str, Any]] = []

    def answer(question: dict[str, Any]) -> str:
        seen.append(question)
        return '{"a": 1}'

    for cls in (RetryOutputParser, RetryWithErrorOutputParser):
        parser = cls(parser=JsonOutputParser(), retry_chain=RunnableLambda(answer))
        prompt = StringPromptValue(text="What is a?")
        assert (await everywhere(parser, {"prompt": prompt, "completion": "one"})).whole == {"a": 1}
        assert parser.parse_with_prompt("one", "What is a?") == {"a": 1}
        assert await parser.aparse_with_prompt("one", [HumanMessage("What is a?")]) == {"a": 1}
        assert {each["completion"] for each in seen} == {"one"}
        assert {each["prompt"] for each in seen} == {"What is a?", "Human: What is a?"}


def test_what_the_model_is_told() -> None:
    asked: list[str] = []

    def remember(prompt: Any) -> str:
        asked.append(prompt.to_string())
        return "{}"

    for cls in (RetryOutputParser, RetryWithErrorOutputParser):
        parser = cls.from_llm(RunnableLambda(remember), JsonOutputParser())
        assert parser.invoke({"prompt": "What is {a}?", "completion": "{one"}) == {}
    assert "What is {a}?" in asked[0]
    assert "{one" in asked[0]
    assert "wrong" not in asked[0]
    assert "wrong" in asked[1]


def test_an_input_without_prompt() -> None:
    parser = RetryOutputParser.from_llm(model(), JsonOutputParser())
    with pytest.raises(StepInputError, match="'prompt' and 'completion', got str: 'one'"):
        parser.invoke("one")
