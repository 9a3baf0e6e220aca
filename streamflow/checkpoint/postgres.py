"""Checkpoints in a PostgreSQL database; needs the extra ``postgres``."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError, StorageError
from ._rows import check_keep, checkpoint_of, pages, row_of, writes_of, writes_row
from .base import BaseCheckpointSaver, Checkpoint, PendingWrite

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

__all__ = ("PostgresSaver",)

_VERSION = 1
_LOCK = 0x73_74_72_65_61_6D  # of whoever makes the tables; any number that others do not use
_KINDS = """
    CREATE TABLE IF NOT EXISTS streamflow_storage (
        kind TEXT PRIMARY KEY,
        version INTEGER NOT NULL
    )
"""
# Ids in the order of their characters, whatever the language of the database.
_TABLES = (
    """
    CREATE TABLE streamflow_checkpoints (
        thread_id TEXT NOT NULL,
        namespace TEXT NOT NULL,
        id TEXT COLLATE "C" NOT NULL,
        parent_id TEXT,
        created_at TEXT NOT NULL,
        metadata TEXT NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (thread_id, namespace, id)
    )
    """,
    """
    CREATE TABLE streamflow_writes (
        position BIGSERIAL PRIMARY KEY,
        thread_id TEXT NOT NULL,
        namespace TEXT NOT NULL,
        checkpoint_id TEXT NOT NULL,
        task_id TEXT NOT NULL,
        writes TEXT NOT NULL,
        UNIQUE (thread_id, namespace, checkpoint_id, task_id)
    )
    """,
)
# Than the last of those that stay. If there are not that many, nothing is older than NULL.
_OLDER = (
    'AND old.{id} COLLATE "C" < (SELECT kept.id FROM streamflow_checkpoints AS kept '
    "WHERE kept.thread_id = old.thread_id AND kept.namespace = old.namespace "
    "ORDER BY kept.id DESC LIMIT 1 OFFSET %s)"
)
_COLUMNS = "thread_id, namespace, id, parent_id, created_at, metadata, state"
_SELECT = (
    f"SELECT {_COLUMNS} FROM streamflow_checkpoints "  # noqa: S608 - constants
    f"WHERE thread_id = %s AND namespace = %s "
)


class PostgresSaver(BaseCheckpointSaver):
    """Keeps checkpoints in a PostgreSQL database, for any number of processes.

    The tables are made at the first use, in the first schema of the search path. There is
    one connection, which one thread uses at a time and which is opened again after it has
    broken; with a pool, each call takes one of its connections. The methods block.

    >>> PostgresSaver("postgresql://ada@localhost/app")  # connects when it is first used
    PostgresSaver(connection)

    Args:
        conninfo: What to connect to, such as ``"postgresql://user@host/database"``, or a
            ``psycopg_pool.ConnectionPool``, which stays its owner's to close.

    Raises:
        MissingExtraError: psycopg is not installed.
    """

    def __init__(self, conninfo: Any) -> None:
        try:
            self._psycopg = import_module("psycopg")
        except ImportError as error:
            raise MissingExtraError("PostgresSaver", "postgres") from error
        self._conninfo = conninfo if isinstance(conninfo, str) else ""
        self._pool = None if isinstance(conninfo, str) else conninfo
        self._lock = Lock()
        self._connection: Any = None
        self._process = 0
        self._is_prepared = False

    @classmethod
    def from_conn_string(cls, conn_string: str) -> Self:
        """Return a saver for a database, also to be used in a ``with`` block.

        Args:
            conn_string: What to connect to, such as ``"postgresql://user@host/database"``.

        Raises:
            MissingExtraError: psycopg is not installed.
        """
        return cls(conn_string)

    def get(self, thread_id: str, namespace: str = "", id: str | None = None) -> Checkpoint | None:
        """Return the checkpoint of this id, or the latest without; ``None`` if there is none.

        Raises:
            StorageError: the database cannot be used, or the checkpoint not be read.
        """
        if id is None:
            rows = self._execute(f"{_SELECT} ORDER BY id DESC LIMIT 1", thread_id, namespace)
        else:
            rows = self._execute(f"{_SELECT} AND id = %s", thread_id, namespace, id)
        return checkpoint_of(rows[0]) if rows else None

    def list(
        self,
        thread_id: str,
        namespace: str = "",
        *,
        before: str | None = None,
        limit: int | None = None,
        filter: Mapping[str, Any] | None = None,
    ) -> Iterator[Checkpoint]:
        """Yield checkpoints, the newest first, reading a few at a time.

        Raises:
            StorageError: the database cannot be used, or a checkpoint not be read.
        """

        def fetch(before: str | None, size: int) -> Sequence[Any]:
            order = "ORDER BY id DESC LIMIT %s"
            if before is None:
                return self._execute(f"{_SELECT} {order}", thread_id, namespace, size)
            return self._execute(
                f"{_SELECT} AND id < %s {order}", thread_id, namespace, before, size
            )

        return pages(fetch, before, limit, filter)

    def put(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, in place of one of the same thread, namespace and id.

        Raises:
            StorageError: the database cannot be used, or a value could not be read back;
                nothing is stored.
        """
        self._execute(
            "INSERT INTO streamflow_checkpoints VALUES (%s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (thread_id, namespace, id) DO UPDATE SET parent_id = excluded.parent_id, "
            "created_at = excluded.created_at, metadata = excluded.metadata, "
            "state = excluded.state",
            *row_of(checkpoint),
        )

    def put_writes(
        self, checkpoint: Checkpoint, task_id: str, writes: Sequence[tuple[str, Any]]
    ) -> None:
        """Store what a task has written, in place of all that it has put before.

        Raises:
            StorageError: the database cannot be used, or a value could not be read back;
                nothing is stored.
        """
        self._execute(
            "INSERT INTO streamflow_writes (thread_id, namespace, checkpoint_id, task_id, writes) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (thread_id, namespace, checkpoint_id, "
            "task_id) DO UPDATE SET writes = excluded.writes",
            checkpoint.thread_id,
            checkpoint.namespace,
            checkpoint.id,
            task_id,
            writes_row(checkpoint, task_id, writes),
        )

    def get_writes(self, checkpoint: Checkpoint) -> builtins.list[PendingWrite]:
        """Return what the tasks of the step after ``checkpoint`` have written.

        Raises:
            StorageError: the database cannot be used, or a value not be read.
        """
        rows = self._execute(
            "SELECT task_id, writes FROM streamflow_writes WHERE thread_id = %s "
            "AND namespace = %s AND checkpoint_id = %s ORDER BY position",
            checkpoint.thread_id,
            checkpoint.namespace,
            checkpoint.id,
        )
        return writes_of(checkpoint, rows)

    def delete_thread(self, thread_id: str, *, keep: int = 0) -> None:
        """Forget the checkpoints and writes of a thread, but for the latest ``keep``.

        Raises:
            StorageError: the database cannot be used.
            ConfigError: ``keep`` is negative.
        """
        check_keep(keep)
        # One statement, so both or none, and both see what was there before.
        writes, checkpoints = (
            f"DELETE FROM {table} AS old WHERE thread_id = %s "  # noqa: S608 - constants
            f"{_OLDER.format(id=id) if keep else ''}"
            for table, id in (
                ("streamflow_writes", "checkpoint_id"),
                ("streamflow_checkpoints", "id"),
            )
        )
        values = (thread_id, keep - 1) if keep else (thread_id,)
        self._execute(f"WITH gone AS ({writes}) {checkpoints}", *values, *values)

    def close(self) -> None:
        """Close the connection; the next use opens one again. A pool is left open."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _execute(self, query: str, *values: object) -> builtins.list[tuple[Any, ...]]:
        """Execute one statement, whole or not at all, and return its rows."""
        try:
            for is_last in (False, True):
                with self._connected() as connection:
                    try:
                        cursor = connection.execute(query, values)
                        return cursor.fetchall() if cursor.description else []
                    except self._psycopg.OperationalError:
                        # The server may have restarted; each statement here may come twice.
                        if is_last or not connection.broken:
                            raise
        except (self._psycopg.Error, UnicodeEncodeError) as error:
            text = str(error).strip()
            raise StorageError("PostgreSQL", f"the database cannot be used: {text}") from error
        return []

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        if self._pool is not None:
            with self._pool.connection() as connection:
                self._prepare(connection)
                yield connection
            return
        with self._lock:
            # A connection must not be carried into a forked process.
            if self._process != os.getpid() or self._connection is None or self._connection.closed:
                self._process = os.getpid()
                self._connection = self._psycopg.connect(self._conninfo, autocommit=True)
            self._prepare(self._connection)
            yield self._connection

    def _prepare(self, connection: Any) -> None:
        if self._is_prepared:
            return
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(_KINDS)
            query = "SELECT version FROM streamflow_storage WHERE kind = 'checkpoints'"
            row = connection.execute(query).fetchone()
            if row is None:
                for statement in _TABLES:
                    connection.execute(statement)
                insert = "INSERT INTO streamflow_storage VALUES ('checkpoints', %s)"
                connection.execute(insert, (_VERSION,))
            elif row[0] != _VERSION:
                raise StorageError(
                    "PostgreSQL",
                    f"the tables of checkpoints are of version {row[0]}, and this version of "
                    f"streamflow reads {_VERSION}. They are left as they are.",
                )
        self._is_prepared = True

    def __repr__(self) -> str:
        return f"PostgresSaver({'pool' if self._pool is not None else 'connection'})"
