"""Every vendor's errors: each in its own form is an error of the tree, with all that is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamflow.chat_models import VendorChatModel
from streamflow.errors import (
    ModelConnectionError,
    ModelError,
    ModelRateLimitError,
    ModelServerError,
    ModelTimeoutError,
)
from tests.chat_models.asking import busy, pool, stream, stream_without_a_loop
from tests.chat_models.refusals import Refusal
from tests.chat_models.server import Answer, Server
from tests.chat_models.vendors import CONTRACTS, KEY, Contract

pytestmark = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())


def shown(error: BaseException | None) -> str:
    """All that can be read of an error and of those that led to it."""
    seen: list[str] = []
    while error is not None:
        seen.append(f"{error!r} {error} {vars(error)}")
        error = error.__cause__ or error.__context__
    return " ".join(seen)


def check(
    contract: Contract, model: VendorChatModel, error: ModelError | None, kind: type[ModelError]
) -> None:
    """It is of the kind, says whose it is, and shows no key."""
    assert type(error) is kind, repr(error)
    assert (error.vendor, error.model) == (contract.cls.vendor.name, model.model)
    assert KEY not in f"{shown(error)} {model!r}"


def check_refusal(
    contract: Contract,
    model: VendorChatModel,
    error: ModelError | None,
    kind: type[ModelError],
    refusal: Refusal,
) -> None:
    check(contract, model, error, kind)
    assert error is not None
    assert error.status == refusal.status
    assert error.request_id == ("r-1" if contract.request_id else None)
    assert error.body == contract.form(_said(refusal, "***"))
    assert f"{refusal.message} (***)" in str(error)
    assert error.retry_after == (7 if kind is ModelRateLimitError else None)
    assert error.retryable == issubclass(
        kind, (ModelRateLimitError, ModelServerError, ModelTimeoutError)
    )
    assert not busy(model)


def _said(refusal: Refusal, key: str) -> Refusal:
    """A refusal that repeats the key, as some do."""
    return Refusal(refusal.status, refusal.code, f"{refusal.message} ({key})")


def refused(contract: Contract, server: Server) -> Iterator[tuple[type[ModelError], Refusal]]:
    """Have the questions refused for each reason."""
    before = contract.before
    for kind, refusal in contract.refusals.items():
        headers = {"retry_after": "7"} if kind is ModelRateLimitError else {}
        server.answer(*before, contract.refuses(_said(refusal, KEY), **headers))
        before = ()
        yield kind, refusal


async def test_refusals(contract: Contract, server: Server) -> None:
    async with contract.make(server, max_retries=0) as model:
        for kind, refusal in refused(contract, server):
            check_refusal(contract, model, (await stream(model)).error, kind, refusal)
            with pytest.raises(ModelError) as caught:
                await model.ainvoke("Hi")
            check_refusal(contract, model, caught.value, kind, refusal)
    assert len(server.asked) == 2 * len(contract.refusals) + len(contract.before)


def test_refusals_without_a_loop(contract: Contract, server: Server) -> None:
    with contract.make(server, max_retries=0) as model:
        for kind, refusal in refused(contract, server):
            check_refusal(contract, model, stream_without_a_loop(model).error, kind, refusal)
            with pytest.raises(ModelError) as caught:
                model.invoke("Hi")
            check_refusal(contract, model, caught.value, kind, refusal)


async def test_refusals_without_words(contract: Contract, server: Server) -> None:
    """What stands between a vendor and the world may answer, too, and in no form of the vendor."""
    before = contract.before
    async with contract.make(server, max_retries=0) as model:
        for kind, refusal in contract.refusals.items():
            for body in (b"", b"<html><h1>No.</h1></html>"):
                server.answer(*before, Answer([body], refusal.status))
                before = ()
                error = (await stream(model)).error
                assert isinstance(error, ModelError)
                assert error.status == refusal.status
                if refusal.status not in (400, 403, 422, 498):  # where the words alone say more
                    check(contract, model, error, kind)
                assert error.body == body.decode()


# ------------------------------------------------------------------- nobody, or too slow


def elsewhere(contract: Contract, server: Server) -> Any:
    """A model of the vendor where nobody is."""
    server.answer(*contract.before, Answer())
    return contract.make(server, base_url=f"http://127.0.0.1:9{contract.base}", max_retries=0)


async def test_nobody_is_there(contract: Contract, server: Server) -> None:
    async with elsewhere(contract, server) as model:
        heard = await stream(model)
        check(contract, model, heard.error, ModelConnectionError)
        with pytest.raises(ModelConnectionError) as caught:
            await model.ainvoke("Hi")
        check(contract, model, caught.value, ModelConnectionError)
        assert caught.value.status is None
        assert not busy(model)


def test_nobody_is_there_without_a_loop(contract: Contract, server: Server) -> None:
    with elsewhere(contract, server) as model:
        heard = stream_without_a_loop(model)
        check(contract, model, heard.error, ModelConnectionError)
        assert not busy(model)


async def test_a_vendor_that_does_not_begin(contract: Contract, server: Server) -> None:
    server.answer(*contract.before, Answer(wait=30))
    async with contract.make(server, max_retries=0, timeout=0.1) as model:
        check(contract, model, (await stream(model)).error, ModelTimeoutError)
        assert not pool(model).connections


def test_a_vendor_that_does_not_begin_without_a_loop(contract: Contract, server: Server) -> None:
    server.answer(*contract.before, Answer(wait=30))
    with contract.make(server, max_retries=0, timeout=0.1) as model:
        check(contract, model, stream_without_a_loop(model).error, ModelTimeoutError)
        assert not pool(model).connections


async def test_what_may_pass_is_asked_again(contract: Contract, server: Server) -> None:
    busy_ = contract.refusals[ModelRateLimitError]
    again = contract.refuses(busy_, retry_after="0")
    server.answer(*contract.before, again, again, contract.dialect.answer("Hello"))
    async with contract.make(server) as model:
        assert (await stream(model)).message.text == "Hello"
    assert len(server.asked) == 3 + len(contract.before)
