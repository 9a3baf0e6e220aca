"""Where an answer comes from: the facts that every error about it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from attrs import define

from .._json import dumps
from ._problems import Problem, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..errors import ModelError

_MASK = "***"
_SHORTEST = 4  # What is shorter is no key, and may be a part of any word.
_LARGEST_BODY = 100_000


@define
class Source:
    """Who answers, and to what request.

    Args:
        vendor: Who runs the model.
        model: The name of the model.
        secrets: Texts that no error may show.
        status: The HTTP status of the answer, once it is known.
        request_id: What the vendor calls the request, once it is known.
    """

    vendor: str
    model: str | None = None
    secrets: Iterable[str] = ()
    status: int | None = None
    request_id: str | None = None

    def error(
        self,
        kind: type[ModelError],
        reason: str,
        body: Any = None,
        retry_after: float | None = None,
    ) -> ModelError:
        """Return an error of ``kind`` with all that is known, without secrets."""
        return kind(
            self.masked(reason),
            vendor=self.vendor,
            model=self.model,
            status=self.status,
            request_id=self.request_id,
            body=self._masked_body(body),
            retry_after=retry_after,
        )

    def refusal(self, body: Any, retry_after: float | None = None, code: str = "") -> ModelError:
        """Return the error that a vendor's own words stand for.

        Args:
            body: What it said: bytes, text, or JSON that is parsed already.
            retry_after: How long it asks to wait.
            code: Its code for what is wrong, if that is not in the body.
        """
        if isinstance(body, bytes):
            text = body[:_LARGEST_BODY].decode("utf-8", "replace")
            try:
                body = orjson.loads(text)
            except orjson.JSONDecodeError:
                body = text
        problem = Problem.read(body)
        problem.code = problem.code or code
        if self.request_id is None:
            self.request_id = problem.request_id
        status = self.status
        if status is None or status < 400:
            status = problem.status  # In mid-stream the body is all there is.
        kind = kind_of(status, problem)
        error = self.error(kind, problem.message or _without_words(status), body, retry_after)
        if problem.final:
            error.retryable = False
        return error

    def masked(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        for secret in self.secrets:
            if len(secret) >= _SHORTEST:
                text = text.replace(secret, _MASK)
        return text

    def _masked_body(self, body: Any) -> Any:
        if isinstance(body, bytes):
            body = body[:_LARGEST_BODY].decode("utf-8", "replace")
        if isinstance(body, str):
            return self.masked(body)
        if body is None:
            return None
        text = dumps(body).decode()
        masked = self.masked(text)
        return body if masked == text else orjson.loads(masked)


def _without_words(status: int | None) -> str:
    return "the vendor gave no reason" if status is None else f"status {status}, without a reason"
