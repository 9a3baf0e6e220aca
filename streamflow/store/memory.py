"""A store in memory, for as long as the process runs."""

from __future__ import annotations

from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, ClassVar

from ._rows import Row, address_of, found, item_of, listed, name_of, row_of
from .base import BaseStore, Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ("InMemoryStore",)


class InMemoryStore(BaseStore):
    """Keeps items in this process, as JSON, so that nobody's later change gets at them.

    >>> store = InMemoryStore()
    >>> store.put(("users", "ada"), "likes", {"drink": "tea"})
    >>> store.get(("users", "ada"), "likes").value
    {'drink': 'tea'}
    >>> [item.key for item in store.search(("users",))]
    ['likes']
    """

    blocking: ClassVar[bool] = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[tuple[str, str], Row] = {}

    def get(self, namespace: Sequence[str], key: str) -> Item | None:
        """Return an item, or ``None`` if it is not there."""
        row = self._rows.get(address_of(namespace, key))
        return item_of(row) if row is not None else None

    def put(self, namespace: Sequence[str], key: str, value: dict[str, Any]) -> None:
        """Keep a value, in place of any before.

        Raises:
            StorageError: it cannot be stored, or not there; nothing is.
        """
        row = row_of(namespace, key, value)
        with self._lock:
            before = self._rows.get(row[:2])
            self._rows[row[:2]] = row if before is None else (*row[:3], before[3], row[4])

    def delete(self, namespace: Sequence[str], key: str) -> None:
        """Forget an item, if it is there."""
        with self._lock:
            self._rows.pop(address_of(namespace, key), None)

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
            StorageError: the filter has an unknown operator.
        """
        prefix = name_of(namespace_prefix)
        with self._lock:
            rows = [row for row in self._rows.values() if row[0].startswith(prefix)]
        return found(sorted(rows), filter, limit, offset)

    def list_namespaces(
        self,
        *,
        prefix: Sequence[str] | None = None,
        suffix: Sequence[str] | None = None,
        max_depth: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[tuple[str, ...]]:
        """Return the namespaces that have items, in order."""
        with self._lock:
            names = {name for name, _ in self._rows}
        return listed(names, prefix, suffix, max_depth, (limit, offset))

    def __repr__(self) -> str:
        return f"InMemoryStore({len(self._rows)} items)"
