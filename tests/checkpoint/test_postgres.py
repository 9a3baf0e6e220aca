"""What is particular to PostgreSQL: making its tables, connections that break, pools."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from streamflow.checkpoint import Checkpoint, PostgresSaver
from streamflow.errors import StorageError
from tests.meta.sources import ROOT

FIRST = Checkpoint(thread_id="t", id="1", state={"x": (1, "\x00")})


def execute(conninfo: str, *statements: str) -> list[Any]:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursors = [connection.execute(statement) for statement in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


def test_another_saver_finds_what_one_has_put(postgres: str) -> None:
    with PostgresSaver(postgres) as one, PostgresSaver.from_conn_string(postgres) as two:
        one.put(FIRST)
        assert two.get("t") == FIRST
        one.close()
        assert one.get("t") == FIRST, "after close, it opens again"


def test_tables_are_made_once_by_many_at_a_time(postgres: str) -> None:
    begin = threading.Barrier(5)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with PostgresSaver(postgres) as saver:
                begin.wait()
                saver.put(Checkpoint(thread_id=f"{number}"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert execute(postgres, "SELECT count(*) FROM streamflow_checkpoints") == [[(5,)]]


def test_tables_of_another_version_are_refused(postgres: str) -> None:
    with PostgresSaver(postgres) as saver:
        saver.put(FIRST)
    execute(postgres, "UPDATE streamflow_storage SET version = 99")
    with PostgresSaver(postgres) as saver:
        for use in (lambda: saver.get("t"), lambda: saver.put(FIRST)):
            with pytest.raises(StorageError, match="version 99"):
                use()


def test_a_connection_that_broke_is_opened_again(postgres: str) -> None:
    pytest.importorskip("psycopg")
    with PostgresSaver(postgres) as saver:
        saver.put(FIRST)
        execute(
            postgres,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND query LIKE '%streamflow_checkpoints%'",
        )
        saver.put_writes(FIRST, "a", [("x", 1)])
        assert saver.get("t") == FIRST
        assert len(saver.get_writes(FIRST)) == 1


def test_a_statement_that_fails_spoils_nothing(postgres: str) -> None:
    with PostgresSaver(postgres) as saver:
        saver.put(FIRST)
        for bad in ("nul \x00", "half \ud800"):
            with pytest.raises(StorageError, match="PostgreSQL"):
                saver.put(Checkpoint(thread_id=bad))
        assert saver.get("t") == FIRST


def test_a_checkpoint_that_cannot_be_read_is_named(postgres: str) -> None:
    with PostgresSaver(postgres) as saver:
        saver.put(FIRST)
        execute(postgres, "UPDATE streamflow_checkpoints SET state = '{\"x\":'")
        with pytest.raises(StorageError, match="thread 't', checkpoint 1, state"):
            saver.get("t")


def test_a_pool_lends_its_connections_and_stays_open(postgres: str) -> None:
    psycopg = pytest.importorskip("psycopg")

    class Pool:
        """As ``psycopg_pool.ConnectionPool``, with one connection."""

        lent = 0

        def __init__(self) -> None:
            self.single = psycopg.connect(postgres)

        @contextmanager
        def connection(self) -> Iterator[Any]:
            self.lent += 1
            with self.single.transaction():
                yield self.single

    pool = Pool()
    with PostgresSaver(pool) as saver:
        saver.put(FIRST)
        assert [*saver.list("t")] == [FIRST]
        assert repr(saver) == "PostgresSaver(pool)"
    assert pool.lent == 2
    assert not pool.single.closed
    pool.single.close()


def test_who_cannot_connect_hears_why_and_no_password() -> None:
    pytest.importorskip("psycopg")
    saver = PostgresSaver("host=/nowhere user=ada password=s3cret")
    with pytest.raises(StorageError, match="/nowhere") as caught:
        saver.get("t")
    assert "s3cret" not in f"{caught.value} {saver!r}"
    assert repr(saver) == "PostgresSaver(connection)"


_WITHOUT = """
import sys
sys.modules["psycopg"] = None
import streamflow.checkpoint
try:
    streamflow.checkpoint.PostgresSaver("dbname=x")
except ImportError as error:
    print(error)
"""


def test_without_psycopg_the_extra_is_named() -> None:
    command = [sys.executable, "-c", _WITHOUT]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "'streamflow[postgres]'" in result.stdout
