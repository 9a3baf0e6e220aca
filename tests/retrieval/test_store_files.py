"""Stores that are saved: they give the same answers, and broken files are left alone."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from streamflow.documents import Document
from streamflow.embeddings import DeterministicFakeEmbedding
from streamflow.errors import StorageError, StorageFileError, VectorStoreError
from streamflow.vectorstores import FAISS, InMemoryVectorStore, SQLiteVectorStore
from tests.retrieval.stores import ANIMALS, KINDS, Letters, texts

EMBEDDING = DeterministicFakeEmbedding(size=16)


class Saved:
    """One kind of store with its file: how it is written, and how it is read."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        names = {"memory": "store.vectors", "faiss": "index.vectors", "sqlite": "store.db"}
        self.path = folder / names[kind]
        self.folder = folder

    def make(self, **kwargs: Any) -> Any:
        if self.kind == "sqlite":
            return SQLiteVectorStore(EMBEDDING, self.path, **kwargs)
        return KINDS[self.kind](EMBEDDING, **kwargs)

    def save(self, store: Any) -> None:
        if self.kind == "sqlite":
            store.close()
        elif self.kind == "faiss":
            store.save_local(self.folder)
        else:
            store.dump(self.path)

    def load(self, **kwargs: Any) -> Any:
        """Return the store; it has been read, so that what is wrong has been noticed."""
        if self.kind == "sqlite":
            store = SQLiteVectorStore(EMBEDDING, self.path, **kwargs)
            len(store)
            return store
        if self.kind == "faiss":
            return FAISS.load_local(self.folder, EMBEDDING)
        return InMemoryVectorStore.load(self.path, EMBEDDING)


@pytest.fixture(params=list(KINDS))
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Saved:
    return Saved(request.param, tmp_path)


def filled(saved: Saved, **kwargs: Any) -> Any:
    store = saved.make(**kwargs)
    names = [f"text {number}" for number in range(100)]
    store.add_texts(names, [{"n": n, "at": (n,)} for n in range(100)], ids=names)
    store.delete(["text 7", "text 50"])
    return store


@pytest.mark.parametrize("metric", ["cosine", "l2", "inner_product"])
def test_a_loaded_store_gives_the_same_answers(saved: Saved, metric: Any) -> None:
    store = filled(saved, metric=metric)
    queries = ["text 1", "text 7", "anything"]
    before = [store.similarity_search_with_score(query, k=20) for query in queries]
    saved.save(store)
    loaded = saved.load(metric=metric)
    assert [loaded.similarity_search_with_score(query, k=20) for query in queries] == before
    assert before[0][0][0].metadata == {"n": 1, "at": (1,)}
    assert loaded.metric == metric
    assert len(loaded) == 98
    loaded.add_texts(["text 7"])
    assert texts(loaded.similarity_search("text 7", k=1)) == ["text 7"]
    saved.save(loaded)
    assert len(saved.load(metric=metric)) == 99


def test_an_empty_store_is_saved(saved: Saved) -> None:
    saved.save(saved.make())
    store = saved.load()
    assert store.similarity_search("x") == []
    store.add_texts(["x"])
    assert texts(store.similarity_search("x")) == ["x"]
    saved.save(store)


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def cut_short(data: bytes) -> bytes:
    return data[:-1]


def cut_to_the_beginning(data: bytes) -> bytes:
    return data[:10]


def text(data: bytes) -> bytes:
    return b"this is something else\nand it is precious\n" * 300


