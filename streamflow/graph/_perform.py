"""Running one task: the node, again if it fails and may, and what follows from its output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..bus._bus import sinks_of, someone_listens
from ..errors import (
    GraphBubbleUp,
    GraphInterrupt,
    InvalidUpdateError,
    ParentCommand,
    RunTimeoutError,
)
from ..execution import OutOfTime
from ..runnables import Runnable
from ..runnables._lifecycle import call_run
from ..types import Command, Send
from ._branch import route_to
from ._channels import ReducedChannel
from ._node import Updates
from ._schema import pairs_of
from ._task import TaskRun

if TYPE_CHECKING:
    from ._task import Task


async def perform(task: Task, tags: tuple[str, ...]) -> None:
    """Run a task to its end, or until it waits for an answer."""
    spec = task.spec
    cached = None
    if spec.cache is not None:
        cached = task.engine.cache.entry(spec, task.input)
        if cached.found:
            task.writes, task.routes, task.done = cached.value[0], cached.value[1], True
            return
    try:
        if spec.retries or spec.timeout is not None:
            await _attempts(task, tags)
        else:
            await call_run(spec, _open(task, tags), task.input, _body, {})  # type: ignore[arg-type]  # see _attempt
    except GraphInterrupt as error:
        task.interrupts = error.interrupts  # type: ignore[assignment]  # errors know no types above
        return
    except Exception as error:
        task.error = error
        if not isinstance(error, GraphBubbleUp):
            _note(error, f"While running the node {spec.name!r}, in step {task.step} of the graph.")
        raise
    task.done = True
    if cached is not None:
        cached.keep((task.writes, task.routes))


async def _attempts(task: Task, tags: tuple[str, ...]) -> None:
    count = 0
    while True:
        count += 1
        task.asked = task.inner = 0
        try:
            if task.spec.timeout is None:
                await _attempt(task, tags)
            else:
                await _limited(task, tags, task.spec.timeout)
        except GraphBubbleUp:
            raise
        except Exception as error:
            policy = next((each for each in task.spec.retries if each.applies_to(error)), None)
            if policy is None or count >= policy.max_attempts:
                raise
            await task.execution.sleep(policy.wait_before(count))
        else:
            return


async def _limited(task: Task, tags: tuple[str, ...], seconds: float) -> None:
    clock = task.execution.clock()
    try:
        await clock.limit(seconds, _attempt, task, tags)
    except OutOfTime:
        raise RunTimeoutError("total", seconds, task.spec.name, task.above.id) from None
    finally:
        clock.close()


async def _attempt(task: Task, tags: tuple[str, ...]) -> None:
    task.writes, task.routes = (), ()
    # A node shows its input and output as a runnable does.
    await call_run(task.spec, _open(task, tags), task.input, _body, {})  # type: ignore[arg-type]  # as said


def _open(task: Task, tags: tuple[str, ...]) -> TaskRun:
    run = TaskRun(task, tags)
    if someone_listens(run.scope.buses):
        run.listen(sinks_of(run))
    return run


async def _body(input: Any, run: TaskRun) -> Any:
    task = run.task
    spec = task.spec
    try:
        output = await spec.action.call(input, run)
        if isinstance(output, Runnable) and spec.returns is None:
            output = await output._invoke_step(input, run, None, None, {})
    except ParentCommand as error:
        # An inner graph says what this one is to do.
        output = error.command
    except BaseException as error:
        if run.calls is not None:
            await run.calls.end(error)
        raise
    if run.calls is not None:
        await run.calls.end(None)
    if spec.returns is not None:
        task.writes = [(spec.returns, output)]
        return output
    take(task, output)
    branches = task.engine.plan.branches.get(spec.name)
    if branches:
        known = task.engine.plan.nodes
        state = task.engine.state_after(task)
        for branch in branches:
            task.routes = [*task.routes, *await branch.routes(state, run, known)]
    return output


def take(task: Task, output: Any) -> None:
    """Take what a node returned as writes and routes of its task.

    Raises:
        InvalidUpdateError: it is nothing that a node may return.
        ParentCommand: it is for the graph around this one.
    """
    engine, name = task.engine, task.spec.name
    if type(output) is dict:
        keys = engine.plan.channels
        task.writes = [(key, value) for key, value in output.items() if key in keys]
    elif isinstance(output, Command):
        _take_command(task, output)
    elif _is_several(output):
        for each in output:
            if isinstance(each, Command):
                _take_command(task, each)
            elif isinstance(each, Send):
                _go(task, each)
            else:
                more = pairs_of(each, engine.plan.channels, f"node {name!r}")
                task.writes = [*task.writes, *more]
        task.writes = _last_of_each(task)
    elif output is not None:
        task.writes = pairs_of(output, engine.plan.channels, f"node {name!r}")


def _is_several(output: Any) -> bool:
    if isinstance(output, Updates):
        return True
    if not isinstance(output, (list, tuple)) or not output:
        return False
    return all(isinstance(each, (dict, Command, Send)) or each is None for each in output)


def _last_of_each(task: Task) -> list[tuple[str, Any]]:
    """Return what a task has written, without what it has itself replaced again."""
    channels = task.engine.plan.channels
    last = {key: place for place, (key, _) in enumerate(task.writes)}
    return [
        (key, value)
        for place, (key, value) in enumerate(task.writes)
        if last[key] == place or isinstance(channels[key], ReducedChannel)
    ]


def _take_command(task: Task, command: Command[Any]) -> None:
    if command.graph == Command.PARENT:
        if not task.engine.is_inner:
            raise InvalidUpdateError(
                f"node {task.spec.name!r} has a command for the graph around its own, and there "
                f"is none"
            )
        raise ParentCommand(evolve(command, graph=None))
    if command.update is not None:
        channels = task.engine.plan.channels
        more = pairs_of(command.update, channels, f"node {task.spec.name!r}")
        task.writes = [*task.writes, *more]
    goto = command.goto
    for each in (goto,) if isinstance(goto, (str, Send)) else goto:
        _go(task, each)


def _go(task: Task, target: str | Send) -> None:
    route = route_to(target, f"branch:{task.spec.name}:__self__", task.engine.plan.nodes)
    if route is not None:
        task.routes = [*task.routes, route]


def _note(error: BaseException, note: str) -> None:
    if hasattr(error, "add_note"):
        error.add_note(note)
    else:  # Python 3.10 shows no notes, but keeps them for whoever looks
        error.__dict__.setdefault("__notes__", []).append(note)
