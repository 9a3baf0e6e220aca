"""The node that calls the tools of a message."""

from __future__ import annotations

from typing import Annotated, Any

import anyio
import pytest

from streamflow.errors import StepInputError
from streamflow.graph import InjectedState, ToolNode, tools_condition
from streamflow.messages import AIMessage, HumanMessage, ToolMessage
from streamflow.runnables import Runnable
from streamflow.tools import InjectedToolArg, tool
from streamflow.types import Command
from tests.agents.models import calling, shown


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
async def double(a: int) -> int:
    """Double a number."""
    return 2 * a


@tool
def broken(a: int) -> int:
    """Fail."""
    raise RuntimeError("no luck")


async def both(runnable: Runnable[Any, Any], input: Any) -> Any:
    """What it gives, which is the same with a loop and without one."""
    result = await runnable.ainvoke(input)
    assert runnable.invoke(input) == result
    return result


async def test_the_results_are_in_the_order_of_the_calls() -> None:
    message = calling(("add", {"a": 1, "b": 2}), ("double", {"a": 4}))
    node = ToolNode([add, double])
    assert shown(await both(node, [message])) == [("tool", "3"), ("tool", "8")]
    state = await both(node, {"messages": [HumanMessage("hi"), message], "other": 1})
    assert [each.tool_call_id for each in state["messages"]] == ["c1", "c2"]
    assert await both(node, message.tool_calls) == state["messages"]


async def test_calls_of_one_message_run_together() -> None:
    met = anyio.Event()
    waiting: list[str] = []

    async def meet(name: str) -> str:
        """Wait for the other one."""
        waiting.append(name)
        if len(waiting) == 2:
            met.set()
        await met.wait()
        return name

    with anyio.fail_after(20):
        message = calling(("meet", {"name": "a"}), ("meet", {"name": "b"}))
        assert shown(await ToolNode([meet]).ainvoke([message])) == [("tool", "a"), ("tool", "b")]


async def test_a_call_that_was_answered_is_not_made_again() -> None:
    message = calling(("add", {"a": 1, "b": 2}), ("double", {"a": 4}))
    done = ToolMessage("3", tool_call_id="c1")
    with pytest.raises(StepInputError, match="last message"):
        await ToolNode([add, double]).ainvoke([message, done])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("nothing", {}), "no tool 'nothing'"),
        (("add", {"a": "x", "b": 2}), "a"),
        (("broken", {"a": 1}), "no luck"),
    ],
)
async def test_what_goes_wrong_is_an_answer_to_the_model(call: Any, told: str) -> None:
    (message,) = await both(ToolNode([add, broken]), [calling(call)])
    assert message.status == "error"
    assert message.tool_call_id == "c1"
    assert told in message.content


async def test_who_hears_of_an_error() -> None:
    message = calling(("broken", {"a": 1}))

    async def answer(handling: Any) -> str:
        (result,) = await both(ToolNode([broken], handle_tool_errors=handling), [message])
        text: str = result.content
        return text

    assert await answer("try later") == "try later"
    assert await answer(lambda error: f"<{error}>") == "<no luck>"
    assert "no luck" in await answer((RuntimeError, KeyError))
    with pytest.raises(RuntimeError, match="no luck"):
        await answer(False)
    with pytest.raises(RuntimeError, match="no luck"):
        await answer(KeyError)


async def test_arguments_that_no_model_gives() -> None:
    @tool
    def who(
        greeting: str,
        user: Annotated[str, InjectedState("user")],
        state: Annotated[dict[str, Any], InjectedState],
        secret: Annotated[str, InjectedToolArg] = "none",
    ) -> str:
        """Greet the user."""
        return f"{greeting} {user} {len(state['messages'])} {secret}"

    args = {"greeting": "hello", "user": "Eve", "secret": "stolen"}
    given = {"messages": [calling(("who", args))], "user": "Ada"}
    result = await both(ToolNode([who]), given)
    assert result["messages"][0].content == "hello Ada 1 none"


async def test_a_tool_may_write_more_of_the_state() -> None:
    @tool
    def remember(name: str) -> Command[Any]:
        """Remember a name."""
        return Command(update={"name": name})

    message = calling(("remember", {"name": "Ada"}), ("add", {"a": 1, "b": 1}))
    messages, command = await both(ToolNode([remember, add]), {"messages": [message]})
    assert command == Command(update={"name": "Ada"})
    assert shown(messages["messages"]) == [("tool", "2")]


def test_where_to_go_after_a_model() -> None:
    assert tools_condition([calling(("add", {}))]) == "tools"
    assert tools_condition({"messages": [AIMessage("done")]}) == "__end__"
    assert tools_condition({"messages": []}) == "__end__"
