"""A PostgreSQL server of the suite's own, and a saver of each kind.

The server is private: a new cluster in a temporary directory that listens on a socket
there, made with ``initdb`` and stopped at the end. ``STREAMFLOW_TEST_POSTGRES`` names
another server instead. Where there is neither, the tests that need one are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from streamflow.checkpoint import BaseCheckpointSaver, InMemorySaver, PostgresSaver, SqliteSaver

_PATIENCE = 60.0
_numbers = count()


def _program(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if found is None:
        pytest.skip(f"no {name} here: PostgreSQL's server is not installed")
    return found


def _user() -> str | None:
    """The server refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _wait_for(conninfo: str, server: subprocess.Popen[bytes], log: Path) -> None:
    psycopg = pytest.importorskip("psycopg")
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(conninfo, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """What to connect to, as a superuser."""
    pytest.importorskip("psycopg")
    if given := os.environ.get("STREAMFLOW_TEST_POSTGRES"):
        yield given
        return
    initdb, postgres, user = _program("initdb"), _program("postgres"), _user()
    # Not in pytest's directory: the path of a socket has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="sf-pg-"))
    log = folder / "log"
    try:
        if user is not None:
            shutil.chown(folder, user)
        with log.open("wb") as output:
            quiet: Any = {"cwd": folder, "user": user, "stdout": output, "stderr": output}
            args = ["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
            subprocess.run([initdb, *args], check=True, **quiet)
            server = subprocess.Popen(
                [postgres, "-D", "data", "-k", str(folder), "-c", "listen_addresses=", "-F"],
                **quiet,
            )
        try:
            conninfo = f"host={folder} user=postgres dbname=postgres"
            _wait_for(conninfo, server, log)
            yield conninfo
        finally:
            server.send_signal(2)
            server.wait(_PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """What to connect to, with an empty schema that is the test's own."""
    psycopg = pytest.importorskip("psycopg")
    schema = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield psycopg.conninfo.make_conninfo(
            postgres_server, options=f"-csearch_path={schema} -cclient_min_messages=warning"
        )
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseCheckpointSaver]:
    """An empty saver of each kind."""
    made: BaseCheckpointSaver
    if request.param == "memory":
        made = InMemorySaver()
    elif request.param == "sqlite":
        made = SqliteSaver(tmp_path / "checkpoints.db")
    else:
        made = PostgresSaver(request.getfixturevalue("postgres"))
    with made:
        yield made
