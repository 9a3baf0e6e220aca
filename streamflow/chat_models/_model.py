"""The chat model of a vendor: one class, which the table of vendors tells what to do."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from .._fields import KeywordFields, fields_of
from .._merge import merge
from ..errors import MalformedStreamError, ModelArgumentError, ModelInputError
from ..execution import closing
from ..language_models import BaseChatModel
from ..messages import message_chunk_to_message
from ._client import Clients
from ._exchange import Call, Exchange, Timeouts
from ._openai_request import openai_body
from ._openai_stream import OpenAIReader
from ._place import check_secure, host_of, is_local, joined, with_query
from ._reader import Whole
from ._retry import Retries
from ._secret import Secret, hidden, in_environment, reveal
from ._sse import ServerSentEvents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from typing_extensions import Self

    from ..bus import Run
    from ..execution import Execution
    from ..messages import BaseMessage
    from ._frames import Framing
    from ._reader import Reader
    from ._source import Source
    from ._vendors import Vendor

_SHORTEST_KEY = 8
_NAMES = {
    "model_name": "model",
    "model_id": "model",
    "request_timeout": "timeout",
    "default_request_timeout": "timeout",
    "stop_sequences": "stop",
    "max_completion_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "organization": "openai_organization",
}
"""Names of arguments that people know from elsewhere."""


class VendorChatModel(BaseChatModel):
    """What the models of all vendors share. Which of the settings a vendor knows, it says.

    The first request opens connections, which later ones use again. They are closed with
    their event loop, or sooner by ``async with model:`` (or ``with model:`` without a loop).
    A setting that is ``None`` is not sent, so the vendor's default holds. Arguments of a
    call (``model.bind(seed=1)``) come before settings; those not known here are sent as
    they are.

    >>> from streamflow.chat_models import ChatGroq
    >>> ChatGroq(model="llama3-8b-8192", api_key="gsk-…", temperature=0)
    ChatGroq(model='llama3-8b-8192', temperature=0)
    """

    vendor: ClassVar[Vendor]
    """The vendor, as the table has it."""

    _takes_openai_tools = True
    _takes_response_format = True

    model: str
    """The name of the model."""
    api_key: Any = None
    """The key: text, a secret, or a function (plain or async) that returns it. If not given,
    an environment variable has it."""
    base_url: str | None = None
    """Where the vendor is; if not given, an environment variable or the table says."""
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: Sequence[str] | str | None = None
    seed: int | None = None
    reasoning_effort: str | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    response_format: Any = None
    user: str | None = None
    model_kwargs: Mapping[str, Any] = {}
    """More that the vendor is to be sent."""
    default_headers: Mapping[str, str] = {}
    """Headers to send with each request."""
    default_query: Mapping[str, str] = {}
    """What to add to the URL of each request."""
    stream_usage: bool = True
    """Whether streams tell how many tokens were used."""
    disable_streaming: bool = False
    """Whether to ask for whole answers only."""
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

    _connecting: ClassVar[frozenset[str]] = frozenset(
        {
            "api_key",
            "client_options",
            "connect_timeout",
            "default_headers",
            "insecure_hosts",
            "max_retries",
            "timeout",
            "total_timeout",
        }
    )
    """The settings that tell how to reach the vendor: no answer depends on them."""

    _sent: ClassVar[tuple[str, ...]] = (
        "model",
        "temperature",
        "max_tokens",
        "top_p",
        "stop",
        "seed",
        "reasoning_effort",
        "logprobs",
        "top_logprobs",
        "frequency_penalty",
        "presence_penalty",
        "response_format",
        "user",
    )
    """The settings that are options of a request."""

    if not TYPE_CHECKING:  # for type checkers the annotations above are the arguments

        def __init__(self, **values: Any) -> None:
            KeywordFields.__init__(self, **self._renamed(values))
            self.api_key = hidden(self.api_key)
            self._clients = Clients(self.client_options)
            self._check_key()

    _clients: Clients

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        fields = fields_of(cls)
        brands = [cls.vendor.name, cls.vendor.ls_provider, cls.vendor.name.partition("_")[0]]
        known = {f"{brand}_{name}": new for brand in brands for name, new in _BRANDED}
        known.update(_NAMES)
        return {
            known[name] if name not in fields and known.get(name) in fields else name: value
            for name, value in values.items()
        }

    def _check_key(self) -> None:
        """Raise if there is no key: rather now than at the first request."""
        vendor = self.vendor
        given = self.api_key is not None or in_environment(vendor.keys) is not None
        if given or vendor.keyless or (self.base_url and is_local(host_of(self.base_url))):
            return
        raise ModelArgumentError(
            f"{type(self).__name__} needs a key: set the environment variable {vendor.keys[0]}, "
            f"or give api_key="
        )

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

    # What a language model has to say of itself.

    @property
    def _llm_type(self) -> str:
        return f"{self.vendor.name}-chat"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        params = super()._identifying_params
        return {name: value for name, value in params.items() if name not in self._connecting}

    def _can_stream(self) -> bool:
        return not self.disable_streaming

    def _can_generate(self) -> bool:
        return True

    def _with_attributes(self, changes: Mapping[str, Any]) -> Self:
        return type(self)(**{**self._attributes(), **changes})

    def _own_metadata(self) -> Mapping[str, Any]:
        facts = {**super()._own_metadata(), "ls_provider": self.vendor.ls_provider}
        if self.stop:
            facts["ls_stop"] = [self.stop] if isinstance(self.stop, str) else list(self.stop)
        return facts

    def __repr__(self) -> str:
        shown = []
        for name, default in fields_of(type(self)).items():
            value = getattr(self, name)
            hide = name in _NOT_SHOWN or isinstance(value, Secret) or callable(value)
            if not hide and value != default:
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    # Asking.

    def _chunks(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        return self._exchange(prompt, run, kwargs, stream=True).chunks()

    async def _generated(self, prompt: Any, run: Run, kwargs: dict[str, Any]) -> BaseMessage:
        exchange = self._exchange(prompt, run, kwargs, stream=False)
        async with closing(exchange.chunks()) as stream:
            chunks = [chunk async for chunk in stream]
        return message_chunk_to_message(merge(chunks))

    def _exchange(
        self, messages: list[BaseMessage], run: Run, kwargs: dict[str, Any], *, stream: bool
    ) -> Exchange:
        options = self._options(kwargs)
        body = encoded(self._body(messages, options, stream=stream))
        url = self._url(options, stream=stream)
        url = with_query(url, self.default_query)
        return Exchange(
            clients=self._clients,
            execution=run.execution,
            vendor=self.vendor.name,
            model=options.get("model"),
            call=partial(self._call, url, body, run.execution),
            reader=partial(self._reader, f"run-{run.id}", stream=stream),
            timeouts=Timeouts(self.timeout, self.connect_timeout, self.total_timeout),
            retries=Retries(self.max_retries),
        )

    def _options(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is asked for beside the messages: settings, then what the call says."""
        options = {name: getattr(self, name) for name in self._sent}
        options.update(self.model_kwargs)
        options["stream_usage"] = self.stream_usage
        for name, value in kwargs.items():
            if value is not None and not name.startswith("ls_"):
                options[_NAMES.get(name, name)] = value
        return options

    async def _call(self, url: str, body: bytes, execution: Execution) -> Call:
        headers = {
            "content-type": "application/json",
            "user-agent": "streamflow",
            # What is packed comes later, and there is little to save.
            "accept-encoding": "identity",
        }
        headers.update(self.vendor.headers)
        for name, variable in self.vendor.header_variables.items():
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
        headers[self.vendor.key_header] = self.vendor.key_prefix + key
        return (key,)

    async def _key(self, execution: Execution) -> str | None:
        return await reveal(self.api_key, execution) or in_environment(self.vendor.keys)

    def _base(self) -> str:
        """Return the base URL.

        Raises:
            ModelArgumentError: nobody says what it is.
        """
        vendor = self.vendor
        base = self.base_url or in_environment(vendor.urls) or vendor.base_url
        if not base:
            variable = f" set the environment variable {vendor.urls[0]} or" if vendor.urls else ""
            name = type(self).__name__
            raise ModelArgumentError(f"{name} needs an address:{variable} give base_url=")
        return base

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        """Return where a question goes."""
        return joined(self._base(), self.vendor.path)

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        """Return what is sent."""
        return openai_body(self.vendor, messages, options, stream=stream)

    def _reader(self, id: str, source: Source, content_type: str, *, stream: bool) -> Reader:
        """Return what reads the answer."""
        return OpenAIReader(source, framing_of(source, content_type, stream=stream), id)


_BRANDED = (("api_key", "api_key"), ("api_base", "base_url"), ("api_url", "base_url"))
# Parts of them may be secret, or they tell nothing.
_NOT_SHOWN = frozenset({"callbacks", "client_options", "default_headers", "default_query"})


def framing_of(source: Source, content_type: str, *, stream: bool) -> Framing:
    """Return the framing of an answer of a content type.

    Raises:
        MalformedStreamError: it is the type of no answer.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/html":
        reason = "the answer is a web page (text/html); base_url may be wrong"
        raise source.error(MalformedStreamError, reason)
    # Who was asked for one may answer with the other.
    is_stream = kind == "text/event-stream" or (stream and kind != "application/json")
    return ServerSentEvents() if is_stream else Whole()


def encoded(body: dict[str, Any]) -> bytes:
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
