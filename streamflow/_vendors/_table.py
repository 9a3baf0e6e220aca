"""The vendors of chat models, as a table of data.

What two vendors do differently and data can say stands here; the few that need code of
their own (signatures, tokens that are fetched, another protocol) have a file each.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import define, evolve, field

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_SETTINGS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@define(frozen=True)
class Vendor:
    """One vendor.

    Attributes:
        name: What `init_chat_model` calls it.
        model_class: The class of its models, in `streamflow.chat_models`.
        base_url: Where its service is; ``""`` if each customer has an address.
        keys: The environment variables that may hold the key, the usual one first.
        tokens: Those that may hold a token, which stands in for a key.
        urls: Those that may hold the base URL.
        settings: Those that may hold other settings, by the names of these.
        ls_provider: What the metadata of runs calls it.
        path: Where below the base URL questions are answered.
        key_header: The header that carries the key.
        key_prefix: What stands before the key in it.
        headers: Headers beside it.
        keyless: It may be asked without a key.
        header_variables: Headers whose values are in environment variables.
        prefixes: How the names of models begin that are known to be its own.
        areas: What may stand before these: where in the world a model runs.
        renamed: Its own names for options that OpenAI calls otherwise.
        any_tool: Its word for ``tool_choice`` "one of the tools".
        stream_usage: It tells how many tokens were used if ``stream_options`` ask for it.
    """

    name: str
    model_class: str
    base_url: str
    keys: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    ls_provider: str = field()
    path: str = "/chat/completions"
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    headers: Mapping[str, str] = _NONE
    keyless: bool = False
    header_variables: Mapping[str, str] = _NONE
    prefixes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    renamed: Mapping[str, str] = _NONE
    any_tool: str = "required"
    stream_usage: bool = True
    tokens: tuple[str, ...] = ()
    settings: Mapping[str, tuple[str, ...]] = _NO_SETTINGS

    @ls_provider.default
    def _default_ls_provider(self) -> str:
        return self.name

    @property
    def proofs(self) -> tuple[str, ...]:
        """The environment variables that may tell who asks."""
        return (*self.keys, *self.tokens)

    @property
    def other_variables(self) -> tuple[str, ...]:
        """Those that may hold something else, but for the base URL."""
        settings = (name for names in self.settings.values() for name in names)
        return (*self.header_variables.values(), *settings)


_NEWER = {"max_tokens": "max_completion_tokens"}

_BEDROCK = Vendor(
    "bedrock",
    "ChatBedrock",
    "",
    keys=("AWS_BEARER_TOKEN_BEDROCK",),
    urls=("AWS_ENDPOINT_URL_BEDROCK_RUNTIME",),
    settings={"region": ("AWS_REGION", "AWS_DEFAULT_REGION")},
    ls_provider="amazon_bedrock",
    keyless=True,  # botocore signs otherwise
    prefixes=("ai21.", "amazon.", "anthropic.", "arn:aws", "cohere.", "deepseek.",
              "google.gemma", "meta.", "minimax.", "mistral.", "moonshot", "nvidia.",
              "openai.gpt-oss", "qwen.", "writer.", "zai."),
    areas=("us.", "us-gov.", "eu.", "apac.", "au.", "ca.", "jp.", "global."),
)  # fmt: skip

VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            "openai",
            "ChatOpenAI",
            "https://api.openai.com/v1",
            keys=("OPENAI_API_KEY",),
            urls=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
            header_variables={
                "openai-organization": "OPENAI_ORG_ID",
                "openai-project": "OPENAI_PROJECT_ID",
            },
            prefixes=("gpt-", "o1", "o3", "o4", "chatgpt", "text-davinci"),
            renamed=_NEWER,
        ),
        Vendor(
            "anthropic",
            "ChatAnthropic",
            "https://api.anthropic.com",
            keys=("ANTHROPIC_API_KEY",),
            urls=("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"),
            path="/v1/messages",
            key_header="x-api-key",
            key_prefix="",
            headers={"anthropic-version": "2023-06-01"},
            prefixes=("claude",),
        ),
        Vendor(
            "azure_openai",
            "AzureChatOpenAI",
            "",
            keys=("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"),
            tokens=("AZURE_OPENAI_AD_TOKEN",),
            urls=("AZURE_OPENAI_ENDPOINT",),
            settings={"api_version": ("OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION")},
            ls_provider="azure",
            key_header="api-key",
            key_prefix="",
            renamed=_NEWER,
        ),
        Vendor(
            "groq",
            "ChatGroq",
            "https://api.groq.com/openai/v1",
            keys=("GROQ_API_KEY",),
            urls=("GROQ_API_BASE", "GROQ_BASE_URL"),
        ),
        Vendor(
            "mistralai",
            "ChatMistralAI",
            "https://api.mistral.ai/v1",
            keys=("MISTRAL_API_KEY",),
            urls=("MISTRAL_BASE_URL",),
            ls_provider="mistral",
            prefixes=("mistral", "mixtral", "codestral", "ministral", "magistral", "pixtral"),
            renamed={"seed": "random_seed", "max_completion_tokens": "max_tokens"},
            any_tool="any",
            stream_usage=False,  # It tells in any case, and does not know how to be asked.
        ),
        Vendor(
            "together",
            "ChatTogether",
            "https://api.together.xyz/v1",
            keys=("TOGETHER_API_KEY",),
            urls=("TOGETHER_API_BASE",),
        ),
        Vendor(
            "fireworks",
            "ChatFireworks",
            "https://api.fireworks.ai/inference/v1",
            keys=("FIREWORKS_API_KEY",),
            urls=("FIREWORKS_API_BASE",),
            prefixes=("accounts/fireworks",),
        ),
        Vendor(
            "nvidia",
            "ChatNVIDIA",
            "https://integrate.api.nvidia.com/v1",
            keys=("NVIDIA_API_KEY",),
            urls=("NVIDIA_BASE_URL",),
            prefixes=("nvidia/",),
        ),
        Vendor(
            "cohere",
            "ChatCohere",
            "https://api.cohere.ai/compatibility/v1",
            keys=("COHERE_API_KEY", "CO_API_KEY"),
            urls=("COHERE_BASE_URL",),
            prefixes=("command",),
        ),
        Vendor(
            "databricks",
            "ChatDatabricks",
            "",
            keys=("DATABRICKS_TOKEN",),
            urls=("DATABRICKS_HOST",),
            path="/serving-endpoints/chat/completions",
            prefixes=("databricks-",),
        ),
        Vendor(
            "google_vertexai",
            "ChatVertexAI",
            "",
            keys=("GOOGLE_VERTEX_ACCESS_TOKEN",),
            settings={
                "project": ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"),
                "location": ("GOOGLE_CLOUD_LOCATION",),
            },
            keyless=True,  # google-auth finds a token otherwise
            path="/endpoints/openapi/chat/completions",
            prefixes=("gemini", "google/gemini"),
        ),
        _BEDROCK,
        evolve(
            _BEDROCK,
            name="bedrock_converse",
            model_class="ChatBedrockConverse",
            prefixes=(),  # Models are asked in this way only if it is named.
        ),
        Vendor(
            "watsonx",
            "ChatWatsonx",
            "",
            keys=("WATSONX_APIKEY", "WATSONX_API_KEY"),
            tokens=("WATSONX_TOKEN",),
            urls=("WATSONX_URL",),
            settings={
                "project_id": ("WATSONX_PROJECT_ID",),
                "space_id": ("WATSONX_SPACE_ID",),
            },
            ls_provider="ibm",
            path="/ml/v1/text/chat",
            prefixes=("ibm/",),
            stream_usage=False,
        ),
        Vendor(
            "ollama",
            "ChatOllama",
            "http://localhost:11434",
            keys=("OLLAMA_API_KEY",),
            urls=("OLLAMA_HOST",),
            keyless=True,
            path="/api/chat",
        ),
        Vendor(
            "openrouter",
            "ChatOpenRouter",
            "https://openrouter.ai/api/v1",
            keys=("OPENROUTER_API_KEY",),
            urls=("OPENROUTER_API_BASE",),
        ),
    )
}  # fmt: skip

ALIASES: Mapping[str, str] = {
    "aws": "bedrock",
    "azure": "azure_openai",
    "ibm": "watsonx",
    "mistral": "mistralai",
    "vertexai": "google_vertexai",
}
"""Other names that vendors are known by."""


def vendor_named(name: str) -> Vendor | None:
    """Return a vendor by any of its names, however they are spelt; ``None`` if unknown."""
    plain = name.strip().lower().replace("-", "_")
    return VENDORS.get(ALIASES.get(plain, plain))


def vendor_of_model(model: str) -> Vendor | None:
    """Return the vendor that a model is known to be from by its name."""
    name = model.lower()
    matches = [
        (len(prefix), vendor)
        for vendor in VENDORS.values()
        for prefix in vendor.prefixes
        if name.startswith(tuple(area + prefix for area in ("", *vendor.areas)))
    ]
    return max(matches, key=lambda match: match[0])[1] if matches else None
