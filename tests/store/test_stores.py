"""Stores: what was put is found, by key, by namespace, by what it has."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow._ids import use_clock
from streamflow.errors import StorageError
from streamflow.messages import HumanMessage
from streamflow.store import BaseStore, InMemoryStore, Item, SqliteStore

ADA = ("users", "ada")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseStore]:
    made = InMemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "store.db")
    with made:
        yield made


async def test_what_was_put_is_found(store: BaseStore) -> None:
    assert store.get(ADA, "likes") is None
    store.put(ADA, "likes", {"drink": "tea"})
    await store.aput(["users", "bob"], "likes", {"said": [HumanMessage("hi")]})
    found = await store.aget(ADA, "likes")
    assert found is not None
    assert found == store.get(list(ADA), "likes")
    assert (found.namespace, found.key, found.value) == (ADA, "likes", {"drink": "tea"})
    assert [item.value for item in store.search(("users",))] == [
        {"drink": "tea"},
        {"said": [HumanMessage("hi")]},
    ]
    assert await store.asearch(("users",), limit=1) == [found]
    assert await store.alist_namespaces() == [ADA, ("users", "bob")]
    await store.adelete(ADA, "likes")
    store.delete(ADA, "never there")
    assert await store.aget(ADA, "likes") is None


def test_times(store: BaseStore) -> None:
    times = iter([1e9, 1e9 + 60])
    with use_clock(lambda: next(times)):
        store.put(ADA, "k", {"v": 1})
        store.put(ADA, "k", {"v": 2})
    found = store.get(ADA, "k")
    assert found is not None
    assert found.value == {"v": 2}
    assert (found.created_at.timestamp(), found.updated_at.timestamp()) == (1e9, 1e9 + 60)
    assert found.created_at.isoformat() == "2001-09-09T01:46:40+00:00"


def test_later_changes_to_a_value_change_nothing(store: BaseStore) -> None:
    value: dict[str, Any] = {"list": []}
    store.put(ADA, "k", value)
    value["list"].append(1)
    for _ in range(2):
        found = store.get(ADA, "k")
        assert found is not None
        assert found.value == {"list": []}
        found.value["list"].append(2)


def test_a_search_is_of_whole_parts_of_namespaces(store: BaseStore) -> None:
    for namespace in (
        ("a",),
        ("a", "b"),
        ("a!",),
        ("ab",),
        ("A",),
        ("b", "a"),
        ("é", "\U0010fffe"),
    ):
        store.put(namespace, "k", {})
    assert [item.namespace for item in store.search(("a",))] == [("a",), ("a", "b")]
    assert [item.namespace for item in store.search(("a", "b"))] == [("a", "b")]
    assert store.search(("a", "b", "c")) == []
    every = [item.namespace for item in store.search(())]
    assert every == sorted(every) == store.list_namespaces()
    assert len(every) == 7


def test_filters(store: BaseStore) -> None:
    ages: list[Any] = [1, 5, 9, None, "old"]
    for number, age in enumerate(ages):
        store.put(ADA, f"{number}", {"age": age, "kind": "cat" if number % 2 else {"x": 1}})
    store.put(ADA, "5", {})

    def keys(**wanted: Any) -> str:
        return "".join(item.key for item in store.search(("users",), filter=wanted))

    assert keys(age=5) == keys(age={"$eq": 5}) == "1"
    assert keys(age={"$gt": 1}) == keys(age={"$gte": 5}) == "12"
    assert keys(age={"$gte": 1, "$lt": 9}) == "01"
    assert keys(age={"$lte": 5}, kind="cat") == "1"
    assert keys(kind={"x": 1}) == "024"
    assert keys(age=None) == "3"
    assert keys(age={"$ne": 1}) == "12345"
    with pytest.raises(StorageError, match=r"\$near"):
        keys(age={"$near": 1})


def test_pages_of_a_search(store: BaseStore) -> None:
    for number in range(250):
        store.put(("n", f"{number % 3}"), f"{number:03}", {"odd": number % 2})
    keys = [item.key for item in store.search(("n",), limit=1000)]
    assert keys == sorted(keys, key=lambda key: (int(key) % 3, key))
    assert [item.key for item in store.search(("n",))] == keys[:10]
    assert [item.key for item in store.search(("n",), limit=7, offset=99)] == keys[99:106]
    odd = [key for key in keys if int(key) % 2]
    found = store.search(("n",), filter={"odd": 1}, limit=60, offset=50)
    assert [item.key for item in found] == odd[50:110]
    assert store.search(("n",), offset=250) == []


def test_lists_of_namespaces(store: BaseStore) -> None:
    spaces = [("a", "x", "1"), ("a", "y", "1"), ("b", "x", "2"), ("a",)]
    for space in spaces:
        store.put(space, "k", {})
    assert store.list_namespaces() == sorted(spaces)
    assert store.list_namespaces(prefix=("a",)) == [("a",), ("a", "x", "1"), ("a", "y", "1")]
    assert store.list_namespaces(prefix=("*", "x")) == [("a", "x", "1"), ("b", "x", "2")]
    assert store.list_namespaces(suffix=("1",)) == [("a", "x", "1"), ("a", "y", "1")]
    assert store.list_namespaces(prefix=("a", "x"), suffix=("*",)) == [("a", "x", "1")]
    assert store.list_namespaces(max_depth=1) == [("a",), ("b",)]
    assert store.list_namespaces(limit=2, offset=1) == sorted(spaces)[1:3]


@pytest.mark.parametrize("namespace", ["users", ("a", ""), ("a\x1fb",), (1,), ("\ud800",)])
def test_namespaces_that_cannot_be(store: BaseStore, namespace: Any) -> None:
    uses: list[Callable[[], Any]] = [
        lambda: store.put(namespace, "k", {}),
        lambda: store.get(namespace, "k"),
        lambda: store.search(namespace),
    ]
    for use in uses:
        with pytest.raises(StorageError, match="namespace"):
            use()


def test_keys_and_values_that_cannot_be(store: BaseStore) -> None:
    wrong: list[tuple[Any, Any, Any, str]] = [
        ((), "k", {}, "namespace of at least one part"),
        (ADA, "", {}, "key ''"),
        (ADA, 5, {}, "key 5"),
        (ADA, "k", ["no dict"], "a value is a dict"),
        (ADA, "k", {"x": [object()]}, r"item 'k' of \('users', 'ada'\), value\['x'\]\[0\]"),
    ]
    for namespace, key, value, problem in wrong:
        with pytest.raises(StorageError, match=problem):
            store.put(namespace, key, value)
    assert store.search(()) == []


def test_threads_share_a_store(store: BaseStore) -> None:
    begin = threading.Barrier(4)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            begin.wait()
            for step in range(30):
                store.put(("n", f"{number}"), f"{step}", {"step": step})
                store.put(("shared",), "k", {"by": number})
                assert len(store.search(("n", f"{number}"), limit=99)) == step + 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(store.search((), limit=999)) == 121


parts = st.sampled_from(["a", "b", "a b", "é"])
namespaces = st.lists(parts, min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize("kind", [InMemoryStore, lambda: SqliteStore(":memory:")])
@given(
    st.lists(st.tuples(st.booleans(), namespaces, parts, st.integers(0, 3)), max_size=20),
    st.lists(parts, max_size=2).map(tuple),
    st.integers(0, 3),
)
def test_a_store_keeps_what_a_dict_would(
    kind: Any, steps: list[tuple[bool, Any, str, int]], prefix: Any, number: int
) -> None:
    kept: dict[tuple[Any, str], dict[str, int]] = {}
    with kind() as store:
        for is_put, namespace, key, value in steps:
            if is_put:
                store.put(namespace, key, {"n": value})
                kept[namespace, key] = {"n": value}
            else:
                store.delete(namespace, key)
                kept.pop((namespace, key), None)
        found: list[Item] = store.search(prefix, filter={"n": {"$gte": number}}, limit=99)
        assert [(item.namespace, item.key, item.value) for item in found] == [
            (space, key, value)
            for (space, key), value in sorted(kept.items())
            if space[: len(prefix)] == prefix and value["n"] >= number
        ]
        assert store.list_namespaces() == sorted({space for space, _ in kept})


# Files.


def test_a_file_is_found_again_and_says_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore(path) as store, SqliteStore.from_conn_string(str(path)) as other:
        store.put(ADA, "k", {"v": (1,)})
        assert other.get(ADA, "k") == store.get(ADA, "k")
    for broken in ("[1]", "{"):
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE items SET value = ?", (broken,))
        connection.close()
        with store, pytest.raises(StorageError, match=r"item 'k' of \('users', 'ada'\), value"):
            store.search(())
    assert repr(store) == f"SqliteStore({str(path)!r})"


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE items (mine TEXT)")
    connection.close()
    before = path.read_bytes()
    with SqliteStore(path) as store, pytest.raises(StorageError, match="another program"):
        store.put(ADA, "k", {})
    assert path.read_bytes() == before


def test_names() -> None:
    assert repr(InMemoryStore()) == "InMemoryStore(0 items)"
    assert (InMemoryStore.blocking, SqliteStore.blocking) == (False, True)
