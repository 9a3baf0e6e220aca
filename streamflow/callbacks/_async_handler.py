"""Callback handlers whose methods are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._handler import BaseCallbackHandler, nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..messages import BaseMessage
    from ..outputs import LLMResult


class AsyncCallbackHandler(BaseCallbackHandler):
    """A callback handler with ``async`` methods; subclass it.

    Its methods are awaited before the run goes on: on the event loop of the run, or, in a
    run without a loop, on a background loop. Plain and async methods may be mixed in any
    handler; this class saves type checkers from complaining.

    >>> import anyio
    >>> from streamflow.callbacks import AsyncCallbackHandler
    >>> from streamflow.runnables import RunnableLambda
    >>> class Ends(AsyncCallbackHandler):
    ...     async def on_chain_end(self, outputs, **kwargs):
    ...         await anyio.sleep(0)
    ...         print(f"ends with {outputs}")
    >>> RunnableLambda(lambda x: x + 1).invoke(1, {"callbacks": [Ends()]})
    ends with 2
    2
    """

    @nothing
    async def on_chain_start(self, serialized: dict[str, Any], inputs: Any, **kwargs: Any) -> None:
        """Hear that a chain, a prompt, a parser or a function begins."""

    @nothing
    async def on_chain_end(self, outputs: Any, **kwargs: Any) -> None:
        """Hear that it has ended."""

    @nothing
    async def on_chain_error(self, error: BaseException, **kwargs: Any) -> None:
        """Hear that it has failed, or was stopped (then with a ``RunCancelledError``)."""

    @nothing
    async def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], **kwargs: Any
    ) -> None:
        """Hear that a chat model begins; without this method ``on_llm_start`` is called."""

    @nothing
    async def on_llm_start(
        self, serialized: dict[str, Any], prompts: list[str], **kwargs: Any
    ) -> None:
        """Hear that a model of text begins."""

    @nothing
    async def on_llm_new_token(self, token: str, **kwargs: Any) -> None:
        """Hear of a part of a model's answer: its text, and the whole chunk."""

    @nothing
    async def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Hear that a model has answered."""

    @nothing
    async def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
        """Hear that a model has failed; ``response`` holds what had come so far, if any."""

    @nothing
    async def on_tool_start(
        self, serialized: dict[str, Any], input_str: str, **kwargs: Any
    ) -> None:
        """Hear that a tool begins; its arguments as text, and as the dict ``inputs``."""

    @nothing
    async def on_tool_end(self, output: Any, **kwargs: Any) -> None:
        """Hear that a tool has ended."""

    @nothing
    async def on_tool_error(self, error: BaseException, **kwargs: Any) -> None:
        """Hear that a tool has failed."""

    @nothing
    async def on_retriever_start(
        self, serialized: dict[str, Any], query: str, **kwargs: Any
    ) -> None:
        """Hear that a retriever begins to search."""

    @nothing
    async def on_retriever_end(self, documents: Sequence[Any], **kwargs: Any) -> None:
        """Hear what a retriever has found."""

    @nothing
    async def on_retriever_error(self, error: BaseException, **kwargs: Any) -> None:
        """Hear that a retriever has failed."""

    @nothing
    async def on_retry(self, retry_state: Any, **kwargs: Any) -> None:
        """Hear that a step is tried again; ``retry_state`` is the message of the bus."""

    @nothing
    async def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
        """Hear of what user code sent with ``adispatch_custom_event``."""
