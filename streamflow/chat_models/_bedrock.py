"""The models of Amazon Bedrock: Anthropic's in their own protocol, others in Converse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from .._vendors._aws import BedrockAccount
from .._vendors._table import VENDORS
from ._anthropic_request import anthropic_body
from ._anthropic_stream import AnthropicReader
from ._aws_frames import AwsEvents
from ._converse_request import converse_body
from ._converse_stream import ConverseReader
from ._model import VendorChatModel
from ._reader import Whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._vendors._source import Source
    from .._vendors._table import Vendor
    from ..messages import BaseMessage
    from ._reader import Reader

_VERSION = "bedrock-2023-05-31"
_MAX_TOKENS = 1024


class ChatBedrock(BedrockAccount, VendorChatModel):
    """A chat model of Amazon Bedrock.

    Models of Anthropic are asked in their own protocol, and those of other makers in
    Converse, Bedrock's protocol for all of them. ``model`` is the name of a model, or the
    name or ARN of an inference profile.

    The region is in ``AWS_REGION``, unless ``region`` is given. A key of Bedrock is in
    ``AWS_BEARER_TOKEN_BEDROCK``, unless ``api_key`` is given; without one, requests are
    signed with the credentials that AWS' own tools find, which takes the extra ``aws``.

    >>> from streamflow.chat_models import ChatBedrock
    >>> ChatBedrock(model="amazon.nova-lite-v1:0", region="eu-central-1")
    ChatBedrock(model='amazon.nova-lite-v1:0', region='eu-central-1')
    """

    vendor: ClassVar[Vendor] = VENDORS["bedrock"]
    _connecting = VendorChatModel._connecting | {"credentials_profile_name"}
    _other_names: ClassVar[dict[str, str]] = {
        **VendorChatModel._other_names,
        "beta_use_converse_api": "use_converse",
    }

    max_tokens: int | None = None
    """The longest answer; 1024 if models of Anthropic, which have to be told, are asked in
    their own protocol."""
    top_k: int | None = None
    thinking: Mapping[str, Any] | None = None
    """As for `ChatAnthropic`."""
    use_converse: bool = False
    """Whether models of Anthropic are asked in Converse, too."""
    provider: str | None = None
    """Who made the model, such as ``"anthropic"``; its name tells, unless it is the ARN of a
    profile."""

    _sent = (*VendorChatModel._sent, "top_k", "thinking")

    @property
    def _takes_response_format(self) -> bool:  # type: ignore[override]  # by protocol, not class
        return self._converses(self.model)

    def _converses(self, model: str) -> bool:
        """Return whether a model is asked in Converse."""
        if self.use_converse:
            return True
        return self.provider != "anthropic" if self.provider else "anthropic." not in model

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        if self._converses(options["model"]):
            way = "converse-stream" if stream else "converse"
        else:
            way = "invoke-with-response-stream" if stream else "invoke"
        return f"{self._base()}/model/{quote(options['model'], safe='')}/{way}"

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        if self._converses(options["model"]):
            return converse_body(messages, options)
        options = {**options, "max_tokens": options["max_tokens"] or _MAX_TOKENS}
        body = anthropic_body(messages, options, stream=False)
        del body["model"]  # It is in the address, as is that a stream is wanted.
        return {"anthropic_version": _VERSION, **body}

    def _reader(self, id: str, source: Source, content_type: str, *, stream: bool) -> Reader:
        is_whole = not stream or content_type.startswith("application/json")
        cls = ConverseReader if self._converses(source.model or "") else AnthropicReader
        return cls(source, Whole() if is_whole else AwsEvents(), id)


class ChatBedrockConverse(ChatBedrock):
    """A chat model of Amazon Bedrock that is always asked in Converse, whoever made it.

    It has arguments for what requests of this protocol have beside messages; `ChatBedrock`
    takes them in ``model_kwargs``. Settings that the protocol does not know, such as
    ``top_k``, go to the model with ``additional_model_request_fields``.

    >>> from streamflow.chat_models import ChatBedrockConverse
    >>> ChatBedrockConverse(model="us.anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens=100)
    ChatBedrockConverse(model='us.anthropic.claude-sonnet-4-5-20250929-v1:0', max_tokens=100)
    """

    vendor: ClassVar[Vendor] = VENDORS["bedrock_converse"]
    _other_names: ClassVar[dict[str, str]] = {
        **ChatBedrock._other_names,
        "guardrails": "guardrail_config",
    }

    use_converse: bool = True
    additional_model_request_fields: Mapping[str, Any] | None = None
    """What the model is to be told that the protocol does not know."""
    additional_model_response_field_paths: Sequence[str] | None = None
    """What of the model's own answer is to be told, as JSON pointers."""
    guardrail_config: Mapping[str, Any] | None = None
    """The guardrail that watches: ``guardrailIdentifier``, ``guardrailVersion``, ``trace``."""
    performance_config: Mapping[str, Any] | None = None
    """Such as ``{"latency": "optimized"}``."""
    request_metadata: Mapping[str, str] | None = None
    """What stands beside the request in Bedrock's logs."""
    service_tier: str | Mapping[str, Any] | None = None
    """Such as ``"flex"``."""

    _sent = (
        *ChatBedrock._sent,
        "additional_model_request_fields",
        "additional_model_response_field_paths",
        "guardrail_config",
        "performance_config",
        "request_metadata",
        "service_tier",
    )
