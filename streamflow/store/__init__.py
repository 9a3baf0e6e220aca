"""Stores: what graphs remember across threads and runs, by namespace and key."""

from .base import BaseStore, Item
from .memory import InMemoryStore
from .sqlite import SqliteStore

__all__ = ("BaseStore", "InMemoryStore", "Item", "SqliteStore")
