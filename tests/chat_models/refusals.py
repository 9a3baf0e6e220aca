"""How vendors refuse: for each error of the tree a status and a code, in the vendor's own form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define

from streamflow.errors import (
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


@define(frozen=True)
class Refusal:
    """What a vendor refuses with.

    Attributes:
        status: The HTTP status.
        code: Its own word for it.
        message: What it says.
    """

    status: int
    code: str
    message: str


Form = Callable[[Refusal], Any]
"""Makes the body of a refusal."""

USUAL: dict[type[ModelError], Refusal] = {
    ModelRequestError: Refusal(400, "invalid_request_error", "'temperature' must be below 2"),
    ModelAuthenticationError: Refusal(401, "invalid_api_key", "Incorrect API key provided"),
    ModelPermissionError: Refusal(403, "permission_error", "Your key may not use this model"),
    ModelNotFoundError: Refusal(404, "model_not_found", "The model does not exist"),
    ModelRateLimitError: Refusal(429, "rate_limit_exceeded", "Rate limit reached"),
    ContextLengthError: Refusal(
        400, "context_length_exceeded", "This model's maximum context length is 8192 tokens."
    ),
    ContentFilterError: Refusal(
        400, "content_filter", "The response was filtered due to the content management policy"
    ),
    ModelOverloadedError: Refusal(503, "service_unavailable", "The engine is overloaded"),
    ModelServerError: Refusal(500, "server_error", "The server had an error"),
    ModelTimeoutError: Refusal(504, "gateway_timeout", "The model did not answer in time"),
}


def refusals(
    **own: tuple[int, str, str] | tuple[int, str],
) -> Mapping[type[ModelError], Refusal]:
    """Return the usual refusals, with those that a vendor has for itself.

    Args:
        own: Status, code and message (or that of the others) by what is refused.
    """
    kinds = {
        "request": ModelRequestError,
        "key": ModelAuthenticationError,
        "permission": ModelPermissionError,
        "model": ModelNotFoundError,
        "rate": ModelRateLimitError,
        "context": ContextLengthError,
        "content": ContentFilterError,
        "capacity": ModelOverloadedError,
        "server": ModelServerError,
        "time": ModelTimeoutError,
    }
    told = dict(USUAL)
    for name, (status, code, *message) in own.items():
        kind = kinds[name]
        told[kind] = Refusal(status, code, *(message or [USUAL[kind].message]))
    return told


# ------------------------------------------------------------------------------- forms


def of_openai(refusal: Refusal) -> Any:
    facts = {"message": refusal.message, "type": refusal.code, "param": None, "code": refusal.code}
    return {"error": facts}


def of_azure(refusal: Refusal) -> Any:
    return {"error": {"code": refusal.code, "message": refusal.message}}


def of_anthropic(refusal: Refusal) -> Any:
    error = {"type": refusal.code, "message": refusal.message}
    return {"type": "error", "error": error, "request_id": "r-1"}


def of_mistral(refusal: Refusal) -> Any:
    facts = {"message": refusal.message, "type": refusal.code, "param": None, "code": "1800"}
    return {"object": "error", **facts}


def of_fireworks(refusal: Refusal) -> Any:
    return {"error": {"object": "error", "type": refusal.code, "message": refusal.message}}


def of_nvidia(refusal: Refusal) -> Any:
    facts = {"status": refusal.status, "title": refusal.code, "detail": refusal.message}
    return {"type": "urn:inference-service:problem-details", **facts, "requestId": "r-1"}


def of_cohere(refusal: Refusal) -> Any:
    return {"id": "c-1", "message": refusal.message}


def of_databricks(refusal: Refusal) -> Any:
    return {"error_code": refusal.code.upper(), "message": refusal.message}


def of_google(refusal: Refusal) -> Any:
    facts = {"code": refusal.status, "message": refusal.message, "status": refusal.code.upper()}
    return [{"error": facts}]


def of_aws(refusal: Refusal) -> Any:
    return {"message": refusal.message}


def of_ibm(refusal: Refusal) -> Any:
    errors = [{"code": refusal.code, "message": refusal.message, "more_info": "https://x.test"}]
    return {"errors": errors, "trace": "r-1", "status_code": refusal.status}


def of_ollama(refusal: Refusal) -> Any:
    return {"error": refusal.message}


def of_openrouter(refusal: Refusal) -> Any:
    return {"error": {"code": refusal.status, "message": refusal.message, "metadata": {}}}
