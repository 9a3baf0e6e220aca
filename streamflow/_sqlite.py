"""A SQLite file that threads and processes share.

One connection for each object, used by one thread at a time: SQLite serialises writers
anyway, and a connection for each thread would have to be closed by threads that come and
go. Other objects, and other processes, have connections of their own; the write-ahead log
lets them read while one writes, and who finds the file locked waits for a while.

Everything here blocks. On an event loop it is called in a worker thread.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from contextlib import contextmanager
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30.0
"""Seconds to wait for a file that somebody else is writing to."""


class Database:
    """A file, opened when it is first used.

    Args:
        path: The file, which is made if it is not there; ``":memory:"`` for one that ends
            with this object.
        schema: Statements that make the tables, unless they are there.
    """

    def __init__(self, path: str | os.PathLike[str], schema: str) -> None:
        self.path = os.fspath(path)
        self._schema = schema
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._finalizer: weakref.finalize[Any, Any] | None = None

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        Raises:
            sqlite3.Error: the file cannot be read, or is no database.
        """
        with self._lock:
            return self._open().execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Return a context manager: what is executed in the block is stored whole or not at all.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        with self._lock:
            connection = self._open()
            # At once, not at the first change: of two that read first and write then, one
            # would fail.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        """Close the connection; the next use opens one again."""
        with self._lock:
            if self._finalizer is not None:
                self._finalizer()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        # A connection must not be carried into a forked process, not even to be closed.
        if self._connection is None or self._process != os.getpid():
            self._process = os.getpid()
            connection = sqlite3.connect(
                self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._finalizer = weakref.finalize(self, _close, connection, self._process)
            try:
                self._prepare(connection)
            except BaseException:
                self._finalizer()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Bring a connection that was opened just now into the state to work with."""
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(self._schema)

    def __repr__(self) -> str:
        return f"Database({self.path!r})"


def _close(connection: sqlite3.Connection, process: int) -> None:
    if process == os.getpid():
        connection.close()
