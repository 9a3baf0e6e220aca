"""Checkpoints and writes as rows: what is the same wherever they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, StorageError
from ..serialization import dumps, loads
from .base import Checkpoint, PendingWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Row = tuple[str, str, str, "str | None", str, str, str]
"""Thread, namespace, id, parent, time, and as JSON the metadata and the state."""

_PAGE = 20


def place_of(thread_id: str, namespace: str, id: str) -> str:
    """Return how errors name a checkpoint."""
    inner = f" in {namespace!r}" if namespace else ""
    return f"thread {thread_id!r}, checkpoint {id}{inner}"


def row_of(checkpoint: Checkpoint) -> Row:
    """Return a checkpoint as a row.

    Raises:
        StorageError: a value in it could not be read back.
    """
    place = place_of(checkpoint.thread_id, checkpoint.namespace, checkpoint.id)
    return (
        checkpoint.thread_id,
        checkpoint.namespace,
        checkpoint.id,
        checkpoint.parent_id,
        checkpoint.created_at,
        dumps(checkpoint.metadata, f"{place}, metadata").decode(),
        dumps(checkpoint.state, f"{place}, state").decode(),
    )


def checkpoint_of(row: Sequence[Any]) -> Checkpoint:
    """Return the checkpoint of a row.

    Raises:
        StorageError: it cannot be read.
    """
    thread_id, namespace, id, parent_id, created_at, metadata, state = row
    place = place_of(thread_id, namespace, id)
    return Checkpoint(
        thread_id=thread_id,
        namespace=namespace,
        id=id,
        parent_id=parent_id,
        created_at=created_at,
        metadata=_dict_of(metadata, f"{place}, metadata"),
        state=_dict_of(state, f"{place}, state"),
    )


def pages(
    fetch: Callable[[str | None, int], Sequence[Row]],
    before: str | None,
    limit: int | None,
    filter: Mapping[str, Any] | None,
) -> Iterator[Checkpoint]:
    """Yield the checkpoints that ``fetch`` gives, a few at a time, which the filter lets through.

    Args:
        fetch: Called with an id and a number; returns at most as many rows of checkpoints
            older than that, the newest first.
        before: The id to begin with.
        limit: How many to yield at most.
        filter: Metadata that they must have.
    """
    left = float("inf") if limit is None else limit
    rows: Sequence[Row] = ()
    while left > 0:
        size = _PAGE if filter or left > _PAGE else int(left)
        rows = fetch(before, size)
        for row in rows:
            before = row[2]
            if filter and not _has(row, filter):
                continue
            yield checkpoint_of(row)
            left -= 1
            if left <= 0:
                return
        if len(rows) < size:
            return


def writes_row(checkpoint: Checkpoint, task_id: str, writes: Sequence[tuple[str, Any]]) -> str:
    """Return the writes of a task as JSON.

    Raises:
        StorageError: a value could not be read back.
    """
    place = place_of(checkpoint.thread_id, checkpoint.namespace, checkpoint.id)
    # As lists, which need no tag.
    pairs = [[channel, value] for channel, value in writes]
    return dumps(pairs, f"{place}, task {task_id!r}, writes").decode()


def writes_of(checkpoint: Checkpoint, rows: Sequence[tuple[str, str]]) -> list[PendingWrite]:
    """Return the writes of rows that hold a task and its writes.

    Raises:
        StorageError: they cannot be read.
    """
    place = place_of(checkpoint.thread_id, checkpoint.namespace, checkpoint.id)
    found = []
    for task_id, data in rows:
        pairs = loads(data, f"{place}, task {task_id!r}, writes")
        try:
            found += [PendingWrite(task_id, channel, value) for channel, value in pairs]
        except (TypeError, ValueError) as error:
            raise StorageError(f"{place}, task {task_id!r}", f"no writes: {data[:80]}") from error
    return found


def check_keep(keep: int) -> None:
    """Raise a `ConfigError` if so many checkpoints cannot be kept."""
    if keep < 0:
        raise ConfigError(f"keep= is how many checkpoints stay, at least 0; got {keep!r}")


def _has(row: Row, filter: Mapping[str, Any]) -> bool:
    metadata = _dict_of(row[5], f"{place_of(*row[:3])}, metadata")
    return all(key in metadata and metadata[key] == value for key, value in filter.items())


def _dict_of(data: str, place: str) -> dict[str, Any]:
    value = loads(data, place)
    if type(value) is not dict:
        raise StorageError(place, f"cannot be read: it is no dict, but {data[:80]}")
    return value
