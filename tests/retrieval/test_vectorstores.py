"""What all stores do alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from streamflow.documents import Document
from streamflow.errors import MissingImplementationError, VectorStoreError
from streamflow.vectorstores import EmbeddingVectorStore, Match, VectorStore
from tests.retrieval.stores import ANIMALS, KINDS, Letters, arguments, make, texts

METRICS = ["cosine", "l2", "inner_product"]


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def store(kind: str, tmp_path: Path) -> Any:
    made = make(kind, tmp_path)
    made.add_texts(ANIMALS, [{"n": n} for n in range(5)], ids=list("abcde"))
    yield made
    if kind == "sqlite":
        made.close()


def test_searching(store: Any) -> None:
    assert texts(store.similarity_search("cat", k=2)) == ["cat", "cats"]
    assert len(store.similarity_search("cat")) == 4
    assert len(store.similarity_search("cat", k=100)) == 5
    (first, score), (second, worse) = store.similarity_search_with_score("dog", k=2)
    assert (first, second) == (
        Document("dog", metadata={"n": 2}, id="c"),
        Document("dogs", metadata={"n": 3}, id="d"),
    )
    assert first.id == "c"
    assert (score, worse) == pytest.approx((0, 1) if store.metric == "l2" else (1, 0.866), abs=1e-3)
    vector = Letters().embed_query("fish")
    assert texts(store.similarity_search_by_vector(vector, k=1)) == ["fish"]
    assert texts(d for d, _ in store.similarity_search_with_score_by_vector(vector, k=1)) == [
        "fish"
    ]


async def test_async_finds_the_same(store: Any, kind: str, tmp_path: Path) -> None:
    vector = Letters().embed_query("fish")
    assert await store.asimilarity_search("cat", k=2) == store.similarity_search("cat", k=2)
    assert await store.asimilarity_search_with_score(
        "cat", k=3
    ) == store.similarity_search_with_score("cat", k=3)
    assert await store.asimilarity_search_by_vector(vector) == store.similarity_search_by_vector(
        vector
    )
    assert await store.asimilarity_search_with_score_by_vector(
        vector
    ) == store.similarity_search_with_score_by_vector(vector)
    assert await store.asimilarity_search_with_relevance_scores(
        "cat", score_threshold=0.5
    ) == store.similarity_search_with_relevance_scores("cat", score_threshold=0.5)
    assert await store.amax_marginal_relevance_search(
        "cat", k=2
    ) == store.max_marginal_relevance_search("cat", k=2)
    assert await store.amax_marginal_relevance_search_by_vector(
        vector, k=2
    ) == store.max_marginal_relevance_search_by_vector(vector, k=2)
    assert await store.aget_by_ids(["b"]) == store.get_by_ids(["b"])
    assert await store.asearch("cat", "mmr") == store.search("cat", "mmr")
    assert await store.adelete(["b"]) is True
    assert await store.aget_by_ids(["b"]) == []


async def test_putting_in_async(kind: str, tmp_path: Path) -> None:
    embedding = Letters()
    store = await KINDS[kind].afrom_texts(
        ["cat"], embedding, [{"n": 1}], ids=["a"], **arguments(kind, tmp_path)
    )
    assert await store.aadd_documents([Document("dog", id="b")]) == ["b"]
    assert await store.aadd_texts(["fish"], ids=["c"]) == ["c"]
    assert await store.aadd_embeddings([Document("eel", id="d")], [embedding._vector("eel")]) == [
        "d"
    ]
    assert texts(await store.asimilarity_search("dog", k=1)) == ["dog"]
    # What is awaited is awaited: nothing was embedded in a thread.
    assert set(embedding.asked) == {"aembed_documents", "aembed_query"}
    if kind == "sqlite":
        store.close()


async def test_many_at_once(store: Any) -> None:
    async def work(number: int) -> None:
        (id,) = await store.aadd_texts([f"x{'z' * number}"], ids=[str(number)])
        assert texts(await store.aget_by_ids([id])) == [f"x{'z' * number}"]
        await store.asimilarity_search("cat")
        if number % 2:
            await store.adelete([id])

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(work, number)
    assert len(store) == 10
    assert texts(await store.asimilarity_search("cat", k=1)) == ["cat"]


def test_what_is_added_again_is_replaced(store: Any) -> None:
    assert store.add_documents([Document("cow", id="a"), Document("hen")])[0] == "a"
    assert len(store) == 6
    assert texts(store.get_by_ids(["a", "b", "unknown"])) == ["cow", "cats"]
    assert texts(store.similarity_search("cat", k=1)) == ["cats"]
    assert texts(store.similarity_search("cow", k=1)) == ["cow"]


def test_deleting(store: Any) -> None:
    assert store.delete(["a", "unknown", "a"]) is True
    assert texts(store.similarity_search("cat", k=1)) == ["cats"]
    assert store.delete() is True
    assert store.similarity_search("cat") == []
    assert len(store) == 0
    assert bool(store)
    store.add_texts(["cat"])
    assert texts(store.similarity_search("cat")) == ["cat"]


def test_nothing_is_there(kind: str, tmp_path: Path) -> None:
    store = make(kind, tmp_path)
    assert store.similarity_search("cat") == []
    assert store.max_marginal_relevance_search("cat") == []
    assert store.get_by_ids(["a"]) == []
    assert store.add_texts([]) == []
    assert store.delete(["a"]) is True
    assert len(store) == 0


def test_filters(store: Any, kind: str) -> None:
    assert sorted(texts(store.similarity_search("cat", filter={"n": [2, 4]}))) == ["dog", "fish"]
    assert texts(store.similarity_search("cat", k=1, filter={"n": {"$gte": 2}, "x": {"$ne": 1}}))
    assert store.similarity_search("cat", filter={"n": 99}) == []
    assert texts(store.similarity_search("cat", filter={"$or": [{"n": 0}, {"n": 4}]})) == [
        "cat",
        "fish",
    ]
    ask = (lambda facts: facts["n"] == 3) if kind == "faiss" else (lambda d: d.metadata["n"] == 3)
    assert texts(store.similarity_search("cat", filter=ask)) == ["dogs"]
    assert texts(store.max_marginal_relevance_search("cat", filter=ask)) == ["dogs"]


def test_a_filter_finds_what_is_far(store: Any) -> None:
    store.add_texts(["cat" + "c" * n for n in range(500)])
    assert texts(store.similarity_search("cat", filter={"n": 4})) == ["fish"]


def test_variety(store: Any) -> None:
    near = store.max_marginal_relevance_search("cats", k=2, lambda_mult=1)
    assert texts(near) == ["cats", "cat"]
    far = store.max_marginal_relevance_search("cats", k=2, fetch_k=5, lambda_mult=0.1)
    assert texts(far)[0] == "cats"
    assert texts(far)[1] in ("dog", "fish")


def test_relevance_is_from_0_to_1(store: Any) -> None:
    found = store.similarity_search_with_relevance_scores("cat", k=5)
    assert found[0][1] == pytest.approx(1)
    assert all(0 <= relevance <= 1 for _, relevance in found)
    assert store.similarity_search_with_relevance_scores("cat", score_threshold=0.999) == found[:1]


@pytest.mark.parametrize("metric", METRICS)
def test_all_stores_measure_alike(metric: Any, tmp_path: Path) -> None:
    answers = []
    for kind in KINDS:
        store = make(kind, tmp_path, metric=metric)
        store.add_texts(ANIMALS, ids=list("abcde"))
        found = store.similarity_search_with_score("dogs", k=5)
        answers.append({d.id: round(score, 4) for d, score in found})
        if kind == "sqlite":
            store.close()
    assert all(answer == answers[0] for answer in answers)


def test_the_store_is_not_changed_by_what_it_gives(store: Any) -> None:
    given = Document("eel", metadata={"n": 9}, id="e9")
    store.add_documents([given])
    given.metadata["n"] = 0
    store.similarity_search("eel", k=1)[0].metadata["n"] = 1
    store.get_by_ids(["e9"])[0].metadata["n"] = 2
    assert store.get_by_ids(["e9"])[0].metadata == {"n": 9}


def test_wrong_arguments_are_shown(store: Any, kind: str) -> None:
    with pytest.raises(VectorStoreError, match="at least 1, got 0"):
        store.similarity_search("cat", k=0)
    with pytest.raises(VectorStoreError, match="2 texts, but 1 metadatas"):
        store.add_texts(["a", "b"], [{}])
    with pytest.raises(VectorStoreError, match="1 documents, but 2 ids"):
        store.add_documents([Document("a")], ids=["a", "b"])
    with pytest.raises(VectorStoreError, match="several: .'x'."):
        store.add_texts(["a", "b"], ids=["x", "x"])
    with pytest.raises(VectorStoreError, match="vectors of 26 numbers, got one of 2"):
        store.add_embeddings([Document("a")], [[1.0, 2.0]])
    with pytest.raises(VectorStoreError, match="not finite"):
        store.add_embeddings([Document("a")], [[float("nan")] * 26])
    with pytest.raises(VectorStoreError, match="no vectors of one size"):
        store.add_embeddings([Document("a"), Document("b")], [[1.0], [1.0, 2.0]])
    with pytest.raises(VectorStoreError, match="1 documents, but 0 vectors"):
        store.add_embeddings([Document("a")], [])
    with pytest.raises(VectorStoreError, match="no metric 'l3'"):
        KINDS[kind](Letters(), metric="l3")
    with pytest.raises(VectorStoreError, match="no search_type 'x'"):
        store.search("cat", "x")
    assert len(store) == 5


async def test_as_a_retriever(store: Any, kind: str) -> None:
    retriever = store.as_retriever(search_kwargs={"k": 1}, tags=["mine"])
    assert retriever.tags == ["mine", KINDS[kind].__name__, "Letters"]
    assert texts(retriever.invoke("dogs")) == ["dogs"]
    assert len(await retriever.ainvoke("dogs", k=2)) == 2
    varied = store.as_retriever(search_type="mmr", search_kwargs={"k": 2, "lambda_mult": 0.0})
    assert texts(varied.invoke("dogs"))[0] == "dogs"
    close = store.as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"score_threshold": 0.99}
    )
    assert texts(await close.ainvoke("dogs")) == texts(close.invoke("dogs")) == ["dogs"]
    assert retriever.add_documents([Document("owl", id="o")]) == ["o"]
    assert await retriever.aadd_documents([Document("elk", id="k")]) == ["k"]
    assert texts(retriever.invoke("elk")) == ["elk"]
    with pytest.raises(VectorStoreError, match="no search_type 'x'"):
        store.as_retriever(search_type="x")
    with pytest.raises(VectorStoreError, match="needs a number"):
        store.as_retriever(search_type="similarity_score_threshold")


class Service(VectorStore):
    """Another's store, connected with as little as can be."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def add_texts(
        self, texts: Any, metadatas: Any = None, *, ids: Any = None, **kwargs: Any
    ) -> Any:
        self.kept += zip(texts, metadatas or [], strict=False)
        return ids or [str(len(self.kept))]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        return [Document(text, metadata=facts) for text, facts in self.kept if query in text][:k]


