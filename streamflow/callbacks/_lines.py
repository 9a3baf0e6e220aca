"""Runs as lines of text, as handlers for people write them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ._handler import BaseCallbackHandler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..messages import BaseMessage
    from ..outputs import LLMResult


class LineHandler(BaseCallbackHandler, ABC):
    """Writes a line for the start, the end and the failure of each run."""

    @abstractmethod
    def _write(self, line: str) -> None:
        """Write one line, whole, from whatever thread."""

    def _begin(self, run: dict[str, Any], input: Any) -> None:
        self._write(f"> {run['run_type']} {run['name']}: {_brief(input)}")

    def _end(self, run: dict[str, Any], output: Any) -> None:
        self._write(f"< {run['run_type']} {run['name']}: {_brief(output)}")

    def _fail(self, run: dict[str, Any], error: BaseException) -> None:
        said = f"{type(error).__name__}: {_brief(error, str)}"
        self._write(f"! {run['run_type']} {run['name']}: {said}")

    def on_chain_start(self, serialized: dict[str, Any], inputs: Any, **kwargs: Any) -> None:
        """Write that a chain, a prompt, a parser or a function begins."""
        self._begin(kwargs, inputs)

    def on_chain_end(self, outputs: Any, **kwargs: Any) -> None:
        """Write that it has ended."""
        self._end(kwargs, outputs)

    def on_chain_error(self, error: BaseException, **kwargs: Any) -> None:
        """Write that it has failed."""
        self._fail(kwargs, error)

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], **kwargs: Any
    ) -> None:
        """Write that a chat model begins."""
        self._begin(kwargs, messages[0])

    def on_llm_start(self, serialized: dict[str, Any], prompts: list[str], **kwargs: Any) -> None:
        """Write that a model of text begins."""
        self._begin(kwargs, prompts[0])

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Write that a model has answered."""
        self._end(kwargs, response.generations[0][0].text)

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
        """Write that a model has failed."""
        self._fail(kwargs, error)

    def on_tool_start(self, serialized: dict[str, Any], input_str: str, **kwargs: Any) -> None:
        """Write that a tool begins."""
        self._begin(kwargs, input_str)

    def on_tool_end(self, output: Any, **kwargs: Any) -> None:
        """Write that a tool has ended."""
        self._end(kwargs, output)

    def on_tool_error(self, error: BaseException, **kwargs: Any) -> None:
        """Write that a tool has failed."""
        self._fail(kwargs, error)

    def on_retriever_start(self, serialized: dict[str, Any], query: str, **kwargs: Any) -> None:
        """Write that a retriever begins to search."""
        self._begin(kwargs, query)

    def on_retriever_end(self, documents: Sequence[Any], **kwargs: Any) -> None:
        """Write what a retriever has found."""
        self._end(kwargs, documents)

    def on_retriever_error(self, error: BaseException, **kwargs: Any) -> None:
        """Write that a retriever has failed."""
        self._fail(kwargs, error)

    def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
        """Write what user code sent."""
        self._write(f"* {name}: {_brief(data)}")


def _brief(value: Any, show: Any = repr, limit: int = 200) -> str:
    text: str = show(value).replace("\n", "\\n")
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
