"""Checkpoints in memory, for as long as the process runs."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from ._rows import Row, check_keep, checkpoint_of, pages, row_of, writes_of, writes_row
from .base import BaseCheckpointSaver, Checkpoint, PendingWrite

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ("InMemorySaver", "MemorySaver")


@attrs.define
class _Thread:
    """The checkpoints of one thread and namespace."""

    ids: list[str] = attrs.field(factory=list)
    rows: dict[str, Row] = attrs.field(factory=dict)
    writes: dict[str, dict[str, str]] = attrs.field(factory=dict)

    def forget(self, keep: int) -> None:
        """Drop all that is older than the last of the checkpoints that stay."""
        if keep > len(self.ids):
            return
        oldest = self.ids[-keep]
        for id in self.ids[:-keep]:
            del self.rows[id]
        del self.ids[:-keep]
        for id in [id for id in self.writes if id < oldest]:
            del self.writes[id]


class InMemorySaver(BaseCheckpointSaver):
    """Keeps checkpoints in this process.

    Values are kept as JSON, as the other savers do: so nobody's later change gets at them,
    and what works here works with a file. It may be used from several threads.

    >>> saver = InMemorySaver()
    >>> saver.put(Checkpoint(thread_id="1", state={"x": 1}))
    >>> saver.get("1").state
    {'x': 1}
    """

    blocking: ClassVar[bool] = False

    def __init__(self) -> None:
        self._lock = Lock()
        self._threads: defaultdict[str, dict[str, _Thread]] = defaultdict(dict)

    def get(self, thread_id: str, namespace: str = "", id: str | None = None) -> Checkpoint | None:
        """Return the checkpoint of this id, or the latest without; ``None`` if there is none."""
        with self._lock:
            thread = self._threads.get(thread_id, {}).get(namespace)
            if thread is None or not thread.ids:
                return None
            row = thread.rows.get(thread.ids[-1] if id is None else id)
        return checkpoint_of(row) if row is not None else None

    def list(
        self,
        thread_id: str,
        namespace: str = "",
        *,
        before: str | None = None,
        limit: int | None = None,
        filter: Mapping[str, Any] | None = None,
    ) -> Iterator[Checkpoint]:
        """Yield checkpoints, the newest first."""

        def fetch(before: str | None, size: int) -> Sequence[Row]:
            with self._lock:
                thread = self._threads.get(thread_id, {}).get(namespace, _Thread())
                end = len(thread.ids) if before is None else bisect_left(thread.ids, before)
                return [thread.rows[id] for id in reversed(thread.ids[max(0, end - size) : end])]

        return pages(fetch, before, limit, filter)

    def put(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, in place of one of the same thread, namespace and id.

        Raises:
            StorageError: it holds a value that could not be read back; nothing is stored.
        """
        row = row_of(checkpoint)
        with self._lock:
            thread = self._thread(checkpoint)
            if checkpoint.id not in thread.rows:
                insort(thread.ids, checkpoint.id)
            thread.rows[checkpoint.id] = row

    def put_writes(
        self, checkpoint: Checkpoint, task_id: str, writes: Sequence[tuple[str, Any]]
    ) -> None:
        """Store what a task has written, in place of all that it has put before.

        Raises:
            StorageError: a value could not be read back; nothing is stored.
        """
        data = writes_row(checkpoint, task_id, writes)
        with self._lock:
            self._thread(checkpoint).writes.setdefault(checkpoint.id, {})[task_id] = data

    def get_writes(self, checkpoint: Checkpoint) -> builtins.list[PendingWrite]:
        """Return what the tasks of the step after ``checkpoint`` have written."""
        with self._lock:
            thread = self._threads.get(checkpoint.thread_id, {}).get(checkpoint.namespace)
            rows = [*thread.writes.get(checkpoint.id, {}).items()] if thread is not None else []
        return writes_of(checkpoint, rows)

    def delete_thread(self, thread_id: str, *, keep: int = 0) -> None:
        """Forget the checkpoints and writes of a thread, but for the latest ``keep``.

        Raises:
            ConfigError: ``keep`` is negative.
        """
        check_keep(keep)
        with self._lock:
            if keep == 0:
                self._threads.pop(thread_id, None)
            for thread in self._threads.get(thread_id, {}).values():
                thread.forget(keep)

    def _thread(self, checkpoint: Checkpoint) -> _Thread:
        return self._threads[checkpoint.thread_id].setdefault(checkpoint.namespace, _Thread())

    def __repr__(self) -> str:
        return f"InMemorySaver({len(self._threads)} threads)"


MemorySaver = InMemorySaver
