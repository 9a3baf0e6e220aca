"""What vendors say when something is wrong, in all the forms that they have for it.

An error may be any JSON, or plain text, and its code a text or a number. It may also come
in the middle of a stream that began with status 200, so the words alone have to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import define

from ..errors import (
    ContentFilterError,
    ContextLengthError,
    ModelAuthenticationError,
    ModelError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelPermissionError,
    ModelRateLimitError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
)

_OF_STATUS: dict[int, type[ModelError]] = {
    401: ModelAuthenticationError,
    402: ModelPermissionError,
    403: ModelPermissionError,
    404: ModelNotFoundError,
    408: ModelTimeoutError,
    410: ModelNotFoundError,
    413: ContextLengthError,
    424: ModelServerError,  # the model failed, behind a service that did not
    429: ModelRateLimitError,
    498: ModelOverloadedError,  # Groq's; Cohere's is for what it forbids, and says so
    503: ModelOverloadedError,
    504: ModelTimeoutError,
    529: ModelOverloadedError,
}

# Expressions, which `re` compiles when they are first used, and keeps.
_TOO_LONG = (
    r"context_length|context length|context window|maximum context|prompt is too long"
    r"|input is too long|too many (?:input )?tokens|string_above_max_length"
    r"|exceeds? the (?:maximum|limit).{0,40}tokens|tokens? limit|request_too_large"
    r"|max_new_tokens`? must be <="
)
_FORBIDDEN = (
    r"content[_ -]?(?:filter|policy|management)|responsibleaipolicy|guardrail"
    r"|safety (?:system|filter)|responsible ai practices|input was flagged"
    r"|blocked (?:in|out)put"
)
# Said with the status of a missing permission.
_UNKNOWN_KEY = (
    r"unrecognized_?client|expired_?token|(?:invalid|incomplete)_?signature|invalid_?api_?key"
    r"|authentication failed"
)
# Codes and types that say more than a status, or stand in its place.
_OF_CODE: tuple[tuple[str, type[ModelError]], ...] = (
    (r"overloaded|capacity_?exceeded|service_?unavailable|modelnotready", ModelOverloadedError),
    (r"rate_?limit|throttl|too_?many_?requests|quota|resource_exhausted", ModelRateLimitError),
    (
        r"invalid_api_key|authentication|unauthenticated|unauthorized|unrecognizedclient",
        ModelAuthenticationError,
    ),
    (r"permission|access_?denied|forbidden|billing", ModelPermissionError),
    (r"not_?found", ModelNotFoundError),
    (r"timeout", ModelTimeoutError),
    (r"invalid|validation|bad_request", ModelRequestError),
)
# Waiting does not help: there is no money left.
_FINAL = r"insufficient_quota|billing|credit balance"


@define
class Problem:
    """The parts of an error, wherever the vendor put them.

    Attributes:
        message: The vendor's words.
        code: Its code and its type of error, as one text.
        status: The status that the body names, if any.
        request_id: What the vendor calls the request, if the body says so.
    """

    message: str
    code: str = ""
    status: int | None = None
    request_id: str | None = None

    @classmethod
    def read(cls, body: Any) -> Problem:
        """Find the parts in JSON that is parsed, or in text."""
        if isinstance(body, list):  # Google wraps it in a list.
            body = next((each for each in body if isinstance(each, Mapping)), str(body))
        if not isinstance(body, Mapping):
            return cls("" if body is None else str(body).strip())
        inner = body.get("error")
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            inner = errors[0]
        if isinstance(inner, str):
            facts: Mapping[str, Any] = {**body, "message": body.get("message") or inner}
        else:
            facts = inner if isinstance(inner, Mapping) else body
        message = _first_text(facts, "message", "Message", "detail", "msg", "error_description")
        codes = [facts.get(key) for key in ("code", "type", "status", "reason", "__type")]
        codes += [body.get("code"), body.get("status_code")]
        return cls(
            message or _rest(body),
            " ".join(code for code in codes if isinstance(code, str)),
            next((code for code in map(_status, codes) if code is not None), None),
            _first_text(body, "request_id", "requestId", "trace"),
        )

    @property
    def final(self) -> bool:
        """Whether it will not go away by itself."""
        return _says(_FINAL, f"{self.code} {self.message}")


def kind_of(status: int | None, problem: Problem) -> type[ModelError]:
    """Return the class of error for a status and what the vendor says beside it."""
    said = f"{problem.code} {problem.message}"
    if status in (None, 400, 413, 422, 500) and _says(_TOO_LONG, said):
        return ContextLengthError
    if status in (None, 400, 403, 422, 498) and _says(_FORBIDDEN, said):
        return ContentFilterError
    if status == 403 and _says(_UNKNOWN_KEY, said):
        return ModelAuthenticationError
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if status is None or status == 400 or status < 400:
        for pattern, kind in _OF_CODE:
            if _says(pattern, problem.code):
                return kind
    if status is not None and 400 <= status < 500:
        return ModelRequestError
    return ModelServerError


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _first_text(facts: Mapping[str, Any], *keys: str) -> str | None:
    return next((value for value in map(facts.get, keys) if value and isinstance(value, str)), None)


def _rest(body: Mapping[str, Any]) -> str:
    return str(dict(body)) if body else ""


def _status(code: object) -> int | None:
    try:
        number = int(code)  # type: ignore[call-overload]  # whatever a vendor sends
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 400 <= number < 600 else None
