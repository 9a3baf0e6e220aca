"""The models of Amazon Bedrock: Anthropic's in their own protocol, others in OpenAI's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from .._vendors._aws import BedrockAccount
from .._vendors._table import VENDORS
from ._anthropic_request import anthropic_body
from ._anthropic_stream import AnthropicReader
from ._aws_frames import AwsEvents
from ._model import VendorChatModel, framing_of
from ._openai_request import openai_body
from ._openai_stream import OpenAIReader
from ._reader import Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._vendors._source import Source
    from .._vendors._table import Vendor
    from ..messages import BaseMessage
    from ._reader import Reader

_VERSION = "bedrock-2023-05-31"


class ChatBedrock(BedrockAccount, VendorChatModel):
    """A chat model of Amazon Bedrock.

    The region is in ``AWS_REGION``, unless ``region`` is given. A key of Bedrock is in
    ``AWS_BEARER_TOKEN_BEDROCK``, unless ``api_key`` is given; without one, requests are
    signed with the credentials that AWS' own tools find, which takes the extra ``aws``.

    >>> from streamflow.chat_models import ChatBedrock
    >>> ChatBedrock(model="anthropic.claude-3-haiku-20240307-v1:0", region="eu-central-1")
    ChatBedrock(model='anthropic.claude-3-haiku-20240307-v1:0', region='eu-central-1')
    """

    vendor: ClassVar[Vendor] = VENDORS["bedrock"]
    _connecting = VendorChatModel._connecting | {"credentials_profile_name"}
    _takes_response_format = False

    max_tokens: int | None = 1024
    """The longest answer, which models of Anthropic have to be told."""
    top_k: int | None = None
    thinking: Mapping[str, Any] | None = None
    """As for `ChatAnthropic`."""

    _sent = (*VendorChatModel._sent, "top_k", "thinking")

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        base, model = self._base(), options["model"]
        if not _is_anthropic(model):
            return f"{base}/openai/v1/chat/completions"
        way = "invoke-with-response-stream" if stream else "invoke"
        return f"{base}/model/{quote(model, safe='')}/{way}"

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        if not _is_anthropic(options["model"]):
            return openai_body(self.vendor, messages, options, stream=stream)
        body = anthropic_body(messages, options, stream=False)
        del body["model"]  # It is in the address, as is that a stream is wanted.
        return {"anthropic_version": _VERSION, **body}

    def _reader(self, id: str, source: Source, content_type: str, *, stream: bool) -> Reader:
        if not _is_anthropic(source.model or ""):
            return OpenAIReader(source, framing_of(source, content_type, stream=stream), id)
        is_whole = not stream or content_type.startswith("application/json")
        return AnthropicReader(source, Whole() if is_whole else AwsEvents(), id)


def _is_anthropic(model: str) -> bool:
    return "anthropic." in model
