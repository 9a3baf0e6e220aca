"""Every vendor of the table when things go wrong, and when much goes on at once."""

from __future__ import annotations

import base64
from typing import Any, TypedDict

import anyio
import orjson
import pytest

from streamflow.errors import (
    ModelAuthenticationError,
    ModelError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelPermissionError,
    ModelRateLimitError,
    ModelRequestError,
    ModelServerError,
)
from tests.chat_models.answers import (
    anthropic_events,
    anthropic_payloads,
    aws_events,
    aws_message,
    call_piece,
    converse_call,
    converse_events,
    delta,
    finish,
    ollama_lines,
    ollama_whole,
    sse,
)
from tests.chat_models.server import Answer, Server
from tests.chat_models.vendors import CONTRACTS, KEY, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())

STATUSES: dict[int, type[ModelError]] = {
    400: ModelRequestError,
    401: ModelAuthenticationError,
    403: ModelPermissionError,
    404: ModelNotFoundError,
    422: ModelRequestError,
    429: ModelRateLimitError,
    500: ModelServerError,
    502: ModelServerError,
    503: ModelOverloadedError,
    529: ModelOverloadedError,
}


async def test_each_status_is_an_error_of_its_own(contract: Contract, server: Server) -> None:
    before = contract.before  # a proof of identity, which is asked for once
    async with contract.make(server, max_retries=0) as model:
        for status, kind in STATUSES.items():
            refusal = {"error": {"message": f"no, {KEY}", "code": status}}
            for answer in (Answer.json(refusal, status), Answer([b"<p>no</p>"], status)):
                server.answer(*before, answer)
                before = ()
                with pytest.raises(ModelError) as caught:
                    [chunk async for chunk in model.astream("Hi")]
                error = caught.value
                assert type(error) is kind, status
                assert (error.status, error.vendor) == (status, contract.cls.vendor.name)
                assert KEY not in f"{error!r} {error} {error.body!r}"


async def test_what_is_no_stream_is_no_answer(contract: Contract, server: Server) -> None:
    page = Answer([b"<html>Please log in</html>"], headers={"content-type": "text/html"})
    server.answer(*contract.before, page)
    async with contract.make(server, max_retries=0) as model:
        with pytest.raises(ModelError):
            [chunk async for chunk in model.astream("Hi")]


async def test_to_leave_at_each_chunk_hangs_up(contract: Contract, server: Server) -> None:
    *before, whole = contract.streams("a", "b", "c")
    pieces = list(whole.pieces)
    async with contract.make(server) as model:
        for chunks in ("a", "ab", "abc"):
            server.reset()
            server.answer(
                *before, Answer(pieces, headers=whole.headers, hold_after=len(pieces) - 1)
            )
            before, said = [], ""
            async with model.astream("Hi") as stream:
                async for chunk in stream:
                    said += chunk.text
                    if said == chunks:
                        break
            assert said == chunks
            assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)


async def test_to_be_cancelled_between_chunks_hangs_up(contract: Contract, server: Server) -> None:
    *before, whole = contract.streams("a", "b", "c")
    server.answer(*before, Answer(list(whole.pieces), headers=whole.headers, hold_after=1))
    async with contract.make(server) as model:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(_cancel_when_held, server, scope)
                [chunk async for chunk in model.astream("Hi")]
        assert scope.cancelled_caught
        assert await anyio.to_thread.run_sync(server.hung_up.wait, 10)


async def _cancel_when_held(server: Server, scope: anyio.CancelScope) -> None:
    await anyio.to_thread.run_sync(server.holding.wait, 10)
    scope.cancel()


async def test_many_streams_at_once(contract: Contract, server: Server) -> None:
    async with contract.make(server) as model:
        server.answer(*contract.streams("Hel", "lo"))
        said: list[str] = []

        async def read() -> None:
            said.append("".join([chunk.text async for chunk in model.astream("Hi")]))

        await read()  # and with it the proof of identity, for those that need one
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(read)
    assert said == ["Hello"] * 101


class City(TypedDict):
    """A city."""

    name: str
    people: int


def called(contract: Contract) -> list[bytes]:
    """A stream in which the tool ``City`` is called, its arguments in pieces."""
    pieces = ['{"name": "Be', 'rn", "people":', " 146000}"]
    if contract.events is ollama_lines:
        call = {"function": {"name": "City", "arguments": orjson.loads("".join(pieces))}}
        message = {"role": "assistant", "content": "", "tool_calls": [call]}
        lines: list[Any] = [{"model": "m-1", "message": message, "done": False}, ollama_whole("")]
        return [orjson.dumps(line) + b"\n" for line in lines]
    if contract.events in (anthropic_events, aws_events):
        first, _, _, *_, message_delta, stop = anthropic_payloads()
        block = {"type": "tool_use", "id": "c1", "name": "City", "input": {}}
        parts = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        payloads = [
            first,
            {"type": "content_block_start", "index": 0, "content_block": block},
            *({"type": "content_block_delta", "index": 0, "delta": part} for part in parts),
            {"type": "content_block_stop", "index": 0},
            message_delta,
            stop,
        ]
        if contract.events is anthropic_events:
            return [piece for each in payloads for piece in sse(each, event=each["type"])]
        return [
            aws_message(orjson.dumps({"bytes": base64.b64encode(orjson.dumps(each)).decode()}))
            for each in payloads
        ]
    if contract.events is converse_events:
        return converse_call("City", *pieces)
    first_piece, *more = pieces
    return sse(
        delta(role="assistant", tool_calls=[call_piece(0, "c1", "City", first_piece)]),
        *(delta(tool_calls=[call_piece(0, args=piece)]) for piece in more),
        finish("tool_calls"),
        b"[DONE]",
    )


async def test_structured_output_streams(contract: Contract, server: Server) -> None:
    server.answer(
        *contract.before, Answer(called(contract), headers={"content-type": contract.kind})
    )
    async with contract.make(server) as model:
        structured = model.with_structured_output(City, method="function_calling")
        values = [value async for value in structured.astream("Which city?")]
    assert values[-1] == {"name": "Bern", "people": 146000}
    if contract.events is not ollama_lines:
        assert {"name": "Be"} in values
