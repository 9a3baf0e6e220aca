"""Instances of classes, whole and as far as they have come."""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given
from pydantic import BaseModel, Field, field_validator, model_validator
from typing_extensions import NotRequired, TypedDict

from streamflow.errors import ConfigError, OutputParserException
from streamflow.output_parsers import PydanticOutputParser
from streamflow.outputs import Generation
from tests.output_parsers.cuts import cut, cut_sizes, streamed
from tests.runnables.ways import everywhere


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    name: str = Field(min_length=2)
    price: float = Field(gt=0)
    colour: Colour
    parts: list[Item] = []


class Order(BaseModel):
    number: int
    items: list[Item]
    kind: Literal["yes", "no"] = "no"


@dataclasses.dataclass
class Point:
    x: int
    tags: list[str]
    label: str = "none"


@attrs.frozen
class Shape:
    points: list[Point]
    colour: Colour
    size: int = 3


class Page(TypedDict):
    shape: Shape
    note: NotRequired[str]


SHAPE = {"points": [{"x": 1, "tags": ["a", "b"]}, {"x": 2, "tags": []}], "colour": "red"}
ITEM = {"name": "lamp", "price": 12.5, "colour": "blue"}
EXAMPLES: list[tuple[Any, Any]] = [
    (Order, {"number": 12, "items": [ITEM, {**ITEM, "parts": [ITEM]}], "kind": "yes"}),
    (Point, {"x": 1, "tags": ["a", "b"], "label": "p"}),
    (Shape, SHAPE),
    (Page, {"shape": SHAPE, "note": "hm"}),
    (list[Point], [{"x": 1, "tags": ["a", "b"]}, {"x": 2, "tags": []}]),
]


@pytest.mark.parametrize(("cls", "data"), EXAMPLES)
@given(sizes=cut_sizes)
def test_however_the_text_is_cut(cls: Any, data: Any, sizes: list[int]) -> None:
    text = json.dumps(data)
    whole = PydanticOutputParser(pydantic_object=cls).invoke(text)
    pieces = cut(text, sizes)
    assert streamed(PydanticOutputParser(pydantic_object=cls), pieces) == [whole]
    partial = streamed(PydanticOutputParser(pydantic_object=cls, partial=True), pieces)
    assert partial[-1] == whole
    if cls in (Order, Point, Shape):
        assert all(isinstance(each, cls) for each in partial)


async def test_partial_instances() -> None:
    parser = PydanticOutputParser(pydantic_object=Order, partial=True)
    text = '{"number": 1, "items": [{"name": "l|am|p", "price": |1.5, "colour": "re|d"}]|}'
    outcome = await everywhere(parser, text.replace("|", ""), text.split("|"))
    assert [each.model_dump(mode="json", exclude_unset=True) for each in outcome.transformed] == [
        {"number": 1, "items": [{}]},  # a name has at least two letters
        {"number": 1, "items": [{"name": "lam"}]},
        {"number": 1, "items": [{"name": "lamp"}]},
        {"number": 1, "items": [{"name": "lamp", "price": 1.5}]},
        {"number": 1, "items": [{"name": "lamp", "price": 1.5, "colour": "red"}]},
        {"number": 1, "items": [{"name": "lamp", "price": 1.5, "colour": "red"}]},
    ]
    assert outcome.transformed[0].items[0].price is None
    assert type(outcome.transformed[-1]) is Order is type(outcome.whole)


def test_what_checks_itself() -> None:
    class Sum(BaseModel):
        a: int
        b: int
        total: int

        @field_validator("a")
        @classmethod
        def _small(cls, value: int) -> int:
            if value > 100:
                raise ValueError("too large")
            return value

        @model_validator(mode="after")
        def _adds_up(self) -> Sum:
            if self.a + self.b != self.total:
                raise ValueError("does not add up")
            return self

    parser = PydanticOutputParser(pydantic_object=Sum, partial=True)
    assert streamed(parser, ['{"a": 1, ', '"b": 2, "total', '": 3}']) == [Sum(a=1, b=2, total=3)]
    with pytest.raises(OutputParserException, match="does not add up"):
        parser.invoke('{"a": 1, "b": 2, "total": 4}')

    @attrs.define
    class Positive:
        x: int = attrs.field(validator=attrs.validators.gt(0))
        y: int = 0

    parser = PydanticOutputParser(pydantic_object=Positive, partial=True)
    assert streamed(parser, ['{"y"', ": 2, ", '"x": 1', "}"])[-1] == Positive(1, 2)
    with pytest.raises(OutputParserException, match="must be > 0"):
        parser.invoke('{"x": -1}')


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(OutputParserException) as caught:
        PydanticOutputParser(pydantic_object=Order).invoke('{"number": "x", "items": [{}]}')
    text = str(caught.value)
    assert "no Order" in text
    assert "number: " in text
    assert "'x'" in text
    assert "items[0].name: Field required" in text
    assert caught.value.llm_output == '{"number": "x", "items": [{}]}'
    with pytest.raises(OutputParserException, match="no JSON"):
        streamed(PydanticOutputParser(pydantic_object=Order), ["Well"])
    with pytest.raises(ConfigError, match="pydantic_object"):
        PydanticOutputParser()


def test_part_of_an_answer() -> None:
    parser = PydanticOutputParser(pydantic_object=Point)
    assert parser.parse_result([Generation('{"x": 1, "ta')], partial=True).x == 1
    assert parser.parse_result([Generation("Well")], partial=True) is None
    assert "passes chunks on" in str(
        PydanticOutputParser(pydantic_object=Point, partial=True).explain()
    )
    assert "waits for its whole input" in str(parser.explain())


def test_instructions_have_the_schema() -> None:
    text = PydanticOutputParser(pydantic_object=Order).get_format_instructions()
    schema = json.loads(text[text.rindex("\n") :])
    assert schema["required"] == ["number", "items"]
    assert PydanticOutputParser(pydantic_object=Order).OutputType is Order
