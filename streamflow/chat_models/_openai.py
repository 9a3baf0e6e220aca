"""The models of vendors that speak OpenAI's protocol, and differ in data only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._place import host_of
from .._vendors._table import VENDORS
from ._model import VendorChatModel

if TYPE_CHECKING:
    from .._vendors._table import Vendor
    from ..execution import Execution


class ChatOpenAI(VendorChatModel):
    """A chat model of OpenAI, or of any service that speaks its protocol.

    The key is in ``OPENAI_API_KEY``, unless ``api_key`` is given. For another service give
    its ``base_url``; one on this machine needs no key.

    >>> from streamflow.chat_models import ChatOpenAI
    >>> ChatOpenAI(model="gpt-4o-mini", api_key="sk-…")
    ChatOpenAI(model='gpt-4o-mini')
    >>> ChatOpenAI(model="qwen3", base_url="http://localhost:8000/v1")
    ChatOpenAI(model='qwen3', base_url='http://localhost:8000/v1')
    """

    vendor: ClassVar[Vendor] = VENDORS["openai"]

    openai_organization: str | None = None
    """The organization that pays; else that of ``OPENAI_ORG_ID``, or the key's own."""

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        if self.openai_organization:
            headers["openai-organization"] = self.openai_organization
        return await super()._authorize(url, headers, body, execution)

    def _body(self, messages: Any, options: dict[str, Any], *, stream: bool) -> dict[str, Any]:
        body = super()._body(messages, options, stream=stream)
        if not self._is_openai() and "max_completion_tokens" in body:
            # Services that imitate an older OpenAI know the older name.
            body["max_tokens"] = body.pop("max_completion_tokens")
        return body

    def _is_openai(self) -> bool:
        return (host_of(self._base()) or "").endswith("api.openai.com")


class ChatGroq(VendorChatModel):
    """A chat model of Groq.

    The key is in ``GROQ_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatGroq
    >>> ChatGroq(model="llama3-8b-8192", api_key="gsk-…")
    ChatGroq(model='llama3-8b-8192')
    """

    vendor: ClassVar[Vendor] = VENDORS["groq"]


class ChatMistralAI(VendorChatModel):
    """A chat model of Mistral AI.

    The key is in ``MISTRAL_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatMistralAI
    >>> ChatMistralAI(model="mistral-small-latest", api_key="…")
    ChatMistralAI(model='mistral-small-latest')
    """

    vendor: ClassVar[Vendor] = VENDORS["mistralai"]


class ChatTogether(VendorChatModel):
    """A chat model of Together AI.

    The key is in ``TOGETHER_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatTogether
    >>> ChatTogether(model="meta-llama/Llama-3.3-70B-Instruct-Turbo", api_key="…")
    ChatTogether(model='meta-llama/Llama-3.3-70B-Instruct-Turbo')
    """

    vendor: ClassVar[Vendor] = VENDORS["together"]


class ChatFireworks(VendorChatModel):
    """A chat model of Fireworks AI.

    The key is in ``FIREWORKS_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatFireworks
    >>> ChatFireworks(model="accounts/fireworks/models/llama-v3p1-8b-instruct", api_key="fw_…")
    ChatFireworks(model='accounts/fireworks/models/llama-v3p1-8b-instruct')
    """

    vendor: ClassVar[Vendor] = VENDORS["fireworks"]


class ChatNVIDIA(VendorChatModel):
    """A chat model of NVIDIA.

    The key is in ``NVIDIA_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatNVIDIA
    >>> ChatNVIDIA(model="meta/llama-3.1-8b-instruct", api_key="nvapi-…")
    ChatNVIDIA(model='meta/llama-3.1-8b-instruct')
    """

    vendor: ClassVar[Vendor] = VENDORS["nvidia"]


class ChatCohere(VendorChatModel):
    """A chat model of Cohere.

    The key is in ``COHERE_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatCohere
    >>> ChatCohere(model="command-r-plus", api_key="…")
    ChatCohere(model='command-r-plus')
    """

    vendor: ClassVar[Vendor] = VENDORS["cohere"]


class ChatOpenRouter(VendorChatModel):
    """A chat model of OpenRouter, which passes requests on to many vendors.

    The key is in ``OPENROUTER_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.chat_models import ChatOpenRouter
    >>> ChatOpenRouter(model="mistralai/mistral-small", api_key="sk-or-…")
    ChatOpenRouter(model='mistralai/mistral-small')
    """

    vendor: ClassVar[Vendor] = VENDORS["openrouter"]


class ChatDatabricks(VendorChatModel):
    """A chat model behind a serving endpoint of Databricks.

    ``model`` (or ``endpoint``) is the name of the endpoint. The address of the workspace is
    in ``DATABRICKS_HOST``, the key in ``DATABRICKS_TOKEN``, unless ``base_url`` and
    ``api_key`` are given.

    >>> from streamflow.chat_models import ChatDatabricks
    >>> ChatDatabricks(model="databricks-claude-sonnet-4", api_key="dapi…")
    ChatDatabricks(model='databricks-claude-sonnet-4')
    """

    vendor: ClassVar[Vendor] = VENDORS["databricks"]

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {"endpoint": "model", "host": "base_url", "databricks_token": "api_key"}
        return super()._renamed({names.get(key, key): value for key, value in values.items()})
