"""The embeddings of a vendor: one class, which the table of vendors tells what to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from .._vendors._account import Account, encoded
from .._vendors._place import with_query
from ..bus._scope import current_run
from ..embeddings import Embeddings
from ..errors import ModelArgumentError
from ..execution import BLOCKING, LOOP, closing, drive
from ._batches import batches, check_texts
from ._vectors import Vector, VectorReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._vendors._source import Source
    from .._vendors._table import Vendor
    from ..execution import Execution
    from ._table import EmbeddingVendor, Purpose


class VendorEmbeddings(Account, Embeddings):
    """What the embeddings of all vendors share.

    Texts are sent in batches, a few at a time, and the vectors come in the order of the
    texts. If one batch fails, the others are stopped, and its error is raised. The methods
    without ``a`` block until the vectors are there.

    The first request opens connections, which later ones use again. They are closed with
    their event loop, or sooner by ``async with model:`` (or ``with model:`` without a loop).

    >>> from streamflow.embedding_models import MistralAIEmbeddings
    >>> MistralAIEmbeddings(api_key="…", chunk_size=100)
    MistralAIEmbeddings(chunk_size=100)
    """

    vendor: ClassVar[EmbeddingVendor]
    """The vendor, as the table has it."""

    _other_names: ClassVar[Mapping[str, str]] = {
        **Account._other_names,
        "max_batch_size": "chunk_size",
    }
    _packing = "gzip, deflate"

    dimensions: int | None = None
    """How many numbers a vector is to have, of models that can choose."""
    chunk_size: int | None = None
    """How many texts to send at once; not more than the vendor takes, and that if not given."""
    max_concurrency: int = 4
    """How many requests of one call are on their way at once."""
    timeout: float | None = 60.0
    """Seconds that the vendor may send nothing."""

    @classmethod
    def _service(cls) -> Vendor:
        return cls.vendor.vendor

    def _check(self) -> None:
        for name in ("chunk_size", "max_concurrency"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ModelArgumentError(f"{name} must be at least 1, got {value!r}")
        if self.dimensions is not None and self.vendor.dimensions is None:
            raise ModelArgumentError(
                f"{type(self).__name__} cannot choose dimensions={self.dimensions!r}: the "
                f"vendor's models have a length of vectors each"
            )
        super()._check()

    # Asking.

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        """Return the vectors of texts that are to be found, in order. Blocks.

        Raises:
            ModelError: the vendor has not embedded them; see its subclasses.
            ModelInputError: one of them is no text.
            MissingExtraError: the HTTP client is not installed.
        """
        return drive(self._embed(texts, "document", BLOCKING))

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a text that says what is to be found. Blocks.

        Raises:
            ModelError: the vendor has not embedded it; see its subclasses.
        """
        return drive(self._embed([text], "query", BLOCKING))[0]

    async def aembed_documents(self, texts: list[str]) -> list[Vector]:
        """Return the vectors of texts. As :meth:`embed_documents`, awaited."""
        return await self._embed(texts, "document", _here())

    async def aembed_query(self, text: str) -> Vector:
        """Return the vector of a query. As :meth:`embed_query`, awaited."""
        return (await self._embed([text], "query", _here()))[0]

    async def _embed(
        self, texts: list[str], purpose: Purpose, execution: Execution
    ) -> list[Vector]:
        check_texts(texts)
        if not texts:
            return []
        most = min(self.chunk_size or self._most(), self._most())
        cut = batches(texts, most, self.vendor.most_bytes)
        asked = [partial(self._ask, batch, purpose, execution) for batch in cut]
        answers = await execution.join(asked, self.max_concurrency)
        return [vector for answer in answers for vector in answer]

    async def _ask(self, texts: list[str], purpose: Purpose, execution: Execution) -> list[Vector]:
        body = encoded({**self._body(texts, purpose), **self.model_kwargs})
        url = with_query(self._url(), self.default_query)
        call = partial(self._call, url, body, execution)
        reader = partial(self._reader, len(texts))
        exchange = self._exchange_by(call, reader, execution, self.model)
        async with closing(exchange.chunks()) as answers:
            [vectors] = [answer async for answer in answers]
        return vectors

    def _reader(self, texts: int, source: Source, content_type: str) -> VectorReader:
        rows, vector = self._places()
        return VectorReader(source, texts, rows, vector, self.dimensions)

    # What vendors with ways of their own override.

    def _most(self) -> int:
        """Return how many texts a request may have."""
        return self.vendor.most

    def _places(self) -> tuple[str, str]:
        """Return where the rows are in an answer, and the vector in a row."""
        return self.vendor.rows, self.vendor.vector

    def _input_type(self, purpose: Purpose) -> str | None:
        """Return the vendor's word for what the texts are; ``None`` if it has none."""
        return self.vendor.purposes.get(purpose)

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        """Return what is sent."""
        vendor = self.vendor
        body = {vendor.model: self.model, vendor.texts: texts, **vendor.always}
        if word := self._input_type(purpose):
            body["input_type"] = word
        if self.dimensions is not None and vendor.dimensions is not None:
            body[vendor.dimensions] = self.dimensions
        return body

    def _url(self) -> str:
        """Return where texts go."""
        return self._address(self.vendor.path)


def _here() -> Execution:
    """Return the execution of the run around, or of the running event loop."""
    run = current_run()
    return LOOP if run is None or run.execution.blocking else run.execution
