"""Every vendor's streams when they break: what came is delivered, and nothing is asked again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import define

from streamflow.chat_models import ChatOllama, VendorChatModel
from streamflow.errors import (
    MalformedStreamError,
    ModelConnectionError,
    ModelError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
    TruncatedStreamError,
)
from tests.chat_models.asking import Heard, busy, stream, stream_without_a_loop
from tests.chat_models.refusals import Refusal
from tests.chat_models.server import Answer, Server
from tests.chat_models.vendors import CONTRACTS, KEY, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())


@define
class Fault:
    """How a stream breaks behind two pieces of text.

    Attributes:
        name: What happens.
        kind: The error that it is.
        events: What is sent in place of the rest.
        cut: The connection is cut.
    """

    name: str
    kind: type[ModelError]
    events: list[bytes]
    cut: bool = False


def faults(contract: Contract) -> list[Fault]:
    dialect = contract.dialect
    problem = dialect.problem(contract.form(Refusal(500, "server_error", f"oh, {KEY}")))
    *_, last = dialect.events("never", ends=False)
    rest = [last, *dialect.events()]
    return [
        Fault("it ends without a reason", TruncatedStreamError, []),
        Fault("it ends in an event", TruncatedStreamError, [last[:-5]]),
        Fault("the connection is cut", ModelConnectionError, [], cut=True),
        Fault("the connection is cut in an event", ModelConnectionError, [last[:-5]], cut=True),
        Fault("an event is no JSON", MalformedStreamError, [dialect.no_json(), *rest]),
        Fault("an event is none", MalformedStreamError, [dialect.no_event(), *rest]),
        Fault("the vendor has a problem", ModelServerError, [problem, *rest]),
        Fault("the vendor has a problem, and ends", ModelServerError, [problem]),
    ]


def broken(contract: Contract, server: Server) -> Iterator[Fault]:
    """Have streams break in each way."""
    before = contract.before
    begun = contract.dialect.events("Hel", "lo", ends=False)
    for fault in faults(contract):
        server.reset()
        answer = contract.dialect.of_events([*begun, *fault.events], cut=fault.cut)
        if contract.request_id:
            answer.headers = {**answer.headers, contract.request_id: "r-1"}
        server.answer(*before, answer)
        yield fault
        assert len(server.asked) == 1 + len(before), fault.name
        before = ()


def check(contract: Contract, model: VendorChatModel, heard: Heard, fault: Fault) -> None:
    error = heard.error
    assert type(error) is fault.kind, (fault.name, error)
    assert heard.texts == ["Hel", "lo"], fault.name
    assert (error.vendor, error.model) == (contract.cls.vendor.name, model.model)
    assert (error.status, error.request_id) == (200, "r-1" if contract.request_id else None)
    assert KEY not in f"{error!r} {error} {error.body!r} {error.__cause__!r}"
    if fault.kind is ModelServerError:
        assert "oh, ***" in str(error)
    assert not busy(model), fault.name


async def test_streams_that_break(contract: Contract, server: Server) -> None:
    async with contract.make(server) as model:
        for fault in broken(contract, server):
            check(contract, model, await stream(model), fault)


def test_streams_that_break_without_a_loop(contract: Contract, server: Server) -> None:
    with contract.make(server) as model:
        for fault in broken(contract, server):
            check(contract, model, stream_without_a_loop(model), fault)


# ------------------------------------------------------------------------------- stalls


def stalled(contract: Contract, server: Server) -> VendorChatModel:
    events = contract.dialect.events("Hel", "lo", ends=False)
    server.answer(*contract.before, contract.dialect.of_events(events, hold_after=len(events)))
    # Long beside what this machine takes to send the texts, also when it has much to do.
    return contract.make(server, timeout=0.3)


def check_stalled(contract: Contract, server: Server, heard: Heard) -> None:
    assert type(heard.error) is ModelTimeoutError
    assert heard.texts == ["Hel", "lo"]
    assert heard.error.status == 200
    assert server.hung_up.wait(10)
    assert len(server.asked) == 1 + len(contract.before)


async def test_streams_that_stall(contract: Contract, server: Server) -> None:
    async with stalled(contract, server) as model:
        heard = await stream(model)
        assert not busy(model)
    check_stalled(contract, server, heard)


def test_streams_that_stall_without_a_loop(contract: Contract, server: Server) -> None:
    with stalled(contract, server) as model:
        heard = stream_without_a_loop(model)
        assert not busy(model)
    check_stalled(contract, server, heard)


# ------------------------------------------------------------------------ whole answers


async def test_whole_answers_that_break(contract: Contract, server: Server) -> None:
    [whole] = contract.answers("Hello")[-1].pieces
    half, kind = whole[:-9], {"content-type": "application/json"}
    cases: list[tuple[type[ModelError], Answer]] = [
        (TruncatedStreamError, Answer([], headers=kind)),
        (ModelConnectionError, Answer([half], headers=kind, cut=True)),
        (MalformedStreamError, Answer([b"oh\n"], headers=kind)),
        (MalformedStreamError, Answer([b"[]\n"], headers=kind)),
        # Where each line is a document, the last one was cut off.
        (
            MalformedStreamError if contract.cls is not ChatOllama else TruncatedStreamError,
            Answer([half], headers=kind),
        ),
    ]
    before = contract.before
    async with contract.make(server, max_retries=0) as model:
        for expected, answer in cases:
            server.answer(*before, answer)
            before = ()
            with pytest.raises(ModelError) as caught:
                await model.ainvoke("Hi")
            assert type(caught.value) is expected, (answer, caught.value)
            assert caught.value.status == 200
            assert not busy(model)


# ------------------------------------------------------- what is no stream, with status 200

PAGE = Answer([b"<html><p>Please log in</p></html>"], headers={"content-type": "text/html"})


async def test_a_page_is_no_answer(contract: Contract, server: Server) -> None:
    server.answer(*contract.before, PAGE)
    async with contract.make(server) as model:
        heard = await stream(model)
        assert type(heard.error) is MalformedStreamError
        assert not heard.chunks
        with pytest.raises(MalformedStreamError):
            await model.ainvoke("Hi")
        assert not busy(model)
    assert len(server.asked) == 2 + len(contract.before)


def test_a_page_is_no_answer_without_a_loop(contract: Contract, server: Server) -> None:
    server.answer(*contract.before, PAGE)
    with contract.make(server) as model:
        assert type(stream_without_a_loop(model).error) is MalformedStreamError
        with pytest.raises(MalformedStreamError):
            model.invoke("Hi")
        assert not busy(model)


async def test_a_refusal_may_have_the_status_of_an_answer(
    contract: Contract, server: Server
) -> None:
    refusal = contract.refusals[ModelRequestError]
    server.answer(*contract.before, Answer.json(contract.form(refusal)))
    async with contract.make(server, max_retries=0) as model:
        with pytest.raises(ModelError) as caught:
            await model.ainvoke("Hi")
        for error in ((await stream(model)).error, caught.value):
            assert type(error) in (ModelRequestError, ModelServerError)  # if no code says more
            assert error.reason == refusal.message
            assert (error.status, error.body) == (200, contract.form(refusal))
        assert not busy(model)


def test_a_refusal_may_have_the_status_of_an_answer_without_a_loop(
    contract: Contract, server: Server
) -> None:
    refusal = contract.refusals[ModelRequestError]
    server.answer(*contract.before, Answer.json(contract.form(refusal)))
    with contract.make(server, max_retries=0) as model:
        heard = stream_without_a_loop(model)
        assert heard.error is not None
        assert heard.error.reason == refusal.message
        assert not busy(model)
