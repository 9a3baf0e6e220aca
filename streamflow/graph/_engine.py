"""The steps of one run of a graph.

In a step all nodes run whose turn it is; what they write becomes visible at its end, all
at once. What comes next follows from the edges of those that have run.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .._unset import UNSET
from ..errors import GraphInterrupt, GraphRecursionError
from ..runnables._config import settings_of
from ._ahead import Ahead
from ._names import START
from ._node import NodeSpec
from ._perform import perform
from ._schema import pairs_of
from ._task import PULL, PUSH, Task, TaskRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..bus import Run
    from ..store import BaseStore
    from ..types import Interrupt
    from ._branch import Route
    from ._cache import NodeCache
    from ._plan import Plan
    from ._reports import Reports
    from ._saving import Saving

    Written = tuple[str, Sequence[tuple[str, Any]], Sequence[Route]]
    """A node that has run, the keys and values it has written, and where it goes."""


class Engine:
    """One run of a graph.

    Args:
        plan: The graph.
        run: The run.
        namespace: What tells it from the graphs around it and beside it; ``""`` is outermost.
        is_inner: A node of another graph has called it.
        saving: Where its state is saved, if anywhere.
        store: The store that nodes can reach.
        cache: What nodes have written before.
        context: What nodes can reach as context.
        pauses: The nodes before and after which it stops.
        reports: Who is told what happens.
        answers: The answers to what nodes have asked, by the ids of interrupts.
    """

    def __init__(
        self,
        plan: Plan,
        run: Run,
        *,
        namespace: str = "",
        is_inner: bool = False,
        saving: Saving | None = None,
        store: BaseStore | None = None,
        cache: NodeCache,
        context: Any = None,
        previous: Any = None,
        pauses: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
        reports: Reports | None = None,
        answers: dict[str, Any] | None = None,
    ) -> None:
        self.plan = plan
        self.run = run
        self.namespace = namespace
        self.is_inner = is_inner
        self.saving = saving
        self.store = store
        self.cache = cache
        self.context = context
        self.previous = previous
        self.answers: dict[str, Any] = {} if answers is None else answers
        self.reports = reports
        self.values: dict[str, Any] = plan.initial()
        self.ahead = Ahead(plan)
        self.step = 0
        self.tasks: list[Task] = []
        self.interrupts: tuple[Interrupt, ...] | None = None
        """What it waits for, once it has stopped; ``None`` before."""
        self._before, self._after = pauses
        self._resumed = False
        self._taken = 0
        settings = settings_of(run.scope)
        self._limit = settings.recursion_limit
        self._concurrency = settings.max_concurrency

    # How it begins.

    async def start(self, input: Any) -> None:
        """Take an input as if a node at the start had returned it."""
        plan = self.plan
        writes = pairs_of(input, plan.input.channels, "the input of a graph")
        routes: list[Route] = []
        branches = plan.branches.get(START)
        self.ahead.clear()
        if branches:
            spec = NodeSpec(START, branches[0].path, plan.input)
            task = Task(self, spec, 0, [START], (PULL, START), input)
            task.writes = writes
            state, run = self.state_after(task), TaskRun(task, ())
            for branch in branches:
                routes += await branch.routes(state, run, plan.nodes)
        changed = self.apply([(START, writes, routes)])
        if changed and self.reports is not None and not plan.is_function:
            self.reports.values(self)
        await self.saved("input")

    def go_on(self) -> None:
        """Continue from the state that was read."""
        self._resumed = True
        if self.reports is not None:
            self.reports.values(self)

    # One step after the other.

    async def begin(self) -> bool:
        """Prepare the next step, if there is one, and the graph need not stop before it."""
        if self.interrupts is not None or not (names := self.ahead.names()):
            return False
        if self._taken >= self._limit:
            if self.saving is not None:
                await self.saving.close(self)
            raise GraphRecursionError(self._limit, names)
        if self._before and not self._resumed and not self._before.isdisjoint(names):
            self._stop(())
            return False
        self._resumed = False
        self._taken += 1
        self.tasks = self.next_tasks()
        self.step += 1
        if self.saving is not None:
            self.saving.restore(self.tasks)
        if self.reports is not None:
            self.reports.begun(self, self.tasks)
        return True

    async def work(self) -> None:
        """Run the tasks of the step and take over what they have written."""
        todo = [task for task in self.tasks if not task.done]
        tags = (f"graph:step:{self.step}",)
        saving = self.saving
        try:
            if saving is not None:
                await saving.perform(todo, tags, self._concurrency, alone=len(self.tasks) == 1)
            elif len(todo) == 1:
                await perform(todo[0], tags)
            else:
                branches = [partial(perform, task, tags) for task in todo]
                await self.run.execution.join(branches, self._concurrency)
        except Exception:
            # What the others have done is told, though it does not count.
            if self.reports is not None:
                self.reports.ended(self, [task for task in todo if task.done or task.error])
            if saving is not None:
                await saving.close(self)  # noqa: ASYNC120 - to be cancelled counts more
            raise
        await self._finish(todo)

    async def _finish(self, ran: Sequence[Task]) -> None:
        tasks, reports = self.tasks, self.reports
        waiting = [task for task in tasks if not task.done]
        if waiting:
            if reports is not None:
                reports.ended(self, [task for task in ran if task.done])
            self._stop(tuple(each for task in waiting for each in task.interrupts))
            return
        changed = self.apply([(task.spec.name, task.writes, task.routes) for task in tasks])
        if reports is not None:
            reports.ended(self, ran)
            if changed:
                reports.values(self)
        if self.saving is not None:
            await self.saved("loop")
        self.tasks = []
        if self._after and self.ahead and any(task.spec.name in self._after for task in tasks):
            self._stop(())

    def apply(self, ran: Sequence[Written]) -> bool:
        """Write what nodes have written, and find what comes next; or fail and change nothing.

        Returns:
            Whether something was written.
        """
        changes = self.changes(writes for _, writes, _ in ran)
        self.ahead.advance((name, routes) for name, _, routes in ran)
        self.values.update(changes)
        return bool(changes)

    def changes(self, writes: Iterable[Sequence[tuple[str, Any]]]) -> dict[str, Any]:
        """Return the new values of the keys that are written."""
        by_key: dict[str, list[Any]] = {}
        for pairs in writes:
            for key, value in pairs:
                if key in by_key:
                    by_key[key].append(value)
                else:
                    by_key[key] = [value]
        channels, values = self.plan.channels, self.values
        return {
            key: channels[key].after(values.get(key, UNSET), written)
            for key, written in by_key.items()
        }

    async def saved(self, source: str) -> None:
        """Save the state, where it is to be saved."""
        if self.saving is not None:
            await self.saving.save(self, source)
            if self.reports is not None:
                self.reports.checkpoint(self, self.saving)

    def next_tasks(self) -> list[Task]:
        """Return the tasks of the next step, in the order in which their writes count."""
        plan, values, step = self.plan, self.values, self.step + 1
        left = self._limit - self._taken + 1
        pulls, sends = self.ahead.take()
        tasks = []
        for name in sorted(pulls) if len(pulls) > 1 else pulls:
            spec = plan.nodes[name]
            input = spec.schema.view(values, left)
            tasks.append(Task(self, spec, step, pulls[name], (PULL, name), input))
        for place, (_, send) in enumerate(sends):
            spec = plan.nodes[send.node]
            tasks.append(Task(self, spec, step, [PUSH], (PUSH, place), send.arg))
        return tasks

    def state_after(self, task: Task) -> Any:
        """Return the state as it is with what one task has written."""
        values: Mapping[str, Any] = self.values
        if task.writes:
            values = {**values, **self.changes([task.writes])}
        return self.plan.state.view(values, self._limit - self._taken + 1)

    def base(self) -> str:
        """Return what its tasks have in common that those of no other run have."""
        return self.run.id if self.saving is None else self.saving.base()

    # How it ends.

    def output(self) -> dict[str, Any]:
        """Return what the graph returns: the part of the state that its output consists of."""
        keys = self.plan.output.keys
        return {key: value for key, value in self.values.items() if key in keys}

    def _stop(self, interrupts: tuple[Interrupt, ...]) -> None:
        self.interrupts = interrupts
        if self.reports is not None:
            self.reports.stopped(self, interrupts)

    def bubble(self) -> None:
        """Stop the graph around this one, too, if this one has stopped."""
        if self.is_inner and self.interrupts is not None:
            raise GraphInterrupt(self.interrupts)