async def test_a_store_of_ones_own() -> None:
    store = Service()
    assert store.add_documents([Document("a cat", metadata={"n": 1}, id="7")]) == ["7"]
    assert await store.aadd_texts(["a dog"], [{}]) == ["2"]
    assert await store.asimilarity_search("cat") == [Document("a cat", metadata={"n": 1})]
    assert store.as_retriever().invoke("dog") == [Document("a dog")]
    assert await store.as_retriever().ainvoke("dog") == [Document("a dog")]
    for call in (
        lambda: store.delete(["7"]),
        lambda: store.get_by_ids(["7"]),
        lambda: store.search("cat", "mmr"),
        lambda: store.similarity_search_by_vector([1.0]),
        lambda: store.similarity_search_with_score("cat"),
        lambda: Service.from_texts([], Letters()),
    ):
        with pytest.raises(MissingImplementationError, match="Service"):
            call()


class Shelf(EmbeddingVectorStore):
    """A store made with few methods: it keeps a list."""

    metric = "inner_product"

    def __init__(self, embedding: Any) -> None:
        super().__init__(embedding)
        self.kept: list[Any] = []

    @property
    def dimension(self) -> int | None:
        return len(self.kept[0][1]) if self.kept else None

    def _insert(self, documents: Any, vectors: Any) -> None:
        self.kept += zip(documents, vectors, strict=True)

    def _nearest(self, vector: Any, k: int) -> list[Match]:
        found = [Match(document, float(own @ vector), own) for document, own in self.kept]
        return sorted(found, key=lambda match: -match.score)[:k]


async def test_a_store_with_vectors_of_ones_own() -> None:
    store = Shelf.from_texts(ANIMALS, Letters())
    assert texts(await store.asimilarity_search("fish", k=1)) == ["fish"]
    assert texts(store.max_marginal_relevance_search("fish", k=1)) == ["fish"]
    assert store.similarity_search("fish", filter=lambda document: False) == []
    assert await store.as_retriever(search_kwargs={"k": 1}).ainvoke("fish") == [
        store.kept[-1][0],
    ]
