"""Files of checkpoints: found again, shared, cut short, of somebody else, not to be written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamflow.checkpoint import Checkpoint, PendingWrite, SqliteSaver
from streamflow.errors import StorageError
from streamflow.store import SqliteStore
from tests.meta.sources import ROOT

_PUTS_FOR_EVER = """
import sys
from streamflow.checkpoint import Checkpoint, SqliteSaver
saver = SqliteSaver(sys.argv[1])
parent = None
for step in range(10**9):
    at = Checkpoint(thread_id="t", parent_id=parent, state={"step": step, "text": "x" * 3000})
    saver.put(at)
    saver.put_writes(at, "a", [("x", step)])
    parent = at.id
    print(step, flush=True)
"""


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("steps", [1, 20, 150])
def test_a_process_that_is_killed_leaves_a_good_file(tmp_path: Path, steps: int) -> None:
    path = tmp_path / "checkpoints.db"
    process = subprocess.Popen(
        [sys.executable, "-c", _PUTS_FOR_EVER, str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process:
        done = -1
        while done < steps:
            done = int(process.stdout.readline())
        process.kill()  # SIGKILL, which cannot be caught
        done = max([done, *map(int, process.stdout.read().split())])
    with SqliteSaver(path) as saver:
        found = [*saver.list("t")]
        numbers = [checkpoint.state["step"] for checkpoint in found]
        assert numbers == [*range(len(numbers) - 1, -1, -1)], "none is missing"
        assert len(numbers) in {done + 1, done + 2}, "what had returned is there"
        assert saver.get_writes(found[1]) == [PendingWrite("a", "x", numbers[1])]
        saver.put(Checkpoint(thread_id="t", parent_id=found[0].id, state={"step": "next"}))
        latest = saver.get("t")
        assert latest is not None
        assert latest.state == {"step": "next"}


def test_a_file_is_found_again_and_shared(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    first = Checkpoint(thread_id="t", state={"x": 1})
    with SqliteSaver(path) as saver, SqliteSaver(str(path)) as other:
        saver.put(first)
        assert other.get("t") == first
        other.put_writes(first, "a", [("x", 1)])
        assert saver.get_writes(first) == [PendingWrite("a", "x", 1)]
    assert saver.get("t") == first, "after close, it opens again"
    saver.close()
    saver.close()


@pytest.mark.parametrize("order", [1, -1])
def test_checkpoints_and_a_store_may_share_a_file(tmp_path: Path, order: int) -> None:
    path = tmp_path / "all.db"

    def keep_checkpoint() -> None:
        with SqliteSaver(path) as saver:
            saver.put(Checkpoint(thread_id="t"))

    def keep_item() -> None:
        with SqliteStore(path) as store:
            store.put(("a",), "k", {"v": 1})

    for keep in [keep_checkpoint, keep_item][::order]:
        keep()
    with SqliteSaver(path) as saver, SqliteStore(path) as store:
        assert saver.get("t") is not None
        assert store.get(("a",), "k") is not None


def test_a_checkpoint_that_cannot_be_read_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    with SqliteSaver(path) as saver:
        for id in ("1", "2"):
            saver.put(Checkpoint(thread_id="mine", id=id, state={"x": (1,)}))
            saver.put_writes(Checkpoint(thread_id="mine", id=id), "a", [("x", 1)])
    for column, broken in (
        ("state", '{"x":{"$type":"gone.Class","fields":{}}}'),
        ("state", '{"x":'),
        ("state", "[1]"),
        ("metadata", "5"),
    ):
        execute(path, f"UPDATE checkpoints SET {column} = '{broken}' WHERE id = '2'")
        with SqliteSaver(path) as saver:
            for read in (saver.get, lambda thread, saver=saver: [*saver.list(thread)]):
                with pytest.raises(StorageError, match=f"thread 'mine', checkpoint 2, {column}"):
                    read("mine")
            assert saver.get("mine", id="1") is not None
        connection = sqlite3.connect(path)
        kept = connection.execute(f"SELECT {column} FROM checkpoints WHERE id = '2'").fetchall()
        connection.close()
        assert kept == [(broken,)]
    for broken in ("[[1]]", "5", "["):
        execute(path, f"UPDATE writes SET writes = '{broken}'")
        with (
            SqliteSaver(path) as saver,
            pytest.raises(StorageError, match=r"checkpoint 2, task 'a'"),
        ):
            saver.get_writes(Checkpoint(thread_id="mine", id="2"))


# Files that are refused. Nothing of them may change, nor may anything appear beside them.


def of_another_program(path: Path) -> None:
    execute(path, "CREATE TABLE users (name TEXT)", "INSERT INTO users VALUES ('ada')")


def of_another_version(path: Path) -> None:
    with SqliteSaver(path) as saver:
        saver.put(Checkpoint(thread_id="t"))
    execute(path, "UPDATE streamflow_storage SET version = 99")


def no_database(path: Path) -> None:
    path.write_text("name,age\n" * 500)


def short_text(path: Path) -> None:
    path.write_text("hello")


def cut(to: float) -> Callable[[Path], None]:
    def cut_short(path: Path) -> None:
        with SqliteSaver(path) as saver:
            for number in range(50):
                saver.put(Checkpoint(thread_id=f"{number}", state={"x": "y" * 1000}))
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * to)])

    return cut_short


REFUSED: list[tuple[Callable[[Path], None], str]] = [
    (of_another_program, "another program.*users"),
    (of_another_version, "version 99"),
    (no_database, "no whole database|not a database"),
    (short_text, "no whole database"),
    (cut(0.5), "no whole database"),
    (cut(0.99), "no whole database"),
    (cut(0.0005), "no whole database"),
]


@pytest.mark.parametrize(("make", "problem"), REFUSED)
def test_a_file_that_is_not_its_own_is_refused(
    tmp_path: Path, make: Callable[[Path], None], problem: str
) -> None:
    path = tmp_path / "file.db"
    make(path)
    before = path.read_bytes()
    at = Checkpoint(thread_id="t")
    with SqliteSaver(path) as saver:
        uses: list[Callable[[], Any]] = [
            lambda: saver.get("t"),
            lambda: next(saver.list("t")),
            lambda: saver.put(at),
            lambda: saver.put_writes(at, "a", []),
            lambda: saver.get_writes(at),
            lambda: saver.delete_thread("t"),
        ]
        for use in uses:
            with pytest.raises(StorageError, match=problem) as caught:
                use()
            assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["file.db"]


def test_damage_inside_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    cut(1)(path)
    data = bytearray(path.read_bytes())
    data[3 * 4096 :] = b"\xff" * (len(data) - 3 * 4096)
    path.write_bytes(data)
    with SqliteSaver(path) as saver, pytest.raises(StorageError, match=r"file\.db: cannot be read"):
        [saver.get(f"{number}") for number in range(50)]


@pytest.mark.parametrize("path", ["/proc/no.db", "/nowhere/at/all.db"])
def test_a_place_where_nothing_can_be_written(path: str) -> None:
    with SqliteSaver(path) as saver, pytest.raises(StorageError, match=path):
        saver.put(Checkpoint(thread_id="t"))


_READ_ONLY = """
import os, sys
from streamflow.checkpoint import Checkpoint, SqliteSaver
from streamflow.errors import StorageError
os.chmod(sys.argv[1], 0o444)
os.chmod(os.path.dirname(sys.argv[1]), 0o555)
if os.geteuid() == 0:  # who may write anything
    os.setuid(65534)
try:
    SqliteSaver(sys.argv[1]).put(Checkpoint(thread_id="t"))
except StorageError as error:
    print(error)
"""


def test_a_file_and_folder_that_are_read_only(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    path = folder / "file.db"
    with SqliteSaver(path) as saver:
        saver.put(Checkpoint(thread_id="t"))
    before = path.read_bytes()
    command = [sys.executable, "-c", _READ_ONLY, str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    folder.chmod(0o755)
    assert "file.db: cannot be written: " in result.stdout or "unable to open" in result.stdout
    assert path.read_bytes() == before


def test_text_that_no_file_can_hold() -> None:
    with SqliteSaver(":memory:") as saver:
        with pytest.raises(StorageError, match="surrogates"):
            saver.put(Checkpoint(thread_id="\ud800"))
        saver.put(Checkpoint(thread_id="t", state={"half": "\ud800"}))
        latest = saver.get("t")
        assert latest is not None
        assert latest.state == {"half": "\ud800"}
