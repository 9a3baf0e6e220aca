"""An agent: a model that calls tools until it has an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from ..errors import GraphDefinitionError
from ..messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from ..runnables import Runnable, coerce_to_runnable
from ._builder import StateGraph
from ._channels import RemainingSteps  # noqa: TC001 - the hints of AgentState are read
from ._messages import add_messages
from ._names import END, START
from ._tool_node import ToolNode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..bus import Run
    from ..checkpoint import BaseCheckpointSaver
    from ..language_models import BaseChatModel
    from ..store import BaseStore
    from ..tools import BaseTool
    from ._compiled import CompiledStateGraph
    from ._tool_node import Handling


class AgentState(TypedDict, total=False):
    """The state of an agent.

    >>> from streamflow.graph import AgentState
    >>> state: AgentState = {"messages": []}
    """

    messages: Annotated[list[BaseMessage], add_messages]
    """What has been said, with the calls of tools and their results."""
    remaining_steps: RemainingSteps
    """How many steps the graph may take yet."""
    structured_response: Any
    """The answer in the form of ``response_format``."""


def create_react_agent(
    model: BaseChatModel | Runnable[Any, Any],
    tools: Sequence[BaseTool | Callable[..., Any]] | ToolNode = (),
    *,
    prompt: str | SystemMessage | Callable[..., Any] | Runnable[Any, Any] | None = None,
    response_format: Any = None,
    max_turns: int | None = None,
    handle_tool_errors: Handling = True,
    state_schema: Any = None,
    context_schema: Any = None,
    checkpointer: BaseCheckpointSaver | bool | None = None,
    store: BaseStore | None = None,
    interrupt_before: Sequence[str] | None = None,
    interrupt_after: Sequence[str] | None = None,
    debug: bool = False,
    name: str = "agent",
) -> CompiledStateGraph:
    """Return a graph in which a model calls tools until it has an answer.

    Its node ``agent`` asks the model, its node ``tools`` makes the calls of one answer, all at
    once. It is called with ``{"messages": [...]}`` and returns the state, whose last message
    is the answer. It streams, pauses and remembers as every graph does: the mode ``messages``
    gives every token, ``with_timeout(total=...)`` limits its time, and what cancels it stops
    its tools.

    Args:
        model: A chat model that binds tools, or one that has some bound.
        tools: Tools, or functions, which become tools; or a ``ToolNode``.
        prompt: What the model is told first: a text, a system message; or a function or a
            runnable that makes its whole input of the state.
        response_format: The form of ``structured_response`` in the last state, as
            ``with_structured_output`` takes it; or a pair of what the model is told for that,
            and the form.
        max_turns: How often the model is asked, at most, for one message of the user; an answer
            that would need more is cut short with a message that says so.
        handle_tool_errors: What becomes of errors of tools; see ``ToolNode``.
        state_schema: A state with more keys; it has those of ``AgentState``.
        context_schema: The class of what is given as ``context=``.
        checkpointer: Where states are kept.
        store: What tools can reach by ``get_store()``.
        interrupt_before: Nodes before which it pauses.
        interrupt_after: Nodes after which it pauses.
        debug: Print what its nodes write, and the state after each step.
        name: The name of its runs.

    Raises:
        GraphDefinitionError: the model cannot be told of the tools.

    >>> from streamflow.graph import create_react_agent
    >>> from streamflow.language_models import GenericFakeChatModel
    >>> from streamflow.messages import AIMessage
    >>> def weather(city: str) -> str:
    ...     "Tell the weather of a city."
    ...     return f"sunny in {city}"
    >>> call = {"name": "weather", "args": {"city": "Bern"}, "id": "c1"}
    >>> model = GenericFakeChatModel(messages=iter([AIMessage("", tool_calls=[call]), "Sunny."]))
    >>> agent = create_react_agent(model, [weather])
    >>> state = agent.invoke({"messages": [("user", "What is it like in Bern?")]})
    >>> [message.type for message in state["messages"]]
    ['human', 'ai', 'tool', 'ai']
    """
    node = tools if isinstance(tools, ToolNode) else None
    if node is None:
        node = ToolNode(tools, handle_tool_errors=handle_tool_errors)  # type: ignore[arg-type]  # narrowed
    called = list(node.tools_by_name.values())
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(
        state_schema or AgentState, context_schema=context_schema
    )
    graph.add_node("agent", AgentStep(_with_tools(model, called), prompt, called, max_turns))
    graph.add_edge(START, "agent")
    after = END
    if response_format is not None:
        after = "generate_structured_response"
        graph.add_node(after, StructuredStep(model, response_format))
        graph.add_edge(after, END)
    if not called:
        graph.add_edge("agent", after)
    else:
        graph.add_node("tools", node)
        graph.add_conditional_edges("agent", _after_model(after), ["tools", after])
        direct = {each.name for each in called if each.return_direct}
        if direct:
            graph.add_conditional_edges("tools", _after_tools(direct, after), ["agent", after])
        else:
            graph.add_edge("tools", "agent")
    return graph.compile(
        checkpointer=checkpointer,
        store=store,
        interrupt_before=interrupt_before,
        interrupt_after=interrupt_after,
        debug=debug,
        name=name,
    )


class AgentStep(Runnable[Any, Any]):
    """Asks the model for its next message.

    Args:
        model: The model, with its tools.
        prompt: What makes its input of the state.
        tools: What it may call.
        max_turns: How often it is asked for one message of the user.
    """

    name = "call_model"

    def __init__(
        self,
        model: Runnable[Any, Any],
        prompt: Any,
        tools: Sequence[BaseTool],
        max_turns: int | None,
    ) -> None:
        self._model = model
        self._system = _system_message(prompt)
        made_by = prompt is not None and self._system is None
        self._prompt = coerce_to_runnable(prompt) if made_by else None
        self._max_turns = max_turns

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        messages = _get(input, "messages") or []
        given: Any = messages
        if self._prompt is not None:
            given = await self._prompt._invoke_step(input, run, None, None, {})
        elif self._system is not None:
            given = [self._system, *messages]
        answer = await self._model._invoke_step(given, run, None, None, {})
        if isinstance(answer, AIMessage) and answer.tool_calls and self._is_last(input, messages):
            answer = AIMessage(
                "I have used up my turns before I had an answer.", id=answer.id, name=answer.name
            )
        return {"messages": [answer]}

    def _is_last(self, state: Any, messages: Sequence[BaseMessage]) -> bool:
        """Whether there is no turn left in which the model could read results."""
        if self._max_turns is not None:
            turns = 1
            for message in reversed(messages):
                if isinstance(message, HumanMessage):
                    break
                turns += isinstance(message, AIMessage)
            if turns >= self._max_turns:
                return True
        # The tools take a step, the next answer another one.
        left = _get(state, "remaining_steps")
        return left is not None and left < 3


class StructuredStep(Runnable[Any, Any]):
    """Asks the model for the answer in another form.

    Args:
        model: The model, without tools.
        form: What ``with_structured_output`` takes, or a pair with what it is told before.
    """

    name = "generate_structured_response"

    def __init__(self, model: Any, form: Any) -> None:
        told, form = form if isinstance(form, tuple) else (None, form)
        self._system = _system_message(told)
        self._model: Runnable[Any, Any] = model.with_structured_output(form)

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        messages = list(_get(input, "messages") or ())
        if self._system is not None:
            messages.insert(0, self._system)
        answer = await self._model._invoke_step(messages, run, None, None, {})
        return {"structured_response": answer}


def _with_tools(model: Any, tools: Sequence[BaseTool]) -> Runnable[Any, Any]:
    if not tools or "tools" in getattr(model, "kwargs", {}):
        return coerce_to_runnable(model)
    bind = getattr(model, "bind_tools", None)
    if bind is None:
        raise GraphDefinitionError(
            f"the model of an agent with tools has bind_tools, as chat models do, or has its "
            f"tools bound; got {model!r:.80}"
        )
    bound: Runnable[Any, Any] = bind(tools)
    return bound


def _system_message(prompt: Any) -> SystemMessage | None:
    if isinstance(prompt, str):
        return SystemMessage(prompt)
    return prompt if isinstance(prompt, SystemMessage) else None


def _after_model(end: str) -> Callable[[Any], str]:
    def should_continue(state: Any) -> str:
        last = _get(state, "messages")[-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else end

    return should_continue


def _after_tools(direct: set[str], end: str) -> Callable[[Any], str]:
    """Return what goes to the end if a tool has given the user its result."""

    def route_tool_responses(state: Any) -> str:
        for message in reversed(_get(state, "messages")):
            if not isinstance(message, ToolMessage):
                break
            if message.name in direct:
                return end
        return "agent"

    return route_tool_responses


def _get(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, dict) else getattr(state, key, None)
