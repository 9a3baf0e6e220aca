"""What a checkpointer keeps, and the interface that each of them has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from .._ids import new_id, now

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

__all__ = ("BaseCheckpointSaver", "Checkpoint", "PendingWrite")


def _timestamp() -> str:
    return datetime.fromtimestamp(now(), timezone.utc).isoformat()


@attrs.frozen(kw_only=True)
class Checkpoint:
    """The state of a graph after one of its steps.

    >>> first = Checkpoint(thread_id="1", metadata={"step": 0}, state={"x": 1})
    >>> second = Checkpoint(thread_id="1", parent_id=first.id, state={"x": 2})
    >>> first.id < second.id
    True

    Attributes:
        thread_id: The conversation, or whatever else goes on over several runs.
        namespace: Which of the graphs inside each other; ``""`` is the outermost.
        id: Sorts by time: the latest checkpoint has the greatest id.
        parent_id: The checkpoint that this one came from.
        created_at: When, as ISO 8601 in UTC.
        metadata: What the checkpoint can be found by, such as ``source`` and ``step``.
        state: The values; what they mean is not the storage's business.
    """

    thread_id: str
    namespace: str = ""
    id: str = attrs.field(factory=new_id)
    parent_id: str | None = None
    created_at: str = attrs.field(factory=_timestamp)
    metadata: dict[str, Any] = attrs.field(factory=dict)
    state: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class PendingWrite:
    """What a task of an unfinished step has written already.

    >>> PendingWrite("task 1", "x", 2).value
    2

    Attributes:
        task_id: The task.
        channel: Where it has written.
        value: What it has written.
    """

    task_id: str
    channel: str
    value: Any


class BaseCheckpointSaver(ABC):
    """Keeps the checkpoints of threads, and the writes of steps that have not ended.

    To make one, implement the six abstract methods. A graph calls them in a worker thread
    unless ``blocking`` is ``False``, and from several threads at a time.

    What comes back equals what was put, and is the caller's own: changing it changes
    nothing here.

    >>> from streamflow.checkpoint import InMemorySaver
    >>> with InMemorySaver() as saver:
    ...     for step in range(3):
    ...         saver.put(Checkpoint(thread_id="1", metadata={"step": step}))
    ...     [checkpoint.metadata for checkpoint in saver.list("1", limit=2)]
    [{'step': 2}, {'step': 1}]
    """

    blocking: ClassVar[bool] = True
    """Whether the methods may wait, for a file or the network."""

    @abstractmethod
    def get(self, thread_id: str, namespace: str = "", id: str | None = None) -> Checkpoint | None:
        """Return the checkpoint of this id, or the latest without; ``None`` if there is none.

        Raises:
            StorageError: it is there and cannot be read.
        """

    @abstractmethod
    def list(
        self,
        thread_id: str,
        namespace: str = "",
        *,
        before: str | None = None,
        limit: int | None = None,
        filter: Mapping[str, Any] | None = None,
    ) -> Iterator[Checkpoint]:
        """Yield checkpoints, the newest first.

        Args:
            thread_id: The thread.
            namespace: Which of the graphs inside each other.
            before: An id; only older checkpoints are yielded.
            limit: How many to yield at most.
            filter: Metadata that a checkpoint must have, all of them.

        Raises:
            StorageError: a checkpoint is there and cannot be read.
        """

    @abstractmethod
    def put(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, in place of one of the same thread, namespace and id.

        Raises:
            StorageError: it holds a value that could not be read back; nothing is stored.
        """

    @abstractmethod
    def put_writes(
        self, checkpoint: Checkpoint, task_id: str, writes: Sequence[tuple[str, Any]]
    ) -> None:
        """Store what a task of the step after ``checkpoint`` has written: channels and values.

        They take the place of all that the same task has put before, so putting them twice
        is putting them once.

        Raises:
            StorageError: a value could not be read back; nothing is stored.
        """

    @abstractmethod
    def get_writes(self, checkpoint: Checkpoint) -> builtins.list[PendingWrite]:
        """Return what the tasks of the step after ``checkpoint`` have written.

        Tasks are in the order in which they first put something, the writes of each together
        and in order.

        Raises:
            StorageError: a value is there and cannot be read.
        """

    @abstractmethod
    def delete_thread(self, thread_id: str, *, keep: int = 0) -> None:
        """Forget the checkpoints and writes of a thread, in all namespaces.

        Args:
            thread_id: The thread.
            keep: How many of the latest checkpoints of each namespace stay, with the writes
                of their steps.

        Raises:
            ConfigError: ``keep`` is negative.
        """

    def close(self) -> None:  # noqa: B027 - there may be nothing to close
        """Give back files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
