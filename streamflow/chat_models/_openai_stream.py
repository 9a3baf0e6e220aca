"""Answers of OpenAI's chat completions, as the many vendors send them who imitate it.

They differ. ``[DONE]`` may be absent; usage comes in a chunk without choices, in one with an
empty choice, in each, or never; the id and the name of a tool call come once or every time;
a parallel call may have an index of its own, that of the call before, or none; what is not
there may be absent, ``null`` or empty. An answer that is not streamed has a ``message``
where a stream has a ``delta``, and is read by the same code.

What Gemini thinks is content, too: of events with a mark, and between tags if they are asked
for, or in an answer that is not streamed. The tag that ends it stands before the answer, in an
event without the mark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from attrs import define

from ..errors import MalformedStreamError
from ..messages import AIMessageChunk
from ._openai_request import BESIDE_CALLS
from ._reader import Reader, Whole, text_or_none
from ._usage import openai_usage

if TYPE_CHECKING:
    from .._vendors._source import Source
    from ..messages import ToolCallChunk
    from ._frames import Framing

_PLAIN = frozenset({"role", "content"})
_NOTHING: frozenset[str] = frozenset()
_BEGIN_OF_THOUGHTS = re.compile(r"<(thought|think)>")
_REASONING = ("reasoning_content", "reasoning", "thinking")
_BESIDE = ("refusal", "function_call", "audio", "annotations", "reasoning_details")
_REFUSALS = ("message", "detail", "errors")
_FACTS = (("model", "model_name"), ("id", "id"), ("system_fingerprint", "system_fingerprint"),
          ("service_tier", "service_tier"))  # fmt: skip


class OpenAIReader(Reader):
    """Reads one answer; see `Reader`."""

    def __init__(self, source: Source, framing: Framing, id: str | None) -> None:
        super().__init__(source, framing, id)
        self._facts: dict[str, Any] = {"model_provider": source.vendor}
        self._usage: dict[str, Any] | None = None
        self._calls = _Calls()
        # What a delta of text alone may have; nothing while the end of thoughts is awaited.
        self._plain = _PLAIN
        self._end_of_thoughts: str | None = None

    def _take(self, event: str, payload: Any, chunks: list[AIMessageChunk]) -> None:
        if payload.__class__ is not dict or payload.get("error") or event == "error":
            raise self._no_answer(payload)
        choices = payload.get("choices")
        if choices and not choices[0].get("index"):  # of several answers, the first
            choice = choices[0]
            delta = choice.get("delta") or choice.get("message")
            if delta:
                content = delta.get("content")
                if content.__class__ is str and delta.keys() <= self._plain:
                    if self._halves is not None:
                        content = self._mended("text", content)
                    if content:
                        chunks.append(AIMessageChunk(content, id=self._id))
                else:
                    self._take_delta(delta, chunks)
            if choice.get("logprobs"):
                chunks.append(self._beside(response_metadata={"logprobs": choice["logprobs"]}))
            if choice.get("finish_reason"):
                self.finished = True
                self._facts["finish_reason"] = choice["finish_reason"]
        elif "choices" not in payload and (
            payload.get("object") == "error" or any(key in payload for key in _REFUSALS)
        ):
            raise self._no_answer(payload)
        if payload.get("usage"):
            self._usage = payload["usage"]  # Where it comes more than once, the last counts all.
        elif "x_groq" in payload and (payload["x_groq"] or {}).get("usage"):
            self._usage = payload["x_groq"]["usage"]
        if "model_name" not in self._facts or not choices:
            for key, name in _FACTS:
                if payload.get(key):
                    self._facts[name] = payload[key]

    def _no_answer(self, payload: Any) -> Exception:
        if isinstance(payload, (dict, list)) and payload:
            return self.source.refusal(payload)
        reason = "an event is no JSON object"
        return self.source.error(MalformedStreamError, reason, payload)

    def _take_delta(self, delta: dict[str, Any], chunks: list[AIMessageChunk]) -> None:
        for key in _REASONING:
            if isinstance(delta.get(key), str) and delta[key]:
                chunks.append(self._reasoning(delta[key]))
                break
        content = delta.get("content")
        if isinstance(content, str):
            content = self._without_thoughts(content, delta.get("extra_content"), chunks)
        for part in content if isinstance(content, list) else (content,):
            if part:
                self._take_part(part, chunks)
        beside = {key: delta[key] for key in _BESIDE if delta.get(key)}
        if beside:
            chunks.append(self._beside(additional_kwargs=beside))
        if delta.get("tool_calls"):
            pieces = [self._calls.piece(call) for call in delta["tool_calls"]]
            if self._halves is not None:
                for piece in pieces:
                    piece["args"] = self._mended(piece["index"], piece["args"] or "")
            extras = {
                piece["id"]: call["extra_content"]
                for call, piece in zip(delta["tool_calls"], pieces, strict=True)
                if piece["id"] and call.get("extra_content")
            }
            more = {"additional_kwargs": {BESIDE_CALLS: extras}} if extras else {}
            chunks.append(self._beside(tool_call_chunks=pieces, **more))

    def _without_thoughts(self, text: str, extra: Any, chunks: list[AIMessageChunk]) -> str:
        """Return the text without what Gemini thinks, which becomes a chunk of its own."""
        google = extra.get("google") if isinstance(extra, dict) else None
        if not isinstance(google, dict) or google.get("thought") is not True:
            if text and self._end_of_thoughts is not None:
                text = text.removeprefix(self._end_of_thoughts)
                self._await_end_of_thoughts(None)
            return text
        if self._end_of_thoughts is None:
            begin = _BEGIN_OF_THOUGHTS.match(text)
            if begin is not None:
                self._await_end_of_thoughts(f"</{begin[1]}>")
                text = text[begin.end() :]
            elif isinstance(self._framing, Whole):
                return text  # Where in it the thoughts end, nobody knows.
        thought, rest = text, ""
        if self._end_of_thoughts is not None and self._end_of_thoughts in text:
            thought, _, rest = text.partition(self._end_of_thoughts)
            self._await_end_of_thoughts(None)
        if thought:
            chunks.append(self._reasoning(thought))
        return rest

    def _await_end_of_thoughts(self, tag: str | None) -> None:
        self._end_of_thoughts = tag
        self._plain = _PLAIN if tag is None else _NOTHING

    def _take_part(self, part: Any, chunks: list[AIMessageChunk]) -> None:
        """Read a text, or one block of a list of them."""
        if isinstance(part, str):
            text = part
        elif part.get("type") == "thinking":
            inner = part["thinking"]
            text = inner if isinstance(inner, str) else "".join(each["text"] for each in inner)
            chunks.append(self._reasoning(text))
            return
        elif part.get("type") == "reasoning" and part.get("summary"):
            chunks.append(self._reasoning("".join(each["text"] for each in part["summary"])))
            return
        elif part.get("type") == "text":
            text = part["text"]
        else:
            chunks.append(AIMessageChunk([part], id=self._id))
            return
        text = self._mended("text", text_or_none(text) or "")
        if text:
            chunks.append(AIMessageChunk(text, id=self._id))

    def _reasoning(self, text: str) -> AIMessageChunk:
        text = self._mended("reasoning", text)
        return AIMessageChunk(
            [{"type": "reasoning", "reasoning": text, "index": "reasoning"}], id=self._id
        )

    def _beside(self, **facts: Any) -> AIMessageChunk:
        return AIMessageChunk("", id=self._id, **facts)

    def _last(self) -> AIMessageChunk:
        return AIMessageChunk(
            self._rest("text"),
            id=self._id,
            response_metadata=self._facts,
            usage_metadata=None if self._usage is None else openai_usage(self._usage),
        )


class _Calls:
    """Tells the tool calls of one answer apart, and passes id and name on once for each."""

    def __init__(self) -> None:
        self._latest: dict[object, _Call] = {}
        self._count = 0

    def piece(self, piece: dict[str, Any]) -> ToolCallChunk:
        """Return a piece of a call with a number that no other call has."""
        function = piece.get("function") or {}
        name, id = text_or_none(function.get("name")), text_or_none(piece.get("id"))
        args = function.get("arguments")
        if args is not None and not isinstance(args, str):
            args = orjson.dumps(args).decode()
        place = piece.get("index")
        call = self._latest.get(place)
        if call is None or call.is_over(place, name, id):
            call = self._latest[place] = _Call(self._count)
            self._count += 1
        new_id = id if id and call.id is None else None
        new_name = name if name and call.name is None else None
        call.id = call.id or new_id
        call.name = call.name or new_name
        return {
            "name": new_name,
            "args": args,
            "id": new_id,
            "index": call.number,
            "type": "tool_call_chunk",
        }


@define
class _Call:
    number: int
    id: str | None = None
    name: str | None = None

    def is_over(self, place: object, name: str | None, id: str | None) -> bool:
        """Whether a piece at the same place belongs to another call."""
        if place is None and name and not id:
            return True
        # With an index, an id alone may be one that the vendor makes up for each piece.
        return bool(id and self.id and id != self.id and (name or place is None))
