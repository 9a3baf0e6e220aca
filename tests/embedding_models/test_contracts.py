"""The contract of every vendor in the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamflow.embedding_models import WatsonxEmbeddings
from streamflow.embedding_models._table import EMBEDDING_VENDORS
from streamflow.errors import (
    ContextLengthError,
    ModelArgumentError,
    ModelAuthenticationError,
    ModelRateLimitError,
)
from tests.chat_models.server import Answer, Asked
from tests.embedding_models.server import EmbeddingServer, vector
from tests.embedding_models.vendors import CONTRACTS, KEY, Contract

TEXTS = [f"text {number}" for number in range(7)]
VECTORS = [vector(text) for text in TEXTS]


@pytest.fixture(params=CONTRACTS.values(), ids=CONTRACTS)
def contract(request: pytest.FixtureRequest, embedder: EmbeddingServer) -> Iterator[Contract]:
    embedder.respond = request.param.respond
    return request.param


def test_every_vendor_has_a_contract() -> None:
    assert {contract.cls.vendor.name for contract in CONTRACTS.values()} == set(EMBEDDING_VENDORS)


def _texts_asked(server: EmbeddingServer) -> list[Asked]:
    return [asked for asked in server.asked if asked.target != "/identity/token"]


async def test_texts_become_vectors(contract: Contract, embedder: EmbeddingServer) -> None:
    async with contract.make(embedder, chunk_size=3) as model:
        assert await model.aembed_documents(TEXTS) == VECTORS
        assert await model.aembed_query("hi") == vector("hi")
    one_by_one = "titan" in contract.model
    assert len(_texts_asked(embedder)) == (8 if one_by_one else 4)


def test_texts_become_vectors_without_a_loop(contract: Contract, embedder: EmbeddingServer) -> None:
    with contract.make(embedder, chunk_size=3) as model:
        assert model.embed_documents(TEXTS) == VECTORS
        assert model.embed_query("hi") == vector("hi")


def test_what_is_sent(contract: Contract, embedder: EmbeddingServer) -> None:
    with contract.make(embedder, default_headers={"x-mine": "1"}) as model:
        model.embed_documents(["a"])
        model.embed_query("a")
    document, query = _texts_asked(embedder)
    assert (document.method, document.target) == ("POST", contract.path)
    header, value = contract.auth
    assert document.headers[header] == value
    assert document.headers["content-type"] == "application/json"
    assert document.headers["x-mine"] == "1"
    assert document.json == contract.document
    assert query.json == (contract.query or contract.document)


def test_dimensions(contract: Contract, embedder: EmbeddingServer) -> None:
    if contract.dimensions is None:
        with pytest.raises(ModelArgumentError, match="cannot choose dimensions=3"):
            contract.make(embedder, dimensions=3)
        return
    with contract.make(embedder, dimensions=3, model_kwargs={"more": 1}) as model:
        model.embed_documents(["a"])
    assert embedder.asked[-1].json == {**contract.document, **contract.dimensions, "more": 1}


async def test_errors(contract: Contract, embedder: EmbeddingServer) -> None:
    refusals = [
        (401, {"error": {"message": f"no such key: {KEY}"}}, ModelAuthenticationError),
        (400, {"message": "too many tokens"}, ContextLengthError),
        (429, "slower", ModelRateLimitError),
    ]
    async with contract.make(embedder, max_retries=0) as model:
        for status, body, kind in refusals:

            def respond(asked: Asked, status: int = status, body: object = body) -> Answer:
                if asked.target == "/identity/token":
                    return contract.respond(asked)
                return Answer.json(body, status, x_request_id="r-1")

            embedder.respond = respond
            with pytest.raises(kind) as caught:
                await model.aembed_query("hi")
            error = caught.value
            assert (error.status, error.request_id) == (status, "r-1")
            assert (error.vendor, error.model) == (contract.cls.vendor.name, contract.model)
            assert KEY not in f"{error} {error!r} {error.body} {error.__dict__}"


def test_a_missing_key_is_told_with_its_variable(contract: Contract) -> None:
    vendor = contract.cls.vendor.vendor
    if vendor.keyless:
        contract.cls(model="m-1")
        return
    with pytest.raises(ModelArgumentError) as caught:
        contract.cls(model="m-1")
    assert str(caught.value) == (
        f"{contract.cls.__name__} needs a key: set the environment variable {vendor.keys[0]}, "
        f"or give api_key="
    )


def test_the_key_in_the_environment(
    contract: Contract, embedder: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(contract.cls.vendor.vendor.keys[0], KEY)
    with contract.make(embedder, api_key=None) as model:
        model.embed_query("hi")
    header, value = contract.auth
    assert embedder.asked[-1].headers[header] == value


def test_no_key_is_shown(contract: Contract, embedder: EmbeddingServer) -> None:
    model = contract.make(embedder, default_headers={"x-key": KEY})
    assert KEY not in repr(model)
    assert repr(model).startswith(f"{contract.cls.__name__}(")


def test_the_key_goes_nowhere_unencrypted(contract: Contract) -> None:
    settings = {**contract.settings, "model": contract.model, "base_url": "http://models.example"}
    # A token is fetched for no key.
    proof = "token" if contract.cls is WatsonxEmbeddings else "api_key"
    model = contract.cls(**settings, **{proof: KEY})
    with pytest.raises(ModelArgumentError, match="for everybody to read"):
        model.embed_query("hi")
