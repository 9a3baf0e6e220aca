"""What is an extra is loaded when it is needed, and named when it is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from streamflow.errors import MissingExtraError, VectorStoreError
from streamflow.text_splitters import TokenTextSplitter
from streamflow.vectorstores import FAISS, SQLiteVectorStore
from streamflow.vectorstores._vector_file import can_load_extension
from tests.retrieval.stores import ANIMALS, Letters, make, texts

HEAVY = ["numpy", "faiss", "sqlite_vec", "tiktoken", "pydantic"]


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, streamflow.vectorstores, streamflow.text_splitters, streamflow.embeddings\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HEAVY:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("bare")
def test_missing_extras_are_named() -> None:
    with pytest.raises(MissingExtraError, match=r"'streamflow\[faiss\]'"):
        FAISS(Letters())
    with pytest.raises(MissingExtraError, match=r"'streamflow\[vectors\]'"):
        SQLiteVectorStore(Letters(), ":memory:")
    with pytest.raises(MissingExtraError, match=r"'streamflow\[tiktoken\]'"):
        TokenTextSplitter()


def test_sqlite_vec_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlite_vec", None)
    with pytest.raises(MissingExtraError, match=r"'streamflow\[sqlite-vec\]'"):
        SQLiteVectorStore(Letters(), ":memory:", scan="sqlite-vec")
    with pytest.raises(VectorStoreError, match="not 'inner_product'"):
        SQLiteVectorStore(Letters(), ":memory:", scan="sqlite-vec", metric="inner_product")
    with pytest.raises(VectorStoreError, match="got 'fast'"):
        SQLiteVectorStore(Letters(), ":memory:", scan="fast")  # type: ignore[arg-type]  # on purpose


@pytest.mark.skipif(not can_load_extension(), reason="sqlite-vec cannot be loaded here")
@pytest.mark.parametrize("metric", ["cosine", "l2"])
def test_sqlite_vec_finds_what_numpy_finds(metric: str, tmp_path) -> None:
    with make("sqlite", tmp_path, metric=metric) as store:
        store.add_texts(ANIMALS, [{"n": n} for n in range(5)], ids=list("abcde"))
        found = store.similarity_search_with_score("cats", k=5)
        varied = store.max_marginal_relevance_search("cats", k=3)
    with make("sqlite", tmp_path, metric=metric, scan="sqlite-vec") as store:
        again = store.similarity_search_with_score("cats", k=5)
        assert {d.id: pytest.approx(s, abs=1e-5) for d, s in found} == {d.id: s for d, s in again}
        assert store.max_marginal_relevance_search("cats", k=3) == varied
        assert texts(store.similarity_search("cat", filter={"n": 4})) == ["fish"]
