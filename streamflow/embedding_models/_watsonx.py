"""The embeddings of IBM watsonx: tokens that are fetched with the key, addresses with a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._ibm import WatsonxAccount
from ._model import VendorEmbeddings
from ._table import EMBEDDING_VENDORS

if TYPE_CHECKING:
    from ._table import EmbeddingVendor, Purpose


class WatsonxEmbeddings(WatsonxAccount, VendorEmbeddings):
    """Embeddings of IBM watsonx.

    The address of the service is in ``WATSONX_URL``, the key in ``WATSONX_APIKEY``, the
    project in ``WATSONX_PROJECT_ID``, unless they are given.

    >>> from streamflow.embedding_models import WatsonxEmbeddings
    >>> WatsonxEmbeddings(
    ...     model="ibm/slate-125m-english-rtrvr-v2", api_key="…", project_id="mine"
    ... )
    WatsonxEmbeddings(model='ibm/slate-125m-english-rtrvr-v2', project_id='mine')
    """

    vendor: ClassVar[EmbeddingVendor] = EMBEDDING_VENDORS["watsonx"]

    def _url(self) -> str:
        return self._dated(super()._url())

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        return {**super()._body(texts, purpose), **self._payer()}
