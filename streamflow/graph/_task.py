"""Tasks: a node that runs in one step, and what it has written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..bus._scope import Scope
from ..bus._writer import writer_of
from ..errors import GraphInterrupt
from ..types import Interrupt
from ..types._interrupt import PausableRun
from ._runtime import Runtime

if TYPE_CHECKING:
    from ..bus import Run
    from ..execution import Execution
    from ._branch import Route
    from ._calls import Calls
    from ._engine import Engine
    from ._node import NodeSpec

PULL = "__pregel_pull"
PUSH = "__pregel_push"


class Task:
    """One run of a node in one step.

    Attributes:
        writes: The keys and values that it has written, once it has ended.
        routes: Where it goes, beside the plain edges of its node.
        interrupts: What it waits for.
        error: What it has raised.
        done: It has ended; its writes count.
        answers: The answers that it has got to what it has asked.
        asked: How much it has asked so far.
        inner: How many graphs it has called so far.
    """

    # Most tasks never have others.
    interrupts: tuple[Interrupt, ...] = ()
    error: BaseException | None = None
    done = False
    answers: Sequence[Any] = ()
    asked = 0
    inner = 0
    writes: Sequence[tuple[str, Any]] = ()
    routes: Sequence[Route] = ()
    called: dict[tuple[Any, ...], Task] = {}  # noqa: RUF012 - replaced by who calls
    """The tasks that its function has called and that have ended, by their paths."""
    _id: str | None = None

    def __init__(
        self,
        engine: Engine,
        spec: NodeSpec,
        step: int,
        triggers: list[str],
        path: tuple[Any, ...],
        input: Any,
    ) -> None:
        self.engine = engine
        self.spec = spec
        self.step = step
        self.triggers = triggers
        self.path = path
        self.input = input

    @property
    def id(self) -> str:
        """Its id: the same when the step is done again from the same state."""
        if self._id is None:
            engine = self.engine
            what = (engine.base(), engine.namespace, self.step, self.spec.name, *self.path)
            digest = blake2b("\0".join(map(str, what)).encode(), digest_size=16)
            self._id = str(UUID(bytes=digest.digest()))
        return self._id

    @property
    def above(self) -> Run:
        """The run below which it runs."""
        return self.engine.run

    @property
    def execution(self) -> Execution:
        """How it runs."""
        return self.engine.run.execution

    @property
    def namespace(self) -> str:
        """Where the graphs that it calls keep their state."""
        own = f"{self.spec.name}:{self.id}"
        above = self.engine.namespace
        return f"{above}|{own}" if above else own

    def metadata(self) -> Mapping[str, Any]:
        """Return the metadata of its runs."""
        return TaskMetadata(self.engine.run.scope.metadata, self)


class TaskMetadata(Mapping[str, Any]):
    """The metadata of the runs of a task: made when somebody looks."""

    __slots__ = ("_above", "_made", "_task")

    def __init__(self, above: Mapping[str, Any], task: Task) -> None:
        self._above = above
        self._task = task
        self._made: dict[str, Any] | None = None

    def _all(self) -> dict[str, Any]:
        if self._made is None:
            task = self._task
            namespace = task.namespace
            self._made = {
                **self._above,
                **(task.spec.metadata or {}),
                "langgraph_step": task.step,
                "langgraph_node": task.spec.name,
                "langgraph_triggers": list(task.triggers),
                "langgraph_path": task.path,
                "langgraph_checkpoint_ns": namespace,
                "checkpoint_ns": namespace,
            }
        return self._made

    def __getitem__(self, key: str) -> Any:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class TaskScope(Scope):
    """What a task hands down: what the graph does, and metadata of its own."""

    __slots__ = ("_above", "_task")

    def __init__(self, above: Scope, task: Task) -> None:
        # Not by the base: metadata is no attribute here, but made when somebody looks.
        self.buses = above.buses
        self.tags = above.tags
        self.settings = above.settings
        self._above = above
        self._task = task

    @property
    def metadata(self) -> Mapping[str, Any]:  # type: ignore[override]  # as said
        """The metadata of the runs of the task."""
        return TaskMetadata(self._above.metadata, self._task)


class TaskRun(PausableRun):
    """The run of a node.

    Attributes:
        task: What it runs.
        calls: The tasks that its function has called, if any.
    """

    __slots__ = ("calls", "task")

    def __init__(self, task: Task, tags: tuple[str, ...]) -> None:
        above = task.above
        super().__init__(
            task.spec.name,
            "chain",
            above,
            above.tree,
            TaskScope(above.scope, task),
            task.execution,
            above.blocked,
            tags,
        )
        self.task = task
        self.calls: Calls | None = None

    @property
    def runtime(self) -> Runtime[Any]:
        """What the node can reach."""
        engine = self.task.engine
        return Runtime(
            context=engine.context,
            store=engine.store,
            stream_writer=writer_of(self),
            previous=engine.previous,
        )

    def answer_to(self, value: Any) -> Any:
        task = self.task
        place = task.asked
        task.asked += 1
        if place < len(task.answers):
            return task.answers[place]
        id = interrupt_id(task.namespace, place)
        answers = task.engine.answers
        if id not in answers:
            raise GraphInterrupt((Interrupt(value, id),))
        answer = answers.pop(id)
        task.answers = [*task.answers, answer]
        return answer


def interrupt_id(namespace: str, place: int) -> str:
    """Return the id of what a task asks: the same when it runs again."""
    return blake2b(f"{namespace}:{place}".encode(), digest_size=16).hexdigest()


def task_run(run: Run | None) -> TaskRun | None:
    """Return the run of the node that ``run`` belongs to, if there is one."""
    while run is not None:
        if isinstance(run, TaskRun):
            return run
        run = run.parent
    return None
