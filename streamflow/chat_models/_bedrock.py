"""The models of Amazon Bedrock: Anthropic's in their own protocol, others in OpenAI's."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from ..errors import MissingExtraError, ModelArgumentError
from ._anthropic_request import anthropic_body
from ._anthropic_stream import AnthropicReader
from ._aws_frames import AwsEvents
from ._model import VendorChatModel, framing_of
from ._openai_request import openai_body
from ._openai_stream import OpenAIReader
from ._reader import Whole
from ._secret import in_environment
from ._vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..execution import Execution
    from ..messages import BaseMessage
    from ._reader import Reader
    from ._source import Source
    from ._vendors import Vendor

_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
_VERSION = "bedrock-2023-05-31"


class ChatBedrock(VendorChatModel):
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
    region: str | None = None
    """Where the model runs."""
    credentials_profile_name: str | None = None
    """Which of several credentials on this machine to sign with."""
    _session: Any = None

    _sent = (*VendorChatModel._sent, "top_k", "thinking")

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {"region_name": "region", "endpoint_url": "base_url"}
        return super()._renamed({names.get(key, key): value for key, value in values.items()})

    def _region(self) -> str:
        region = self.region or in_environment(_REGION)
        if not region:
            raise ModelArgumentError(
                "ChatBedrock needs a region: set the environment variable AWS_REGION, or give "
                "region="
            )
        return region

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        base = self.base_url or in_environment(self.vendor.urls)
        base = base or f"https://bedrock-runtime.{self._region()}.amazonaws.com"
        base, model = base.rstrip("/"), options["model"]
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

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if await self._key(execution) is not None:
            return await super()._authorize(url, headers, body, execution)
        # Credentials may be read from a file, or fetched from a service of the machine.
        return await execution.call(self._sign, url, headers, body)

    def _sign(self, url: str, headers: dict[str, str], body: bytes) -> tuple[str, ...]:
        try:
            sessions = import_module("botocore.session")
            auth = import_module("botocore.auth")
            requests = import_module("botocore.awsrequest")
        except ImportError as error:
            raise MissingExtraError("ChatBedrock without a key", "aws") from error
        if self._session is None:
            self._session = sessions.Session(profile=self.credentials_profile_name)
        credentials = self._session.get_credentials()
        if credentials is None:
            raise ModelArgumentError(
                "ChatBedrock finds no credentials of AWS, and no key in AWS_BEARER_TOKEN_BEDROCK"
            )
        frozen = credentials.get_frozen_credentials()
        signed = {"content-type": headers["content-type"]}
        request = requests.AWSRequest(method="POST", url=url, data=body, headers=signed)
        auth.SigV4Auth(frozen, "bedrock", self._region()).add_auth(request)
        headers.update({name.lower(): value for name, value in request.headers.items()})
        return tuple(filter(None, (frozen.secret_key, frozen.token, headers["authorization"])))


def _is_anthropic(model: str) -> bool:
    return "anthropic." in model
