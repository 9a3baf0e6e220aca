"""The chat model of a vendor: one class, which the table of vendors tells what to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from .._merge import merge
from .._vendors._account import Account, encoded
from .._vendors._place import with_query
from ..errors import MalformedStreamError
from ..execution import closing
from ..language_models import BaseChatModel
from ..messages import message_chunk_to_message
from ._openai_request import openai_body
from ._openai_stream import OpenAIReader
from ._reader import Whole
from ._sse import ServerSentEvents

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from typing_extensions import Self

    from .._vendors._exchange import Exchange
    from .._vendors._source import Source
    from .._vendors._table import Vendor
    from ..bus import Run
    from ..messages import AIMessageChunk, BaseMessage
    from ._frames import Framing
    from ._reader import Reader

_NAMES = {
    **Account._other_names,
    "stop_sequences": "stop",
    "max_completion_tokens": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "organization": "openai_organization",
}
"""Names of arguments that people know from elsewhere."""


class VendorChatModel(Account, BaseChatModel):
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

    _other_names = _NAMES
    _takes_openai_tools = True
    _takes_response_format = True

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
    stream_usage: bool = True
    """Whether streams tell how many tokens were used."""
    disable_streaming: bool = False
    """Whether to ask for whole answers only."""
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

    @classmethod
    def _service(cls) -> Vendor:
        return cls.vendor

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
    ) -> Exchange[AIMessageChunk]:
        options = self._options(kwargs)
        body = encoded(self._body(messages, options, stream=stream))
        url = self._url(options, stream=stream)
        url = with_query(url, self.default_query)
        call = partial(self._call, url, body, run.execution)
        reader = partial(self._reader, f"run-{run.id}", stream=stream)
        return self._exchange_by(call, reader, run.execution, options.get("model"))

    def _options(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is asked for beside the messages: settings, then what the call says."""
        options = {name: getattr(self, name) for name in self._sent}
        options.update(self.model_kwargs)
        options["stream_usage"] = self.stream_usage
        for name, value in kwargs.items():
            if value is not None and not name.startswith("ls_"):
                options[_NAMES.get(name, name)] = value
        return options

    # What vendors with ways of their own override.

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        """Return where a question goes."""
        return self._address(self.vendor.path)

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        """Return what is sent."""
        return openai_body(self.vendor, messages, options, stream=stream)

    def _reader(self, id: str, source: Source, content_type: str, *, stream: bool) -> Reader:
        """Return what reads the answer."""
        return OpenAIReader(source, framing_of(source, content_type, stream=stream), id)


def framing_of(source: Source, content_type: str, *, stream: bool) -> Framing:
    """Return the framing of an answer of a content type.

    Raises:
        MalformedStreamError: it is the type of no answer.
    """
    kind = kind_of_answer(source, content_type)
    # Who was asked for one may answer with the other.
    is_stream = kind == "text/event-stream" or (stream and kind != "application/json")
    return ServerSentEvents() if is_stream else Whole()


def kind_of_answer(source: Source, content_type: str) -> str:
    """Return the bare content type of an answer.

    Raises:
        MalformedStreamError: it is the type of no answer.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/html":
        reason = "the answer is a web page (text/html); base_url may be wrong"
        raise source.error(MalformedStreamError, reason)
    return kind
