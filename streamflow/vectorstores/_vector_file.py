"""The file of a `SQLiteVectorStore`, and sqlite-vec, which searches in it."""

from __future__ import annotations

import sqlite3
from importlib import import_module
from typing import TYPE_CHECKING

from .._storage import Storage

if TYPE_CHECKING:
    import os

_VERSION = 1

_TABLES = (
    """
    CREATE TABLE vector_settings (
        name TEXT PRIMARY KEY,
        value
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE vectors (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        content TEXT NOT NULL,
        metadata TEXT NOT NULL,
        vector BLOB NOT NULL
    )
    """,
)


class VectorFile(Storage):
    """The tables of a store of vectors.

    Args:
        path: The file, which is made if it is not there; ``":memory:"`` for one that ends
            with this object.
        extension: Load sqlite-vec.
    """

    def __init__(self, path: str | os.PathLike[str], *, extension: bool) -> None:
        super().__init__(path, "vectors", _VERSION, _TABLES)
        self._extension = extension

    def _prepare(self, connection: sqlite3.Connection) -> None:
        super()._prepare(connection)
        if self._extension:
            connection.enable_load_extension(True)
            try:
                import_module("sqlite_vec").load(connection)
            finally:
                connection.enable_load_extension(False)


def can_load_extension() -> bool:
    """Whether sqlite-vec is installed, and this Python can load it."""
    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        return False
    try:
        import_module("sqlite_vec")
    except ImportError:
        return False
    return True
