"""Graphs of nodes that read and write a state, step by step."""

from __future__ import annotations

from ..bus import get_stream_writer
from ._agent import AgentState, create_react_agent
from ._builder import StateGraph
from ._cache import NodeCache
from ._channels import IsLastStep, RemainingSteps
from ._compiled import CompiledStateGraph
from ._messages import REMOVE_ALL_MESSAGES, MessagesState, add_messages
from ._names import END, START
from ._runtime import Runtime, get_runtime, get_store
from ._tool_node import InjectedState, InjectedStore, ToolNode, tools_condition

__all__ = (
    "END",
    "REMOVE_ALL_MESSAGES",
    "START",
    "AgentState",
    "CompiledStateGraph",
    "InjectedState",
    "InjectedStore",
    "IsLastStep",
    "MessagesState",
    "NodeCache",
    "RemainingSteps",
    "Runtime",
    "StateGraph",
    "ToolNode",
    "add_messages",
    "create_react_agent",
    "get_runtime",
    "get_store",
    "get_stream_writer",
    "tools_condition",
)
