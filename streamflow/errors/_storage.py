"""What can go wrong where things are kept."""

from __future__ import annotations

from ._root import StreamflowError


class StorageError(StreamflowError, ValueError):
    """A storage that cannot be used, or a value that it does not give back, or could not.

    Attributes:
        place: Which file, thread, checkpoint, key or part of a value it is.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        super().__init__(f"{place}: {problem}")


class StorageFileError(StorageError):
    """A file does not hold what it should: it is broken, or of another kind or version."""


class VectorStoreError(StreamflowError, ValueError):
    """A vector store was given vectors, ids or a filter that it does not take."""
