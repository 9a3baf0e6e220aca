"""Questions to a model, with a loop and without: what came, and what ended it."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from streamflow._merge import merge
from streamflow.chat_models import VendorChatModel
from streamflow.errors import ModelError
from streamflow.messages import AIMessageChunk


@define
class Heard:
    """What came of a stream.

    Attributes:
        chunks: As far as they came.
        error: What ended it, if something went wrong.
    """

    chunks: list[AIMessageChunk] = field(factory=list)
    error: ModelError | None = None

    @property
    def message(self) -> AIMessageChunk:
        """All that came."""
        assert self.error is None, repr(self.error)
        whole: AIMessageChunk = merge(self.chunks)
        return whole

    @property
    def texts(self) -> list[str]:
        """The texts that came, without empty ones."""
        return [chunk.text for chunk in self.chunks if chunk.text]


async def stream(model: Any, question: Any = "Hi") -> Heard:
    """Ask for a stream."""
    heard = Heard()
    try:
        async for chunk in model.astream(question):
            heard.chunks.append(chunk)
    except ModelError as error:
        heard.error = error
    return heard


def stream_without_a_loop(model: Any, question: Any = "Hi") -> Heard:
    """Ask for a stream where no loop runs."""
    heard = Heard()
    try:
        for chunk in model.stream(question):
            heard.chunks.append(chunk)
    except ModelError as error:
        heard.error = error
    return heard


def pool(model: VendorChatModel) -> Any:
    """The connections of a model on the running loop, or of one that is used without a loop."""
    clients = model._clients
    [client] = [client for client, _ in clients._of_loops.values()] or [clients._blocking]
    return client._transport._pool


def busy(model: VendorChatModel) -> list[Any]:
    """The connections of a model that wait for something."""
    return [each for each in pool(model).connections if not each.is_idle()]
