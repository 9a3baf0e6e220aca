"""The interface of callback handlers, in which each happening has a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ._adapter import HandlerSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from ..bus import EventFilter
    from ..bus._sink import Sink
    from ..messages import BaseMessage
    from ..outputs import ChatGenerationChunk, GenerationChunk, LLMResult

F = TypeVar("F", bound="Callable[..., Any]")


def nothing(method: F) -> F:
    """Mark a method that does nothing: a handler that has no other is not called."""
    method._does_nothing = True  # type: ignore[attr-defined]  # functions take attributes
    return method


class BaseCallbackHandler:
    """Hears of runs by one method for each kind of happening; subclass it.

    Define the methods you want; the others do nothing and cost nothing. Pass the handler in
    ``config["callbacks"]``, for a call and all the runs below it; to a model when it is made
    (``callbacks=[handler]``), for the model's own runs; or to ``bus.listen``.

    A method is called where the thing happens, at once, so it must be quick; an ``async``
    one is awaited before the run goes on. An exception in it is logged and harms nothing,
    unless ``raise_error`` says otherwise.

    Each method gets ``run_id``, ``parent_run_id`` (``None`` for the root), ``tags``, ``name``
    and ``run_type``; the starts get ``metadata``, too. Take ``**kwargs``: there may be more.

    >>> from streamflow.callbacks import BaseCallbackHandler
    >>> from streamflow.runnables import RunnableLambda
    >>> class Starts(BaseCallbackHandler):
    ...     def on_chain_start(self, serialized, inputs, *, name, **kwargs):
    ...         print(f"{name} starts with {inputs}")
    >>> RunnableLambda(lambda x: x + 1, name="add").invoke(1, {"callbacks": [Starts()]})
    add starts with 1
    2
    """

    raise_error: bool = False
    """Let an exception of the handler reach the run that it was called for. The one case in
    which a listener can harm a run; of a run that is failing already it only logs."""
    run_inline: bool = False
    """Known from elsewhere; here every plain method is called inline."""

    ignore_llm: bool = False
    """Do not call ``on_llm_...``; for chat models these are all but the start."""
    ignore_chain: bool = False
    """Do not call ``on_chain_...``, which is for prompts and parsers, too."""
    ignore_chat_model: bool = False
    """Do not call ``on_chat_model_start``."""
    ignore_agent: bool = False
    """Do not call ``on_tool_...``."""
    ignore_retriever: bool = False
    """Do not call ``on_retriever_...``."""
    ignore_retry: bool = False
    """Do not call ``on_retry``."""
    ignore_custom_event: bool = False
    """Do not call ``on_custom_event``."""

    @nothing
    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a chain, a prompt, a parser or a function begins.

        Args:
            serialized: A dict with the ``name``.
            inputs: Its input; an empty dict if that comes in chunks.
            run_id: The id of the run.
            parent_run_id: The id of the run above it.
            tags: Its tags.
            metadata: Its metadata.
            name: Its name.
            kwargs: ``run_type`` is among them, such as ``"prompt"``.
        """

    @nothing
    def on_chain_end(
        self, outputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> Any:
        """Hear that it has ended; ``inputs`` is among the arguments, now that it is known."""

    @nothing
    def on_chain_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that it has failed, or was stopped (then with a ``RunCancelledError``)."""

    @nothing
    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a chat model begins; without this method ``on_llm_start`` is called."""

    @nothing
    def on_llm_start(
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a model of text begins."""

    @nothing
    def on_llm_new_token(
        self,
        token: str,
        *,
        chunk: GenerationChunk | ChatGenerationChunk | None = None,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear of a part of a model's answer: its text, and the whole chunk."""

    @nothing
    def on_llm_end(
        self,
        response: LLMResult,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a model has answered."""

    @nothing
    def on_llm_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a model has failed; ``response`` holds what had come so far, if any."""

    @nothing
    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a tool begins; its arguments as text, and as a dict."""

    @nothing
    def on_tool_end(
        self, output: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> Any:
        """Hear that a tool has ended."""

    @nothing
    def on_tool_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a tool has failed."""

    @nothing
    def on_retriever_start(
        self,
        serialized: dict[str, Any],
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a retriever begins to search."""

    @nothing
    def on_retriever_end(
        self,
        documents: Sequence[Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear what a retriever has found."""

    @nothing
    def on_retriever_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a retriever has failed."""

    @nothing
    def on_retry(
        self,
        retry_state: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear that a step is tried again; ``retry_state`` is the message of the bus."""

    @nothing
    def on_custom_event(
        self,
        name: str,
        data: Any,
        *,
        run_id: UUID,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Hear of what user code sent with ``dispatch_custom_event``."""

    def _as_sink(self, filter: EventFilter | None = None) -> Sink:
        return HandlerSink(self, filter)
