"""What tools are invoked with, what they return, and what becomes of errors."""

from __future__ import annotations

import dataclasses
from typing import Any

import attrs
import pytest
from pydantic import BaseModel

from streamflow.errors import ToolDefinitionError, ToolInputError
from streamflow.messages import ToolMessage
from streamflow.tools import BaseTool, StructuredTool, Tool, ToolException, tool
from streamflow.types import Command


def call(**args: Any) -> Any:
    return {"name": "any", "args": args, "id": "call_1", "type": "tool_call"}


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@tool
async def aadd(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


BOTH = pytest.mark.parametrize("adding", [add, aadd], ids=lambda t: t.name)


@BOTH
async def test_what_a_tool_reads(adding: BaseTool) -> None:
    assert await adding.ainvoke({"a": 2, "b": 3}) == 5
    assert await adding.ainvoke({"a": "2"}) == 3
    assert await adding.ainvoke("2") == 3
    answer = ToolMessage("5", name=adding.name, tool_call_id="call_1")
    assert await adding.ainvoke(call(a=2, b=3)) == answer
    assert [chunk async for chunk in adding.astream({"a": 2})] == [3]
    assert await adding.abatch([{"a": 1}, "2"]) == [2, 3]


@BOTH
def test_what_a_tool_reads_with_no_loop(adding: BaseTool) -> None:
    assert adding.invoke({"a": 2, "b": 3}) == 5
    assert adding.invoke("2") == 3
    assert adding.invoke(call(a=2)) == ToolMessage("3", name=adding.name, tool_call_id="call_1")
    assert next(iter(adding.stream(call(a=2)))).content == "3"
    assert (adding | str).invoke({"a": 1}) == "2"


def test_bound_arguments_count_less_than_given_ones() -> None:
    bound = add.bind(b=10)
    assert bound.invoke({"a": 1}) == 11
    assert bound.invoke({"a": 1, "b": 2}) == 3


@pytest.mark.parametrize("given", [3, None, ["a"]])
def test_anything_else_is_refused(given: Any) -> None:
    with pytest.raises(ToolInputError, match="dict of arguments, a text or a tool call"):
        add.invoke(given)


def test_a_tool_without_arguments() -> None:
    @tool
    def now() -> str:
        """Tell the time."""
        return "noon"

    assert now.invoke({}) == now.invoke("") == now.invoke(call()).content == "noon"
    with pytest.raises(ToolInputError, match="takes no text, got 'when'"):
        now.invoke("when")


def test_an_error_names_the_argument_and_the_value() -> None:
    with pytest.raises(ToolInputError) as caught:
        add.invoke({"a": "two"})
    assert str(caught.value) == (
        "tool 'add': argument 'a': Input should be a valid integer, unable to parse string as an "
        "integer, got 'two'"
    )
    with pytest.raises(ToolInputError, match="argument 'a': Field required$"):
        add.invoke({})
    assert issubclass(ToolInputError, ValueError)


class Order(BaseModel):
    counts: list[int]


def test_an_error_names_the_place_inside_of_an_argument() -> None:
    @tool
    def order(what: Order) -> int:
        """Order something."""
        return sum(what.counts)

    assert order.invoke({"what": {"counts": [1, 2]}}) == 3
    with pytest.raises(ToolInputError, match=r"argument 'what.counts\[1\]': .* got 'x'"):
        order.invoke({"what": {"counts": [1, "x"]}})


def test_arguments_that_there_are_not_are_left_out() -> None:
    assert add.invoke({"a": 1, "c": 2}) == 2


def test_more_arguments_go_to_a_function_that_takes_them() -> None:
    @tool
    def show(a: int, **more: Any) -> Any:
        """Show all."""
        return a, more

    assert show.invoke({"a": 1, "b": 2}) == (1, {"b": 2})


def test_parameters_of_all_kinds() -> None:
    @tool
    def show(a: int, /, b: int, *rest: int, c: int = 3) -> Any:
        """Show all."""
        return a, b, rest, c

    assert list(show.args) == ["a", "b", "c"]
    assert show.invoke({"a": 1, "b": 2}) == (1, 2, (), 3)
    assert show.invoke({"a": 1, "b": 2, "c": 4}) == (1, 2, (), 4)


def test_arguments_may_have_the_names_of_anything_inside() -> None:
    @tool
    def odd(run: int, function: int, is_async: int, inline: int, self: int, input: int) -> int:
        """Add all."""
        return run + function + is_async + inline + self + input

    names = ("run", "function", "is_async", "inline", "self", "input")
    assert odd.invoke(dict.fromkeys(names, 1)) == 6


# ---------------------------------------------------------------------------- results


@attrs.frozen
class Point:
    x: int


@dataclasses.dataclass
class Pair:
    a: int


class Model(BaseModel):
    b: int


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ("text", "text"),
        ("", ""),
        (3, "3"),
        (None, "null"),
        ({"a": [1, None], "ü": "ö"}, '{"a": [1, null], "ü": "ö"}'),
        (Point(1), '{"x": 1}'),
        ([Pair(1), Model(b=2)], '[{"a": 1}, {"b": 2}]'),
        ([{"type": "text", "text": "hi"}], [{"type": "text", "text": "hi"}]),
        (["a", "b"], ["a", "b"]),
        ({1}, "{1}"),
        ({(1, 2): 3}, "{(1, 2): 3}"),
    ],
)
def test_the_content_of_the_message(value: Any, content: Any) -> None:
    give = StructuredTool.from_function(lambda: value, name="give", description="Give.")
    assert give.invoke({}) == value
    assert give.invoke(call()) == ToolMessage(content, name="give", tool_call_id="call_1")


