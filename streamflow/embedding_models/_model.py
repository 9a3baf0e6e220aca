"""The embeddings of a vendor: one class, which the table of vendors tells what to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from .._fields import KeywordFields, fields_of
from ..bus._scope import current_run
from ..chat_models._client import Clients
from ..chat_models._exchange import Call, Exchange, Timeouts
from ..chat_models._model import encoded
from ..chat_models._place import check_secure, host_of, is_local, joined, with_query
from ..chat_models._retry import Retries
from ..chat_models._secret import hidden, in_environment, reveal
from ..embeddings import Embeddings
from ..errors import ModelArgumentError
from ..execution import BLOCKING, LOOP, closing, drive
from ._batches import batches, check_texts
from ._vectors import Vector, VectorReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from ..chat_models._reader import Reader
    from ..chat_models._source import Source
    from ..execution import Execution
    from ._table import EmbeddingVendor, Purpose

_NAMES = {
    "model_name": "model",
    "model_id": "model",
    "request_timeout": "timeout",
    "default_request_timeout": "timeout",
    "max_batch_size": "chunk_size",
}
"""Names of arguments that people know from elsewhere."""
_BRANDED = {"api_key": "api_key", "api_base": "base_url", "api_url": "base_url"}
_NOT_SHOWN = frozenset({"api_key", "default_headers", "default_query", "client_options"})
_SHORTEST_KEY = 8


class VendorEmbeddings(KeywordFields, Embeddings):
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

    model: str
    """The name of the model."""
    dimensions: int | None = None
    """How many numbers a vector is to have, of models that can choose."""
    api_key: Any = None
    """The key: text, a secret, or a function (plain or async) that returns it. If not given,
    an environment variable has it."""
    base_url: str | None = None
    """Where the vendor is; if not given, an environment variable or the table says."""
    chunk_size: int | None = None
    """How many texts to send at once; not more than the vendor takes, and that if not given."""
    max_concurrency: int = 4
    """How many requests of one call are on their way at once."""
    model_kwargs: Mapping[str, Any] = {}
    """More that the vendor is to be sent."""
    default_headers: Mapping[str, str] = {}
    """Headers to send with each request."""
    default_query: Mapping[str, str] = {}
    """What to add to the URL of each request."""
    timeout: float | None = 60.0
    """Seconds that the vendor may send nothing."""
    connect_timeout: float | None = 10.0
    """Seconds that it may take to connect."""
    total_timeout: float | None = None
    """Seconds that the answer to a batch may take, with all attempts."""
    max_retries: int = 2
    """How often a request is made again."""
    client_options: Mapping[str, Any] = {}
    """Arguments for httpx2's clients, such as ``proxy`` and ``verify``."""
    insecure_hosts: Sequence[str] = ()
    """Hosts to which the key may go without encryption, beside the local one."""

    if not TYPE_CHECKING:  # for type checkers the annotations above are the arguments

        def __init__(self, **values: Any) -> None:
            KeywordFields.__init__(self, **self._renamed(values))
            self.api_key = hidden(self.api_key)
            self._clients = Clients(self.client_options)
            self._check()
            self._check_key()

    _clients: Clients = None  # type: ignore[assignment]  # without a value, an argument

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Return arguments with the names that they have here."""
        known = dict(_NAMES)
        for brand in {cls.vendor.name, cls.vendor.name.partition("_")[0]}:
            known.update({f"{brand}_{name}": new for name, new in _BRANDED.items()})
        fields = fields_of(cls)
        return {
            name if name in fields else known.get(name, name): value
            for name, value in values.items()
        }

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

    def _check_key(self) -> None:
        """Raise if there is no key: rather now than at the first request."""
        vendor = self.vendor.vendor
        given = self.api_key is not None or in_environment(vendor.keys) is not None
        if given or vendor.keyless or (self.base_url and is_local(host_of(self.base_url))):
            return
        raise ModelArgumentError(
            f"{type(self).__name__} needs a key: set the environment variable {vendor.keys[0]}, "
            f"or give api_key="
        )

    def __repr__(self) -> str:
        shown = []
        for name, default in fields_of(type(self)).items():
            value = getattr(self, name)
            if name not in _NOT_SHOWN and value != default:
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    # Connections.

    async def aclose(self) -> None:
        """Close the connections of the running event loop, and those made without a loop.

        The model can be used again: it connects anew.
        """
        await self._clients.aclose()

    def close(self) -> None:
        """Close the connections that were made without an event loop."""
        self._clients.disconnect()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

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
        if execution.blocking:
            # The threads of the batches share one client, so it must be there before them.
            await self._clients.wire(execution)
        asked = [partial(self._ask, batch, purpose, execution) for batch in cut]
        answers = await execution.join(asked, self.max_concurrency)
        return [vector for answer in answers for vector in answer]

    async def _ask(self, texts: list[str], purpose: Purpose, execution: Execution) -> list[Vector]:
        body = encoded({**self._body(texts, purpose), **self.model_kwargs})
        url = with_query(self._url(), self.default_query)
        exchange = Exchange(
            clients=self._clients,
            execution=execution,
            vendor=self.vendor.name,
            model=self.model,
            call=partial(self._call, url, body, execution),
            reader=partial(self._reader, len(texts)),
            timeouts=Timeouts(self.timeout, self.connect_timeout, self.total_timeout),
            retries=Retries(self.max_retries),
        )
        vectors: list[Vector] = []
        async with closing(exchange.chunks()) as answers:
            async for answer in answers:  # there is one
                vectors = cast("list[Vector]", answer)
        return vectors

    def _reader(self, texts: int, source: Source, content_type: str) -> Reader:
        rows, vector = self._places()
        reader = VectorReader(source, texts, rows, vector, self.dimensions)
        # An exchange reads whatever it is fed for; here that is no message.
        return cast("Reader", reader)

    async def _call(self, url: str, body: bytes, execution: Execution) -> Call:
        vendor = self.vendor.vendor
        headers = {"content-type": "application/json", "user-agent": "streamflow"}
        headers.update(vendor.headers)
        for name, variable in vendor.header_variables.items():
            if value := in_environment((variable,)):
                headers[name] = value
        headers.update({name.lower(): value for name, value in self.default_headers.items()})
        secrets = await self._authorize(url, headers, body, execution)
        if secrets:
            check_secure(url, self.insecure_hosts)
        # A header of the user's may hold a key, too. What is short is none.
        others = (value for value in self.default_headers.values() if len(value) >= _SHORTEST_KEY)
        return Call(url, headers, body, (*secrets, *others))

    def _settings(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}

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

    def _base(self) -> str:
        """Return the base URL.

        Raises:
            ModelArgumentError: nobody says what it is.
        """
        variables = self.vendor.vendor.urls
        base = self.base_url or in_environment(variables) or self.vendor.base_url
        if not base:
            variable = f" set the environment variable {variables[0]} or" if variables else ""
            name = type(self).__name__
            raise ModelArgumentError(f"{name} needs an address:{variable} give base_url=")
        return base

    def _url(self) -> str:
        """Return where texts go."""
        return joined(self._base(), self.vendor.path)

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        """Add the headers that prove who asks; return what in them nobody may see."""
        vendor = self.vendor.vendor
        key = await reveal(self.api_key, execution) or in_environment(vendor.keys)
        if key is None:
            return ()
        headers[vendor.key_header] = vendor.key_prefix + key
        return (key,)


def _here() -> Execution:
    """Return the execution of the run around, or of the running event loop."""
    run = current_run()
    return LOOP if run is None or run.execution.blocking else run.execution
