"""Embeddings by the name of a vendor and a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._vendors._table import vendor_named
from ..errors import ConfigError
from ._azure import AzureOpenAIEmbeddings
from ._bedrock import BedrockEmbeddings
from ._openai import (
    DatabricksEmbeddings,
    FireworksEmbeddings,
    MistralAIEmbeddings,
    OllamaEmbeddings,
    OpenAIEmbeddings,
    TogetherEmbeddings,
)
from ._purposes import CohereEmbeddings, NVIDIAEmbeddings
from ._vertex import VertexAIEmbeddings
from ._watsonx import WatsonxEmbeddings

if TYPE_CHECKING:
    from ._model import VendorEmbeddings

_CLASSES: dict[str, type[VendorEmbeddings]] = {
    each.vendor.name: each
    for each in (
        AzureOpenAIEmbeddings,
        BedrockEmbeddings,
        CohereEmbeddings,
        DatabricksEmbeddings,
        FireworksEmbeddings,
        MistralAIEmbeddings,
        NVIDIAEmbeddings,
        OllamaEmbeddings,
        OpenAIEmbeddings,
        TogetherEmbeddings,
        VertexAIEmbeddings,
        WatsonxEmbeddings,
    )
}


def init_embeddings(model: str, *, provider: str | None = None, **kwargs: Any) -> VendorEmbeddings:
    """Return the embeddings of a name.

    >>> from streamflow.embedding_models import init_embeddings
    >>> init_embeddings("openai:text-embedding-3-small", api_key="sk-…")
    OpenAIEmbeddings(model='text-embedding-3-small')
    >>> init_embeddings("nomic-embed-text", provider="ollama")
    OllamaEmbeddings(model='nomic-embed-text')

    Args:
        model: The name of the model, with that of the vendor before it:
            ``"openai:text-embedding-3-small"``; or without, if ``provider`` is given.
        provider: The name of the vendor.
        kwargs: Arguments of the embeddings, such as ``dimensions`` and ``api_key``.

    Raises:
        ConfigError: there is no such vendor, it has no embeddings, or none is named.
        ModelArgumentError: the embeddings do not have an argument, or a key is missing.
    """
    if provider is None:
        provider, colon, name = model.partition(":")
        if not colon:
            raise ConfigError(
                f"nothing tells whose model {model!r} is. Write the provider before it, as in "
                f"'openai:text-embedding-3-small', or give provider=; {_known()}"
            )
        model = name
    vendor = vendor_named(provider)
    if vendor is None:
        raise ConfigError(f"there is no provider {provider!r}; {_known()}")
    if vendor.name not in _CLASSES:
        raise ConfigError(f"{vendor.name!r} has chat models, but no embeddings here; {_known()}")
    if not model:
        raise ConfigError(f"no model is named behind '{provider}:'")
    return _CLASSES[vendor.name](model=model, **kwargs)


def _known() -> str:
    return f"known are {', '.join(sorted(_CLASSES))}"
