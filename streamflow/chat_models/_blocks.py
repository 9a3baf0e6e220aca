"""Answers that are made of numbered blocks: what Anthropic's protocol and Converse share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..messages import AIMessageChunk
from ._reader import Reader, text_or_none

if TYPE_CHECKING:
    from .._vendors._source import Source
    from ._frames import Framing


class BlockReader(Reader):
    """Reads one answer of blocks (text, reasoning, tool uses, …); see `Reader`."""

    def __init__(self, source: Source, framing: Framing, id: str | None) -> None:
        super().__init__(source, framing, id)
        self._facts: dict[str, Any] = {"model_provider": source.vendor}
        self._kinds: dict[int, str] = {}  # of the blocks, by their numbers
        self._calls: dict[int, int] = {}  # the numbers of tool calls, by those of their blocks

    def _add_block(self, index: int, block: dict[str, Any], chunks: list[AIMessageChunk]) -> None:
        """Add a block, or a piece of one, as it is."""
        chunks.append(AIMessageChunk([{**block, "index": index}], id=self._id))

    def _add_text(self, text: str, chunks: list[AIMessageChunk]) -> None:
        if text.__class__ is not str or self._halves is not None:
            text = self._mended("text", text_or_none(text) or "")
        if text:
            chunks.append(AIMessageChunk(text, id=self._id))

    def _add_reasoning(
        self, index: int, said: dict[str, Any], chunks: list[AIMessageChunk]
    ) -> None:
        if self._halves is not None and said.get("reasoning"):
            said["reasoning"] = self._mended(index, said["reasoning"])
        said = {key: text for key, text in said.items() if text_or_none(text)}
        if said:
            self._add_block(index, {"type": "reasoning", **said}, chunks)

    def _add_citations(
        self, index: int, citations: list[Any], chunks: list[AIMessageChunk]
    ) -> None:
        self._add_block(index, {"type": "citations", "citations": citations}, chunks)

    def _begin_call(
        self, index: int, name: Any, args: str, id: Any, chunks: list[AIMessageChunk]
    ) -> None:
        number = self._calls[index] = len(self._calls)
        self._add_call(number, name, args, id, chunks)

    def _continue_input(self, index: int, text: str, chunks: list[AIMessageChunk]) -> None:
        """Add a piece of what a tool is given: one of ours, or one that the vendor has."""
        if self._kinds.get(index) in (None, "tool_use"):
            number = self._calls.setdefault(index, len(self._calls))
            self._add_call(number, None, text, None, chunks)
        else:
            self._add_block(index, {"partial_json": text}, chunks)

    def _add_call(
        self,
        number: int,
        name: str | None,
        args: str,
        id: str | None,
        chunks: list[AIMessageChunk],
    ) -> None:
        args = self._mended(("call", number), text_or_none(args) or "")
        piece: Any = {"name": text_or_none(name), "args": args, "id": text_or_none(id)}
        piece["index"] = number
        piece["type"] = "tool_call_chunk"
        chunks.append(AIMessageChunk("", id=self._id, tool_call_chunks=[piece]))