def changed(data: bytes, statement: str) -> bytes:
    """Return the bytes of a database after a statement."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "changed.db"
        path.write_bytes(data)
        connection = sqlite3.connect(path)
        connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()


def other_version(data: bytes) -> bytes:
    if data.startswith(b"SQLite"):
        return changed(data, "UPDATE streamflow_storage SET version = 9")
    head, _, rest = data.partition(b"\n")
    return json.dumps({**json.loads(head), "version": 9}).encode() + b"\n" + rest


def other_kind(data: bytes) -> bytes:
    if data.startswith(b"SQLite"):
        return changed(data, "DROP TABLE streamflow_storage")
    head, _, rest = data.partition(b"\n")
    return json.dumps({**json.loads(head), "kind": "Other"}).encode() + b"\n" + rest


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "cut short|no whole database"),
        (cut_short, "cut short|no whole database"),
        (cut_to_the_beginning, "no whole database|no vectors of streamflow"),
        (text, "no whole database|not a database|no vectors of streamflow"),
        (other_version, "of version 9, and this"),
        (other_kind, "of another program|written by 'Other'"),
    ],
)
def test_a_file_that_is_none_is_told_and_stays(
    saved: Saved, damage: Callable[[bytes], bytes], message: str
) -> None:
    saved.save(filled(saved))
    damaged = damage(saved.path.read_bytes())
    saved.path.write_bytes(damaged)
    with pytest.raises(StorageFileError, match=message) as caught:
        saved.load()
    assert str(saved.path) in str(caught.value)
    assert isinstance(caught.value, StorageError)
    # Nor is it overwritten.
    store = saved.make()
    if saved.kind == "sqlite":
        for write in (lambda: store.add_texts(["new"]), lambda: store.delete(["new"])):
            with pytest.raises(StorageFileError, match=message):
                write()
    else:
        with pytest.raises(StorageFileError, match=message):
            saved.save(store)
    assert saved.path.read_bytes() == damaged


def test_a_change_in_the_middle_is_noticed(saved: Saved) -> None:
    saved.save(filled(saved))
    data = bytearray(saved.path.read_bytes())
    if saved.kind == "sqlite":
        # Of a page that says how the others are to be read.
        page = int.from_bytes(data[16:18], "big")
        data[page:] = b"\xff" * (len(data) - page)
    else:
        data[len(data) // 2] ^= 1
    saved.path.write_bytes(bytes(data))
    with pytest.raises(StorageFileError, match="changed since|malformed"):
        saved.load().similarity_search("text 1")


def test_a_save_that_fails_leaves_what_was_there(saved: Saved) -> None:
    class Strange:
        pass

    saved.save(filled(saved))
    store = saved.load()

    def add_and_save() -> None:
        store.add_documents([Document("a"), Document("b", metadata={"x": Strange()})])
        saved.save(store)

    with pytest.raises(StorageError, match="Strange"):
        add_and_save()
    if saved.kind == "sqlite":
        store.close()
    assert len(saved.load()) == 98
    assert [path.name for path in saved.folder.iterdir()] == [saved.path.name]


@pytest.mark.skipif(os.name == "nt", reason="another way to forbid writing")
def test_where_nothing_can_be_written(saved: Saved, tmp_path: Path) -> None:
    saved.path = tmp_path / "a file" / "store"
    saved.folder = saved.path.parent
    saved.folder.write_text("not a folder")
    store = saved.make()

    def add_and_save() -> None:
        store.add_texts(["a"])
        saved.save(store)

    with pytest.raises((OSError, StorageError)):
        add_and_save()
    assert saved.folder.read_text() == "not a folder"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may all")
def test_a_file_that_cannot_be_written_can_be_read(saved: Saved) -> None:
    saved.save(filled(saved))
    saved.path.chmod(0o444)
    store = saved.load()
    assert texts(store.similarity_search("text 1", k=1)) == ["text 1"]
    if saved.kind == "sqlite":
        with pytest.raises(StorageError):
            store.add_texts(["new"])
        store.close()


# Of SQLite alone: others write at the same time.


def test_two_use_one_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SQLiteVectorStore(Letters(), path) as one, SQLiteVectorStore(Letters(), path) as two:
        one.add_texts(ANIMALS, ids=list("abcde"))
        assert texts(two.similarity_search("cat", k=1)) == ["cat"]
        two.delete(["a"])
        assert texts(one.similarity_search("cat", k=1)) == ["cats"]
        two.add_texts(["cat"], ids=["b"])
        assert texts(one.similarity_search("cat", k=2))[0] == "cat"
        two.delete()
        assert one.similarity_search("cat") == []


def test_a_store_that_is_open_is_seen_by_others_as_one(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SQLiteVectorStore(Letters(), path) as one:
        one.add_texts(["cat"])
        # The header is still in the log beside the file.
        with SQLiteVectorStore(Letters(), path) as two:
            assert texts(two.similarity_search("cat")) == ["cat"]


def test_a_file_has_one_metric_and_one_size(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SQLiteVectorStore(Letters(), path) as store:
        store.add_texts(["cat"])
    with (
        SQLiteVectorStore(Letters(), path, metric="l2") as store,
        pytest.raises(VectorStoreError, match="measures 'cosine', not 'l2'"),
    ):
        store.similarity_search("cat")
    with (
        SQLiteVectorStore(EMBEDDING, path) as store,
        pytest.raises(VectorStoreError, match="vectors of 26 numbers, got one of 16"),
    ):
        store.add_texts(["dog"])


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE documents (mine TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(StorageFileError, match="of another program"):
        SQLiteVectorStore(Letters(), path).add_texts(["cat"])
    assert path.read_bytes() == before


def test_what_is_added_at_once_is_there_or_not(tmp_path: Path) -> None:
    with SQLiteVectorStore(Letters(), tmp_path / "store.db") as store:
        with pytest.raises(StorageError):
            store.add_texts(["cat", "dog"], [{}, {"x": object()}])
        assert len(store) == 0


# Of FAISS alone.


def test_merging(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    pairs = [(text, Letters().embed_query(text)) for text in ANIMALS]
    one = FAISS.from_embeddings(pairs[:2], Letters(), ids=["a", "b"])
    two = FAISS.from_embeddings(pairs[2:], Letters(), [{"n": n} for n in range(3)])
    one.merge_from(two)
    assert texts(one.similarity_search("dog", k=1, filter={"n": 0})) == ["dog"]
    assert (len(one), len(two)) == (5, 3)
    one.merge_from(FAISS(Letters()))
    with pytest.raises(VectorStoreError, match="both stores hold"):
        one.merge_from(two)
    with pytest.raises(VectorStoreError, match="measures 'l2', not 'cosine'"):
        one.merge_from(FAISS(Letters(), metric="cosine"))
    assert len(one) == 5
