"""Answers of a model as values of a schema, and the tools that are bound to it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from pydantic import BaseModel
from typing_extensions import TypedDict

from streamflow._merge import merge
from streamflow.errors import ConfigError, MissingImplementationError, OutputParserException
from streamflow.language_models import (
    BaseChatModel,
    FakeListChatModel,
    FakeMessagesListChatModel,
    GenericFakeChatModel,
    ReplayChatModel,
)
from streamflow.messages import AIMessage, AIMessageChunk, tool_call
from streamflow.runnables import RunnableBinding
from tests.output_parsers.cuts import calls, cut, cut_sizes
from tests.runnables.ways import everywhere, on_loop


class City(BaseModel):
    """A place with many people."""

    name: str
    people: int


@attrs.frozen
class Town:
    name: str
    people: int


@dataclasses.dataclass
class Village:
    name: str
    people: int


class Hamlet(TypedDict):
    name: str
    people: int


SCHEMA = {
    "title": "place",
    "type": "object",
    "properties": {"name": {"type": "string"}, "people": {"type": "integer"}},
}
DATA = {"name": "Paris", "people": 2102650}
TEXT = json.dumps(DATA)
SCHEMAS: list[tuple[Any, str, Any]] = [
    (City, "City", City(**DATA)),
    (Town, "Town", Town(**DATA)),
    (Village, "Village", Village(**DATA)),
    (Hamlet, "Hamlet", DATA),
    (SCHEMA, "place", DATA),
]


class Caller(BaseChatModel):
    """Streams one tool call; remembers what it was called with."""

    name_of_tool: str
    pieces: list[str]

    _takes_openai_tools = True

    def _stream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Iterator[AIMessageChunk]:
        self.told = kwargs
        yield from calls(self.name_of_tool, self.pieces)


@pytest.mark.parametrize(("schema", "name", "value"), SCHEMAS)
@given(sizes=cut_sizes)
def test_by_a_tool(schema: Any, name: str, value: Any, sizes: list[int]) -> None:
    model = Caller(name_of_tool=name, pieces=cut(TEXT, sizes))
    for partial in (False, True):
        chain = model.with_structured_output(schema, partial=partial)
        assert chain.invoke("France?") == value
        assert list(chain.stream("France?"))[-1] == value
    assert model.told["tool_choice"] == "required"
    assert [tool["function"]["name"] for tool in model.told["tools"]] == [name]


@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
@pytest.mark.parametrize(("schema", "name", "value"), SCHEMAS)
async def test_by_the_form_of_the_answer(schema: Any, name: str, value: Any, method: Any) -> None:
    model = ReplayChatModel(recording=["```json\n", TEXT[:20], TEXT[20:], "\n```"])
    chain = model.with_structured_output(schema, method=method, strict=True)
    outcome = await everywhere(chain, "France?")
    assert outcome.whole == outcome.streamed[-1] == value
    bound: Any = chain.steps[0]
    told = bound.kwargs["response_format"]
    if method == "json_mode":
        assert told == {"type": "json_object"}
    else:
        assert told["json_schema"]["name"] == name
        assert told["json_schema"]["strict"] is True
        assert set(told["json_schema"]["schema"]["required"]) == {"name", "people"}


def test_values_as_they_come() -> None:
    pieces = ['{"name": "Pa', 'ris", "peo', 'ple": 2102', "650}"]
    model = Caller(name_of_tool="Hamlet", pieces=pieces)
    growing = [
        {"name": "Pa"},
        {"name": "Paris"},
        {"name": "Paris", "people": 2102},
        {"name": "Paris", "people": 2102650},
    ]
    assert list(model.with_structured_output(Hamlet).stream("x"))[1:] == growing
    model = Caller(name_of_tool="place", pieces=pieces)
    assert list(model.with_structured_output(SCHEMA).stream("x"))[1:] == growing
    model = Caller(name_of_tool="Town", pieces=pieces)
    assert list(model.with_structured_output(Town).stream("x")) == [Town(**DATA)]
    chain = model.with_structured_output(Town, partial=True)
    assert list(chain.stream("x"))[1:] == [
        Town("Pa", None),
        Town("Paris", None),
        Town("Paris", 2102),
        Town("Paris", 2102650),
    ]


async def test_with_the_message_beside_it() -> None:
    model = Caller(name_of_tool="City", pieces=[TEXT])
    chain = model.with_structured_output(City, include_raw=True)
    outcome = await on_loop(chain, "France?")  # each run has another id in its message
    assert chain.invoke("France?")["parsed"] == City(**DATA)
    assert set(outcome.whole) == {"raw", "parsed", "parsing_error"}
    assert isinstance(outcome.whole["raw"], AIMessage)
    assert outcome.whole["raw"].tool_calls[0]["args"] == DATA
    assert outcome.whole["parsed"] == City(**DATA)
    assert outcome.whole["parsing_error"] is None
    total = merge(outcome.streamed)
    assert total["parsed"] == City(**DATA)
    assert total["raw"].tool_calls == outcome.whole["raw"].tool_calls
    assert total["parsing_error"] is None
    assert [list(each) for each in outcome.streamed[:2]] == [["raw"], ["raw"]]


@pytest.mark.parametrize("pieces", [['{"name": 1, ', '"people": []}'], ['{"name": ]']])
async def test_what_is_wrong_beside_the_message(pieces: list[str]) -> None:
    model = Caller(name_of_tool="City", pieces=pieces)
    outcome = await everywhere(model.with_structured_output(City, include_raw=True) | describe, "x")
    assert outcome.whole == outcome.streamed[-1] == (None, "OutputParserException", "".join(pieces))
    with pytest.raises(OutputParserException):
        await model.with_structured_output(City).ainvoke("x")


def describe(found: Any) -> Any:
    message = found["raw"].tool_calls or found["raw"].invalid_tool_calls
    args = message[0]["args"]
    return (
        found.get("parsed"),
        type(found["parsing_error"]).__name__,
        args if isinstance(args, str) else json.dumps(args),
    )


async def test_scripted_models_take_tools() -> None:
    answer = AIMessage("", tool_calls=[tool_call(name="City", args=DATA, id="x")])
    for model in (
        GenericFakeChatModel(messages=iter([answer] * 20)),
        FakeMessagesListChatModel(responses=[answer]),
    ):
        outcome = await everywhere(model.with_structured_output(City), "France?")
        assert outcome.whole == City(**DATA)
        assert outcome.streamed == [City(**DATA)]
    assert FakeListChatModel(responses=["hi"]).bind_tools([City]).invoke("x").content == "hi"


def test_a_model_that_says_nothing_of_tools() -> None:
    class Plain(BaseChatModel):
        def _generate(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
            return AIMessage("hi")

    with pytest.raises(MissingImplementationError, match="Plain .*override bind_tools"):
        Plain().bind_tools([City])
    with pytest.raises(MissingImplementationError, match="response_format"):
        Plain().with_structured_output(City)

    class Json(Plain):
        _takes_response_format = True

        def _generate(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
            return AIMessage(TEXT)

    assert Json().with_structured_output(City).invoke("x") == City(**DATA)

    class Own(Plain):
        def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
            return self.bind(functions=[tool.__name__ for tool in tools], choice=tool_choice)

        def _generate(self, messages: Any, stop: Any = None, **kwargs: Any) -> Any:
            assert kwargs == {"functions": ["City"], "choice": "any"}
            return AIMessage("", tool_calls=[tool_call(name="City", args=DATA, id="x")])

    assert Own().with_structured_output(City).invoke("x") == City(**DATA)


def test_how_tools_are_bound() -> None:
    def add(a: int, b: int) -> int:
        "Add two numbers."
        return a + b

    model = FakeListChatModel(responses=["hi"])

    def bound(**kwargs: Any) -> Any:
        result = model.bind_tools([add, City], **kwargs)
        assert isinstance(result, RunnableBinding)
        return result.kwargs

    assert [tool["type"] for tool in bound()["tools"]] == ["function", "function"]
    assert "tool_choice" not in bound()
    assert bound(tool_choice="any")["tool_choice"] == "required"
    assert bound(tool_choice=True)["tool_choice"] == "required"
    assert bound(tool_choice="auto")["tool_choice"] == "auto"
    named = {"type": "function", "function": {"name": "add"}}
    assert bound(tool_choice="add")["tool_choice"] == named
    assert bound(tool_choice=named)["tool_choice"] == named
    assert [tool["function"]["strict"] for tool in bound(strict=True)["tools"]] == [True, True]
    assert bound(temperature=0)["temperature"] == 0
    with pytest.raises(ConfigError, match="'sub' is none of the tools, which are add, City"):
        bound(tool_choice="sub")
    with pytest.raises(ConfigError, match="method='xml'"):
        model.with_structured_output(City, method="xml")  # type: ignore[arg-type]  # on purpose


def test_an_answer_without_the_tool() -> None:
    model = FakeListChatModel(responses=["I would rather not."])
    assert model.with_structured_output(City).invoke("x") is None
    with pytest.raises(OutputParserException, match="no JSON"):
        model.with_structured_output(City, method="json_mode").invoke("x")
