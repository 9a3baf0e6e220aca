"""An agent by the name of its model, or by the model itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..graph import create_react_agent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..graph import CompiledStateGraph, ToolNode
    from ..language_models import BaseChatModel
    from ..messages import SystemMessage
    from ..runnables import Runnable
    from ..tools import BaseTool


def create_agent(
    model: str | BaseChatModel | Runnable[Any, Any],
    tools: Sequence[BaseTool | Callable[..., Any]] | ToolNode = (),
    *,
    prompt: str | SystemMessage | Callable[..., Any] | Runnable[Any, Any] | None = None,
    response_format: Any = None,
    **settings: Any,
) -> CompiledStateGraph:
    """Return an agent: a graph in which a model calls tools until it has an answer.

    It is what ``streamflow.graph.create_react_agent`` makes; here the model may be named.

    Args:
        model: A chat model that binds tools; or a name for ``init_chat_model``, such as
            ``"openai:gpt-4o-mini"``.
        tools: Tools, or functions, which become tools.
        prompt: What the model is told first.
        response_format: The form of ``structured_response`` in the last state.
        settings: Further arguments of ``create_react_agent``, such as ``max_turns``,
            ``checkpointer`` or ``name``.

    Raises:
        ModelArgumentError: there is no model of that name.
        GraphDefinitionError: the model cannot be told of the tools.

    >>> from streamflow.agents import create_agent
    >>> from streamflow.language_models import FakeListChatModel
    >>> agent = create_agent(FakeListChatModel(responses=["Hello!"]), prompt="Be brief.")
    >>> agent.invoke({"messages": [("user", "Hi")]})["messages"][-1].content
    'Hello!'
    """
    if isinstance(model, str):
        from ..chat_models import init_chat_model  # noqa: PLC0415 - only for a name

        found: BaseChatModel | Runnable[Any, Any] = init_chat_model(model)
    else:
        found = model
    return create_react_agent(
        found, tools, prompt=prompt, response_format=response_format, **settings
    )
