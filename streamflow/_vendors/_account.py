"""Who asks a vendor, and how it is reached: what all models of vendors share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import orjson

from .._fields import KeywordFields, fields_of
from ..errors import ModelArgumentError, ModelInputError
from ._client import Clients
from ._exchange import Call, Exchange, Timeouts
from ._place import check_secure, host_of, is_local, joined
from ._retry import Retries
from ._secret import Secret, hidden, in_environment, reveal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from typing_extensions import Self

    from ..execution import Execution
    from ._exchange import AnswerReader
    from ._source import Source
    from ._table import Vendor

T = TypeVar("T")

_SHORTEST_KEY = 8
_BRANDED = (("api_key", "api_key"), ("api_base", "base_url"), ("api_url", "base_url"))
# Parts of them may be secret, or they tell nothing.
_NOT_SHOWN = frozenset(
    {"api_key", "callbacks", "client_options", "credentials", "default_headers", "default_query"}
)


class Connected:
    """Has connections, which can be closed before the end of their loop."""

    # Not in a class with fields: for type checkers it would be an argument.
    _clients: Clients

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


class Account(Connected, KeywordFields):
    """A model of a vendor, as far as it does not matter what the model does."""

    _other_names: ClassVar[Mapping[str, str]] = {
        "model_name": "model",
        "model_id": "model",
        "request_timeout": "timeout",
        "default_request_timeout": "timeout",
    }
    """Names of arguments that people know from elsewhere."""
    _packing: ClassVar[str] = "identity"
    """How an answer may be packed. What is packed comes later, which a stream must not."""

    model: str
    """The name of the model."""
    api_key: Any = None
    """The key: text, a secret, or a function (plain or async) that returns it. If not given,
    an environment variable has it."""
    base_url: str | None = None
    """Where the vendor is; if not given, an environment variable or the table says."""
    model_kwargs: Mapping[str, Any] = {}
    """More that the vendor is to be sent."""
    default_headers: Mapping[str, str] = {}
    """Headers to send with each request."""
    default_query: Mapping[str, str] = {}
    """What to add to the URL of each request."""
    timeout: float | None = 600.0
    """Seconds that the vendor may send nothing."""
    connect_timeout: float | None = 10.0
    """Seconds that it may take to connect."""
    total_timeout: float | None = None
    """Seconds that the whole answer may take, with all attempts."""
    max_retries: int = 2
    """How often a request is made again; never when a part of the answer has come."""
    client_options: Mapping[str, Any] = {}
    """Arguments for httpx2's clients, such as ``proxy`` and ``verify``."""
    insecure_hosts: Sequence[str] = ()
    """Hosts to which the key may go without encryption, beside the local one."""

    if not TYPE_CHECKING:  # for type checkers the annotations above are the arguments

        def __init__(self, **values: Any) -> None:
            KeywordFields.__init__(self, **self._renamed(values))
            self.api_key = hidden(self.api_key)
            self._clients = Clients(self.client_options, type(self).__name__)
            self._begin()
            self._check()

    @classmethod
    def _service(cls) -> Vendor:
        """Return the vendor."""
        raise NotImplementedError

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Return arguments with the names that they have here."""
        fields = fields_of(cls)
        service = cls._service()
        brands = [service.name, service.ls_provider, service.name.partition("_")[0]]
        known = {f"{brand}_{name}": new for brand in brands for name, new in _BRANDED}
        known.update(cls._other_names)
        return {
            known[name] if name not in fields and known.get(name) in fields else name: value
            for name, value in values.items()
        }

    def _begin(self) -> None:
        """Make what is kept beside the settings."""

    def _check(self) -> None:
        """Raise if it cannot work with these settings: rather now than at the first request."""
        self._check_key()

    def _check_key(self) -> None:
        service = self._service()
        given = self.api_key is not None or in_environment(service.proofs) is not None
        if given or service.keyless or (self.base_url and is_local(host_of(self.base_url))):
            return
        raise ModelArgumentError(
            f"{type(self).__name__} needs a key: set the environment variable {service.keys[0]}, "
            f"or give api_key="
        )

    def __repr__(self) -> str:
        shown = []
        for name, default in fields_of(type(self)).items():
            value = getattr(self, name)
            hide = name in _NOT_SHOWN or isinstance(value, Secret) or callable(value)
            if not hide and value != default:
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    # Asking.

    def _exchange_by(
        self,
        call: Callable[[], Awaitable[Call]],
        reader: Callable[[Source, str], AnswerReader[T]],
        execution: Execution,
        model: str | None,
    ) -> Exchange[T]:
        return Exchange(
            clients=self._clients,
            execution=execution,
            vendor=self._service().name,
            model=model,
            call=call,
            reader=reader,
            timeouts=Timeouts(self.timeout, self.connect_timeout, self.total_timeout),
            retries=Retries(self.max_retries),
        )

    async def _call(self, url: str, body: bytes, execution: Execution) -> Call:
        service = self._service()
        headers = {
            "content-type": "application/json",
            "user-agent": "streamflow",
            "accept-encoding": self._packing,
        }
        headers.update(service.headers)
        for name, variable in service.header_variables.items():
            if value := in_environment((variable,)):
                headers[name] = value
        headers.update({name.lower(): value for name, value in self.default_headers.items()})
        secrets = await self._authorize(url, headers, body, execution)
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                # The client would show the value, which may be the key.
                raise ModelArgumentError(f"the header {name} has characters that none may have")
        if secrets:
            check_secure(url, self.insecure_hosts)
        # A header of the user's may hold a key, too. What is short is none.
        others = (value for value in self.default_headers.values() if len(value) >= _SHORTEST_KEY)
        return Call(url, headers, body, (*secrets, *others))

    # What vendors with ways of their own override.

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        """Add the headers that prove who asks; return what in them nobody may see."""
        key = await self._key(execution)
        if key is None:
            return ()
        service = self._service()
        headers[service.key_header] = service.key_prefix + key
        return (key,)

    async def _key(self, execution: Execution) -> str | None:
        return await reveal(self.api_key, execution) or in_environment(self._service().keys)

    def _setting(self, name: str) -> str | None:
        """Return a setting that may also be in the environment."""
        given: str | None = getattr(self, name)
        return given or in_environment(self._service().settings[name])

    def _needed(self, name: str, what: str, instead: str = "") -> str:
        """Return such a setting.

        Args:
            name: Of the setting.
            what: It is, for the error.
            instead: What may be given instead, for the error.

        Raises:
            ModelArgumentError: nobody says what it is.
        """
        value = self._setting(name)
        if value is None:
            variable = self._service().settings[name][0]
            raise ModelArgumentError(
                f"{type(self).__name__} needs {what}: set the environment variable {variable}, "
                f"or give {name}={instead}"
            )
        return value

    def _base(self) -> str:
        """Return the base URL.

        Raises:
            ModelArgumentError: nobody says what it is.
        """
        service = self._service()
        base = self.base_url or in_environment(service.urls) or service.base_url
        if not base:
            variable = f" set the environment variable {service.urls[0]} or" if service.urls else ""
            name = type(self).__name__
            raise ModelArgumentError(f"{name} needs an address:{variable} give base_url=")
        return base

    def _address(self, path: str) -> str:
        """Return where a path of the service is."""
        return joined(self._base(), path)


def encoded(body: Mapping[str, Any]) -> bytes:
    """Return JSON.

    Raises:
        ModelInputError: something in it is no data.
    """
    try:
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        pass  # A text with half a character is escaped by json, which takes it.
    try:
        return json.dumps(body).encode()
    except (TypeError, ValueError) as error:
        raise ModelInputError(f"the request cannot be written as JSON: {error}") from error
