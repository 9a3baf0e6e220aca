"""Graphs as plain functions: an entry point calls tasks, which run at once and are kept."""

from __future__ import annotations

from ._entrypoint import EntryPoint, entrypoint
from ._task import TaskFunction, TaskFuture, task

__all__ = ("EntryPoint", "TaskFunction", "TaskFuture", "entrypoint", "task")
