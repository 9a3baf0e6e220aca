"""Accounts at IBM: tokens that are fetched with the key, addresses with a date."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..errors import ModelAuthenticationError
from ..execution import Buffer, closing
from ._account import Account
from ._document import DocumentReader
from ._exchange import Call
from ._place import check_secure, with_query
from ._secret import hidden, in_environment, reveal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeGuard

    from ..execution import Execution

_EARLY = 60.0
"""Seconds before its end from which on a token is not used."""
_RENAMED = {"apikey": "api_key", "url": "base_url"}

Token = tuple[str, float]
"""A token, and when it ends."""


class WatsonxAccount(Account):
    """A model of IBM watsonx, whatever it does."""

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

    @classmethod
    def _renamed(cls, values: dict[str, Any]) -> dict[str, Any]:
        values = super()._renamed({_RENAMED.get(key, key): v for key, v in values.items()})
        return {**values, "token": hidden(values.get("token"))}

    def _begin(self) -> None:
        super()._begin()
        self._tokens = Tokens()

    def _check_key(self) -> None:
        if self.token is None:
            super()._check_key()

    def _payer(self) -> dict[str, str]:
        """Return what a request says about who pays."""
        if self._setting("project_id") is None and (space := self._setting("space_id")):
            return {"space_id": space}
        return {"project_id": self._needed("project_id", "a project", " or space_id=")}

    def _dated(self, url: str) -> str:
        return with_query(url, {"version": self.api_version})

    async def _authorize(
        self, url: str, headers: dict[str, str], body: bytes, execution: Execution
    ) -> tuple[str, ...]:
        token = await reveal(self.token, execution) or in_environment(self._service().tokens)
        secrets: tuple[str, ...] = ()
        if token is None:
            key = await self._key(execution) or ""
            token = await self._tokens.current(lambda: self._fetched(key, execution), execution)
            secrets = (key,)
        headers["authorization"] = f"Bearer {token}"
        return (token, *secrets)

    async def _fetched(self, key: str, execution: Execution) -> Token:
        """Return the token that the key gives, which lasts for an hour or so."""
        check_secure(self.token_url, self.insecure_hosts)
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": key}
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        call = Call(self.token_url, headers, urlencode(form).encode(), (key,))

        async def same() -> Call:
            return call

        exchange = self._exchange_by(
            same, lambda source, _: _TokenReader(source), execution, self.model
        )
        async with closing(exchange.chunks()) as answers:
            return [answer async for answer in answers][-1]


class Tokens:
    """The token of an account: fetched by whoever first needs it, while others wait."""

    def __init__(self) -> None:
        self._token: Token | None = None
        # Threads do not wait for tasks: they may be what keeps the tasks' loop from going on.
        self._turns: dict[bool, Buffer[None]] = {True: Buffer(1), False: Buffer(1)}
        for turn in self._turns.values():
            turn.append(None)  # Whoever takes it may fetch, and puts it back.

    def __reduce__(self) -> Any:
        return Tokens, ()

    async def current(self, fetch: Callable[[], Awaitable[Token]], execution: Execution) -> str:
        """Return the token; ``fetch`` one if there is none that will last a while."""
        if self._lasts(self._token):
            return self._token[0]
        turn = self._turns[execution.blocking]
        await turn.take(execution)
        try:
            if not self._lasts(self._token):
                self._token = await fetch()
            return self._token[0]
        finally:
            turn.append(None)

    @staticmethod
    def _lasts(token: Token | None) -> TypeGuard[Token]:
        return token is not None and time.time() < token[1] - _EARLY


class _TokenReader(DocumentReader[Token]):
    """Reads the answer to a key."""

    def _read(self, document: Any) -> Token:
        token = document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str):
            reason = "no token came for the key"
            raise self.source.error(ModelAuthenticationError, reason, document)
        ends = document.get("expiration") or time.time() + document.get("expires_in", 3600)
        return token, float(ends)
