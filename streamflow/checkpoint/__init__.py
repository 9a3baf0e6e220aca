"""Checkpointers: where graphs keep their state between steps and between runs."""

from .base import BaseCheckpointSaver, Checkpoint, PendingWrite
from .memory import InMemorySaver, MemorySaver
from .postgres import PostgresSaver
from .sqlite import SqliteSaver

__all__ = (
    "BaseCheckpointSaver",
    "Checkpoint",
    "InMemorySaver",
    "MemorySaver",
    "PendingWrite",
    "PostgresSaver",
    "SqliteSaver",
)
