"""A SQLite file that says what it holds: other files are refused, and left as they are.

One file may hold several kinds of tables, each with a version of its own, so checkpoints
and a store can share it.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._sqlite import Database
from .errors import StorageError, StorageFileError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_KINDS = """
    CREATE TABLE IF NOT EXISTS streamflow_storage (
        kind TEXT PRIMARY KEY,
        version INTEGER NOT NULL
    ) WITHOUT ROWID
"""

# The second, of text with half of a character, which no file can hold.
_ERRORS = (sqlite3.Error, UnicodeEncodeError)
# What is no fault of the file: it is locked, the disk is full, a value is impossible.
_OUTSIDE = (sqlite3.OperationalError, UnicodeEncodeError)


class Storage(Database):
    """A file with the tables of one kind, and maybe of others.

    All methods raise a `StorageError` that names the file if it cannot be used, or a
    `StorageFileError` if it is not what it should be.

    Args:
        path: The file, which is made if it is not there; ``":memory:"`` for one that ends
            with this object.
        kind: What the tables hold.
        version: Of the tables. A file with another one is refused.
        tables: Statements that make the tables.
    """

    def __init__(
        self, path: str | os.PathLike[str], kind: str, version: int, tables: tuple[str, ...]
    ) -> None:
        super().__init__(path, "")
        self._kind = kind
        self._version = version
        self._tables = tables

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        try:
            return super().read(query, *values)
        except _ERRORS as error:
            raise self._failed("read", error) from error

    def write(self, statement: str, *values: object) -> int:
        """Execute one statement, whole or not at all, and return how many rows it changed."""
        # Without BEGIN and COMMIT, which would double what it costs.
        try:
            with self._lock:
                return self._open().execute(statement, values).rowcount
        except _ERRORS as error:
            raise self._failed("written", error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Return a context manager: what is executed in the block is stored whole or not at all."""
        try:
            with super().writing() as connection:
                yield connection
        except _ERRORS as error:
            raise self._failed("written", error) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # Nothing is written, not even the journal's mode, before the file is known to be one.
        self._refuse_truncated()
        known = self._is_prepared(connection)
        super()._prepare(connection)
        if known:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            if not self._is_prepared(connection):  # by another process, meanwhile
                for statement in (_KINDS, *self._tables):
                    connection.execute(statement)
                row = (self._kind, self._version)
                connection.execute("INSERT INTO streamflow_storage VALUES (?, ?)", row)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def _is_prepared(self, connection: sqlite3.Connection) -> bool:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = {name for (name,) in connection.execute(query)}
        if "streamflow_storage" not in tables:
            if tables:
                raise StorageFileError(
                    self.path,
                    f"this database is of another program (it has the tables "
                    f"{', '.join(sorted(tables)[:5])}) and is left as it is. Choose another file.",
                )
            return False
        query = "SELECT version FROM streamflow_storage WHERE kind = ?"
        row = connection.execute(query, (self._kind,)).fetchone()
        if row is not None and row[0] != self._version:
            raise StorageFileError(
                self.path,
                f"its {self._kind} are of version {row[0]}, and this version of streamflow reads "
                f"{self._version}. The file is left as it is: use the version of streamflow that "
                f"wrote it, or choose another file.",
            )
        return row is not None

    def _refuse_truncated(self) -> None:
        """Refuse a file that is shorter than its header says, which SQLite would write to."""
        file, log = Path(self.path), Path(f"{self.path}-wal")
        # Beside a log the file may lack pages that the log still has.
        if not file.is_file() or (log.is_file() and log.stat().st_size):
            return
        with file.open("rb") as stream:
            header = stream.read(100)
        page = int.from_bytes(header[16:18], "big")
        size = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
        if header and (len(header) < 100 or file.stat().st_size < size):
            raise StorageFileError(
                self.path,
                f"this is no whole database: it has {file.stat().st_size} bytes of "
                f"{size or 'many more'}. It is left as it is.",
            )

    def _failed(self, verb: str, error: Exception) -> StorageError:
        kind = StorageError if isinstance(error, _OUTSIDE) else StorageFileError
        return kind(self.path, f"cannot be {verb}: {error}.")
