"""Annotations become schemas, also those that pydantic cannot read by itself."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from attrs import Factory, define, frozen
from hypothesis import given, strategies as st
from pydantic import BaseModel, Field
from typing_extensions import NotRequired, Required, TypedDict

from streamflow._schema import ObjectField, json_schema, model_of, object_model
from streamflow.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from streamflow.prompt_values import ChatPromptValue, PromptValue, StringPromptValue


@frozen
class Point:
    """A place. It has more to say than fits here.

    This, for example.
    """

    x: int
    y: int = 0
    _hidden: int = 1


@define
class Tree:
    value: Point
    children: list[Tree] = Factory(list)


class Movie(TypedDict, total=False):
    title: Required[str]
    place: NotRequired[Point]


@dataclass
class Data:
    a: int


class Plain:
    pass


class Colour(Enum):
    RED = "red"


def schema(annotation: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return json_schema(model_of(annotation, "Name"))


def read(annotation: Any, value: Any) -> Any:
    model = model_of(annotation, "Name").model_validate(value)
    return getattr(model, "root", model)


def test_a_class_of_attrs_is_an_object_of_its_fields() -> None:
    found = schema(list[Point])
    assert found["$defs"]["Point"] == {
        "title": "Point",
        "description": "A place. It has more to say than fits here.",
        "type": "object",
        "properties": {
            "x": {"title": "X", "type": "integer"},
            "y": {"title": "Y", "type": "integer"},
            "hidden": {"title": "Hidden", "type": "integer"},
        },
        "required": ["x"],
    }
    point = Point(1)
    assert read(list[Point], [point])[0] is point
    assert read(dict[str, Point], {"a": {"x": 1, "y": 2}}) == {"a": Point(1, 2)}
    with pytest.raises(ValueError, match="x"):
        read(Point, {"y": 1})


def test_a_class_inside_of_itself_is_anything_there() -> None:
    leaf = {"value": {"x": 1}}
    assert read(Tree, {**leaf, "children": [leaf]}) == Tree(Point(1), [leaf])
    assert schema(Tree)["$defs"]["Tree"]["properties"]["children"]["items"] == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "human", "content": "hi"}, HumanMessage("hi")),
        ({"type": "ai", "content": "hi", "id": "1"}, AIMessage("hi", id="1")),
        ({"type": "tool", "content": "3", "tool_call_id": "1"}, ToolMessage("3", tool_call_id="1")),
        ({"type": "chat", "content": "hi", "role": "judge"}, ChatMessage("hi", role="judge")),
        (SystemMessage("hi"), SystemMessage("hi")),
        (AIMessageChunk("hi"), AIMessageChunk("hi")),
    ],
)
def test_a_class_stands_for_those_derived_from_it(value: Any, expected: Any) -> None:
    (found,) = read(list[BaseMessage], [value])
    assert found == expected
    assert type(found) is type(expected)


def test_kinds_are_told_apart_by_their_type() -> None:
    with pytest.raises(ValueError, match="type"):
        read(BaseMessage, {"type": "nobody", "content": "hi"})
    definitions = schema(ChatPromptValue)["$defs"]
    assert definitions["HumanMessage"]["properties"]["type"]["const"] == "human"
    assert "type" in definitions["HumanMessage"]["required"]
    assert not any("Chunk" in name for name in definitions)
    assert read(PromptValue, {"text": "hi"}) == StringPromptValue("hi")


def test_typed_dicts_are_objects_with_fields() -> None:
    found = schema(Movie)
    assert found["required"] == ["title"]
    assert "#/$defs/Point" in json.dumps(found["properties"]["place"])
    model: Any = read(Movie, {"title": "M", "place": {"x": 1}})
    assert (model.title, model.place) == ("M", Point(1))
    assert read(list[Movie], [{"title": "M"}]) == [{"title": "M"}]


class Own(BaseModel):
    a: int = 1


def test_models_stay_as_they_are() -> None:
    assert model_of(Own, "Name") is Own
    assert schema(Own)["title"] == "Own"


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, {"type": "integer"}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045 - as users write it
        (Union[int, str], {"anyOf": [{"type": "integer"}, {"type": "string"}]}),  # noqa: UP007 - as above
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Annotated[int, Field(gt=1)], {"type": "integer", "exclusiveMinimum": 1}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[Any], {"type": "array", "items": {}}),
        (None, {"type": "null"}),
        (Any, {}),
    ],
)
def test_what_pydantic_reads_is_left_to_it(annotation: Any, expected: Any) -> None:
    assert schema(annotation) == {"title": "Name", **expected}


@pytest.mark.parametrize(
    "annotation",
    [
        Plain,
        list[Plain],
        Callable[[int], str],
        Callable[..., Point],
        Mapping[str, Plain],
        "a text",
        5,
        object,
        Tree | Plain,
        type[Plain],
        Annotated[Plain, "whatever"],
    ],
    ids=str,
)
def test_what_nobody_can_read_is_anything(annotation: Any) -> None:
    json.dumps(schema(annotation))


def test_instances_are_checked_where_json_says_nothing() -> None:
    assert isinstance(read(Plain, Plain()), Plain)
    with pytest.raises(ValueError, match="Plain"):
        read(list[Plain], [1])
    assert read(Union[Point, Plain], {"x": 1}) == Point(1)  # noqa: UP007 - as users write it
    assert read(Data, {"a": 1}) == Data(1)
    assert read(Colour, "red") is Colour.RED
    assert read(Annotated[list[Point], "places"], [{"x": 1}]) == [Point(1)]


keys = st.one_of(
    st.text(min_size=1, max_size=8),
    st.sampled_from(["schema", "json", "copy", "class", "_a", "model_config", "a-b", "field_0"]),
)


@given(st.dictionaries(keys, st.integers(), min_size=1, max_size=5))
def test_any_text_is_a_key(given: dict[str, int]) -> None:
    """Variables of prompts and ids of fields are not chosen with pydantic in mind."""
    model = object_model("Name", {key: ObjectField(int, title="T") for key in given})
    assert model.model_validate(given).model_dump(by_alias=True) == given
    found = json_schema(model)
    assert set(found["properties"]) == set(found["required"]) == set(given)


def test_fields_have_defaults_and_descriptions() -> None:
    model = object_model(
        "Name",
        {"a": ObjectField(int, 1, "The A", "What it is."), "b": ObjectField(Plain, Plain())},
    )
    assert json_schema(model)["properties"]["a"] == {
        "default": 1,
        "description": "What it is.",
        "title": "The A",
        "type": "integer",
    }
    assert isinstance(model().b, Plain)
