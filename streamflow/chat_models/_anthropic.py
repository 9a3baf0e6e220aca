"""The models of Anthropic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._table import VENDORS
from ._anthropic_request import anthropic_body
from ._anthropic_stream import AnthropicReader
from ._model import VendorChatModel, framing_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._vendors._source import Source
    from .._vendors._table import Vendor
    from ..execution import Execution
    from ..messages import BaseMessage
    from ._reader import Reader


class ChatAnthropic(VendorChatModel):
    """A chat model of Anthropic.

    The key is in ``ANTHROPIC_API_KEY``, unless ``api_key`` is given. What the model thinks
    before it answers (``thinking={"type": "enabled", "budget_tokens": 2000}``) comes in
    content blocks of type ``reasoning``.

    >>> from streamflow.chat_models import ChatAnthropic
    >>> ChatAnthropic(model="claude-sonnet-4-5", api_key="sk-ant-…")
    ChatAnthropic(model='claude-sonnet-4-5')
    """

    vendor: ClassVar[Vendor] = VENDORS["anthropic"]

    _takes_response_format = False

    max_tokens: int | None = 1024
    """The longest answer, which this vendor has to be told."""
    top_k: int | None = None
    thinking: Mapping[str, Any] | None = None
    """Whether the model is to think first, and how much."""
    betas: Sequence[str] = ()
    """Features to switch on that are not yet for everybody."""

    _sent = (*VendorChatModel._sent, "top_k", "thinking")

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        return anthropic_body(messages, options, stream=stream)

    def _reader(self, id: str, source: Source, content_type: str, *, stream: bool) -> Reader:
        return AnthropicReader(source, framing_of(source, content_type, stream=stream), id)

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if self.betas:
            headers["anthropic-beta"] = ",".join(self.betas)
        return await super()._authorize(url, headers, body, execution)
