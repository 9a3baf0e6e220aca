"""The embeddings of vendors that want to know what the texts are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ._model import VendorEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ._table import EmbeddingVendor, Purpose


class PurposedEmbeddings(VendorEmbeddings):
    """What those share: documents and queries are embedded in different ways."""

    input_type: str | None = None
    """What all texts are for, in the vendor's word; if not given, documents are to be found,
    and queries say what."""

    def _input_type(self, purpose: Purpose) -> str | None:
        return self.input_type or super()._input_type(purpose)


class CohereEmbeddings(PurposedEmbeddings):
    """Embeddings of Cohere.

    The key is in ``COHERE_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.embedding_models import CohereEmbeddings
    >>> CohereEmbeddings(model="embed-v4.0", dimensions=512, api_key="…")
    CohereEmbeddings(model='embed-v4.0', dimensions=512)
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["cohere"]

    def _base(self) -> str:
        # The variable may hold the address that speaks OpenAI's protocol, for chat models.
        base = super()._base().rstrip("/")
        return base.removesuffix("/v1").removesuffix("/compatibility")


class NVIDIAEmbeddings(PurposedEmbeddings):
    """Embeddings of NVIDIA.

    The key is in ``NVIDIA_API_KEY``, unless ``api_key`` is given.

    >>> from streamflow.embedding_models import NVIDIAEmbeddings
    >>> NVIDIAEmbeddings(model="nvidia/nv-embedqa-e5-v5", api_key="nvapi-…")
    NVIDIAEmbeddings(model='nvidia/nv-embedqa-e5-v5')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["nvidia"]
