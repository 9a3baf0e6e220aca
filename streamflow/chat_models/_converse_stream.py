"""Answers of Amazon Bedrock's Converse.

A stream has blocks (text, reasoning, tool uses), which begin, go on and end; then why the
model stops, and last of all the counts. An answer that is not streamed has the same blocks,
whole.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .._vendors._account import encoded
from ..errors import MalformedStreamError
from ..messages import AIMessageChunk
from ._blocks import BlockReader
from ._reader import text_or_none
from ._usage import converse_usage

if TYPE_CHECKING:
    from .._vendors._source import Source
    from ._frames import Framing

    Chunks = list[AIMessageChunk]

# What is said about an answer, and told under the same names.
_TOLD = (
    "additionalModelResponseFields",
    "metrics",
    "performanceConfig",
    "serviceTier",
    "trace",
)


class ConverseReader(BlockReader):
    """Reads one answer; see `Reader`."""

    def __init__(self, source: Source, framing: Framing, id: str | None) -> None:
        super().__init__(source, framing, id)
        self._usage: dict[str, Any] | None = None
        # Images that come in pieces, by the numbers of their blocks: format and data.
        self._images: dict[int, tuple[str, bytearray]] = {}

    def _take(self, event: str, payload: Any, chunks: Chunks) -> None:
        if payload.__class__ is not dict:
            raise self.source.error(MalformedStreamError, "an event is no JSON object", payload)
        if event == "contentBlockDelta":
            self._continue(payload["contentBlockIndex"], payload["delta"], chunks)
        elif event == "contentBlockStart":
            self._begin(payload["contentBlockIndex"], payload["start"], chunks)
        elif event == "contentBlockStop":
            self._complete(payload["contentBlockIndex"], chunks)
        elif event == "messageStop":
            self._tell(payload)
        elif event == "metadata":
            self._tell(payload)
            if self.finished:
                self._finish(chunks)
        elif event == "" and "output" in payload:
            for index, block in enumerate(payload["output"]["message"]["content"]):
                self._take_block(index, block, chunks)
            self._tell(payload)
        elif event in ("", "error"):
            raise self.source.refusal(payload)

    def _tell(self, facts: dict[str, Any]) -> None:
        if reason := text_or_none(facts.get("stopReason")):
            self.finished = True
            self._facts["stop_reason"] = reason
        self._facts.update({name: facts[name] for name in _TOLD if facts.get(name)})
        if facts.get("usage").__class__ is dict:
            self._usage = facts["usage"]

    # Blocks in pieces.

    def _begin(self, index: int, start: dict[str, Any], chunks: Chunks) -> None:
        if "toolUse" in start:
            self._begin_use(index, start["toolUse"], "", chunks)
        elif "toolResult" in start:
            self._add_result(index, start["toolResult"], chunks)
        elif "image" in start:
            self._images[index] = (start["image"]["format"], bytearray())

    def _continue(self, index: int, delta: dict[str, Any], chunks: Chunks) -> None:
        if "text" in delta:
            self._add_text(delta["text"], chunks)
        elif "toolUse" in delta:
            self._continue_input(index, delta["toolUse"].get("input") or "", chunks)
        elif "reasoningContent" in delta:
            self._think(index, delta["reasoningContent"], chunks)
        elif "citation" in delta:
            self._add_citations(index, [delta["citation"]], chunks)
        elif "toolResult" in delta:
            self._add_block(index, {"content": delta["toolResult"]}, chunks)
        elif "image" in delta and index in self._images:
            self._images[index][1].extend(base64.b64decode(delta["image"]["source"]["bytes"]))

    def _complete(self, index: int, chunks: Chunks) -> None:
        if index in self._images:
            form, data = self._images.pop(index)
            self._add_image(index, form, base64.b64encode(data).decode(), chunks)

    # Blocks that come whole.

    def _take_block(self, index: int, block: dict[str, Any], chunks: Chunks) -> None:
        for kind, said in block.items():
            if kind == "text":
                self._add_text(said, chunks)
            elif kind == "toolUse":
                given = encoded(said["input"]).decode() if said.get("input") else ""
                self._begin_use(index, said, given, chunks)
            elif kind == "reasoningContent":
                self._think(index, {**said, **said.get("reasoningText", {})}, chunks)
            elif kind == "citationsContent":
                for part in said.get("content") or ():
                    self._add_text(part["text"], chunks)
                if said.get("citations"):
                    self._add_citations(index, said["citations"], chunks)
            elif kind == "toolResult":
                self._add_result(index, said, chunks)
            elif kind == "image" and "bytes" in said["source"]:
                self._add_image(index, said["format"], said["source"]["bytes"], chunks)
            else:
                self._add_block(index, {"type": kind, kind: said}, chunks)

    # What both have.

    def _begin_use(self, index: int, use: dict[str, Any], given: str, chunks: Chunks) -> None:
        kind = self._kinds[index] = text_or_none(use.get("type")) or "tool_use"
        if kind == "tool_use":
            self._begin_call(index, use["name"], given, use["toolUseId"], chunks)
            return
        # The service calls a tool of its own: told as it is.
        block = {"type": kind, "id": use["toolUseId"], "name": use["name"]}
        self._add_block(index, {**block, "partial_json": given}, chunks)

    def _add_result(self, index: int, result: dict[str, Any], chunks: Chunks) -> None:
        block = {"type": "server_tool_result", "tool_use_id": result["toolUseId"]}
        known = {"name": "type", "status": "status", "content": "content"}
        block.update({name: result[key] for name, key in known.items() if result.get(key)})
        self._add_block(index, block, chunks)

    def _add_image(self, index: int, form: str, data: str, chunks: Chunks) -> None:
        block = {"type": "image", "base64": data, "mime_type": f"image/{form}"}
        self._add_block(index, block, chunks)

    def _think(self, index: int, said: dict[str, Any], chunks: Chunks) -> None:
        told = {
            "reasoning": said.get("text"),
            "signature": said.get("signature"),
            "redacted": said.get("redactedContent"),
        }
        self._add_reasoning(index, told, chunks)

    def _last(self) -> AIMessageChunk:
        facts = {"model_name": self.source.model, **self._facts}
        if self.source.request_id is not None:
            facts["id"] = self.source.request_id
        return AIMessageChunk(
            self._rest("text"),
            id=self._id,
            response_metadata=facts,
            usage_metadata=None if self._usage is None else converse_usage(self._usage),
        )
