from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamflow.embeddings import (
    CacheBackedEmbeddings,
    DeterministicFakeEmbedding,
    Embeddings,
    EmbeddingsCache,
    FakeEmbeddings,
    InMemoryEmbeddingsCache,
    SQLiteEmbeddingsCache,
)
from streamflow.errors import ConfigError, StorageFileError


class Counting(Embeddings):
    def __init__(self) -> None:
        self.asked: list[Any] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.append(list(texts))
        return [[float(len(text)), 0.1] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return [float(len(text)), 0.2]


@pytest.fixture(params=["memory", "sqlite"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield InMemoryEmbeddingsCache()
    else:
        with SQLiteEmbeddingsCache(tmp_path / "cache.db") as cache:
            yield cache


async def test_the_async_methods_follow_from_the_plain_ones() -> None:
    assert await Counting().aembed_documents(["a"]) == [[1.0, 0.1]]
    assert await Counting().aembed_query("ab") == [2.0, 0.2]


async def test_fakes() -> None:
    fake = DeterministicFakeEmbedding(size=4)
    assert fake.embed_query("a") == (await fake.aembed_documents(["b", "a"]))[1]
    assert fake.embed_query("a") != fake.embed_query("b")
    assert fake.embed_query("a") == DeterministicFakeEmbedding(size=4).embed_query("a")
    # On every machine and version: a store that was saved elsewhere finds the same.
    assert fake.embed_query("a")[0] == pytest.approx(0.6985, abs=1e-4)
    other = FakeEmbeddings(size=2)
    assert len(await other.aembed_query("a")) == 2
    assert other.embed_query("a") != other.embed_query("a")
    with pytest.raises(ConfigError, match="at least 1, got 0"):
        FakeEmbeddings(size=0)


def test_each_text_is_embedded_once(cache: EmbeddingsCache) -> None:
    model = Counting()
    kept = CacheBackedEmbeddings(model, cache, namespace="m")
    assert kept.embed_documents(["a", "bb", "a"]) == [[1.0, 0.1], [2.0, 0.1], [1.0, 0.1]]
    assert kept.embed_documents(["bb", "ccc"]) == [[2.0, 0.1], [3.0, 0.1]]
    assert kept.embed_documents([]) == []
    assert model.asked == [["a", "bb"], ["ccc"]]


async def test_async_they_are_the_same(cache: EmbeddingsCache) -> None:
    model = Counting()
    kept = CacheBackedEmbeddings(model, cache, namespace="m", cache_queries=True)
    assert kept.embed_documents(["a"]) == await kept.aembed_documents(["a"])
    assert kept.embed_query("a") == await kept.aembed_query("a") == [1.0, 0.2]
    assert await kept.aembed_query("b") == [1.0, 0.2]
    assert model.asked == [["a"], "a", "b"]


async def test_queries_are_kept_only_when_asked(cache: EmbeddingsCache) -> None:
    model = Counting()
    kept = CacheBackedEmbeddings(model, cache, namespace="m")
    assert kept.embed_query("a") == await kept.aembed_query("a")
    assert model.asked == ["a", "a"]


def test_namespaces_keep_models_apart(cache: EmbeddingsCache) -> None:
    one, other = Counting(), Counting()
    CacheBackedEmbeddings(one, cache, namespace="m").embed_documents(["a"])
    CacheBackedEmbeddings(other, cache, namespace="n").embed_documents(["a"])
    assert one.asked == other.asked == [["a"]]


def test_what_came_before_a_failure_is_kept(cache: EmbeddingsCache) -> None:
    class Failing(Counting):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            if "bad" in texts:
                raise ConnectionError
            return super().embed_documents(texts)

    model = Failing()
    kept = CacheBackedEmbeddings(model, cache, namespace="m", batch_size=2)
    with pytest.raises(ConnectionError):
        kept.embed_documents(["a", "b", "bad"])
    assert kept.embed_documents(["b", "a"]) == [[1.0, 0.1], [1.0, 0.1]]
    assert model.asked == [["a", "b"]]


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.write_text("something precious")
    cache = SQLiteEmbeddingsCache(path)
    for use in (lambda: cache.get([b"a"]), lambda: cache.put({b"a": [1.0]})):
        with pytest.raises(StorageFileError, match="cache.db"):
            use()
    assert path.read_text() == "something precious"


def test_a_file_keeps_them(tmp_path: Path) -> None:
    texts = [str(number) for number in range(1200)]
    model = Counting()
    for _ in range(2):
        with SQLiteEmbeddingsCache(tmp_path / "cache.db") as cache:
            kept = CacheBackedEmbeddings(model, cache, namespace="m")
            assert len(kept.embed_documents(texts)) == 1200
    assert len(model.asked) == 1