def test_a_message_of_the_tool_itself_is_the_answer() -> None:
    answer = ToolMessage("own", tool_call_id="other")
    give = StructuredTool.from_function(lambda: answer, name="give", description="Give.")
    assert give.invoke(call()) is answer


def test_a_command_of_the_tool_is_the_answer() -> None:
    command: Command[str] = Command(update={"topic": "tea"})
    give = StructuredTool.from_function(lambda: command, name="give", description="Give.")
    assert give.invoke(call()) is command
    both = [command, ToolMessage("own", tool_call_id="call_1")]
    several = StructuredTool.from_function(lambda: both, name="give", description="Give.")
    assert several.invoke(call()) is both


def test_content_and_artifact() -> None:
    @tool(response_format="content_and_artifact")
    def find(query: str) -> Any:
        """Find something."""
        return f"found {query}", [query] if query else None

    assert find.invoke("tea") == "found tea"
    message = find.invoke(call(query="tea"))
    assert (message.content, message.artifact) == ("found tea", ["tea"])


def test_no_pair_where_one_is_due() -> None:
    @tool(response_format="content_and_artifact")
    def find(query: str) -> Any:
        """Find something."""
        return query

    with pytest.raises(ToolDefinitionError, match="pair of these; it returned str: 'tea'"):
        find.invoke("tea")


# ----------------------------------------------------------------------------- errors


def failing(**settings: Any) -> BaseTool:
    @tool(**settings)
    def buy(count: int) -> str:
        """Buy something."""
        raise ToolException(f"only {count - 1} are left")

    return buy


HANDLED = pytest.mark.parametrize(
    ("handling", "content"),
    [
        (True, "only 2 are left"),
        ("try again", "try again"),
        (lambda error: f"sorry: {error}", "sorry: only 2 are left"),
    ],
)


@HANDLED
async def test_a_handled_tool_error_is_the_result(handling: Any, content: str) -> None:
    buy = failing(handle_tool_error=handling)
    assert await buy.ainvoke({"count": 3}) == content
    assert buy.invoke({"count": 3}) == content
    assert await buy.ainvoke(call(count=3)) == ToolMessage(
        content, name="buy", tool_call_id="call_1", status="error"
    )
    names = [e["event"] async for e in buy.astream_events({"count": 3}, version="v2")]
    assert names == ["on_tool_start", "on_tool_end"]


def test_an_error_that_nobody_handles_goes_on() -> None:
    with pytest.raises(ToolException, match="only 2 are left"):
        failing().invoke(call(count=3))
    assert failing(handle_tool_error=True).invoke({"count": 1}) == "only 0 are left"


def test_another_error_goes_on_in_any_case() -> None:
    @tool(handle_tool_error=True)
    def broken() -> None:
        """Break."""
        raise KeyError("x")

    with pytest.raises(KeyError):
        broken.invoke({})


@pytest.mark.parametrize(
    ("handling", "content"),
    [
        (True, "tool 'buy': argument 'count': Field required"),
        ("give all", "give all"),
        (lambda error: [name for name, *_ in error.problems], ["count"]),
    ],
)
async def test_a_handled_validation_error_is_the_result(handling: Any, content: Any) -> None:
    buy = failing(handle_validation_error=handling)
    assert await buy.ainvoke({}) == content
    message = await buy.ainvoke(call())
    assert (message.content, message.status) == (content, "error")


def test_a_validation_error_of_an_inner_tool_is_not_taken_for_its_own() -> None:
    @tool(handle_validation_error=True, handle_tool_error=True)
    def outer() -> Any:
        """Call another one wrongly."""
        return add.invoke({})

    with pytest.raises(ToolInputError, match="tool 'add'"):
        outer.invoke({})


# --------------------------------------------------------------------- one-text tools


def test_a_tool_of_one_text() -> None:
    shout = Tool("shout", str.upper, "Say it loud.")
    assert shout.invoke("hi") == shout.invoke({"any": "hi"}) == "HI"
    assert shout.args == {"tool_input": {"type": "string"}}
    assert shout.invoke(call(__arg1="hi")).content == "HI"
    with pytest.raises(ToolInputError, match="takes one argument, not"):
        shout.invoke({"a": "x", "b": "y"})


async def test_a_tool_of_one_text_and_two_functions() -> None:
    async def lower(text: str) -> str:
        return text.lower()

    both = Tool.from_function(str.upper, "both", "Say it.", coroutine=lower)
    assert both.invoke("Hi") == "HI"
    assert await both.ainvoke("Hi") == "hi"


def test_a_tool_of_one_text_may_ask_for_its_run() -> None:
    def show(text: str, callbacks: Any) -> bool:
        return callbacks is not None

    assert Tool("show", show, "Show.").invoke("x") is True


async def test_a_lambda_around_an_async_function() -> None:
    async def lower(text: str) -> str:
        return text.lower()

    wrapped = Tool("wrapped", lambda text: lower(f"{text}!"), "Say it.")
    assert await wrapped.ainvoke("Hi") == "hi!"
    assert wrapped.invoke("Hi") == "hi!"
