"""The models of Ollama, on this machine or another: lines of JSON, in a protocol of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from .._vendors._table import VENDORS
from ..errors import MalformedStreamError, ModelInputError
from ..messages import AIMessage, AIMessageChunk, ToolMessage
from ..messages._media import media_of
from ._frames import Lines
from ._model import VendorChatModel, kind_of_answer
from ._openai_request import openai_message, openai_tool
from ._reader import Reader, text_or_none
from ._tool_turns import answered_calls, malformed_calls
from ._usage import usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._vendors._source import Source
    from .._vendors._table import Vendor
    from ..language_models import LanguageModelInput
    from ..messages import BaseMessage
    from ..runnables import Runnable

    Block = dict[str, Any]

# What stands beside the options of the model in a request.
_OUTSIDE = frozenset({"model", "tools", "format", "think", "keep_alive"})
_RENAMED = {"max_tokens": "num_predict", "response_format": "format", "reasoning": "think"}
_NOT_SENT = frozenset({"tool_choice", "parallel_tool_calls", "stream_usage", "user"})


class ChatOllama(VendorChatModel):
    """A chat model of Ollama.

    It is asked on this machine, unless ``OLLAMA_HOST`` or ``base_url`` say otherwise.
    Options of the model that are not named here (``num_ctx``, ``mirostat``, …) go to
    ``model_kwargs``.

    >>> from streamflow.chat_models import ChatOllama
    >>> ChatOllama(model="llama3.2", temperature=0)
    ChatOllama(model='llama3.2', temperature=0)
    """

    vendor: ClassVar[Vendor] = VENDORS["ollama"]

    top_k: int | None = None
    reasoning: bool | str | None = None
    """Whether, or how hard, the model is to think first."""
    keep_alive: int | str | None = None
    """How long the model stays in memory after the answer."""

    _sent = (*VendorChatModel._sent, "top_k", "reasoning", "keep_alive")

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        values = {
            "max_tokens" if key == "num_predict" else key: value for key, value in values.items()
        }
        return super()._renamed(values)

    def with_structured_output(
        self, schema: Any, *, method: Any = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Return this model with answers of a schema; see `BaseChatModel`.

        Ollama holds a model to a schema, but cannot make it call a tool, so ``method`` is
        ``"json_schema"`` if not given.
        """
        method = method or "json_schema"
        return super().with_structured_output(schema, method=method, **kwargs)

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        return ollama_body(messages, options, stream=stream)

    def _reader(self, id: str, source: Source, content_type: str, *, stream: bool) -> Reader:
        kind_of_answer(source, content_type)
        return OllamaReader(source, Lines(), id)


def ollama_body(
    messages: Sequence[BaseMessage], options: Mapping[str, Any], *, stream: bool
) -> Block:
    """Return the body of a request."""
    body: Block = {"messages": [_message(each, messages) for each in messages], "stream": stream}
    settings: Block = {}
    for given, value in options.items():
        if value is None or given in _NOT_SENT:
            continue
        name = _RENAMED.get(given, given)
        (body if name in _OUTSIDE else settings)[name] = value
    if isinstance(settings.get("stop"), str):
        settings["stop"] = [settings["stop"]]
    if "tools" in body:
        body["tools"] = [openai_tool(tool) for tool in body["tools"]]
    if isinstance(body.get("format"), dict):
        body["format"] = _format(body["format"])
    if settings:
        body["options"] = settings
    return body


def _format(wanted: Block) -> Any:
    """Return the schema of an answer, which OpenAI wraps."""
    if wanted.get("type") == "json_object":
        return "json"
    return wanted["json_schema"]["schema"] if wanted.get("type") == "json_schema" else wanted


def _message(message: BaseMessage, conversation: Sequence[BaseMessage]) -> Block:
    said: Block = {"role": openai_message(message)["role"], "content": message.text}
    blocks = [] if isinstance(message.content, str) else message.content
    found = [media for block in blocks if isinstance(block, dict) and (media := media_of(block))]
    if found:
        for media in found:
            if media.kind != "image" or not media.data:
                raise ModelInputError(f"Ollama reads images as base64 data, no {media.kind} by URL")
        said["images"] = [media.data for media in found]
    if isinstance(message, AIMessage) and (calls := _calls(message, conversation)):
        said["tool_calls"] = calls
    if isinstance(message, ToolMessage):
        said["tool_name"] = message.name or _tool_of(message.tool_call_id, conversation)
    return said


def _calls(message: AIMessage, conversation: Sequence[BaseMessage]) -> list[Block]:
    """Return the calls that are told back."""
    calls = [(call["name"], call["args"]) for call in message.tool_calls]
    if message.invalid_tool_calls:
        # Arguments must be an object; what is wrong with these, the result says.
        malformed = malformed_calls(message, answered_calls(conversation))
        calls += [(bad["name"], {}) for bad in malformed]
    return [{"function": {"name": name, "arguments": args}} for name, args in calls]


def _tool_of(id: str, conversation: Sequence[BaseMessage]) -> str | None:
    calls = (
        call
        for each in conversation
        if isinstance(each, AIMessage)
        for call in (*each.tool_calls, *each.invalid_tool_calls)
    )
    return next((call["name"] for call in calls if call["id"] == id), None)


class OllamaReader(Reader):
    """Reads one answer; see `Reader`."""

    _calls = 0

    def _take(self, event: str, payload: Any, chunks: list[AIMessageChunk]) -> None:
        if payload.__class__ is not dict:
            raise self.source.error(MalformedStreamError, "an event is no JSON object", payload)
        if payload.get("error"):
            raise self.source.refusal(payload)
        message = payload.get("message") or {}
        if message.get("thinking"):
            text = self._mended("reasoning", text_or_none(message["thinking"]) or "")
            block = {"type": "reasoning", "reasoning": text, "index": "reasoning"}
            chunks.append(AIMessageChunk([block], id=self._id))
        text = self._mended("text", text_or_none(message.get("content")) or "")
        if text:
            chunks.append(AIMessageChunk(text, id=self._id))
        chunks += map(self._call, message.get("tool_calls") or ())
        if payload.get("done"):
            self.finished = True
            self._facts = payload
            self._finish(chunks)

    def _call(self, call: Block) -> AIMessageChunk:
        """Read a tool call, which comes whole, and often without an id."""
        function, number = call["function"], self._calls
        self._calls += 1
        args = function.get("arguments") or {}
        piece: Any = {
            "name": text_or_none(function["name"]),
            "args": args if isinstance(args, str) else orjson.dumps(args).decode(),
            "id": text_or_none(call.get("id")) or f"{self._id}-call-{number}",
            "index": number,
            "type": "tool_call_chunk",
        }
        return AIMessageChunk("", id=self._id, tool_call_chunks=[piece])

    def _last(self) -> AIMessageChunk:
        facts = {key: value for key, value in self._facts.items() if key != "message"}
        facts["model_name"] = facts.pop("model", self.source.model)
        facts["finish_reason"] = facts.get("done_reason") or "stop"
        facts["model_provider"] = self.source.vendor
        asked, said = facts.get("prompt_eval_count"), facts.get("eval_count")
        told = None if asked is None and said is None else usage_of(asked, said)
        return AIMessageChunk(
            self._rest("text"), id=self._id, response_metadata=facts, usage_metadata=told
        )
