"""The models of IBM watsonx: tokens that are fetched with the key, addresses with a date."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from ..errors import ModelArgumentError, ModelAuthenticationError
from ..execution import closing
from ..messages import AIMessageChunk
from ._exchange import Call, Exchange, Timeouts
from ._model import VendorChatModel
from ._place import check_secure, joined, with_query
from ._reader import Reader, Whole
from ._retry import Retries
from ._secret import hidden, in_environment, reveal
from ._vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..execution import Execution
    from ..messages import BaseMessage
    from ._source import Source
    from ._vendors import Vendor

_EARLY = 60.0
"""Seconds before its end from which on a token is not used."""


class ChatWatsonx(VendorChatModel):
    """A chat model of IBM watsonx.

    The address of the service is in ``WATSONX_URL``, the key in ``WATSONX_APIKEY``, the
    project in ``WATSONX_PROJECT_ID``, unless they are given.

    >>> from streamflow.chat_models import ChatWatsonx
    >>> ChatWatsonx(model="ibm/granite-3-8b-instruct", api_key="…", project_id="mine")
    ChatWatsonx(model='ibm/granite-3-8b-instruct', project_id='mine')
    """

    vendor: ClassVar[Vendor] = VENDORS["watsonx"]
    _connecting = VendorChatModel._connecting | {"token", "token_url"}

    project_id: str | None = None
    """The project that pays."""
    space_id: str | None = None
    """The space that pays, instead of a project."""
    api_version: str = "2024-10-08"
    """The version of the service, a date."""
    token: Any = None
    """A token instead of a key: text, or a function that returns it."""
    token_url: str = "https://iam.cloud.ibm.com/identity/token"  # noqa: S105 - an address
    """Where a key is exchanged for a token."""
    _fetched: tuple[str, float] | None = None

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        names = {"apikey": "api_key", "url": "base_url"}
        values = super()._renamed({names.get(key, key): value for key, value in values.items()})
        return {**values, "token": hidden(values.get("token"))}

    def _check_key(self) -> None:
        if self.token is None and in_environment(("WATSONX_TOKEN",)) is None:
            super()._check_key()

    def _url(self, options: dict[str, Any], *, stream: bool) -> str:
        url = joined(self._base(), self.vendor.path) + ("_stream" if stream else "")
        return with_query(url, {"version": self.api_version})

    def _body(
        self, messages: list[BaseMessage], options: dict[str, Any], *, stream: bool
    ) -> dict[str, Any]:
        body = super()._body(messages, options, stream=False)
        body["model_id"] = body.pop("model")
        project = self.project_id or in_environment(("WATSONX_PROJECT_ID",))
        space = self.space_id or in_environment(("WATSONX_SPACE_ID",))
        if project:
            body.setdefault("project_id", project)
        elif space:
            body.setdefault("space_id", space)
        else:
            raise ModelArgumentError(
                "ChatWatsonx needs a project: set the environment variable WATSONX_PROJECT_ID, "
                "or give project_id= or space_id="
            )
        if isinstance(body.get("tool_choice"), str):
            body["tool_choice_option"] = body.pop("tool_choice")
        return body

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        token = await reveal(self.token, execution) or in_environment(("WATSONX_TOKEN",))
        secrets: tuple[str, ...] = ()
        if token is None:
            key = await self._key(execution) or ""
            token = await self._exchanged(key, execution)
            secrets = (key,)
        headers["authorization"] = f"Bearer {token}"
        return (token, *secrets)

    async def _exchanged(self, key: str, execution: Execution) -> str:
        """Return the token that the key gives, which lasts for an hour or so."""
        if self._fetched is not None and time.time() < self._fetched[1] - _EARLY:
            return self._fetched[0]
        check_secure(self.token_url, self.insecure_hosts)
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": key}
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        call = Call(self.token_url, headers, urlencode(form).encode(), (key,))
        readers: list[_TokenReader] = []

        async def same() -> Call:
            return call

        def reader(source: Source, content_type: str) -> Reader:
            readers.append(_TokenReader(source, Whole(), None))
            return readers[-1]

        exchange = Exchange(
            clients=self._clients,
            execution=execution,
            vendor=self.vendor.name,
            model=self.model,
            call=same,
            reader=reader,
            timeouts=Timeouts(self.timeout, self.connect_timeout, self.total_timeout),
            retries=Retries(self.max_retries),
        )
        async with closing(exchange.chunks()) as chunks:
            async for _ in chunks:
                pass
        self._fetched = readers[-1].token()
        return self._fetched[0]


class _TokenReader(Reader):
    """Reads a token where others read a message."""

    _facts: Mapping[str, Any]

    def _take(self, event: str, payload: Any, chunks: list[AIMessageChunk]) -> None:
        self._facts = payload
        if not isinstance(payload, dict) or not isinstance(payload.get("access_token"), str):
            reason = "no token came for the key"
            raise self.source.error(ModelAuthenticationError, reason, payload)
        self.finished = True

    def _last(self) -> AIMessageChunk:
        return AIMessageChunk("")

    def token(self) -> tuple[str, float]:
        """Return the token, and when it ends."""
        ends = self._facts.get("expiration") or time.time() + self._facts.get("expires_in", 3600)
        return self._facts["access_token"], float(ends)
