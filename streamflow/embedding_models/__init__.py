"""Embeddings of vendors, over one HTTP client: on asyncio, on trio and without a loop.

The extra ``models`` installs the client, which is loaded with the first request.
"""

from __future__ import annotations

from ._azure import AzureOpenAIEmbeddings
from ._bedrock import BedrockEmbeddings
from ._init import init_embeddings
from ._model import VendorEmbeddings
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

__all__ = (
    "AzureOpenAIEmbeddings",
    "BedrockEmbeddings",
    "CohereEmbeddings",
    "DatabricksEmbeddings",
    "FireworksEmbeddings",
    "MistralAIEmbeddings",
    "NVIDIAEmbeddings",
    "OllamaEmbeddings",
    "OpenAIEmbeddings",
    "TogetherEmbeddings",
    "VendorEmbeddings",
    "VertexAIEmbeddings",
    "WatsonxEmbeddings",
    "init_embeddings",
)
