"""Chat messages: whole ones, chunks of them, and the forms in which people write them."""

from __future__ import annotations

from ._ai import AIMessage, AIMessageChunk
from ._base import BaseMessage, BaseMessageChunk
from ._convert import (
    MessageLikeRepresentation,
    convert_to_messages,
    get_buffer_string,
    message_chunk_to_message,
    message_to_chunk,
)
from ._dicts import message_to_dict, messages_from_dict, messages_to_dict
from ._openai import convert_to_openai_messages
from ._remove import RemoveMessage
from ._roles import (
    ChatMessage,
    ChatMessageChunk,
    FunctionMessage,
    FunctionMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    SystemMessageChunk,
    ToolMessage,
    ToolMessageChunk,
)
from ._select import filter_messages, merge_message_runs
from ._tokens import count_tokens_approximately
from ._tool_calls import (
    InvalidToolCall,
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
from ._trim import trim_messages
from ._usage import InputTokenDetails, OutputTokenDetails, UsageMetadata

__all__ = (
    "AIMessage",
    "AIMessageChunk",
    "BaseMessage",
    "BaseMessageChunk",
    "ChatMessage",
    "ChatMessageChunk",
    "FunctionMessage",
    "FunctionMessageChunk",
    "HumanMessage",
    "HumanMessageChunk",
    "InputTokenDetails",
    "InvalidToolCall",
    "MessageLikeRepresentation",
    "OutputTokenDetails",
    "RemoveMessage",
    "SystemMessage",
    "SystemMessageChunk",
    "ToolCall",
    "ToolCallChunk",
    "ToolMessage",
    "ToolMessageChunk",
    "UsageMetadata",
    "convert_to_messages",
    "convert_to_openai_messages",
    "count_tokens_approximately",
    "filter_messages",
    "get_buffer_string",
    "invalid_tool_call",
    "merge_message_runs",
    "message_chunk_to_message",
    "message_to_chunk",
    "message_to_dict",
    "messages_from_dict",
    "messages_to_dict",
    "tool_call",
    "tool_call_chunk",
    "trim_messages",
)
