"""The ``run_manager`` argument that authors of models know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..bus import ChunkStreamed
from ..runnables._run_manager import BaseRunManager

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..bus import Run


class _Manager(BaseRunManager):
    """What a model may know of its run.

    Args:
        run: The run.
        as_chunk: Makes the run's kind of chunk out of a token and what came with it.
        publishes: Whether ``on_llm_new_token`` publishes. Not where the model yields its
            chunks: those are published when they are yielded, once.
    """

    def __init__(
        self,
        run: Run,
        as_chunk: Callable[[str, Any], Any],
        *,
        publishes: bool,
    ) -> None:
        super().__init__(run)
        self._as_chunk = as_chunk
        self._publishes = publishes and bool(run.sinks)

    def _message(self, token: str, chunk: Any) -> ChunkStreamed:
        return ChunkStreamed(self._run, self._as_chunk(token, chunk))


class RunManager(_Manager):
    """Given to ``_generate`` and ``_stream``.

    >>> from streamflow.language_models import SimpleChatModel
    >>> class Counting(SimpleChatModel):
    ...     def _call(self, messages, stop=None, run_manager=None, **kwargs):
    ...         for token in ("one ", "two"):
    ...             run_manager.on_llm_new_token(token)
    ...         return "one two"
    >>> with Counting().stream_events("count") as messages:
    ...     [each.chunk.content for each in messages if each.kind == "stream"]
    ['one ', 'two']
    """

    def on_llm_new_token(self, token: str, *, chunk: Any = None, **_: Any) -> None:
        """Publish a token as a chunk of the run's output, once however it comes."""
        if self._publishes:
            self._run.publish_now(self._message(token, chunk))


class AsyncRunManager(_Manager):
    """Given to ``_agenerate`` and ``_astream``.

    >>> from streamflow.language_models import SimpleChatModel
    >>> class Counting(SimpleChatModel):
    ...     async def _acall(self, messages, stop=None, run_manager=None, **kwargs):
    ...         await run_manager.on_llm_new_token("one ")
    ...         return f"one {len(messages)}"
    >>> Counting().invoke("count").content
    'one 1'
    """

    async def on_llm_new_token(self, token: str, *, chunk: Any = None, **_: Any) -> None:
        """Publish a token as a chunk of the run's output, once however it comes."""
        if self._publishes:
            await self._run.publish(self._message(token, chunk))

    def get_sync(self) -> RunManager:
        """Return the manager for plain code."""
        return RunManager(self._run, self._as_chunk, publishes=self._publishes)
