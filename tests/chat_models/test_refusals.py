"""Which error stands for what a vendor says, in all the forms that it says it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from streamflow._vendors._source import Source
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
from tests.chat_models.test_openai_answers import JSON


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (
            401,
            {"error": {"message": "bad key", "code": "invalid_api_key"}},
            ModelAuthenticationError,
            "bad key",
        ),
        (403, {"error": {"message": "no", "type": "permission_error"}}, ModelPermissionError, "no"),
        (
            404,
            {"error": {"message": "no such model", "code": None}},
            ModelNotFoundError,
            "no such model",
        ),
        (
            400,
            {"error": {"message": "x", "code": "context_length_exceeded"}},
            ContextLengthError,
            "x",
        ),
        (
            400,
            {"error": {"message": "prompt is too long: 9 > 8"}},
            ContextLengthError,
            "prompt is too long",
        ),
        (
            413,
            {"type": "error", "error": {"type": "request_too_large", "message": "x"}},
            ContextLengthError,
            "x",
        ),
        (400, {"error": {"message": "x", "code": "content_filter"}}, ContentFilterError, "x"),
        (
            400,
            {"error": {"message": "x", "inner": 1, "type": "invalid_request_error"}},
            ModelRequestError,
            "x",
        ),
        (422, {"detail": "oh"}, ModelRequestError, "oh"),
        (424, {"message": "the model failed"}, ModelServerError, "the model failed"),
        (429, {"message": "Too many"}, ModelRateLimitError, "Too many"),
        (500, "no words", ModelServerError, "no words"),
        (502, b"<html>", ModelServerError, "<html>"),
        (
            503,
            {"errors": [{"code": "x", "message": "busy"}], "trace": "r-9"},
            ModelOverloadedError,
            "busy",
        ),
        (504, {}, ModelTimeoutError, "status 504"),
        (
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "x"}},
            ModelOverloadedError,
            "x",
        ),
        (None, {"error": {"code": 429, "message": "x"}}, ModelRateLimitError, "x"),
        (200, {"error": {"code": "503", "message": "x"}}, ModelOverloadedError, "x"),
        (
            None,
            {"error": {"type": "authentication_error", "message": "x"}},
            ModelAuthenticationError,
            "x",
        ),
        (None, {"error": "boom"}, ModelServerError, "boom"),
        (400, [{"error": {"status": "INVALID_ARGUMENT", "message": "x"}}], ModelRequestError, "x"),
    ],
)
def test_what_vendors_say(
    status: int | None, body: Any, kind: type[ModelError], message: str
) -> None:
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    for said in (sent, body):
        error = Source("v", "m", status=status).refusal(said)
        assert type(error) is kind
        assert message in str(error)
    if b"trace" in sent:
        assert error.request_id == "r-9"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "the number of input tokens 9 cannot exceed the total tokens limit 8"),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 8. Given: 9 `inputs` tokens"),
        (400, "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
        (500, "the input length exceeds the context length"),
    ],
)
def test_words_for_what_is_too_long(status: int, message: str) -> None:
    error = Source("v", "m", status=status).refusal({"message": message})
    assert type(error) is ContextLengthError


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "The prompt contains words that violate Google's Responsible AI practices."),
        (403, "Your chosen model requires moderation and your input was flagged"),
        (498, "blocked output: please adjust your prompt and try again"),
    ],
)
def test_words_for_what_is_forbidden(status: int, message: str) -> None:
    error = Source("v", "m", status=status).refusal({"message": message})
    assert type(error) is ContentFilterError


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("UnrecognizedClientException", "x", ModelAuthenticationError),
        ("ExpiredTokenException", "x", ModelAuthenticationError),
        ("InvalidSignatureException", "x", ModelAuthenticationError),
        ("", "Authentication failed: Please make sure your API Key is valid.",
         ModelAuthenticationError),
        ("AccessDeniedException", "x", ModelPermissionError),
    ],
)  # fmt: skip
def test_a_key_may_be_unknown_where_a_permission_is_missing(
    code: str, message: str, kind: type[ModelError]
) -> None:
    """AWS has one status for both, and says in a header which it is."""
    error = Source("v", "m", status=403).refusal({"message": message}, code=code)
    assert type(error) is kind


@given(st.one_of(JSON, st.binary(), st.text()), st.sampled_from([None, 200, 400, 404, 500]))
def test_anything_said_is_an_error_of_the_tree(body: Any, status: int | None) -> None:
    error = Source("v", status=status).refusal(body)
    assert isinstance(error, ModelError)
    assert isinstance(str(error), str)


def test_long_words_are_cut() -> None:
    error = Source("v").refusal({"error": {"message": "x" * 10_000}})
    assert len(str(error)) < 600
    assert len(error.reason) == 10_000
