"""streamflow: a streaming runtime for LLM applications, on asyncio, on trio and without either.

The layers, of which a lower one never imports an upper one:

============  =======================================================================
foundations   the error tree, ids, JSON, merging of chunks; ``streamflow.messages``
pictures      ``streamflow.drawing``: graphs of steps, as text and as images
execution     how work is awaited, offloaded, slept and joined; channels
bus           runs, messages of the bus, filters, subscriptions
runnables     the Runnable interface, its combinators, configuration
views         event dicts and logs
vocabulary    prompts, language models, output parsers, tools, retrieval, callbacks, ...
storage       ``streamflow.checkpoint``, ``streamflow.store``: what graphs keep
graph         ``streamflow.graph``, ``streamflow.types``: nodes, a state, steps
test kit      ``streamflow.testing``: recorded answers, other models
edges         models of providers, agents, the command line
============  =======================================================================

The common names are also here, imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agents import create_agent
    from .bus import Bus, EventFilter, Subscription, current_run
    from .callbacks import (
        AsyncCallbackHandler,
        BaseCallbackHandler,
        adispatch_custom_event,
        dispatch_custom_event,
    )
    from .chat_models import init_chat_model
    from .documents import Document
    from .graph import END, START, StateGraph
    from .language_models import (
        LLM,
        BaseChatModel,
        FakeListChatModel,
        GenericFakeChatModel,
        ReplayChatModel,
        SimpleChatModel,
    )
    from .messages import (
        AIMessage,
        AIMessageChunk,
        BaseMessage,
        HumanMessage,
        SystemMessage,
        ToolMessage,
    )
    from .output_parsers import (
        BaseOutputParser,
        JsonOutputParser,
        PydanticOutputParser,
        StrOutputParser,
    )
    from .prompts import (
        ChatPromptTemplate,
        FewShotChatMessagePromptTemplate,
        FewShotPromptTemplate,
        MessagesPlaceholder,
        PromptTemplate,
    )
    from .retrievers import BaseRetriever
    from .runnables import (
        Runnable,
        RunnableConfig,
        RunnableGenerator,
        RunnableLambda,
        RunnableParallel,
        RunnablePassthrough,
        RunnableSequence,
        chain,
        get_config,
    )
    from .tools import BaseTool, StructuredTool, tool

__version__ = "0.1.0"

__all__ = (
    "END",
    "LLM",
    "START",
    "AIMessage",
    "AIMessageChunk",
    "AsyncCallbackHandler",
    "BaseCallbackHandler",
    "BaseChatModel",
    "BaseMessage",
    "BaseOutputParser",
    "BaseRetriever",
    "BaseTool",
    "Bus",
    "ChatPromptTemplate",
    "Document",
    "EventFilter",
    "FakeListChatModel",
    "FewShotChatMessagePromptTemplate",
    "FewShotPromptTemplate",
    "GenericFakeChatModel",
    "HumanMessage",
    "JsonOutputParser",
    "MessagesPlaceholder",
    "PromptTemplate",
    "PydanticOutputParser",
    "ReplayChatModel",
    "Runnable",
    "RunnableConfig",
    "RunnableGenerator",
    "RunnableLambda",
    "RunnableParallel",
    "RunnablePassthrough",
    "RunnableSequence",
    "SimpleChatModel",
    "StateGraph",
    "StrOutputParser",
    "StructuredTool",
    "Subscription",
    "SystemMessage",
    "ToolMessage",
    "adispatch_custom_event",
    "chain",
    "create_agent",
    "current_run",
    "dispatch_custom_event",
    "get_config",
    "init_chat_model",
    "tool",
)

# In the order of the layers, so that a name is found with as few imports as can be.
_HOMES = (
    "bus",
    "runnables",
    "messages",
    "documents",
    "prompts",
    "output_parsers",
    "language_models",
    "callbacks",
    "tools",
    "retrievers",
    "graph",
    "agents",
    "chat_models",
)


def __getattr__(name: str) -> Any:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"{__name__}.{home}")
            if name in module.__all__:
                value = getattr(module, name)
                globals()[name] = value
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
