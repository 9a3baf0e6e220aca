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
from ._tool_calls import (
    InvalidToolCall,
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
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
    "SystemMessage",
    "SystemMessageChunk",
    "ToolCall",
    "ToolCallChunk",
    "ToolMessage",
    "ToolMessageChunk",
    "UsageMetadata",
    "convert_to_messages",
    "get_buffer_string",
    "invalid_tool_call",
    "message_chunk_to_message",
    "message_to_chunk",
    "tool_call",
    "tool_call_chunk",
)
