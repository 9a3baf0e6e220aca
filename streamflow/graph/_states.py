"""The state of a thread, looked at and changed from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..bus._offload import in_thread
from ..errors import ConfigError, InvalidUpdateError
from ..execution import BLOCKING, LOOP, drive
from ..runnables._config import settings_of
from ..runnables._lifecycle import entry, open_run
from ..types import PregelTask, StateSnapshot
from ._engine import Engine
from ._names import END, START
from ._node import NodeSpec
from ._reports import update_of
from ._saving import Saving, config_for
from ._schema import pairs_of
from ._task import PULL, Task, TaskRun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from ..bus import Run
    from ..checkpoint import BaseCheckpointSaver, Checkpoint
    from ..execution import Execution
    from ..runnables import RunnableConfig
    from ._compiled import CompiledStateGraph


class StateMethods:
    """The methods of a compiled graph with a checkpointer that need no run."""

    def get_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
        """Return the state of a thread.

        Args:
            config: Names the thread, and maybe a checkpoint of it: ``{"configurable":
                {"thread_id": ..., "checkpoint_id": ...}}``.
            subgraphs: Show the states of the graphs inside, not only their configs.

        Raises:
            ConfigError: there is no checkpointer, or no ``thread_id``.
        """
        return drive(self._state(BLOCKING, config, subgraphs=subgraphs))

    async def aget_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
        """Return the state of a thread. As :meth:`get_state`, awaited."""
        return await self._state(LOOP, config, subgraphs=subgraphs)

    def get_state_history(
        self,
        config: RunnableConfig,
        *,
        filter: Mapping[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[StateSnapshot]:
        """Yield the states that a thread has had, the newest first.

        Args:
            config: Names the thread.
            filter: What the metadata must have.
            before: The config of a state; only older ones are yielded.
            limit: How many at most.
        """
        return self._past(config, filter, before, limit)

    async def aget_state_history(
        self,
        config: RunnableConfig,
        *,
        filter: Mapping[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[StateSnapshot]:
        """Yield the states that a thread has had. As :meth:`get_state_history`, with ``async``."""
        for each in await in_thread(lambda: list(self._past(config, filter, before, limit))):
            yield each

    def update_state(
        self, config: RunnableConfig, values: Any, as_node: str | None = None
    ) -> RunnableConfig:
        """Write to the state of a thread as if a node had returned it.

        Args:
            config: Names the thread, and maybe a checkpoint of it, from which it goes on then.
            values: What to write.
            as_node: The node: what follows from it comes next. The node that has run last, if
                not given; ``"__end__"`` for nothing to come next.

        Returns:
            The config that goes on from the new state.

        Raises:
            InvalidUpdateError: it is not clear which node, or there is no such one.
        """
        return drive(self._updated(BLOCKING, config, values, as_node))

    async def aupdate_state(
        self, config: RunnableConfig, values: Any, as_node: str | None = None
    ) -> RunnableConfig:
        """Write to the state of a thread. As :meth:`update_state`, awaited."""
        return await self._updated(LOOP, config, values, as_node)

    def _past(
        self,
        config: RunnableConfig,
        filter: Mapping[str, Any] | None,
        before: RunnableConfig | None,
        limit: int | None,
    ) -> Iterator[StateSnapshot]:
        graph, run, saver, place = self._found(BLOCKING, config)
        thread, namespace, _ = place
        id = None if before is None else before["configurable"].get("checkpoint_id")
        for found in saver.list(thread, namespace, before=id, limit=limit, filter=filter):
            yield drive(_snapshot(graph, run, saver, found, subgraphs=False))

    def _found(
        self, execution: Execution, config: RunnableConfig
    ) -> tuple[CompiledStateGraph, Run, BaseCheckpointSaver, tuple[str, str, str | None]]:
        """Return the graph that a config is for, a run of it, and where its state is."""
        graph = cast("CompiledStateGraph", self)
        saver = graph.checkpointer
        if saver is None or isinstance(saver, bool):
            raise ConfigError("this graph keeps no state: compile(checkpointer=...)")
        run = open_run(entry(execution, config), graph, config, None)
        told = settings_of(run.scope).configurable
        if told.get("thread_id") is None:
            raise ConfigError('which thread? config={"configurable": {"thread_id": "..."}}')
        namespace = told.get("checkpoint_ns") or ""
        for part in namespace.split("|") if namespace else ():
            inner = dict(graph.get_subgraphs()).get(part.partition(":")[0])
            if inner is None:
                raise ConfigError(f"there is no graph inside at checkpoint_ns={namespace!r}")
            graph = inner
        return graph, run, saver, (str(told["thread_id"]), namespace, told.get("checkpoint_id"))

    async def _state(
        self, execution: Execution, config: RunnableConfig, *, subgraphs: bool
    ) -> StateSnapshot:
        graph, run, saver, (thread, namespace, id) = self._found(execution, config)
        found = await _call(run, saver, saver.get, thread, namespace, id)
        if found is None:
            return StateSnapshot(
                values={},
                next=(),
                config=config,
                metadata=None,
                created_at=None,
                parent_config=None,
                tasks=(),
                interrupts=(),
            )
        return await _snapshot(graph, run, saver, found, subgraphs=subgraphs)

    async def _updated(
        self, execution: Execution, config: RunnableConfig, values: Any, as_node: str | None
    ) -> RunnableConfig:
        graph, run, saver, (thread, namespace, id) = self._found(execution, config)
        engine = await _engine_at(graph, run, saver, thread, namespace, id)
        saving = cast("Saving", engine.saving)
        if as_node is None:
            as_node = _last_node(saving)
        if as_node not in graph.plan.nodes and as_node not in (START, END):
            raise InvalidUpdateError(
                f"there is no node {as_node!r}; there are {sorted(graph.plan.nodes)}"
            )
        if as_node == START:
            await engine.start(values)
        else:
            task = await _as_if_run(engine, as_node, values)
            engine.tasks = [] if as_node == END else [task]
            engine.apply([(as_node, task.writes, task.routes)])
        saving.last = [as_node]
        engine.step += 1
        await engine.saved("update")
        current = cast("Checkpoint", saving.current)
        result: RunnableConfig = config_for(thread, namespace, current.id)
        return result


async def _as_if_run(engine: Engine, name: str, values: Any) -> Task:
    plan = engine.plan
    spec = plan.nodes.get(name) or NodeSpec(
        name, next(iter(plan.nodes.values())).action, plan.state
    )
    task = Task(engine, spec, engine.step + 1, [], (PULL, name), values)
    task.writes = pairs_of(values, plan.channels, "update_state()")
    branches = plan.branches.get(name, ())
    if branches:
        state, run = engine.state_after(task), TaskRun(task, ())
        for branch in branches:
            task.routes = [*task.routes, *await branch.routes(state, run, plan.nodes)]
    return task


def _last_node(saving: Saving) -> str:
    last = sorted(set(saving.last))
    if len(last) > 1:
        raise InvalidUpdateError(f"as which node? {last} have run together: give as_node=")
    return last[0] if last else START


async def _engine_at(
    graph: CompiledStateGraph,
    run: Run,
    saver: BaseCheckpointSaver,
    thread: str,
    namespace: str,
    id: str | None,
) -> Engine:
    """Return an engine in the state of a checkpoint."""
    saving = Saving(saver, thread, namespace, "sync", run.execution)
    engine = Engine(graph.plan, run, namespace=namespace, saving=saving, cache=graph.cache)
    found = await saving.read(id)
    if found is not None:
        engine.values = {**engine.values, **found.state.get("values", {})}
        engine.ahead.load(found.state)
        engine.step = found.metadata.get("step", 0)
    elif id is not None:
        raise ConfigError(f"thread {thread!r} has no checkpoint {id!r}")
    return engine


async def _snapshot(
    graph: CompiledStateGraph,
    run: Run,
    saver: BaseCheckpointSaver,
    found: Checkpoint,
    *,
    subgraphs: bool,
) -> StateSnapshot:
    thread, namespace = found.thread_id, found.namespace
    engine = await _engine_at(graph, run, saver, thread, namespace, found.id)
    saving = cast("Saving", engine.saving)
    tasks = engine.next_tasks()
    saving.restore(tasks)
    saving.stopped(tasks)
    shown = [await _task_shown(task, run, saver, thread, subgraphs=subgraphs) for task in tasks]
    parent = found.parent_id
    return StateSnapshot(
        values=graph.plan.show(engine.values),
        # If all have ended, the step has not all the same: its end was not saved.
        next=tuple(task.spec.name for task in [t for t in tasks if not t.done] or tasks),
        config=saving.config(found.id),
        metadata=dict(found.metadata),
        created_at=found.created_at,
        parent_config=None if parent is None else saving.config(parent),
        tasks=tuple(shown),
        interrupts=tuple(each for task in tasks for each in task.interrupts),
    )


async def _task_shown(
    task: Task, run: Run, saver: BaseCheckpointSaver, thread: str, *, subgraphs: bool
) -> PregelTask:
    inner = task.engine.plan.subgraphs().get(task.spec.name)
    state: Any = None
    if inner is not None:
        found = await _call(run, saver, saver.get, thread, task.namespace, None)
        if found is not None and subgraphs:
            state = await _snapshot(inner, run, saver, found, subgraphs=True)
        elif found is not None:
            state = {"configurable": {"thread_id": thread, "checkpoint_ns": task.namespace}}
    return PregelTask(
        id=task.id,
        name=task.spec.name,
        path=task.path,
        error=None if task.error is None else str(task.error),
        interrupts=task.interrupts,
        state=state,
        result=update_of(task) if task.done else None,
    )


async def _call(run: Run, saver: BaseCheckpointSaver, function: Any, *args: Any) -> Any:
    return await run.execution.call(function, *args) if saver.blocking else function(*args)
