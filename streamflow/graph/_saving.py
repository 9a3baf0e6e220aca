"""Saving the state of a graph between its steps, and what its tasks have written within one.

A step whose tasks have not all ended is done again from the state before it, but what
those that did end have written is read back: they do not run twice.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .._ids import new_id
from ..checkpoint import Checkpoint
from ._names import ANSWERS, ERROR, INTERRUPT, NEXT
from ._perform import perform

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from ..checkpoint import BaseCheckpointSaver
    from ..execution import Execution
    from ..types import Durability
    from ._engine import Engine
    from ._task import Task


class Saving:
    """The place where one run of a graph saves its state.

    Args:
        saver: The checkpointer.
        thread_id: What the run is a part of.
        namespace: Which of the graphs inside each other.
        durability: When to save.
        execution: How to wait for it.
    """

    def __init__(
        self,
        saver: BaseCheckpointSaver,
        thread_id: str,
        namespace: str,
        durability: Durability,
        execution: Execution,
    ) -> None:
        self.saver = saver
        self.thread_id = thread_id
        self.namespace = namespace
        self.current: Checkpoint | None = None
        self.last: list[str] = []
        """The nodes of the step that has led to the state."""
        self.durability = durability
        self._execution = execution
        # Only on a loop is there something to be gained.
        self._beside = durability == "async" and saver.blocking and not execution.blocking
        self._unsaved: Checkpoint | None = None
        self._next_id: str | None = None
        self._source = ""
        self._step = 0
        self._written: dict[str, list[tuple[str, Any]]] = {}

    async def read(self, id: str | None = None) -> Checkpoint | None:
        """Return a checkpoint, the latest without an id, and remember it as the current one."""
        found: Checkpoint | None = await self._call(
            self.saver.get, self.thread_id, self.namespace, id
        )
        self.current = found
        self._written = {}
        if found is not None:
            self.last = list(found.state.get("last", ()))
            for write in await self._call(self.saver.get_writes, found):
                self._written.setdefault(write.task_id, []).append((write.channel, write.value))
        return found

    def base(self) -> str:
        """Return the id of the state that the step begins with."""
        if self._next_id is not None:
            return self._next_id
        return "" if self.current is None else self.current.id

    def asked(self) -> list[Any]:
        """Return what the tasks that have not ended wait for."""
        # What a task asks that another one has called, both of them wait for.
        asked = {
            each.id: each
            for pairs in self._written.values()
            for channel, value in pairs
            if channel == INTERRUPT
            for each in value
        }
        return list(asked.values())

    def restore(self, tasks: Sequence[Task]) -> None:
        """Give tasks what they have written, or been told, before."""
        if not self._written:
            return
        for task in tasks:
            pairs = self._written.get(task.id)
            if pairs is None:
                continue
            special = {key: value for key, value in pairs if key in _SPECIAL}
            task.answers = list(special.get(ANSWERS, ()))
            if NEXT in special:
                task.writes = [pair for pair in pairs if pair[0] not in _SPECIAL]
                task.routes = [(trigger, target) for trigger, target in special[NEXT]]
                task.done = True

    def stopped(self, tasks: Sequence[Task]) -> None:
        """Let tasks look as they were left, for somebody who asks."""
        for task in tasks:
            for key, value in self._written.get(task.id, ()):
                if key == INTERRUPT:
                    task.interrupts = tuple(value)
                elif key == ERROR:
                    task.error = RuntimeError(value)

    async def perform(
        self, todo: Sequence[Task], tags: tuple[str, ...], limit: int | None, *, alone: bool
    ) -> None:
        """Run tasks and save what each has written; and the state before, beside them."""
        if alone and todo and self._unsaved is None:
            await self.run(todo[0], tags, alone=True)
            return
        branches: list[Callable[[], Awaitable[None]]] = [
            partial(self.run, task, tags, alone=alone) for task in todo
        ]
        if self._unsaved is not None:
            branches.insert(0, self.flush)
            limit = None if limit is None else limit + 1
        await self._execution.join(branches, limit)

    async def run(self, task: Task, tags: tuple[str, ...], *, alone: bool) -> None:
        """Run a task and save what it has written.

        Args:
            task: The task.
            tags: Those of its run.
            alone: No other one runs in the step.
        """
        try:
            await perform(task, tags)
        except Exception:
            if self.durability != "exit":
                await self._put_writes(task)  # noqa: ASYNC120 - to be cancelled counts more
            raise
        # What a task alone has written is in the state that is saved next.
        if self.durability != "exit" and not (alone and task.done):
            await self._put_writes(task)

    async def _put_writes(self, task: Task) -> None:
        put = partial(self.saver.put_writes, self.current, task.id, _pairs_of(task))  # type: ignore[arg-type]  # tasks run after a state was saved
        if self.saver.blocking:
            await task.execution.call(put)
        else:
            put()

    async def save(self, engine: Engine, source: str) -> None:
        """Save the state of a graph, now or in time."""
        await self.flush()
        self._written, self._step = {}, engine.step
        if source == "loop":
            self.last = [task.spec.name for task in engine.tasks]
        elif source == "input":
            self.last = []
        if self.durability == "exit":
            # Made when the graph stops; until then all that is needed is its id.
            self._source, self._next_id = source, new_id()
            return
        self.current = self._made(engine, source, new_id())
        if self._beside:
            self._unsaved = self.current
        else:
            await self._call(self.saver.put, self.current)

    def _made(self, engine: Engine, source: str, id: str) -> Checkpoint:
        before = self.current
        return Checkpoint(
            id=id,
            thread_id=self.thread_id,
            namespace=self.namespace,
            parent_id=None if before is None else before.id,
            metadata={"source": source, "step": self._step, "parents": {}},
            state={"values": dict(engine.values), "last": self.last, **engine.ahead.dump()},
        )

    async def flush(self) -> None:
        """Save what is to be saved still."""
        unsaved, self._unsaved = self._unsaved, None
        if unsaved is not None:
            try:
                await self._call(self.saver.put, unsaved)
            except BaseException:
                self._unsaved = unsaved  # another attempt is made when the graph stops
                raise

    async def close(self, engine: Engine) -> None:
        """Save what is to be saved when the graph stops, or a node of it has failed."""
        await self.flush()
        if self.durability != "exit":
            return
        if self._next_id is not None:
            self.current = self._made(engine, self._source, self._next_id)
            self._next_id = None
            await self._call(self.saver.put, self.current)
        await self._put_all(engine.tasks)  # of a step that has not come to its end

    async def _put_all(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            await self._put_writes(task)
            await self._put_all(task.called.values())

    def shown(self, engine: Engine) -> dict[str, Any]:
        """Return the state as the mode ``checkpoints`` shows it."""
        made = self.current
        if self._next_id is not None:
            made = self._made(engine, self._source, self._next_id)
        above = None if made is None else made.parent_id
        return {
            "config": self.config(self.base()),
            "parent_config": None if above is None else self.config(above),
            "values": engine.plan.show(engine.values),
            "metadata": {} if made is None else dict(made.metadata),
            "next": engine.ahead.names(),
            "tasks": [
                {"id": task.id, "name": task.spec.name, "interrupts": ()}
                for task in engine.next_tasks()
            ],
        }

    def config(self, id: str) -> Any:
        """Return the config that stands for a checkpoint."""
        return config_for(self.thread_id, self.namespace, id)

    async def _call(self, function: Callable[..., Any], *args: Any) -> Any:
        if self.saver.blocking:
            return await self._execution.call(function, *args)
        return function(*args)


_SPECIAL = frozenset({NEXT, ANSWERS, INTERRUPT, ERROR})


def config_for(thread_id: str, namespace: str, id: str) -> Any:
    """Return the config that stands for a checkpoint."""
    return {
        "configurable": {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": id}
    }


def _pairs_of(task: Task) -> list[tuple[str, Any]]:
    if task.done:
        return [*task.writes, (NEXT, [list(route) for route in task.routes])]
    if task.error is not None:
        return [(ANSWERS, list(task.answers)), (ERROR, repr(task.error))]
    return [(ANSWERS, list(task.answers)), (INTERRUPT, list(task.interrupts))]
