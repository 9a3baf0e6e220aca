"""Functions and tools as providers are told of them."""

from __future__ import annotations

import dataclasses
import enum
from typing import Annotated, Any, Literal, Optional

import attrs
import pytest
from pydantic import BaseModel, Field
from typing_extensions import NotRequired, TypedDict

from streamflow.errors import ToolDefinitionError
from streamflow.tools import (
    Tool,
    convert_to_openai_function,
    convert_to_openai_tool,
    render_text_description,
    render_text_description_and_args,
    tool,
)


def add(
    a: int,
    b: float = 2.0,
    *,
    c: Optional[str] = None,  # noqa: UP045 - as people write it
    d: Literal["x", "y"] = "x",
    e: list[int],
    f: dict[str, int] = {},  # noqa: B006 - as people write it
) -> int:
    """Add numbers.

    More text here.

    Args:
        a: first number
            goes on.
        b (float): second one

    Returns:
        Something: else.
    """
    return a


ADD = {
    "name": "add",
    "description": "Add numbers. More text here.",
    "parameters": {
        "type": "object",
        "properties": {
            "a": {"description": "first number goes on.", "type": "integer"},
            "b": {"default": 2.0, "description": "second one", "type": "number"},
            "c": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            "d": {"default": "x", "enum": ["x", "y"], "type": "string"},
            "e": {"items": {"type": "integer"}, "type": "array"},
            "f": {"additionalProperties": {"type": "integer"}, "default": {}, "type": "object"},
        },
        "required": ["a", "e"],
    },
}


def test_a_function() -> None:
    assert convert_to_openai_function(add) == ADD
    assert convert_to_openai_tool(add) == {"type": "function", "function": ADD}
    assert convert_to_openai_tool(tool(parse_docstring=True)(add))["function"] == ADD


def test_a_function_without_anything() -> None:
    def bare(x):  # type: ignore[no-untyped-def]  # that is the point
        pass

    assert convert_to_openai_function(bare) == {
        "name": "bare",
        "description": "",
        "parameters": {"type": "object", "properties": {"x": {}}, "required": ["x"]},
    }


class Color(enum.Enum):
    RED = "red"


class Part(BaseModel):
    size: int
    title: str = ""


class Thing(BaseModel):
    """A thing."""

    part: Part = Field(description="the part")
    parts: list[Part] = Field(default_factory=list)
    color: Color = Color.RED


PART = {
    "type": "object",
    "properties": {"size": {"type": "integer"}, "title": {"type": "string", "default": ""}},
    "required": ["size"],
}
THING = {
    "name": "Thing",
    "description": "A thing.",
    "parameters": {
        "type": "object",
        "properties": {
            "part": {**PART, "description": "the part"},
            "parts": {"items": PART, "type": "array"},
            "color": {"type": "string", "enum": ["red"], "default": "red"},
        },
        "required": ["part"],
    },
}


def test_what_is_referred_to_stands_in_its_place() -> None:
    """And a property that is called ``title`` is no title."""
    assert convert_to_openai_function(Thing) == THING


class Tree(BaseModel):
    """A tree."""

    leaves: list[Tree]
    part: Part


def test_what_refers_to_itself_stays_a_reference() -> None:
    parameters = convert_to_openai_function(Tree)["parameters"]
    assert list(parameters["$defs"]) == ["Tree"]
    assert parameters["$defs"]["Tree"]["properties"]["leaves"]["items"] == {"$ref": "#/$defs/Tree"}


class Keys(TypedDict):
    """Keys.

    Args:
        c: From the docstring.
    """

    a: Annotated[int, ..., "the a"]
    b: Annotated[str, "x", "the b"]
    c: str
    d: NotRequired[bool]


@attrs.define
class Made:
    """Made."""

    a: Annotated[int, "the a"]
    b: str = attrs.field(default="x", metadata={"description": "the b"})


@dataclasses.dataclass
class Data:
    a: Annotated[int, "the a"]
    b: list[str] = dataclasses.field(default_factory=list)


def test_other_classes() -> None:
    keys = convert_to_openai_function(Keys)
    assert (keys["name"], keys["description"]) == ("Keys", "Keys.")
    assert keys["parameters"]["required"] == ["a", "c"]
    assert keys["parameters"]["properties"]["a"] == {"type": "integer", "description": "the a"}
    assert keys["parameters"]["properties"]["b"] == {
        "type": "string",
        "description": "the b",
        "default": "x",
    }
    assert keys["parameters"]["properties"]["c"]["description"] == "From the docstring."
    made = convert_to_openai_function(Made)
    assert made["parameters"]["properties"]["b"]["description"] == "the b"
    data = convert_to_openai_function(Data)
    assert (data["description"], data["parameters"]["required"]) == ("", ["a"])


def test_strict() -> None:
    strict = convert_to_openai_function(Thing, strict=True)
    assert strict["strict"] is True
    parameters = strict["parameters"]
    assert parameters["required"] == ["part", "parts", "color"]
    assert parameters["additionalProperties"] is False
    assert parameters["properties"]["parts"]["items"]["required"] == ["size", "title"]
    assert parameters["properties"]["part"]["additionalProperties"] is False
    assert convert_to_openai_tool(add, strict=False)["function"] == {**ADD, "strict": False}


PARAMETERS = {"type": "object", "properties": {"a": {"type": "integer", "title": "A"}}}
NAMED = {"name": "n", "description": "d"}


@pytest.mark.parametrize(
    ("given", "described"),
    [
        ({**NAMED, "parameters": PARAMETERS}, {**NAMED, "parameters": PARAMETERS}),
        ({**NAMED, "input_schema": PARAMETERS}, {**NAMED, "parameters": PARAMETERS}),
        (
            {"toolSpec": {**NAMED, "inputSchema": {"json": PARAMETERS}}},
            {**NAMED, "parameters": PARAMETERS},
        ),
        (
            {"title": "n", "description": "d", **PARAMETERS},
            {
                **NAMED,
                "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
            },
        ),
        ({"title": "n", "properties": {}}, {"name": "n", "parameters": {"properties": {}}}),
        ({"type": "function", "function": NAMED}, NAMED),
    ],
)
def test_dicts(given: dict[str, Any], described: dict[str, Any]) -> None:
    assert convert_to_openai_function(given) == described
    assert convert_to_openai_tool(given) == {"type": "function", "function": described}


def test_tools_of_the_provider_pass() -> None:
    assert convert_to_openai_tool({"type": "web_search"}) == {"type": "web_search"}


@pytest.mark.parametrize("given", [{"a": 1}, 3, "add", int])
def test_what_cannot_be_described(given: Any) -> None:
    with pytest.raises(ToolDefinitionError):
        convert_to_openai_tool(given)


def test_a_tool_of_one_text() -> None:
    assert convert_to_openai_function(Tool("shout", str.upper, "Shout."))["parameters"] == {
        "properties": {"__arg1": {"title": "__arg1", "type": "string"}},
        "required": ["__arg1"],
        "type": "object",
    }


def test_tools_as_text() -> None:
    @tool
    def one(x: int) -> int:
        """Do it."""
        return x

    shout = Tool("shout", str.upper, "Shout.", args_schema=None)
    assert render_text_description([one, shout]) == (
        "one(x: int) -> int - Do it.\nshout(self, /) - Shout."
    )
    assert render_text_description_and_args([one]) == (
        "one(x: int) -> int - Do it., args: {'x': {'title': 'X', 'type': 'integer'}}"
    )
