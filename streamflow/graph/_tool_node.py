"""The node that calls tools: all that the last message asks for, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from .._hints import hints_of_function
from ..errors import GraphBubbleUp, StepInputError
from ..messages import AIMessage, ToolMessage
from ..runnables import Runnable
from ..runnables._config import settings_of
from ..tools import BaseTool, InjectedToolArg, tool
from ..types import Command
from ._runtime import get_store

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ..bus import Run
    from ..messages import BaseMessage, ToolCall

Handling = bool | str | type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], str]
"""What becomes of an error of a tool: it goes on (false); or the model is told of it (true), or
of errors of these classes; or the model is told this text, or what this function returns."""


class InjectedState(InjectedToolArg):
    """Marks an argument of a tool that is given the state of the graph.

    >>> from typing import Annotated
    >>> from streamflow.graph import InjectedState, ToolNode
    >>> from streamflow.messages import AIMessage
    >>> from streamflow.tools import tool
    >>> @tool
    ... def greet(user: Annotated[str, InjectedState("user")]) -> str:
    ...     "Greet the user."
    ...     return f"hello {user}"
    >>> call = {"name": "greet", "args": {}, "id": "c1"}
    >>> state = {"messages": [AIMessage("", tool_calls=[call])], "user": "Ada"}
    >>> ToolNode([greet]).invoke(state)["messages"][0].content
    'hello Ada'

    Args:
        field: The key of the state to be given; the whole state if not given.
    """

    def __init__(self, field: str | None = None) -> None:
        self.field = field


class InjectedStore(InjectedToolArg):
    """Marks an argument of a tool that is given the store that the graph was compiled with.

    >>> from typing import Annotated, Any
    >>> from streamflow.graph import InjectedStore
    >>> from streamflow.tools import tool
    >>> @tool
    ... def recall(topic: str, store: Annotated[Any, InjectedStore()]) -> str:
    ...     "Recall what was said."
    ...     return str(store.get(("topics",), topic))
    >>> list(recall.args)
    ['topic']
    """


class ToolNode(Runnable[Any, Any]):
    """Calls the tools that the last message of a state asks for, all at once.

    The results are messages, in the order of the calls. A tool that there is not, arguments
    that do not fit and, unless told otherwise, errors of tools are answers to the model, which
    may try again. A tool may return a ``Command`` to write more of the state than a message.

    Args:
        tools: Tools, or functions, which become tools.
        name: The name of its runs.
        handle_tool_errors: What becomes of an error that a tool raises.
        messages_key: Where in the state the messages are.

    >>> from streamflow.graph import ToolNode
    >>> from streamflow.messages import AIMessage
    >>> def add(a: int, b: int) -> int:
    ...     "Add two numbers."
    ...     return a + b
    >>> call = {"name": "add", "args": {"a": 1, "b": 2}, "id": "c1"}
    >>> ToolNode([add]).invoke([AIMessage("", tool_calls=[call])])
    [ToolMessage(content='3', name='add', tool_call_id='c1')]
    """

    def __init__(
        self,
        tools: Sequence[BaseTool | Callable[..., Any]],
        *,
        name: str = "tools",
        handle_tool_errors: Handling = True,
        messages_key: str = "messages",
    ) -> None:
        self.name = name
        made = [each if isinstance(each, BaseTool) else tool(each) for each in tools]
        self.tools_by_name = {each.name: each for each in made}
        self._handling = handle_tool_errors
        self._key = messages_key
        self._injected = {each.name: _injected(each) for each in made}

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        calls, state = self._read(input)
        branches = [self._branch(call, state, run) for call in calls]
        limit = settings_of(run.scope).max_concurrency
        results = await run.execution.join(branches, limit)
        if isinstance(input, list):
            return results
        commands = [each for each in results if isinstance(each, Command)]
        messages = {self._key: [each for each in results if not isinstance(each, Command)]}
        return [messages, *commands] if commands else messages

    def _read(self, input: Any) -> tuple[list[ToolCall], Any]:
        """Return the calls that are to be made, and the state that tools may be given."""
        if isinstance(input, list) and input and _is_call(input[-1]):
            return input, None
        messages = _messages_in(input, self._key)
        last = messages[-1] if messages else None
        if not isinstance(last, AIMessage):
            raise StepInputError(
                f"{self.name!r} calls the tools that the last message, of a model, asks for; "
                f"the last message is {last!r:.80}"
            )
        answered = {each.tool_call_id for each in messages if isinstance(each, ToolMessage)}
        return [call for call in last.tool_calls if call["id"] not in answered], input

    def _branch(
        self, call: ToolCall, state: Any, run: Run
    ) -> Callable[[], Coroutine[Any, Any, Any]]:
        return lambda: self._answer(call, state, run)

    async def _answer(self, call: ToolCall, state: Any, run: Run) -> ToolMessage | Command[Any]:
        called = self.tools_by_name.get(call["name"])
        if called is None:
            known = ", ".join(self.tools_by_name) or "none"
            return _failed(call, f"There is no tool {call['name']!r}. The tools are: {known}.")
        injected = self._injected[called.name]
        # A model must not give what it is not shown.
        args = {key: value for key, value in call["args"].items() if key not in injected}
        more = {key: give(state) for key, give in injected.items() if give is not None}
        given = {**call, "args": args, "type": "tool_call"}
        try:
            result = await called._invoke_step(given, run, None, None, more)
        except GraphBubbleUp:
            raise  # A question to the user, or a command: no fault of the tool.
        except Exception as error:  # noqa: BLE001 - raised or told, as it was asked for
            return _failed(call, self._told(error))
        if isinstance(result, (ToolMessage, Command)):
            return result
        return ToolMessage(str(result), tool_call_id=call["id"] or "", name=call["name"])

    def _told(self, error: Exception) -> str:
        """Return what the model is told of an error; raise it, if nothing."""
        handling = self._handling
        if isinstance(handling, str):
            return handling
        if isinstance(handling, (type, tuple)):
            if not isinstance(error, handling):
                raise error
        elif callable(handling):
            return handling(error)
        elif not handling:
            raise error
        return f"Error: {error!r}. Mend the call, or do without it."


def tools_condition(state: Any, messages_key: str = "messages") -> Literal["tools", "__end__"]:
    """Return where to go after a model: to ``"tools"`` if it calls some, else to the end.

    >>> from streamflow.graph import tools_condition
    >>> from streamflow.messages import AIMessage
    >>> tools_condition({"messages": [AIMessage("done")]})
    '__end__'

    Args:
        state: A state with messages, or the messages.
        messages_key: Where in the state they are.
    """
    messages = _messages_in(state, messages_key)
    last = messages[-1] if messages else None
    return "tools" if isinstance(last, AIMessage) and last.tool_calls else "__end__"


def _messages_in(state: Any, key: str) -> list[BaseMessage]:
    if isinstance(state, list):
        messages = state
    elif isinstance(state, Mapping):
        messages = state.get(key) or []
    else:
        messages = getattr(state, key, None) or []
    return messages


def _is_call(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "tool_call"


def _failed(call: ToolCall, text: str) -> ToolMessage:
    return ToolMessage(text, tool_call_id=call["id"] or "", name=call["name"], status="error")


def _injected(called: BaseTool) -> dict[str, Callable[[Any], Any] | None]:
    """Return the arguments that no model gives, with what gives those that a graph does."""
    plain, async_ = called._functions()
    function = plain or async_
    hints = hints_of_function(function) if function is not None else {}
    if called.args_schema is not None and not isinstance(called.args_schema, Mapping):
        hints = {**hints, **getattr(called.args_schema, "__annotations__", {})}
    found: dict[str, Callable[[Any], Any] | None] = {}
    for name, hint in hints.items():
        if get_origin(hint) is not Annotated:
            continue
        for mark in get_args(hint)[1:]:
            kind = mark if isinstance(mark, type) else type(mark)
            if issubclass(kind, InjectedToolArg):
                found[name] = _giver(mark, kind)
    return found


def _giver(mark: Any, kind: type) -> Callable[[Any], Any] | None:
    if issubclass(kind, InjectedStore):
        return lambda _: get_store()
    if not issubclass(kind, InjectedState):
        return None
    field = None if isinstance(mark, type) else mark.field
    if field is None:
        return lambda state: state
    return lambda state: state[field] if isinstance(state, Mapping) else getattr(state, field)
