"""What all savers do alike: in memory, in a file, on a server."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from anyio.to_thread import run_sync
from hypothesis import given, strategies as st

from streamflow.checkpoint import (
    BaseCheckpointSaver,
    Checkpoint,
    InMemorySaver,
    MemorySaver,
    PendingWrite,
    SqliteSaver,
)
from streamflow.errors import ConfigError, StorageError
from streamflow.messages import AIMessage, HumanMessage


def made(id: str, **fields: Any) -> Checkpoint:
    return Checkpoint(**{"thread_id": "t", "id": id, **fields})


def ids(checkpoints: Iterator[Checkpoint]) -> list[str]:
    return [checkpoint.id for checkpoint in checkpoints]


def test_what_was_put_is_got(saver: BaseCheckpointSaver) -> None:
    assert saver.get("t") is None
    first = Checkpoint(thread_id="t", metadata={"step": -1}, state={"x": 1})
    second = Checkpoint(
        thread_id="t",
        parent_id=first.id,
        metadata={"source": "loop", "step": 0},
        state={"messages": [HumanMessage("hi"), AIMessage("ho")], "seen": {1, 2}, "p": (1, None)},
    )
    saver.put(first)
    saver.put(second)
    assert saver.get("t") == saver.get("t", "", second.id) == second
    assert saver.get("t", id=first.id) == first
    assert saver.get("t", id="0") is None
    assert saver.get("t", "inner") is None
    assert saver.get("other") is None


def test_the_latest_is_the_one_of_the_greatest_id(saver: BaseCheckpointSaver) -> None:
    for id in ("b", "é", "a", "B", "\U0001f600", "10", "9"):
        saver.put(made(id))
    latest = saver.get("t")
    assert latest is not None
    assert latest.id == "\U0001f600"
    assert ids(saver.list("t")) == ["\U0001f600", "é", "b", "a", "B", "9", "10"]


def test_a_list_is_bounded_and_filtered(saver: BaseCheckpointSaver) -> None:
    names = [f"{number:03}" for number in range(70)]
    for number, id in enumerate(names):
        saver.put(made(id, metadata={"step": number, "source": "loop" if number % 7 else None}))
    assert ids(saver.list("t")) == names[::-1]
    assert ids(saver.list("t", limit=3)) == names[:-4:-1]
    assert ids(saver.list("t", limit=25)) == names[:-26:-1]
    assert ids(saver.list("t", limit=0)) == []
    assert ids(saver.list("t", before="003")) == ["002", "001", "000"]
    assert ids(saver.list("t", before="0025", limit=1)) == ["002"]
    assert ids(saver.list("t", filter={"step": 5})) == ["005"]
    assert ids(saver.list("t", filter={"source": None}, limit=2)) == ["063", "056"]
    assert ids(saver.list("t", filter={"source": None, "step": 7}, before="010")) == ["007"]
    assert ids(saver.list("t", filter={"missing": None})) == []
    assert ids(saver.list("t", "inner")) == []


def test_a_list_may_be_left_early_and_things_change_meanwhile(saver: BaseCheckpointSaver) -> None:
    for number in range(50):
        saver.put(made(f"{number:03}"))
    found = saver.list("t")
    assert next(found).id == "049"
    saver.put(made("999"))
    saver.delete_thread("t")
    assert len(ids(found)) < 50


def test_threads_and_namespaces_are_apart(saver: BaseCheckpointSaver) -> None:
    for thread, namespace in (("t", ""), ("t", "a"), ("t", "a|b:1"), ("u", "")):
        place = Checkpoint(
            thread_id=thread, namespace=namespace, id="1", state={"at": [thread, namespace]}
        )
        saver.put(place)
        saver.put_writes(place, "task", [("x", namespace)])
    saver.delete_thread("t")
    saver.delete_thread("never there")
    assert saver.get("t") is None
    assert saver.get("t", "a") is None
    assert saver.get_writes(made("1")) == []
    left = saver.get("u")
    assert left is not None
    assert left.state == {"at": ["u", ""]}
    assert saver.get_writes(left) == [PendingWrite("task", "x", "")]


def test_the_latest_may_be_kept(saver: BaseCheckpointSaver) -> None:
    for id in "12345":
        for namespace in ("", "a")[: 1 + (id > "3")]:
            saver.put(made(id, namespace=namespace))
            saver.put_writes(made(id, namespace=namespace), "task", [("x", id)])
    saver.put(made("1", thread_id="other"))
    saver.delete_thread("t", keep=2)
    assert ids(saver.list("t")) == ids(saver.list("t", "a")) == ["5", "4"]
    assert [bool(saver.get_writes(made(id))) for id in "12345"] == [False] * 3 + [True] * 2
    saver.delete_thread("t", keep=3)
    assert ids(saver.list("t")) == ["5", "4"]
    assert ids(saver.list("other")) == ["1"]
    with pytest.raises(ConfigError, match="-1"):
        saver.delete_thread("t", keep=-1)


def test_a_put_replaces_one_of_the_same_id(saver: BaseCheckpointSaver) -> None:
    saver.put(made("1", state={"x": 1}))
    again = made("1", state={"x": 2}, parent_id="0", metadata={"step": 3})
    saver.put(again)
    assert [*saver.list("t")] == [again]


def test_writes_of_a_task_replace_what_it_put_before(saver: BaseCheckpointSaver) -> None:
    at = made("1")
    assert saver.get_writes(at) == []
    saver.put_writes(at, "b", [("__interrupt__", "?")])
    saver.put_writes(at, "a", [("x", 1), ("x", (2,)), ("y", None)])
    for _ in range(2):
        saver.put_writes(at, "b", [("x", {3})])
    saver.put_writes(at, "c", [])
    assert saver.get_writes(at) == [
        PendingWrite("b", "x", {3}),
        PendingWrite("a", "x", 1),
        PendingWrite("a", "x", (2,)),
        PendingWrite("a", "y", None),
    ]
    assert saver.get_writes(made("2")) == []


def test_later_changes_to_values_change_nothing(saver: BaseCheckpointSaver) -> None:
    message = HumanMessage("hi")
    state: dict[str, Any] = {"messages": [message]}
    saver.put(made("1", state=state))
    writes: list[tuple[str, Any]] = [("x", state)]
    saver.put_writes(made("1"), "a", writes)
    message.content = "changed"
    state["messages"].append(1)
    for _ in range(2):
        got = saver.get("t")
        assert got is not None
        assert got.state == {"messages": [HumanMessage("hi")]}
        got.state["messages"][0].content = "changed"
        assert saver.get_writes(got) == [PendingWrite("a", "x", {"messages": [HumanMessage("hi")]})]


class Mood:
    pass


def test_what_could_not_be_read_back_is_refused_with_its_place(saver: BaseCheckpointSaver) -> None:
    with pytest.raises(StorageError, match=r"register_type\(Mood\)") as caught:
        saver.put(made("1", state={"all": [1, {"mood": Mood()}]}))
    assert caught.value.place == "thread 't', checkpoint 1, state['all'][1]['mood']"
    with pytest.raises(StorageError, match="Counter"):
        saver.put(made("1", metadata={"n": Counter("a")}))
    with pytest.raises(StorageError, match=r"task 'a', writes\[0\]\[1\]"):
        saver.put_writes(made("1"), "a", [("x", Mood())])
    assert saver.get("t") is None
    assert saver.get_writes(made("1")) == []


def test_many_threads_put_at_once(saver: BaseCheckpointSaver) -> None:
    begin = threading.Barrier(6)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            begin.wait()
            for step in range(20):
                at = Checkpoint(thread_id=f"{number % 3}", state={"by": number, "step": step})
                saver.put(at)
                saver.put_writes(at, f"{number}", [("x", step)])
                assert saver.get_writes(at) == [PendingWrite(f"{number}", "x", step)]
                assert saver.get(f"{number % 3}", id=at.id) == at
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for number in range(6):
        steps = [c.state["step"] for c in saver.list(f"{number % 3}", filter={})]
        assert Counter(steps) == dict.fromkeys(range(20), 2)


async def test_worker_threads_of_a_loop_share_a_saver(saver: BaseCheckpointSaver) -> None:
    async def work(number: int) -> None:
        for step in range(5):
            await run_sync(saver.put, made(f"{step}", thread_id=f"{number}", state={"s": step}))

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(work, number)
    for number in range(5):
        assert ids(await run_sync(saver.list, f"{number}")) == ["4", "3", "2", "1", "0"]


# A saver is a dict of what was put last.

OPERATIONS = ("put", "writes", "delete", "get", "list", "get_writes")


class Model:
    """The same in the plainest way, which says what is right."""

    def __init__(self) -> None:
        self.checkpoints: dict[tuple[str, str, str], Checkpoint] = {}
        self.writes: dict[tuple[str, str, str], dict[str, list[tuple[str, Any]]]] = {}

    def of(self, thread: str, namespace: str) -> list[Checkpoint]:
        kept = [c for key, c in self.checkpoints.items() if key[:2] == (thread, namespace)]
        return sorted(kept, key=lambda checkpoint: checkpoint.id, reverse=True)

    def check(self, saver: BaseCheckpointSaver, operation: tuple[Any, ...]) -> None:
        name, thread, namespace, number, value = operation
        key = (thread, namespace, f"{number}")
        at = Checkpoint(
            thread_id=thread,
            namespace=namespace,
            id=f"{number}",
            created_at="2020",
            metadata={"odd": number % 2},
            state={"value": value},
        )
        if name == "put":
            saver.put(at)
            self.checkpoints[key] = at
        elif name == "writes":
            task = f"{number % 3}"
            saver.put_writes(at, task, [("x", value), ("y", (value,))])
            self.writes.setdefault(key, {})[task] = [("x", value), ("y", (value,))]
        elif name == "delete":
            keep = number % 4
            saver.delete_thread(thread, keep=keep)
            spaces = ["", "a"]
            last = {
                space: [c.id for c in self.of(thread, space)][keep - 1 : keep] for space in spaces
            }
            for kept in (self.checkpoints, self.writes):
                gone = [
                    key
                    for key in kept
                    if key[0] == thread and (keep == 0 or key[2] < "".join(last[key[1]]))
                ]
                for other in gone:
                    del kept[other]  # type: ignore[attr-defined]  # both are dicts
        elif name == "get":
            everything = self.of(thread, namespace)
            assert saver.get(thread, namespace) == (everything[0] if everything else None)
            assert saver.get(thread, namespace, at.id) == self.checkpoints.get(key)
        elif name == "list":
            older = [c for c in self.of(thread, namespace) if c.id < at.id]
            assert [*saver.list(thread, namespace, before=at.id)] == older
            odd = [c for c in self.of(thread, namespace) if c.metadata["odd"]]
            assert [*saver.list(thread, namespace, filter={"odd": 1}, limit=2)] == odd[:2]
        else:
            kept_writes = self.writes.get(key, {}).items()
            expected = [PendingWrite(task, *pair) for task, pairs in kept_writes for pair in pairs]
            assert saver.get_writes(at) == expected


values = st.recursive(
    st.none() | st.integers() | st.text() | st.floats(allow_nan=False) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.sets(st.integers()),
    max_leaves=5,
)
operations = st.tuples(
    st.sampled_from(OPERATIONS),
    st.sampled_from(["t", "u"]),
    st.sampled_from(["", "a"]),
    st.integers(1, 9),
    values,
)


@pytest.mark.parametrize("kind", [InMemorySaver, lambda: SqliteSaver(":memory:")])
@given(st.lists(operations, max_size=30))
def test_a_saver_keeps_what_a_dict_would(kind: Any, steps: list[tuple[Any, ...]]) -> None:
    model = Model()
    with kind() as saver:
        for step in steps:
            model.check(saver, step)


@pytest.mark.parametrize("seed", range(3))
def test_so_does_one_of_each_kind(saver: BaseCheckpointSaver, seed: int) -> None:
    draw, model = random.Random(seed), Model()
    for _ in range(150):
        name = draw.choice(OPERATIONS[: 2 + 4 * (draw.random() > 0.1)])
        value = draw.choice([None, 1, "\x00é", [1.5], {2}, "x" * 5000])
        model.check(
            saver, (name, draw.choice("tu"), draw.choice(["", "a"]), draw.randint(1, 9), value)
        )


def test_names() -> None:
    assert MemorySaver is InMemorySaver
    assert (InMemorySaver.blocking, SqliteSaver.blocking) == (False, True)
    assert repr(SqliteSaver("a.db")) == "SqliteSaver('a.db')"
    assert repr(InMemorySaver()) == "InMemorySaver(0 threads)"
    with SqliteSaver.from_conn_string(":memory:") as saver:
        assert isinstance(saver, SqliteSaver)
