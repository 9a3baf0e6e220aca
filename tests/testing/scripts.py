"""Models that answer as they are told, for recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import anyio

from streamflow.language_models import BaseChatModel
from streamflow.messages import AIMessage, AIMessageChunk
from streamflow.outputs import ChatGeneration, ChatResult

CALL = {"name": "weather", "args": '{"city": ', "id": "call_1", "index": 0}
REST = {"name": None, "args": '"Bern"}', "id": None, "index": 0}

PARTS = (
    AIMessageChunk("Let me ", id="msg_1"),
    AIMessageChunk("see.", id="msg_1"),
    AIMessageChunk([{"type": "reasoning", "reasoning": "hm", "index": 0}], id="msg_1"),
    AIMessageChunk("", tool_call_chunks=[CALL], id="msg_1"),
    AIMessageChunk("", tool_call_chunks=[REST], id="msg_1"),
    AIMessageChunk(
        "",
        id="msg_1",
        response_metadata={"finish_reason": "tool_calls", "headers": {"set-cookie": "crumbs"}},
        usage_metadata={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
    ),
)
"""As a vendor may send it: text, reasoning, a call in two pieces, what it cost."""


class Vendor(BaseChatModel):
    """Streams parts, in plain code and in async code, and then fails if it is told to."""

    _takes_openai_tools = True
    _takes_response_format = True

    parts: Sequence[AIMessageChunk] = PARTS
    error: Exception | None = None
    api_key: str = "sk-0123456789"
    default_headers: Mapping[str, str] = {"authorization": "Bearer 9876543210"}
    model: str = "large-1"
    ls_provider = "acme"

    def _stream(self, messages: Any, stop: Any = None, **kwargs: Any) -> Iterator[AIMessageChunk]:
        yield from self.parts
        if self.error is not None:
            raise self.error

    async def _astream(
        self, messages: Any, stop: Any = None, **kwargs: Any
    ) -> AsyncIterator[AIMessageChunk]:
        for part in self._stream(messages):
            await anyio.lowlevel.checkpoint()
            yield part

    def _generate(self, messages: Any, stop: Any = None, **kwargs: Any) -> ChatResult:
        if self.error is not None:
            raise self.error
        said = messages[-1].content
        message = AIMessage(
            f"whole answer to {said}", id="msg_2", usage_metadata=self.parts[-1].usage_metadata
        )
        return ChatResult(generations=[ChatGeneration(message)])


class Slow(BaseChatModel):
    """Takes its time, as its clock has it."""

    async def _astream(
        self, messages: Any, stop: Any = None, **kwargs: Any
    ) -> AsyncIterator[AIMessageChunk]:
        for word, seconds in (("so ", 0.5), ("it ", 0.25), ("goes", 2.0)):
            await anyio.sleep(seconds)
            yield AIMessageChunk(word)


class Endless(BaseChatModel):
    """Says something and then waits for ever."""

    async def _astream(
        self, messages: Any, stop: Any = None, **kwargs: Any
    ) -> AsyncIterator[AIMessageChunk]:
        yield AIMessageChunk("well ")
        yield AIMessageChunk("then ")
        await anyio.sleep_forever()


class Answers(BaseChatModel):
    """Answers a question with its own words, whoever asks first."""

    async def _agenerate(self, messages: Any, stop: Any = None, **kwargs: Any) -> ChatResult:
        await anyio.lowlevel.checkpoint()
        message = AIMessage(f"you said {messages[-1].content}")
        return ChatResult(generations=[ChatGeneration(message)])
