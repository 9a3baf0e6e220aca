"""Checkpoints in a SQLite file, with nothing to install."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._storage import Storage
from ._rows import check_keep, checkpoint_of, pages, row_of, writes_of, writes_row
from .base import BaseCheckpointSaver, Checkpoint, PendingWrite

if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

__all__ = ("SqliteSaver",)

_TABLES = (
    """
    CREATE TABLE checkpoints (
        thread_id TEXT NOT NULL,
        namespace TEXT NOT NULL,
        id TEXT NOT NULL,
        parent_id TEXT,
        created_at TEXT NOT NULL,
        metadata TEXT NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (thread_id, namespace, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE writes (
        position INTEGER PRIMARY KEY,
        thread_id TEXT NOT NULL,
        namespace TEXT NOT NULL,
        checkpoint_id TEXT NOT NULL,
        task_id TEXT NOT NULL,
        writes TEXT NOT NULL,
        UNIQUE (thread_id, namespace, checkpoint_id, task_id)
    )
    """,
)
_COLUMNS = "thread_id, namespace, id, parent_id, created_at, metadata, state"
# Than the last of those that stay. If there are not that many, nothing is older than NULL.
_OLDER = (
    "AND {id} < (SELECT kept.id FROM checkpoints AS kept WHERE kept.thread_id = {table}.thread_id "
    "AND kept.namespace = {table}.namespace ORDER BY kept.id DESC LIMIT 1 OFFSET ?)"
)
_OF = "thread_id = ? AND namespace = ?"


class SqliteSaver(BaseCheckpointSaver):
    """Keeps checkpoints in a file, for threads and processes that may use it at the same time.

    A put is there, whole, when it returns, also if the process is killed right after; when
    the whole machine stops, the last few may be missing, and the file is still good. The
    file is opened when it is first used. One that is no such file is refused and left as it
    is. The methods block.

    >>> with SqliteSaver(":memory:") as saver:
    ...     saver.put(Checkpoint(thread_id="1", state={"x": (1, 2)}))
    ...     saver.get("1").state
    {'x': (1, 2)}

    Args:
        path: The file, which is made if it is not there; ``":memory:"`` for one that ends
            with this object.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._storage = Storage(path, "checkpoints", 1, _TABLES)

    @classmethod
    def from_conn_string(cls, conn_string: str) -> Self:
        """Return a saver for a file, also to be used in a ``with`` block.

        Args:
            conn_string: The path of the file, or ``":memory:"``.
        """
        return cls(conn_string)

    def get(self, thread_id: str, namespace: str = "", id: str | None = None) -> Checkpoint | None:
        """Return the checkpoint of this id, or the latest without; ``None`` if there is none.

        Raises:
            StorageError: the file cannot be used, or the checkpoint not be read.
        """
        which = "AND id = ?" if id is not None else "AND ? IS NULL ORDER BY id DESC LIMIT 1"
        query = f"SELECT {_COLUMNS} FROM checkpoints WHERE {_OF} {which}"  # noqa: S608 - constants
        rows = self._storage.read(query, thread_id, namespace, id)
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
            StorageError: the file cannot be used, or a checkpoint not be read.
        """

        def fetch(before: str | None, size: int) -> Sequence[Any]:
            older = "id < ?" if before is not None else "? IS NULL"
            query = (
                f"SELECT {_COLUMNS} FROM checkpoints WHERE {_OF} AND {older} "  # noqa: S608 - the same
                f"ORDER BY id DESC LIMIT ?"
            )
            return self._storage.read(query, thread_id, namespace, before, size)

        return pages(fetch, before, limit, filter)

    def put(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, in place of one of the same thread, namespace and id.

        Raises:
            StorageError: the file cannot be used, or a value could not be read back; nothing
                is stored.
        """
        statement = "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._storage.write(statement, *row_of(checkpoint))

    def put_writes(
        self, checkpoint: Checkpoint, task_id: str, writes: Sequence[tuple[str, Any]]
    ) -> None:
        """Store what a task has written, in place of all that it has put before.

        Raises:
            StorageError: the file cannot be used, or a value could not be read back; nothing
                is stored.
        """
        self._storage.write(
            "INSERT INTO writes (thread_id, namespace, checkpoint_id, task_id, writes) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (thread_id, namespace, checkpoint_id, task_id) "
            "DO UPDATE SET writes = excluded.writes",
            checkpoint.thread_id,
            checkpoint.namespace,
            checkpoint.id,
            task_id,
            writes_row(checkpoint, task_id, writes),
        )

    def get_writes(self, checkpoint: Checkpoint) -> builtins.list[PendingWrite]:
        """Return what the tasks of the step after ``checkpoint`` have written.

        Raises:
            StorageError: the file cannot be used, or a value not be read.
        """
        rows = self._storage.read(
            f"SELECT task_id, writes FROM writes WHERE {_OF} AND checkpoint_id = ? "  # noqa: S608 - the same
            f"ORDER BY position",
            checkpoint.thread_id,
            checkpoint.namespace,
            checkpoint.id,
        )
        return writes_of(checkpoint, rows)

    def delete_thread(self, thread_id: str, *, keep: int = 0) -> None:
        """Forget the checkpoints and writes of a thread, but for the latest ``keep``.

        Raises:
            StorageError: the file cannot be used.
            ConfigError: ``keep`` is negative.
        """
        check_keep(keep)
        values = (thread_id, keep - 1) if keep else (thread_id,)
        with self._storage.writing() as connection:
            for table, id in (("writes", "checkpoint_id"), ("checkpoints", "id")):
                older = _OLDER.format(table=table, id=id) if keep else ""
                statement = f"DELETE FROM {table} WHERE thread_id = ? {older}"  # noqa: S608 - the same
                connection.execute(statement, values)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._storage.close()

    def __repr__(self) -> str:
        return f"SqliteSaver({self._storage.path!r})"
