"""Counting the tokens that models took."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from ..bus import Bus
from ..messages._usage import add_usage
from ._handler import BaseCallbackHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..messages import UsageMetadata
    from ..outputs import LLMResult


class UsageMetadataCallbackHandler(BaseCallbackHandler):
    """Adds up the ``usage_metadata`` of the answers of models, for each model by its name.

    The name is the one in the answer (``response_metadata["model_name"]``), else the one that
    the model was made with, else the name of the run. Counts from any thread.

    >>> from streamflow.callbacks import UsageMetadataCallbackHandler
    >>> from streamflow.language_models import GenericFakeChatModel
    >>> from streamflow.messages import AIMessage
    >>> usage = {"input_tokens": 2, "output_tokens": 1, "total_tokens": 3}
    >>> answer = AIMessage("Hi", usage_metadata=usage, response_metadata={"model_name": "small"})
    >>> counter = UsageMetadataCallbackHandler()
    >>> model = GenericFakeChatModel(messages=iter([answer, answer]))
    >>> for question in "Hello", "Hello?":
    ...     _ = model.invoke(question, {"callbacks": [counter]})
    >>> counter.usage_metadata
    {'small': {'input_tokens': 4, 'output_tokens': 2, 'total_tokens': 6}}
    """

    def __init__(self) -> None:
        # Reentrant: while it is held, a stream may be collected, which is told of here, too.
        self._lock = RLock()
        self._usage: dict[str, UsageMetadata] = {}

    @property
    def usage_metadata(self) -> dict[str, UsageMetadata]:
        """What the models have taken so far, by their names."""
        with self._lock:
            return dict(self._usage)

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Count what an answer took."""
        for generations in response.generations:
            for generation in generations:
                self._count(getattr(generation, "message", None), kwargs)

    def _count(self, message: Any, facts: dict[str, Any]) -> None:
        usage = getattr(message, "usage_metadata", None)
        if usage is None:
            return
        name = (
            message.response_metadata.get("model_name")
            or (facts.get("metadata") or {}).get("ls_model_name")
            or str(facts.get("name"))
        )
        with self._lock:
            before = self._usage.get(name)
            self._usage[name] = add_usage([usage] if before is None else [before, usage])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.usage_metadata!r})"


@contextmanager
def get_usage_metadata_callback() -> Iterator[UsageMetadataCallbackHandler]:
    """Count the tokens of all models that run within the block.

    >>> from streamflow.callbacks import get_usage_metadata_callback
    >>> from streamflow.language_models import GenericFakeChatModel
    >>> from streamflow.messages import AIMessage
    >>> usage = {"input_tokens": 2, "output_tokens": 1, "total_tokens": 3}
    >>> model = GenericFakeChatModel(messages=iter([AIMessage("Hi", usage_metadata=usage)]))
    >>> with get_usage_metadata_callback() as counter:
    ...     _ = model.invoke("Hello")
    >>> counter.usage_metadata
    {'GenericFakeChatModel': {'input_tokens': 2, 'output_tokens': 1, 'total_tokens': 3}}
    """
    handler = UsageMetadataCallbackHandler()
    bus = Bus()
    bus.listen(handler)
    with bus.active():
        yield handler
