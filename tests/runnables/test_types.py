"""What runnables say goes in and comes out: as types, and as schemas."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from operator import itemgetter
from typing import Any, Generic, TypeVar

import pytest
from pydantic import BaseModel
from typing_extensions import NotRequired, TypedDict

from streamflow._object_types import keys_of
from streamflow.language_models import FakeListChatModel, FakeListLLM
from streamflow.messages import AIMessage, BaseMessage
from streamflow.output_parsers import StrOutputParser
from streamflow.prompt_values import ChatPromptValue, StringPromptValue
from streamflow.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from streamflow.runnables import (
    ConfigurableField,
    Runnable,
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
)

T = TypeVar("T")


class Question(TypedDict):
    text: str
    hints: NotRequired[list[str]]


class Answer(BaseModel):
    text: str
    score: float = 0.0


def length(text: str) -> int:
    return len(text)


def answered(question: Question) -> Answer:
    return Answer(text=question["text"])


def types(runnable: Any) -> tuple[Any, Any]:
    return runnable.InputType, runnable.OutputType


def names(runnable: Any) -> tuple[list[str] | None, list[str] | None]:
    """The keys of input and output."""
    found = [keys_of(each) for each in types(runnable)]
    return tuple(None if keys is None else list(keys) for keys in found)  # type: ignore[return-value]  # two of them


# Functions and classes.


async def alength(text: str) -> int:
    return len(text)


def letters(text: str) -> Iterator[str]:
    yield from text


async def aletters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield letter


def counted(chunks: Iterator[str]) -> Iterator[int]:
    return map(len, chunks)


def chosen(text: str) -> Runnable[str, int]:
    return RunnableLambda(length)


def half_known(text: Unknown, more: int) -> int:  # type: ignore[name-defined]  # noqa: F821 - it is not there
    return 1


class Called:
    def __call__(self, text: str) -> int:
        return len(text)

    def method(self, text: str) -> int:
        return len(text)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (length, (str, int)),
        (alength, (str, int)),
        (letters, (str, str)),
        (aletters, (str, str)),
        (chosen, (str, Any)),
        (answered, (Question, Answer)),
        (half_known, (Any, int)),
        (Called(), (str, int)),
        (Called().method, (str, int)),
        (Answer, (Any, Answer)),
        (lambda x: x, (Any, Any)),
        (len, (Any, Any)),
        (print, (Any, Any)),
        (str, (Any, str)),
    ],
)
def test_functions_say_it_by_their_hints(function: Any, expected: Any) -> None:
    assert types(RunnableLambda(function)) == expected


def test_generator_functions_say_it_by_the_items() -> None:
    def generator(chunks: Iterator[str]) -> Iterator[int]:
        for chunk in chunks:
            yield len(chunk)

    assert types(RunnableGenerator(generator)) == (str, int)
    assert types(RunnableGenerator(lambda chunks: (yield from chunks))) == (Any, Any)


def test_an_itemgetter_reads_keys() -> None:
    assert names(RunnableLambda(itemgetter("a", "b")))[0] == ["a", "b"]
    assert types(RunnableLambda(itemgetter(1))) == (Any, Any)


class Filled(Runnable[str, list[int]]):
    pass


class Open(Runnable[list[T], dict[str, T]], Generic[T]):
    pass


class Closed(Open[int]):
    pass


class Bare(Runnable):  # type: ignore[type-arg]  # as a user may write it
    pass


class Declared(Runnable[Any, Any]):
    InputType = str

    @property
    def OutputType(self) -> Any:
        return int


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Filled, (str, list[int])),
        (Closed, (list[int], dict[str, int])),
        (Open, (list[Any], dict[str, Any])),
        (Bare, (Any, Any)),
        (Declared, (str, int)),
    ],
)
def test_classes_say_it_by_what_they_fill_in(kind: Any, expected: Any) -> None:
    assert types(kind()) == expected
    assert types(kind() | RunnableLambda(length)) == (expected[0], int)


def test_a_class_may_give_a_schema_instead() -> None:
    class Own(Runnable[Any, Any]):
        def get_input_schema(self, config: Any = None) -> type[BaseModel]:
            return Answer

        def get_output_schema(self, config: Any = None) -> type[BaseModel]:
            return Answer

    assert types(Own() | Own()) == (Answer, Answer)
    assert names(RunnableParallel(a=Own(), b=itemgetter("c")))[0] == ["c", "text", "score"]


# What is made of parts.

PROMPT = PromptTemplate("{question} {context}")
CHAT = ChatPromptTemplate.from_messages(
    [MessagesPlaceholder("past"), MessagesPlaceholder("more", optional=True), "{question}"]
)
MODEL = FakeListChatModel(responses=["hi"])


def test_prompts_models_and_parsers() -> None:
    assert types(PROMPT)[1] is StringPromptValue
    assert names(PROMPT.partial(context="x"))[0] == ["question"]
    assert keys_of(CHAT.InputType) == {
        "past": list[BaseMessage],
        "question": str,
        "more": NotRequired[list[BaseMessage]],
    }
    assert types(CHAT)[1] is ChatPromptValue
    assert types(MODEL)[1] is AIMessage
    assert types(FakeListLLM(responses=[]))[1] is str
    whole = PROMPT | MODEL | StrOutputParser()
    assert keys_of(whole.InputType) == {"question": str, "context": str}
    assert whole.OutputType is str


@pytest.mark.parametrize(
    ("runnable", "expected"),
    [
        (RunnableLambda(length).with_config(tags=["a"]).bind(stop=1), (str, int)),
        (RunnableLambda(length).map(), (list[str], list[int])),
        (RunnableLambda(length).with_retry(), (str, int)),
        (RunnableLambda(length).with_fallbacks([RunnableLambda(letters)]), (str, int | str)),
        (RunnableLambda(length).configurable_fields(name=ConfigurableField(id="n")), (str, int)),
        (RunnableLambda(length).with_types(output_type=float), (str, float)),
        (RunnableLambda(len).with_types(input_type=str).with_config(tags=["a"]), (str, Any)),
        (RunnableLambda(length).with_config(tags=["a"]).with_types(), (str, int)),
        (RunnablePassthrough() | RunnableLambda(length) | RunnablePassthrough(), (str, int)),
        (RunnableBranch((bool, RunnableLambda(length)), RunnableLambda(length)), (str, int)),
    ],
    ids=range(10),
)
def test_what_is_around_a_runnable(runnable: Any, expected: Any) -> None:
    assert types(runnable) == expected


def test_a_parallel_reads_what_its_branches_read() -> None:
    both = RunnableParallel(a=PROMPT, b=itemgetter("other"), c=RunnablePassthrough())
    assert names(both) == (["other", "question", "context"], ["a", "b", "c"])
    assert keys_of(both.OutputType) == {"a": StringPromptValue, "b": Any, "c": Any}
    assert types(RunnableParallel(a=length, b=length))[0] is str
    assert types(RunnableParallel(a=length, b=PROMPT))[0] is Any
    assert types(RunnableParallel(a=len))[0] is Any


def test_an_assign_in_front_reads_what_is_left_for_the_rest() -> None:
    looked_up = RunnablePassthrough.assign(context=itemgetter("topic") | RunnableLambda(length))
    assert names(looked_up | PROMPT)[0] == ["question", "topic"]
    assert types(RunnablePassthrough.assign(a=lambda _: 1))[0] == dict[str, Any]
    assert names(RunnablePassthrough() | looked_up | MODEL)[0] == ["topic"]


def test_what_passes_through_at_the_end_is_what_came_before() -> None:
    branches = RunnableParallel(a=length, b=letters)
    assert names(branches | RunnablePassthrough.assign(c=itemgetter("a")))[1] == ["a", "b", "c"]
    assert types(branches | RunnablePick("b"))[1] is str
    assert names(branches | RunnablePick(["b", "missing"]))[1] == ["b"]
    assert types(RunnablePick("a"))[1] is Any
    assert names(RunnablePick(["a"]))[0] == ["a"]
    assert types(branches | RunnablePick("a").with_types(output_type=float))[1] is float


async def test_types_change_nothing_else() -> None:
    named = RunnableLambda(letters).with_config(run_name="mine")
    typed = named.with_types(input_type=str)
    assert typed.invoke("abc") == await typed.ainvoke("abc") == "abc"
    assert [chunk async for chunk in typed.astream("abc")] == ["a", "b", "c"]
    assert typed.get_name() == "mine"
    assert str(typed.explain()) == str(named.explain())


# Schemas.


def test_an_object_becomes_a_model_with_fields() -> None:
    model = RunnableLambda(answered).get_input_schema()
    assert model(text="hi", hints=["a"]).hints == ["a"]
    with pytest.raises(ValueError, match="text"):
        model(hints=[])
    assert RunnableLambda(answered).output_schema is Answer
    assert RunnableLambda(length).input_schema("hi").root == "hi"
    with pytest.raises(ValueError, match="string"):
        RunnableLambda(length).input_schema(1)


def test_json_schemas() -> None:
    assert RunnableLambda(length).get_input_jsonschema() == {
        "title": "lengthInput",
        "type": "string",
    }
    schema = RunnableLambda(answered).get_input_jsonschema()
    assert schema["required"] == ["text"]
    assert schema["properties"]["hints"]["items"] == {"type": "string"}
    assert (PROMPT | MODEL).get_input_jsonschema() == {
        "title": "RunnableSequenceInput",
        "type": "object",
        "properties": {
            "question": {"title": "Question", "type": "string"},
            "context": {"title": "Context", "type": "string"},
        },
        "required": ["question", "context"],
    }
    assert RunnableParallel(a=length, b=len).get_output_jsonschema() == {
        "title": "RunnableParallel<a,b>Output",
        "type": "object",
        "properties": {"a": {"title": "A", "type": "integer"}, "b": {"title": "B"}},
        "required": ["a", "b"],
    }


def test_schemas_follow_the_configuration() -> None:
    whole = PROMPT.configurable_alternatives(
        ConfigurableField(id="which"), short=PromptTemplate("{question}")
    )
    short: Any = {"configurable": {"which": "short"}}
    assert whole.get_input_jsonschema()["required"] == ["question", "context"]
    assert (whole | MODEL).get_input_jsonschema(short)["required"] == ["question"]
    assert RunnableLambda(lambda _: (whole | MODEL).get_input_jsonschema()["required"]).invoke(
        1, short
    ) == ["question"]
    assert len((whole | MODEL).get_prompts()) == 1
    assert (whole | MODEL).get_prompts(short)[0].template == "{question}"


def test_prompts_are_found_wherever_they_are() -> None:
    def inside(value: Any) -> Any:
        return PROMPT.invoke(value)

    whole = RunnableParallel(a=CHAT | MODEL, b=RunnableLambda(inside).map()) | PROMPT
    assert whole.get_prompts() == [CHAT, PROMPT]
    assert MODEL.get_prompts() == []
