"""Every vendor's streams, however their bytes are cut, and in all forms that they may have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from streamflow.messages import AIMessageChunk
from tests.chat_models.asking import Heard, stream, stream_without_a_loop
from tests.chat_models.dialects import Arguments, Call, Thought
from tests.chat_models.server import Server
from tests.chat_models.vendors import CONTRACTS, Contract

SSE = {name: contract for name, contract in CONTRACTS.items() if contract.dialect.is_sse}
every_vendor = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
vendors_of_events = pytest.mark.parametrize("contract", SSE.values(), ids=SSE.keys())

PIECES = (
    Thought("Größe…"),
    "Grüße, ",
    "世界 👩‍👩‍👧",
    "\u2028",
    Call(0, "call_1", "add"),
    Call(1, "call_2", "say"),
    Arguments(0, '{"a": 1, '),
    Arguments(1, '{"text": "世'),
    Arguments(0, '"b": 2}'),
    Arguments(1, '界"}'),
)


def facts(message: AIMessageChunk) -> Any:
    """What is the same in each run."""
    calls = [(each["name"], each["args"]) for each in message.tool_calls]
    told = message.response_metadata
    return message.content, calls, message.usage_metadata, told.get("stop_reason"), told


def check_same(heard: Heard, expected: Heard, form: object) -> None:
    assert facts(heard.message) == facts(expected.message), form
    assert heard.texts == expected.texts == ["Grüße, ", "世界 👩‍👩‍👧", "\u2028"], form
    assert len(heard.chunks) == len(expected.chunks), form


# -------------------------------------------------------------------------------- cuts


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@every_vendor
async def test_the_cuts_do_not_matter(contract: Contract, server: Server) -> None:
    events = contract.dialect.events(*PIECES)
    server.answer(*contract.before, contract.dialect.of_events(events))
    async with contract.make(server) as model:
        expected = await stream(model)
        for size in (1, 2, 3, 7):
            server.answer(contract.dialect.of_events(cut(b"".join(events), size)))
            check_same(await stream(model), expected, size)


@every_vendor
def test_the_cuts_do_not_matter_without_a_loop(contract: Contract, server: Server) -> None:
    events = contract.dialect.events(*PIECES)
    server.answer(*contract.before, contract.dialect.of_events(events))
    with contract.make(server) as model:
        expected = stream_without_a_loop(model)
        for size in (1, 7):
            server.answer(contract.dialect.of_events(cut(b"".join(events), size)))
            check_same(stream_without_a_loop(model), expected, size)


# ----------------------------------------------------------------- server-sent events


def in_lines(event: bytes) -> bytes:
    """The event with its JSON in many lines of data."""
    lines: list[bytes] = []
    for line in event.split(b"\n"):
        if line.startswith(b"data: {"):
            text = json.dumps(json.loads(line[6:]), indent=1, ensure_ascii=False)
            lines += [b"data:" + each.encode() for each in text.split("\n")]
        else:
            lines.append(line)
    return b"\n".join(lines)


def with_fields(event: bytes) -> bytes:
    named = b"" if b"event: " in event else b"event: message\n"
    return b"id: 7\nretry: 1000\nunknown: x\nid\n" + named + event


def bare(events: list[bytes]) -> list[bytes]:
    """The events without names, and the first one that says something in front."""
    silent = (b'"content":""', b"prompt_filter_results")
    said = [event for event in events if not any(each in event for each in silent)]
    return [event[event.index(b"data: ") :] for event in said]


FORMS: dict[str, Callable[[list[bytes]], bytes]] = {
    "CRLF": lambda events: b"".join(events).replace(b"\n", b"\r\n"),
    "CR alone": lambda events: b"".join(events).replace(b"\n", b"\r"),
    "many lines of data": lambda events: b"".join(map(in_lines, events)),
    "a mark of the byte order": lambda events: b"\xef\xbb\xbf" + b"".join(bare(events)),
    "comments": lambda events: b": hm\n\n" + b": ping\n\n:\n".join(events),
    "other fields": lambda events: b"".join(map(with_fields, events)),
    "no space": lambda events: b"".join(events).replace(b"data: ", b"data:"),
    "no [DONE]": lambda events: b"".join(e for e in events if b"[DONE]" not in e),
    "no empty line at the end": lambda events: b"".join(events).rstrip(b"\n"),
}


@vendors_of_events
async def test_forms_of_events(contract: Contract, server: Server) -> None:
    events = contract.dialect.events(*PIECES)
    server.answer(*contract.before, contract.dialect.of_events(events))
    async with contract.make(server) as model:
        expected = await stream(model)
        for name, form in FORMS.items():
            server.answer(contract.dialect.of_events(cut(form(events), 11)))
            check_same(await stream(model), expected, name)


@vendors_of_events
def test_forms_of_events_without_a_loop(contract: Contract, server: Server) -> None:
    events = contract.dialect.events(*PIECES)
    server.answer(*contract.before, contract.dialect.of_events(events))
    with contract.make(server) as model:
        expected = stream_without_a_loop(model)
        for name, form in FORMS.items():
            server.answer(contract.dialect.of_events([form(events)]))
            check_same(stream_without_a_loop(model), expected, name)
