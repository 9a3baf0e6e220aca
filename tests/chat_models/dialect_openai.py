"""OpenAI's chat completions, as OpenAI sends them and as those do who imitate it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from attrs import define, field

from tests.chat_models.answers import call_piece, sse
from tests.chat_models.dialects import (
    SIGNATURE,
    Call,
    Dialect,
    Piece,
    Said,
    Text,
    Thought,
    joined,
    piece_of,
)

Chunk = dict[str, Any]


@define(frozen=True, kw_only=True)
class OpenAI(Dialect):
    """The dialect of one vendor.

    Attributes:
        thoughts: Where thoughts are: under a key of their own, or in ``parts`` of the content
            (Mistral's) or ``summaries`` there (Databricks'), or in content between ``tags``, with
            a mark beside it (Google's); ``None`` if they are not told.
        usage_comes: In a chunk of its own, in that with the finish reason, in each, or in
            that with the finish reason under Groq's name.
        done: ``[DONE]`` is the last event.
        indexed: Pieces of calls have an index.
        repeats_ids: They have the id each time, and an empty name.
        signs_calls: The first of the calls has a signature, and is told back with it.
        calls_reason: Why a model stops that calls.
        event: The name that each event has.
        preamble: What comes before the first event.
        first: An event before what the model says.
        chunk: What each event has beside the usual.
        problem_event: The name of an event that tells of a problem.
    """

    thoughts: Literal["reasoning_content", "reasoning", "parts", "summaries", "tags"] | None = None
    usage_comes: Literal["alone", "at the end", "always", "x_groq"] = "alone"
    done: bool = True
    indexed: bool = True
    repeats_ids: bool = False
    signs_calls: bool = False
    calls_reason: str = "tool_calls"
    event: str | None = None
    preamble: bytes = b""
    first: Mapping[str, Any] | None = None
    chunk: Mapping[str, Any] = field(factory=dict)
    problem_event: str | None = None
    thinks: bool = field(init=False)

    @thinks.default
    def _thinks(self) -> bool:
        return self.thoughts is not None

    def events(self, *said: Piece | str, ends: bool = True) -> list[bytes]:
        pieces = [piece_of(piece) for piece in said] if self.calls_in_pieces else joined(said)
        chunks = [self._chunk({"role": "assistant", "content": ""})]
        chunks += [self._chunk(delta) for delta in self._deltas(pieces)]
        if self.first is not None:
            chunks.insert(0, {**self.first})
        if ends:
            chunks.append(self._chunk({}, self._reason(Said.by(*said))))
        self._count(chunks, ends=ends)
        events = sse(*chunks, event=self.event)
        if ends and self.done:
            events += sse(b"[DONE]")
        return [self.preamble + events[0], *events[1:]]

    def whole(self, *said: Piece | str) -> Any:
        told = Said.by(*said)
        message: Chunk = {"role": "assistant", "content": told.text}
        if told.calls:
            message["tool_calls"] = self._whole_calls(told)
        if told.thoughts:
            message.update(self._thought(told.thoughts, told.text))
        choice = {"index": 0, "message": message, "finish_reason": self._reason(told)}
        return {"id": "c-1", "model": "m-1", **self.chunk, "choices": [choice], **self._usage()}

    def turn(
        self, *said: Piece | str, results: Mapping[str, str], failed: Collection[str] = ()
    ) -> list[Any]:
        told = Said.by(*said)
        calls = self._whole_calls(told)
        message = {"role": "assistant", "content": told.text or None, "tool_calls": calls}
        answers = [
            {"role": "tool", "content": text, "tool_call_id": id} for id, text in results.items()
        ]
        return [message, *answers]

    def tool(self, name: str, description: str, schema: Any) -> Any:
        function = {"name": name, "description": description, "parameters": schema}
        return {"type": "function", "function": function}

    def problem(self, body: Any) -> bytes:
        return sse(body, event=self.problem_event)[0]

    def no_json(self) -> bytes:
        return b'data: {"choices": [{"del\n\n'

    def no_event(self) -> bytes:
        return sse(self._chunk({"content": 5}))[0]

    def _chunk(self, delta: Chunk, reason: str | None = None) -> Chunk:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"id": "c-1", "model": "m-1", **self.chunk, "choices": [choice]}

    def _reason(self, said: Said) -> str:
        return self.calls_reason if said.calls else "stop"

    def _deltas(self, pieces: list[Piece]) -> list[Chunk]:
        ids: dict[int, str] = {}
        deltas: list[Chunk] = []
        for piece in pieces:
            if isinstance(piece, Text):
                deltas.append({"content": piece.text})
            elif isinstance(piece, Thought):
                deltas.append(self._thought(piece.text, None))
            elif isinstance(piece, Call):
                ids[piece.index] = piece.id
                deltas.append({"tool_calls": [self._piece(piece.index, piece.id, piece.name, "")]})
            elif self.calls_in_pieces:
                id, name = (ids[piece.index], "") if self.repeats_ids else (None, None)
                deltas.append({"tool_calls": [self._piece(piece.index, id, name, piece.text)]})
            else:
                deltas[-1]["tool_calls"][0]["function"]["arguments"] = piece.text
        if self.thoughts == "tags":
            _put_in_tags(deltas)
        if self.signs_calls:
            _sign([each for delta in deltas for each in delta.get("tool_calls", ())])
        return deltas

    def _piece(self, index: int, id: str | None, name: str | None, args: str | None) -> Chunk:
        piece: Chunk = call_piece(index, id, name, args)
        if not self.indexed:
            del piece["index"]
        return piece

    def _whole_calls(self, said: Said) -> list[Chunk]:
        calls: list[Chunk] = [
            {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id, name, arguments in said.calls.values()
        ]
        if self.signs_calls:
            _sign(calls)
        return calls

    def _thought(self, thought: str, text: str | None) -> Chunk:
        """Return how a thought is told, beside the text of the answer if it is whole."""
        if self.thoughts in (None, "reasoning_content", "reasoning"):
            return {self.thoughts: thought, "content": text} if self.thoughts else {"content": text}
        if self.thoughts == "tags":
            content = thought if text is None else f"<thought>{thought}</thought>{text}"
            return {"content": content, "extra_content": {"google": {"thought": True}}}
        inner = {"type": "text", "text": thought}
        part: Chunk = {"type": "thinking", "thinking": [inner]}
        if self.thoughts == "summaries":
            part = {"type": "reasoning", "summary": [{"type": "summary_text", "text": thought}]}
        return {"content": [part, {"type": "text", "text": text}] if text else [part]}

    def _usage(self) -> Chunk:
        usage: Chunk = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
        if "cache_read" in self.details:
            usage["prompt_tokens_details"] = {"cached_tokens": self.details["cache_read"]}
        if "reasoning" in self.details:
            usage["completion_tokens_details"] = {"reasoning_tokens": self.details["reasoning"]}
        return {"usage": usage}

    def _count(self, chunks: list[Chunk], *, ends: bool) -> None:
        """Add the usage where this vendor tells it."""
        if self.usage_comes == "always":
            for count, chunk in enumerate(chunks):
                chunk["usage"] = {"prompt_tokens": 9, "completion_tokens": count}
        if not ends:
            return
        if self.usage_comes == "alone":
            chunks.append(
                {"id": "c-1", "model": "m-1", **self.chunk, "choices": [], **self._usage()}
            )
        elif self.usage_comes == "x_groq":
            chunks[-1]["x_groq"] = {"id": "req-1", **self._usage()}
        else:
            chunks[-1].update(self._usage())


def _put_in_tags(deltas: list[Chunk]) -> None:
    """Put thoughts in tags; the last one is in what comes behind them."""
    was_thought = False
    for delta in deltas:
        is_thought = "extra_content" in delta
        if is_thought != was_thought:
            tag = "<thought>" if is_thought else "</thought>"
            delta["content"] = tag + delta.get("content", "")
        was_thought = is_thought


def _sign(calls: list[Chunk]) -> None:
    for call in calls[:1]:
        call["extra_content"] = {"google": {"thought_signature": SIGNATURE}}


OPENAI = OpenAI(details={"cache_read": 4, "reasoning": 3})
