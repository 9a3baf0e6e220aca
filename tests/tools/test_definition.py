"""How tools are made, and what they say of themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import attrs
import pytest
from pydantic import BaseModel, Field, field_validator
from typing_extensions import NotRequired, TypedDict

from streamflow.errors import ToolDefinitionError, ToolInputError
from streamflow.runnables import RunnableLambda
from streamflow.tools import StructuredTool, tool

if TYPE_CHECKING:
    from decimal import Decimal


def plus(a: int, b: Annotated[int, "the other"] = 1) -> int:
    """Add two numbers.

    Slowly.

    Args:
        a: One of
            them.
        b: The other one.
    """
    return a + b


INTEGER = {"type": "integer"}


# -------------------------------------------------------------------------- call forms


def test_all_call_forms() -> None:
    bare = tool(plus)
    named = tool("named")(plus)
    called = tool(description="Said.", return_direct=True)(plus)
    assert [each.name for each in (bare, named, called)] == ["plus", "named", "plus"]
    assert bare.description.startswith("Add two numbers.\n\nSlowly.\n\nArgs:\n    a: One of")
    assert (called.description, called.return_direct) == ("Said.", True)
    assert all(each.invoke({"a": 2}) == 3 for each in (bare, named, called))


def test_callable_objects_partials_and_methods() -> None:
    class Adder:
        """Adds."""

        def __call__(self, a: int) -> int:
            return a + 1

        def double(self, a: int) -> int:
            """Double it."""
            return 2 * a

    assert tool(Adder()).name == "Adder"
    assert tool(Adder()).invoke({"a": 1}) == 2
    assert tool(Adder().double).invoke({"a": 4}) == 8
    assert tool("minus", description="x")(lambda a: a - 1).invoke({"a": 4}) == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tool(lambda a: a), "has no name for a tool"),
        (lambda: tool("x")(lambda a: a), "'x' has no description for the model"),
        (lambda: tool("x")(3), "made of a function or a runnable: 3"),
        (StructuredTool.from_function, "give func= or coroutine="),
        (lambda: StructuredTool.from_function(plus, infer_schema=False), "needs an args_schema="),
        (lambda: StructuredTool.from_function(plus, unknown=1), "no argument ['unknown']"),
        (lambda: tool("x", args_schema=3)(plus).args, "3 describes no arguments"),
        (lambda: RunnableLambda(lambda x: x).as_tool(), "cannot be a tool"),
    ],
)
def test_what_cannot_be_made_a_tool(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ToolDefinitionError) as caught:
        make()
    assert message in str(caught.value)


def test_without_inference_it_takes_one_text() -> None:
    def twice(text: Any, config: Any = None) -> str:
        return str(text) * 2

    show = tool(infer_schema=False)(twice)
    assert (show.description, show.invoke("ab")) == ("twice tool", "abab")


# ------------------------------------------------------------------------------ schema


def test_the_arguments_of_a_signature() -> None:
    @tool
    def many(
        a: int,
        b: float,
        c: Optional[str] = None,  # noqa: UP045 - as people write it
        d: Literal["x", "y"] = "x",
        e: Annotated[list[int], Field(description="numbers", max_length=3)] = [],  # noqa: B006 - as people write it
        f: str = Field("q", description="a letter"),
        g: Any = None,
    ) -> Any:
        """Show."""
        return a, b, c, d, e, f, g

    assert many.args == {
        "a": {"title": "A", "type": "integer"},
        "b": {"title": "B", "type": "number"},
        "c": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "C"},
        "d": {"default": "x", "enum": ["x", "y"], "title": "D", "type": "string"},
        "e": {
            "default": [],
            "description": "numbers",
            "items": {"type": "integer"},
            "maxItems": 3,
            "title": "E",
            "type": "array",
        },
        "f": {"default": "q", "description": "a letter", "title": "F", "type": "string"},
        "g": {"default": None, "title": "G"},
    }
    assert many.invoke({"a": 1, "b": 2}) == (1, 2.0, None, "x", [], "q", None)
    with pytest.raises(ToolInputError, match="argument 'e': List should have at most 3"):
        many.invoke({"a": 1, "b": 2, "e": [1, 2, 3, 4]})


def test_the_schema_for_the_model_has_the_name_and_the_description_of_the_tool() -> None:
    schema = tool("sum", description="Sum up.")(plus).tool_call_schema.model_json_schema()
    assert schema == {
        "description": "Sum up.",
        "properties": {
            "a": {"title": "A", **INTEGER},
            "b": {"title": "B", "default": 1, "description": "the other", **INTEGER},
        },
        "required": ["a"],
        "title": "sum",
        "type": "object",
    }
    assert tool(plus).get_input_schema().model_validate({"a": "3"}).model_dump()["a"] == 3


def test_a_type_that_cannot_be_known_is_anything() -> None:
    @tool
    def price(amount: Decimal, currency: str) -> Any:
        """Tell a price."""
        return amount, currency

    assert price.args["amount"] == {"title": "Amount"}
    assert price.invoke({"amount": "x", "currency": "EUR"}) == ("x", "EUR")


def test_the_docstring_taken_apart() -> None:
    parsed = tool(parse_docstring=True)(plus)
    assert parsed.description == "Add two numbers. Slowly."
    assert parsed.args["a"]["description"] == "One of them."
    assert parsed.args["b"]["description"] == "The other one."


def test_a_docstring_that_does_not_fit() -> None:
    def bare(a: int) -> None:
        """Say nothing."""

    def wrong(a: int) -> None:
        """Say too much.

        Args:
            b: What is that?
        """

    with pytest.raises(ToolDefinitionError, match="no section 'Args:' that tells of \\['a'\\]"):
        tool(parse_docstring=True)(bare)
    with pytest.raises(ToolDefinitionError, match="tells of \\['b'\\], which are no arguments"):
        tool(parse_docstring=True)(wrong)
    lenient = tool(parse_docstring=True, error_on_invalid_docstring=False)(bare)
    assert lenient.description == "Say nothing."
    assert StructuredTool.from_function(bare, parse_docstring=True).name == "bare"


# ------------------------------------------------------------------------- args_schema


class ByModel(BaseModel):
    """Two numbers."""

    a: int = Field(description="One.")
    b: int = 5

    @field_validator("a")
    @classmethod
    def _positive(cls, value: int) -> int:
        if value < 0:
            raise ValueError("is below zero")
        return value


@attrs.define
class ByAttrs:
    """Two numbers."""

    a: Annotated[int, "One."] = attrs.field(validator=attrs.validators.ge(0))
    b: int = attrs.field(default=5)


@dataclasses.dataclass
class ByDataclass:
    """Two numbers.

    Args:
        a: One.
    """

    a: int
    b: int = 5

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("a is below zero")


class ByKeys(TypedDict):
    """Two numbers."""

    a: Annotated[int, Field(ge=0), "One."]
    b: Annotated[int, 5, "the other"]


BY_JSON = {
    "type": "object",
    "properties": {"a": {**INTEGER, "description": "One."}, "b": INTEGER},
    "required": ["a", "b"],
}


@pytest.mark.parametrize("schema", [ByModel, ByAttrs, ByDataclass, ByKeys])
def test_a_class_that_describes_the_arguments(schema: Any) -> None:
    @tool(args_schema=schema)
    def subtract(a: int, b: int) -> int:
        return a - b

    assert subtract.description == "Two numbers." or schema is ByDataclass
    assert list(subtract.args) == ["a", "b"]
    assert subtract.args["a"]["description"] == "One."
    assert subtract.args["b"]["default"] == 5
    assert subtract.invoke({"a": "7"}) == 2
    assert subtract.invoke({"a": 7, "b": 6}) == 1
    with pytest.raises(ToolInputError, match=r"tool 'subtract': .*a"):
        subtract.invoke({"a": -1})
    with pytest.raises(ToolInputError, match="argument 'a': Field required"):
        subtract.invoke({"b": 1})


def test_a_json_schema_that_describes_the_arguments() -> None:
    @tool(args_schema=BY_JSON)
    def subtract(a: int, b: int) -> int:
        """Subtract."""
        return a - b

    assert subtract.args == BY_JSON["properties"]
    assert subtract.tool_call_schema == {**BY_JSON, "title": "subtract", "description": "Subtract."}
    assert subtract.get_input_jsonschema() == BY_JSON
    assert subtract.invoke({"a": 3, "b": 1}) == 2
    with pytest.raises(ToolInputError, match="'a': must be of type integer, got 'x'; .*'b'"):
        subtract.invoke({"a": "x"})


class Given(TypedDict):
    a: int
    b: NotRequired[int]


def test_keys_that_may_be_missing_are_left_to_the_function() -> None:
    @tool(args_schema=Given, description="Show.")
    def show(a: int, b: int = 7) -> Any:
        return a, b

    assert show.invoke({"a": 1}) == (1, 7)
    assert show.invoke({"a": 1, "b": 2}) == (1, 2)


def test_nested_classes_become_instances() -> None:
    @tool
    def show(model: ByModel, point: ByAttrs, pairs: list[ByDataclass]) -> Any:
        """Show."""
        return model, point, pairs

    one = {"a": 1}
    shown = show.invoke({"model": one, "point": one, "pairs": [one]})
    assert shown == (ByModel(a=1), ByAttrs(1), [ByDataclass(1)])
