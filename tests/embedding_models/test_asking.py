"""How embeddings ask: together, within bounds, again; and how they stop."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest

from streamflow.embedding_models import CohereEmbeddings, OpenAIEmbeddings, VertexAIEmbeddings
from streamflow.embeddings import CacheBackedEmbeddings
from streamflow.errors import (
    ModelArgumentError,
    ModelConnectionError,
    ModelInputError,
    ModelOverloadedError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
)
from streamflow.runnables import RunnableLambda
from tests.chat_models.server import Answer, Asked
from tests.embedding_models.server import EmbeddingServer, vector
from tests.embedding_models.vendors import CONTRACTS, KEY

OPENAI = CONTRACTS["openai"]
OK = Answer.json({"data": [{"index": 0, "embedding": [1.0]}]})
OVERLOADED = Answer.json({"error": "busy"}, 503, retry_after_ms="1")


def texts(count: int) -> list[str]:
    return [f"text {number}" for number in range(count)]


def openai(server: EmbeddingServer, **settings: Any) -> OpenAIEmbeddings:
    server.respond = OPENAI.respond
    model = OPENAI.make(server, **settings)
    assert isinstance(model, OpenAIEmbeddings)
    return model


# Batches that are on their way together.


async def test_so_many_requests_are_on_their_way(embedder: EmbeddingServer) -> None:
    embedder.at_once, embedder.expected = 3, 10
    async with openai(embedder, chunk_size=1, max_concurrency=3) as model:
        assert await model.aembed_documents(texts(10)) == [vector(text) for text in texts(10)]
    assert (embedder.most, len(embedder.asked)) == (3, 10)


def test_so_many_threads_are_asking(embedder: EmbeddingServer) -> None:
    embedder.at_once, embedder.expected = 3, 10
    with openai(embedder, chunk_size=1, max_concurrency=3) as model:
        assert model.embed_documents(texts(10)) == [vector(text) for text in texts(10)]
    assert (embedder.most, len(embedder.asked)) == (3, 10)


async def test_no_texts_are_no_request(embedder: EmbeddingServer) -> None:
    async with openai(embedder) as model:
        assert await model.aembed_documents([]) == []
        assert model.embed_documents([]) == []
    assert embedder.asked == []


def test_a_batch_is_no_larger_than_the_vendor_takes(embedder: EmbeddingServer) -> None:
    contract = CONTRACTS["cohere"]
    embedder.respond = contract.respond
    with contract.make(embedder, chunk_size=1000) as model:
        model.embed_documents(texts(97))
    assert sorted(len(asked.json["texts"]) for asked in embedder.asked) == [1, 96]


def test_the_bytes_of_a_batch_are_limited(embedder: EmbeddingServer) -> None:
    with openai(embedder) as model:
        long = ["a" * 200_000, "b" * 200_000, "c" * 400_000]
        assert model.embed_documents(long) == [vector(text) for text in long]
    assert len(embedder.asked) == 3


def test_gemini_takes_one_text(embedder: EmbeddingServer) -> None:
    contract = CONTRACTS["google_vertexai"]
    embedder.respond = contract.respond
    with contract.make(embedder, model="gemini-embedding-001") as model:
        model.embed_documents(texts(2))
    assert len(embedder.asked) == 2


async def test_the_first_batch_that_fails_stops_the_others(embedder: EmbeddingServer) -> None:
    def respond(asked: Asked) -> Answer:
        if asked.json["input"] == ["text 1"]:
            return Answer.json({"error": {"message": "no"}}, 400)
        return Answer(hold_after=0)

    embedder.at_once, embedder.expected = 2, 10
    async with openai(embedder, chunk_size=1, max_concurrency=2) as model:
        embedder.respond = respond
        with pytest.raises(ModelRequestError, match="openai: no"):
            await model.aembed_documents(texts(10))
    assert await anyio.to_thread.run_sync(embedder.hung_up.wait, 5)
    assert sorted(asked.json["input"] for asked in embedder.asked) == [["text 0"], ["text 1"]]


# Encodings.


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_encodings_give_the_same_vectors(encoding: str, embedder: EmbeddingServer) -> None:
    with openai(embedder, encoding_format=encoding) as model:
        assert model.embed_documents(["a", "b"]) == [vector("a"), vector("b")]
    assert embedder.asked[0].json["encoding_format"] == encoding


def test_openai_itself_is_asked_for_base64() -> None:
    body = OpenAIEmbeddings(api_key=KEY)._body(["a"], "document")
    assert body == {
        "model": "text-embedding-ada-002",
        "input": ["a"],
        "encoding_format": "base64",
    }


# Attempts, time, cancellation.


async def test_it_asks_again(embedder: EmbeddingServer) -> None:
    async with openai(embedder) as model:
        embedder.respond = None
        embedder.answer(OVERLOADED, Answer.json({}, 500, retry_after_ms="1"), OK)
        assert await model.aembed_query("a") == [1.0]
        embedder.answer(OVERLOADED)
        with pytest.raises(ModelOverloadedError):
            await model.aembed_query("a")
    assert len(embedder.asked) == 6


def test_it_asks_again_without_a_loop(embedder: EmbeddingServer) -> None:
    with openai(embedder, max_retries=1) as model:
        embedder.respond = None
        embedder.answer(OVERLOADED, OK)
        assert model.embed_query("a") == [1.0]
        embedder.answer(Answer.json({}, 500, retry_after_ms="1"))
        with pytest.raises(ModelServerError):
            model.embed_query("a")
    assert len(embedder.asked) == 4


async def test_it_waits_no_longer_than_it_may(embedder: EmbeddingServer) -> None:
    async with openai(embedder, timeout=0.05, max_retries=0) as model:
        embedder.respond = lambda _: Answer(hold_after=0)
        with pytest.raises(ModelTimeoutError):
            await model.aembed_query("a")
    async with openai(embedder, total_timeout=0.05) as model:
        embedder.respond = lambda _: Answer(hold_after=0)
        with pytest.raises(ModelTimeoutError, match="total_timeout"):
            await model.aembed_query("a")


async def test_an_answer_that_breaks_off(embedder: EmbeddingServer) -> None:
    async with openai(embedder, max_retries=0) as model:
        embedder.respond = lambda _: Answer([b'{"data": ['], cut=True)
        with pytest.raises(ModelConnectionError):
            await model.aembed_query("a")


async def test_a_cancelled_call_closes_its_connections(embedder: EmbeddingServer) -> None:
    async with openai(embedder, chunk_size=1) as model:
        embedder.respond = lambda _: Answer([b"{", b"}"], hold_after=1)
        async with anyio.create_task_group() as group:
            group.start_soon(model.aembed_documents, texts(4))
            assert await anyio.to_thread.run_sync(embedder.holding.wait, 5)
            group.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(embedder.hung_up.wait, 5)
        embedder.respond = OPENAI.respond
        assert await model.aembed_query("a") == vector("a")


def test_a_model_serves_several_loops_and_threads(embedder: EmbeddingServer) -> None:
    model = openai(embedder, chunk_size=1)
    results: list[Any] = []

    async def ask() -> None:
        results.append(await model.aembed_query("a"))

    for backend in ("asyncio", "trio", "asyncio"):
        anyio.run(ask, backend=backend)
    threads = [
        threading.Thread(target=lambda: results.append(model.embed_query("a"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model.close()
    assert results == [vector("a")] * 6


# Inside of chains, and beside other embeddings.


async def test_in_a_chain(embedder: EmbeddingServer) -> None:
    async with openai(embedder) as model:

        async def near(text: str) -> list[float]:
            return await model.aembed_query(text)

        step = RunnableLambda(model.embed_query, near)
        assert await step.ainvoke("a") == step.invoke("a") == vector("a")
        assert await RunnableLambda(near).ainvoke("a") == vector("a")
        kept = CacheBackedEmbeddings(model, namespace=model.model)
        assert await kept.aembed_documents(["a", "a", "b"]) == [
            vector("a"), vector("a"), vector("b"),
        ]  # fmt: skip
    assert [asked.json["input"] for asked in embedder.asked][-1] == ["a", "b"]


# What is given.


def test_keys_by_functions(embedder: EmbeddingServer) -> None:
    async def later() -> str:
        return "key-later"

    for key, text in ((lambda: "key-called", "key-called"), (later, "key-later")):
        with openai(embedder, api_key=key) as model:
            model.embed_query("a")
        assert embedder.asked[-1].headers["authorization"] == f"Bearer {text}"


def test_the_names_of_langchain(embedder: EmbeddingServer) -> None:
    model = OpenAIEmbeddings(
        openai_api_key=KEY,
        openai_api_base=embedder.url,
        request_timeout=3,
        organization="org-1",
        default_query={"a": "b"},
    )  # type: ignore[call-arg]  # names that are translated
    embedder.respond = OPENAI.respond
    with model:
        model.embed_query("a")
    assert model.timeout == 3
    assert embedder.asked[0].headers["openai-organization"] == "org-1"
    assert embedder.asked[0].target == "/embeddings?a=b"


def test_the_address_for_openais_protocol_leads_to_coheres_own() -> None:
    for base in ("https://api.cohere.com", "https://api.cohere.ai/compatibility/v1/"):
        model = CohereEmbeddings(model="m-1", api_key=KEY, base_url=base)
        assert model._url() == f"https://{base.split('/')[2]}/v2/embed"
    assert CohereEmbeddings(model="m", api_key=KEY)._url() == "https://api.cohere.com/v2/embed"


def test_the_purpose_can_be_chosen(embedder: EmbeddingServer) -> None:
    contract = CONTRACTS["cohere"]
    embedder.respond = contract.respond
    with contract.make(embedder, input_type="clustering") as model:
        model.embed_documents(["a"])
    assert embedder.asked[0].json["input_type"] == "clustering"


def test_vertex_says_where() -> None:
    model = VertexAIEmbeddings(model="m-1", project="p-1", location="global")
    assert model._url().startswith("https://aiplatform.googleapis.com/v1/projects/p-1/")
    model = VertexAIEmbeddings(model="m-1", project="p-1")
    assert model._url().startswith("https://us-central1-aiplatform.googleapis.com/v1/")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("text", "takes a list of texts, got str; write ['text'], or call embed_query"),
        (7, "takes a list of texts, got int"),
        (["a", None], "got None (NoneType) at 1"),
        ([[1, 2]], "got [1, 2] (list) at 0"),
    ],
)
def test_what_is_no_text(given: Any, says: str, embedder: EmbeddingServer) -> None:
    with pytest.raises(ModelInputError) as caught:
        openai(embedder).embed_documents(given)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["chunk_size", "max_concurrency"])
def test_bounds_that_are_none(name: str, embedder: EmbeddingServer) -> None:
    with pytest.raises(ModelArgumentError, match=f"{name} must be at least 1, got 0"):
        openai(embedder, **{name: 0})


@pytest.mark.parametrize(
    ("vendor", "without", "says"),
    [
        ("azure_openai", "base_url", "AZURE_OPENAI_ENDPOINT"),
        ("google_vertexai", "project", "GOOGLE_CLOUD_PROJECT"),
        ("watsonx", "project_id", "WATSONX_PROJECT_ID"),
        ("watsonx", "base_url", "WATSONX_URL"),
        ("databricks", "base_url", "DATABRICKS_HOST"),
        ("bedrock, of Amazon", "base_url", "AWS_REGION"),
    ],
)
def test_what_is_missing_is_told_with_its_variable(
    vendor: str, without: str, says: str, embedder: EmbeddingServer
) -> None:
    model = CONTRACTS[vendor].make(embedder, **{without: None})
    with pytest.raises(ModelArgumentError, match=f"environment variable {says}"):
        model.embed_query("a")


def test_the_client_is_loaded_with_the_first_request() -> None:
    code = (
        "import sys, streamflow.embedding_models as e\n"
        "e.init_embeddings('openai:m', api_key='k')\n"
        "assert not {'httpx2', 'numpy', 'ssl', 'pydantic'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
