"""A store in a SQLite file, with nothing to install."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._storage import Storage
from ._rows import address_of, found, item_of, listed, name_of, row_of
from .base import BaseStore, Item

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

__all__ = ("SqliteStore",)

_TABLES = (
    """
    CREATE TABLE items (
        namespace TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        PRIMARY KEY (namespace, key)
    ) WITHOUT ROWID
    """,
)
_PAGE = 100


class SqliteStore(BaseStore):
    """Keeps items in a file, for threads and processes that may use it at the same time.

    The file may be that of a `SqliteSaver`. It is opened when it is first used; one that is
    no such file is refused and left as it is. The methods without an ``a`` block.

    >>> with SqliteStore(":memory:") as store:
    ...     store.put(("users", "ada"), "likes", {"drink": "tea"})
    ...     store.get(("users", "ada"), "likes").value
    {'drink': 'tea'}

    Args:
        path: The file, which is made if it is not there; ``":memory:"`` for one that ends
            with this object.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._storage = Storage(path, "items", 1, _TABLES)

    @classmethod
    def from_conn_string(cls, conn_string: str) -> Self:
        """Return a store in a file, also to be used in a ``with`` block.

        Args:
            conn_string: The path of the file, or ``":memory:"``.
        """
        return cls(conn_string)

    def get(self, namespace: Sequence[str], key: str) -> Item | None:
        """Return an item, or ``None`` if it is not there.

        Raises:
            StorageError: the file cannot be used, or the item not be read.
        """
        rows = self._storage.read(
            "SELECT * FROM items WHERE namespace = ? AND key = ?", *address_of(namespace, key)
        )
        return item_of(rows[0]) if rows else None

    def put(self, namespace: Sequence[str], key: str, value: dict[str, Any]) -> None:
        """Keep a value, in place of any before.

        Raises:
            StorageError: the file cannot be used, or the value not be stored there.
        """
        self._storage.write(
            "INSERT INTO items VALUES (?, ?, ?, ?, ?) ON CONFLICT (namespace, key) DO UPDATE "
            "SET value = excluded.value, updated_at = excluded.updated_at",
            *row_of(namespace, key, value),
        )

    def delete(self, namespace: Sequence[str], key: str) -> None:
        """Forget an item, if it is there.

        Raises:
            StorageError: the file cannot be used.
        """
        self._storage.write(
            "DELETE FROM items WHERE namespace = ? AND key = ?", *address_of(namespace, key)
        )

    def search(
        self,
        namespace_prefix: Sequence[str],
        /,
        *,
        filter: Mapping[str, Any] | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> list[Item]:
        """Return the items of a namespace and of those inside it, by namespace and key.

        Raises:
            StorageError: the file cannot be used, an item not be read, or the filter has an
                unknown operator.
        """
        return found(self._scan(name_of(namespace_prefix)), filter, limit, offset)

    def list_namespaces(
        self,
        *,
        prefix: Sequence[str] | None = None,
        suffix: Sequence[str] | None = None,
        max_depth: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[tuple[str, ...]]:
        """Return the namespaces that have items, in order.

        Raises:
            StorageError: the file cannot be used.
        """
        names = [name for (name,) in self._storage.read("SELECT DISTINCT namespace FROM items")]
        return listed(names, prefix, suffix, max_depth, (limit, offset))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._storage.close()

    def _scan(self, prefix: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of namespaces that begin so, in order, reading some at a time."""
        name, key = prefix, ""
        # What follows the end of a part in the order of characters.
        beyond = f"{prefix[:-1]} " if prefix else "\U0010ffff"
        while True:
            rows = self._storage.read(
                "SELECT * FROM items WHERE (namespace, key) > (?, ?) AND namespace < ? "
                "ORDER BY namespace, key LIMIT ?",
                *(name, key, beyond, _PAGE),
            )
            yield from rows
            if len(rows) < _PAGE:
                return
            name, key = rows[-1][:2]

    def __repr__(self) -> str:
        return f"SqliteStore({self._storage.path!r})"
