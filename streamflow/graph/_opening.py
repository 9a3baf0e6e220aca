"""From the input and config of a call to the first step of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define

from ..errors import ConfigError, EmptyInputError
from ..runnables._config import settings_of
from ..types import Command, Send
from ._branch import route_to
from ._engine import Engine
from ._reports import Reports
from ._saving import Saving
from ._schema import pairs_of
from ._task import task_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..bus import Run
    from ..checkpoint import BaseCheckpointSaver
    from ..types import Durability
    from ._compiled import CompiledStateGraph
    from ._reports import Outlet
    from ._task import TaskRun


@define(kw_only=True)
class Options:
    """What a call of a graph is told beside input and config."""

    context: Any = None
    interrupt_before: str | Sequence[str] | None = None
    interrupt_after: str | Sequence[str] | None = None
    durability: Durability | None = None
    debug: bool | None = None
    print_mode: Any = ()


async def open_engine(
    graph: CompiledStateGraph, input: Any, run: Run, outlets: Sequence[Outlet], options: Options
) -> Engine:
    """Return the engine of one run, ready for its first step."""
    node = task_run(run.parent)
    namespace = "" if node is None else _inner_namespace(graph, node)
    saving = _saving_of(graph, run, node, namespace, options)
    outer = None if node is None else node.task.engine
    context = options.context
    if context is None and outer is not None:
        context = outer.context
    engine = Engine(
        graph.plan,
        run,
        namespace=namespace,
        is_inner=node is not None,
        saving=saving,
        store=graph.store if graph.store is not None or outer is None else outer.store,
        cache=graph.cache,
        context=graph.builder.read_context(context),
        pauses=(
            _names(options.interrupt_before, graph.interrupt_before, graph),
            _names(options.interrupt_after, graph.interrupt_after, graph),
        ),
        reports=Reports(namespace, outlets) if outlets else None,
        answers=None if outer is None else outer.answers,
    )
    await _begin(engine, input, run)
    return engine


async def _begin(engine: Engine, input: Any, run: Run) -> None:
    saving = engine.saving
    found = None
    if saving is not None:
        id = None if engine.is_inner else settings_of(run.scope).configurable.get("checkpoint_id")
        found = await saving.read(id)
        if found is not None:
            engine.values = {**engine.values, **found.state.get("values", {})}
            engine.ahead.load(found.state)
            engine.step = found.metadata.get("step", 0)
        elif id is not None:
            raise ConfigError(f"thread {saving.thread_id!r} has no checkpoint {id!r}")
    # What an inner graph has begun it ends, when its node is run again.
    again = engine.is_inner and found is not None and ":" in engine.namespace.split("|")[-1]
    if isinstance(input, Command) and not again:
        if found is None and input.resume is not None:
            raise EmptyInputError(
                "Command(resume=...) answers a thread that waits: the graph needs a checkpointer, "
                "and the config the thread_id of a run that has stopped"
            )
        await _obey(engine, input, fresh=found is None)
    elif input is not None and not again:
        await engine.start(input)
    elif found is None:
        raise EmptyInputError(
            "the input None goes on with a thread that has stopped, and there is none: the graph "
            "needs a checkpointer, and the config the thread_id of an earlier run"
        )
    else:
        engine.go_on()


async def _obey(engine: Engine, command: Command[Any], *, fresh: bool) -> None:
    """Do what a command says that was given in the place of an input."""
    if command.resume is not None and engine.saving is not None:
        engine.answers.update(_answers(command.resume, [each.id for each in engine.saving.asked()]))
    goto = (command.goto,) if isinstance(command.goto, (str, Send)) else command.goto
    if command.update is not None or goto:
        writes = pairs_of(command.update, engine.plan.channels, "a command")
        routes = [route_to(each, "branch:__start__:__self__", engine.plan.nodes) for each in goto]
        engine.values.update(engine.changes([writes]))
        engine.ahead.add(route for route in routes if route is not None)
        if engine.saving is not None and command.resume is None:
            await engine.saved("update")
    if fresh and not engine.ahead:
        raise EmptyInputError("this command leads nowhere: give it a goto=, or the graph an input")
    engine.go_on()


def _answers(resume: Any, asked: Sequence[str]) -> dict[str, Any]:
    if isinstance(resume, dict) and resume and all(key in asked for key in resume):
        return dict(resume)
    if len(asked) > 1:
        raise ConfigError(
            f"{len(asked)} nodes wait for an answer: tell which is for which, as "
            f"Command(resume={{id: answer}}), by the ids of the interrupts {list(asked)}"
        )
    return dict.fromkeys(asked, resume)


def _inner_namespace(graph: CompiledStateGraph, node: TaskRun) -> str:
    task = node.task
    if graph.checkpointer is True:  # it remembers from one call to the next
        above = task.engine.namespace
        return f"{above}|{task.spec.name}" if above else task.spec.name
    place = task.inner
    task.inner += 1
    return f"{task.namespace}:{place}" if place else task.namespace


def _saving_of(
    graph: CompiledStateGraph,
    run: Run,
    node: TaskRun | None,
    namespace: str,
    options: Options,
) -> Saving | None:
    saver: BaseCheckpointSaver | None
    outer = None if node is None else node.task.engine.saving
    if isinstance(graph.checkpointer, bool) or graph.checkpointer is None:
        if graph.checkpointer is False or outer is None:
            return None
        saver = outer.saver
    else:
        saver = graph.checkpointer
    thread_id = settings_of(run.scope).configurable.get("thread_id")
    if thread_id is None:
        raise ConfigError(
            "a graph with a checkpointer needs to know the thread that it goes on with: "
            'config={"configurable": {"thread_id": "..."}}'
        )
    durability = options.durability or (outer.durability if outer is not None else "async")
    if durability not in ("sync", "async", "exit"):
        raise ConfigError(f"durability must be 'sync', 'async' or 'exit', got {durability!r}")
    return Saving(saver, str(thread_id), namespace, durability, run.execution)


def _names(
    given: str | Sequence[str] | None, own: frozenset[str], graph: CompiledStateGraph
) -> frozenset[str]:
    if given is None:
        return own
    return node_names(given, graph.plan.nodes)


def node_names(given: str | Sequence[str] | None, nodes: Any) -> frozenset[str]:
    """Return the names of nodes at which a graph is to stop.

    Raises:
        ConfigError: there is no such node.
    """
    if given is None:
        return frozenset()
    if given == "*":
        return frozenset(nodes)
    names = frozenset((given,) if isinstance(given, str) else given)
    unknown = sorted(names - set(nodes))
    if unknown:
        raise ConfigError(f"a graph cannot stop at {unknown}: it has the nodes {sorted(nodes)}")
    return names
