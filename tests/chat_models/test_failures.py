"""What is tried again, what is told, and how long anything may take."""

from __future__ import annotations

import gzip
import time

import pytest

from streamflow._vendors._retry import Retries, retry_after
from streamflow.chat_models import ChatOpenAI
from streamflow.errors import (
    MalformedStreamError,
    ModelConnectionError,
    ModelError,
    ModelRateLimitError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
    TruncatedStreamError,
)
from tests.chat_models.asking import busy, pool
from tests.chat_models.dialect_openai import OPENAI
from tests.chat_models.server import Answer, Server
from tests.chat_models.test_connections import EVENTS, all_of, model_of

# ----------------------------------------------------------------------------- retries


def refusal(status: int, **headers: str) -> Answer:
    return Answer.json({"error": {"message": "not now"}}, status, **headers)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
async def test_what_may_pass_is_asked_again(server: Server, status: int) -> None:
    server.answer(
        refusal(status, retry_after="0"), refusal(status, retry_after_ms="1"), OPENAI.answer("a")
    )
    async with model_of(server) as model:
        assert await all_of(model) == ["a", ""]
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_will_not_pass_is_not_asked_again(server: Server, status: int) -> None:
    server.answer(refusal(status), OPENAI.answer("a"))
    async with model_of(server) as model:
        with pytest.raises(ModelError, match="not now"):
            await all_of(model)
    assert len(server.asked) == 1


async def test_without_money_it_is_not_asked_again(server: Server) -> None:
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    server.answer(Answer.json(body, 429), OPENAI.answer("a"))
    async with model_of(server) as model:
        with pytest.raises(ModelRateLimitError):
            await all_of(model)
    assert len(server.asked) == 1


async def test_a_wait_that_is_too_long_is_told_at_once(server: Server) -> None:
    server.answer(refusal(429, retry_after="3600"), OPENAI.answer("a"))
    async with model_of(server) as model:
        with pytest.raises(ModelRateLimitError) as caught:
            await all_of(model)
    assert caught.value.retry_after == 3600


def test_retries_end(server: Server) -> None:
    server.answer(refusal(500, retry_after="0"))
    with model_of(server, max_retries=3) as model, pytest.raises(ModelServerError):
        model.invoke("Hi")
    assert len(server.asked) == 4


async def test_an_answer_that_breaks_before_its_first_chunk_is_asked_for_again(
    server: Server,
) -> None:
    server.answer(Answer(EVENTS[:1], cut=True), Answer([]), OPENAI.answer("a"))
    async with model_of(server) as model:
        assert await all_of(model) == ["a", ""]


def test_waits_grow_and_are_bounded() -> None:
    error = ModelServerError("x", vendor="v")
    retries = Retries(most=10)
    for made in range(1, 11):
        wait = retries.wait(error, made)
        assert wait is not None
        assert min(8, 0.5 * 2 ** (made - 1)) / 2 <= wait <= min(8, 0.5 * 2 ** (made - 1))
    assert retries.wait(error, 11) is None
    assert retries.wait(ModelRequestError("x", vendor="v"), 1) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2),
        ({"retry-after": "2", "retry-after-ms": "150"}, 0.15),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_vendors_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


# ------------------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(EVENTS[:2]), TruncatedStreamError),
        (Answer(EVENTS[:2], cut=True), ModelConnectionError),
        (Answer([*EVENTS[:2], b"data: {\n\n"]), MalformedStreamError),
        (Answer([*EVENTS[:2], b'data: {"error": {"message": "oh"}}\n\n']), ModelServerError),
        (Answer([b"<html>"], headers={"content-type": "text/html"}), MalformedStreamError),
        (Answer([b"[1]"], headers={"content-type": "application/json"}), ModelError),
        (Answer([b"data: \xff\n\n"]), MalformedStreamError),
        (Answer([b"zz"], headers={"content-encoding": "gzip"}), MalformedStreamError),
        (Answer([b"zz"], headers={"content-encoding": "br"}), MalformedStreamError),
    ],
)
async def test_faults_of_a_stream(server: Server, answer: Answer, kind: type[ModelError]) -> None:
    server.answer(answer)
    async with model_of(server, max_retries=0) as model:
        with pytest.raises(kind) as caught:
            await all_of(model)
        assert caught.value.status == 200
        assert not busy(model)


async def test_a_whole_answer_may_come_where_a_stream_was_asked_for(server: Server) -> None:
    server.answer(Answer.json(OPENAI.whole("Hello")))
    async with model_of(server) as model:
        assert "".join(await all_of(model)) == "Hello"


async def test_an_answer_may_be_packed(server: Server) -> None:
    packed = gzip.compress(b"".join(EVENTS))
    pieces = [packed[at : at + 7] for at in range(0, len(packed), 7)]
    server.answer(Answer(pieces, headers={"content-encoding": "gzip"}))
    async with model_of(server) as model:
        assert "".join(await all_of(model)) == "one two three"
    assert server.asked[0].headers["accept-encoding"] == "identity"
    body = gzip.compress(b'{"error": {"message": "packed"}}')
    server.answer(Answer([body], status=400, headers={"content-encoding": "gzip"}))
    async with model_of(server) as model:
        with pytest.raises(ModelRequestError, match="packed"):
            await all_of(model)


async def test_an_answer_that_is_whole_may_lose_its_end(server: Server) -> None:
    server.answer(Answer(EVENTS[:-1], cut=True))
    async with model_of(server) as model:
        assert "".join(await all_of(model)) == "one two three"


async def test_nobody_is_there() -> None:
    model = ChatOpenAI(model="m", base_url="http://127.0.0.1:9", max_retries=0)
    async with model:
        with pytest.raises(ModelConnectionError) as caught:
            await model.ainvoke("Hi")
    assert caught.value.status is None


def test_nobody_is_there_without_a_loop() -> None:
    with (
        ChatOpenAI(model="m", base_url="http://127.0.0.1:9", max_retries=0) as model,
        pytest.raises(ModelConnectionError),
    ):
        model.invoke("Hi")


# ---------------------------------------------------------------------------- timeouts


@pytest.mark.parametrize("limit", ["timeout", "total_timeout"])
@pytest.mark.parametrize("answer", [Answer(EVENTS, wait=5), Answer(EVENTS, hold_after=2)])
async def test_a_vendor_that_takes_too_long(server: Server, limit: str, answer: Answer) -> None:
    server.answer(answer)
    async with model_of(server, max_retries=0, **{limit: 0.05}) as model:
        with pytest.raises(ModelTimeoutError):
            await all_of(model)
        assert not pool(model).connections


@pytest.mark.parametrize("limit", ["timeout", "total_timeout"])
def test_a_vendor_that_takes_too_long_without_a_loop(server: Server, limit: str) -> None:
    server.answer(Answer(EVENTS, hold_after=2))
    with model_of(server, **{limit: 0.05}) as model, pytest.raises(ModelTimeoutError):
        list(model.stream("Hi"))


async def test_the_whole_time_includes_the_retries(server: Server) -> None:
    server.answer(refusal(503, retry_after="30"))
    async with model_of(server, total_timeout=5.0) as model:
        begun = time.monotonic()
        with pytest.raises(ModelServerError):
            await model.ainvoke("Hi")
        assert time.monotonic() - begun < 5
