"""What a graph tells of its steps, mode by mode."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

from .._ids import now
from ._names import INTERRUPT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..execution import Execution
    from ..types import Interrupt
    from ._engine import Engine
    from ._saving import Saving
    from ._task import Task


class Outlet(Protocol):
    """Where chunks go."""

    modes: frozenset[str]

    def put(self, namespace: str, mode: str, chunk: Any) -> None:
        """Take a chunk without waiting."""

    def node_ended(self, task: Task) -> None:
        """Look at what a node has written."""

    async def room(self, execution: Execution) -> None:
        """Wait until the reader has caught up."""


class Reports:
    """Tells outlets what happens in one run of a graph.

    Args:
        namespace: Which graph it is.
        outlets: Who is told.
    """

    def __init__(self, namespace: str, outlets: Sequence[Outlet]) -> None:
        self._namespace = namespace
        self._outlets = outlets
        self._modes = frozenset().union(*(outlet.modes for outlet in outlets))

    def begun(self, engine: Engine, tasks: Sequence[Task]) -> None:
        """Tell which tasks begin."""
        if not self._modes.isdisjoint(("tasks", "debug")):
            for task in tasks:
                if not task.done:
                    self._tell_task("task", engine, _task_payload(task))

    def ended(self, engine: Engine, tasks: Sequence[Task]) -> None:
        """Tell what tasks have written."""
        modes = self._modes
        if not modes.isdisjoint(("tasks", "debug")):
            for task in tasks:
                self._tell_task("task_result", engine, _result_payload(task))
        for task in tasks:
            if task.error is not None:
                continue
            if "updates" in modes:
                self._tell("updates", {task.spec.name: update_of(task)})
            if "messages" in modes:
                for outlet in self._outlets:
                    if "messages" in outlet.modes:
                        outlet.node_ended(task)

    def values(self, engine: Engine) -> None:
        """Tell what the state is now."""
        if "values" in self._modes:
            for outlet in self._outlets:
                if "values" in outlet.modes:
                    outlet.put(self._namespace, "values", engine.plan.show(engine.values))

    async def room(self, execution: Execution) -> None:
        """Wait until the readers have caught up."""
        for outlet in self._outlets:
            await outlet.room(execution)

    def stopped(self, engine: Engine, interrupts: tuple[Interrupt, ...]) -> None:
        """Tell what the graph waits for."""
        self._tell("updates", {INTERRUPT: interrupts})
        shown = {} if engine.plan.is_function else engine.values
        self._tell("values", {**shown, INTERRUPT: interrupts})

    def checkpoint(self, engine: Engine, saving: Saving) -> None:
        """Tell what was saved."""
        if not self._modes.isdisjoint(("checkpoints", "debug")):
            payload = saving.shown(engine)
            self._tell("checkpoints", payload)
            self._tell("debug", _debug("checkpoint", engine.step, payload))

    def _tell_task(self, kind: str, engine: Engine, payload: dict[str, Any]) -> None:
        self._tell("tasks", payload)
        self._tell("debug", _debug(kind, engine.step, payload))

    def _tell(self, mode: str, chunk: Any) -> None:
        for outlet in self._outlets:
            if mode in outlet.modes:
                outlet.put(self._namespace, mode, chunk)


def update_of(task: Task) -> Any:
    """Return what a task has written as streams show it."""
    if not task.writes:
        return None
    if task.spec.returns is not None:
        return task.spec._show_output(task.writes[0][1])
    counts = Counter(key for key, _ in task.writes)
    if len(counts) == len(task.writes):
        return dict(task.writes)
    # Several updates of one node, each as it was returned.
    updates: list[dict[str, Any]] = [{}]
    for key, value in task.writes:
        if key in updates[-1]:
            updates.append({})
        updates[-1][key] = value
    return updates


def _task_payload(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.spec.name,
        "input": task.input,
        "triggers": list(task.triggers),
    }


def _result_payload(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "name": task.spec.name,
        "error": None if task.error is None else repr(task.error),
        "result": list(task.writes),
        "interrupts": list(task.interrupts),
    }


def _debug(kind: str, step: int, payload: dict[str, Any]) -> dict[str, Any]:
    time = datetime.fromtimestamp(now(), timezone.utc).isoformat()
    return {"type": kind, "timestamp": time, "step": step, "payload": payload}
