"""Arguments that no model gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

import pytest

from streamflow.bus import StreamWriter, Written
from streamflow.errors import ToolInputError
from streamflow.runnables import RunnableConfig, RunnableLambda
from streamflow.tools import (
    BaseTool,
    InjectedToolArg,
    InjectedToolCallId,
    ToolRunManager,
    convert_to_openai_tool,
    tool,
)

if TYPE_CHECKING:
    from streamflow.runnables import RunnableConfig as Hidden

CALL: Any = {"name": "any", "args": {"a": 1}, "id": "call_1", "type": "tool_call"}
INNER = RunnableLambda(lambda x: x, name="inner")


@tool
def everything(
    a: int,
    settings: RunnableConfig,
    callbacks,
    run_manager,
    writer: StreamWriter,
    user: Annotated[str, InjectedToolArg],
    call_id: Annotated[str, InjectedToolCallId()],
    maybe: Optional[RunnableConfig] = None,  # noqa: UP045 - as people write it
    where: Annotated[int, InjectedToolArg()] = 3,
) -> Any:
    """Ask for all there is."""
    writer(a)
    return settings, callbacks, run_manager, user, call_id, maybe, where


@tool
async def async_everything(
    a: int,
    settings: RunnableConfig,
    callbacks,
    run_manager,
    writer: StreamWriter,
    user: Annotated[str, InjectedToolArg],
    call_id: Annotated[str, InjectedToolCallId()],
    maybe: Optional[RunnableConfig] = None,  # noqa: UP045 - as people write it
    where: Annotated[int, InjectedToolArg()] = 3,
) -> Any:
    """Ask for all there is."""
    writer(a)
    return settings, callbacks, run_manager, user, call_id, maybe, where


BOTH = pytest.mark.parametrize("asking", [everything, async_everything], ids=lambda t: t.name)


def check(got: Any) -> None:
    settings, callbacks, run_manager, user, call_id, maybe, where = got
    assert settings["configurable"] == maybe["configurable"] == {"k": 1}
    assert callbacks.run is settings["callbacks"].run
    assert isinstance(run_manager, ToolRunManager)
    assert run_manager.run_id == callbacks.run.id
    assert run_manager.get_child().run is callbacks.run
    assert (user, call_id, where) == ("ada", "call_1", 3)


@BOTH
async def test_each_is_given(asking: BaseTool) -> None:
    call = {**CALL, "args": {"a": 1, "user": "ada"}}
    results: list[Any] = []
    seen: list[Any] = []

    def keep(message: Any) -> None:
        if isinstance(message, Written):
            seen.append(message)

    # A tool message would turn what was returned into text.
    quiet = RunnableLambda(lambda _: call) | _Unpacked(asking, results)
    config: RunnableConfig = {"configurable": {"k": 1}, "callbacks": keep}
    await quiet.ainvoke("go", config)
    quiet.invoke("go", config)
    for got in results:
        check(got)
    assert len(results) == len(seen) == 2


class _Unpacked(RunnableLambda[Any, Any]):
    """Calls a tool such that what it returns is kept as it is."""

    def __init__(self, inner: BaseTool, results: list[Any]) -> None:
        func = inner.func  # type: ignore[attr-defined]  # all here are made of functions
        keeping = tool(inner.name, description="x", response_format="content_and_artifact")
        is_async = inner.name.startswith("async")

        def plain(**values: Any) -> Any:
            return "", func(**values)

        async def asynchronous(**values: Any) -> Any:
            return "", await func(**values)

        chosen: Any = asynchronous if is_async else plain
        chosen.__wrapped__ = func
        kept = keeping(chosen)

        def call(value: Any) -> Any:
            results.append(kept.invoke(value).artifact)

        async def acall(value: Any) -> Any:
            results.append((await kept.ainvoke(value)).artifact)

        super().__init__(call, acall)


@BOTH
def test_the_model_is_not_told_of_them(asking: BaseTool) -> None:
    assert list(asking.args) == ["a"]
    assert list(asking.tool_call_schema.model_json_schema()["properties"]) == ["a"]
    parameters = convert_to_openai_tool(asking)["function"]["parameters"]
    assert parameters == {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "required": ["a"],
    }
    given = list(asking.get_input_jsonschema()["properties"])
    assert given == ["a", "user", "call_id", "where"]


def test_what_the_caller_has_to_give_is_checked() -> None:
    with pytest.raises(ToolInputError, match="argument 'user': Field required"):
        everything.invoke(CALL)
    with pytest.raises(ToolInputError, match="'call_id': it is the id of a tool call"):
        everything.invoke({"a": 1, "user": "ada"})


def test_the_id_in_the_call_counts() -> None:
    @tool
    def ticket(a: int, call_id: Annotated[str, InjectedToolCallId]) -> str:
        """Open a ticket."""
        return call_id

    forged = {**CALL, "args": {"a": 1, "call_id": "forged"}}
    assert ticket.invoke(forged).content == "call_1"
    assert ticket.invoke({"a": 1, "call_id": "own"}) == "own"


def test_bound_values_are_given() -> None:
    @tool
    def greet(word: str, user: Annotated[str, InjectedToolArg]) -> str:
        """Greet."""
        return f"{word} {user}"

    assert greet.bind(user="ada").invoke("hello") == "hello ada"


def test_a_config_whose_type_only_type_checkers_import() -> None:
    @tool
    def ask(a: int, config: Hidden) -> Any:
        """Ask."""
        return INNER.invoke(a, config)

    runs: list[str] = []
    assert list(ask.args) == ["a"]
    ask.invoke({"a": 1}, {"callbacks": lambda message: runs.append(message.run.name)})
    assert runs == ["ask", "inner", "inner", "ask"]


def test_a_config_of_another_type_is_an_argument() -> None:
    @tool
    def ask(config: str) -> str:
        """Ask."""
        return config

    assert list(ask.args) == ["config"]
    assert ask.invoke("x") == "x"


def test_marks_in_a_class_that_describes_the_arguments() -> None:
    from pydantic import BaseModel

    class Given(BaseModel):
        a: int
        user: Annotated[str, InjectedToolArg] = "nobody"
        call_id: Annotated[str, InjectedToolCallId] = ""

    globals()["Given"] = Given
    Given.model_rebuild()

    @tool(args_schema=Given, description="Show.")
    def show(a: int, user: str, call_id: str) -> str:
        return f"{a} {user} {call_id}"

    assert list(show.args) == ["a"]
    assert show.invoke(CALL).content == "1 nobody call_1"
