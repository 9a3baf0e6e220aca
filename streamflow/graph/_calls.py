"""Tasks that the function of a node calls, which run beside it."""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import count, islice
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from ..bus import current_run
from ..errors import GraphInterrupt, NoActiveRunError, RunCancelledError
from ..execution import BLOCKING, NESTED_LOOP, Outcome, on_loop
from ..runnables._config import settings_of
from ._perform import perform
from ._task import PUSH, Task, TaskRun, task_run

if TYPE_CHECKING:
    from ..bus import Run
    from ..execution import Background, Execution
    from ..types import Interrupt
    from ._node import NodeSpec

RETURN = "__return__"
"""The key for what a function returns."""

_TAGS = ("graph:call",)
_making = Lock()


class Call(Task):
    """One call of a task.

    Attributes:
        outcome: What the caller gets.
        turn: What is waited for before it begins, if it has to wait.
    """

    turn: Any = None

    def __init__(
        self, caller: TaskRun, spec: NodeSpec, place: int, input: Any, execution: Execution
    ) -> None:
        task = caller.task
        super().__init__(task.engine, spec, task.step, [PUSH], (PUSH, task.path, place), input)
        self.outcome: Outcome[Any] = Outcome(BLOCKING, on_loop=not execution.blocking)
        self._caller = caller
        self._execution = execution

    @property
    def above(self) -> Run:
        """The run of the caller."""
        return self._caller

    @property
    def execution(self) -> Execution:
        """On the loop where the caller runs, or in a thread."""
        return self._execution

    @property
    def namespace(self) -> str:
        """Where the graphs that it calls keep their state."""
        return f"{self._caller.task.namespace}|{self.spec.name}:{self.id}"

    def settle(self, error: Exception | None) -> None:
        """Give the caller what the call has come to."""
        if error is None and self.interrupts:
            error = GraphInterrupt(self.interrupts)
        if error is not None:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(self.writes[0][1])


class Calls:
    """The tasks that the function of one node calls.

    The function ends when they have ended. How many run at once is limited for each caller
    on its own: one that waits for its tasks must not keep them from running.

    Args:
        caller: The run of the node.
    """

    def __init__(self, caller: TaskRun) -> None:
        self._caller = caller
        self._places = count()
        self._hosts: dict[Call, Background] = {}
        self._waiting: list[Call] = []
        """Those that wait for an answer from outside."""
        self._lock = Lock()
        self._limit = settings_of(caller.scope).max_concurrency
        self._running = 0
        self._queue: deque[Call] = deque()
        if not caller.task.called:
            caller.task.called = {}

    def begin(self, spec: NodeSpec, input: Any, run: Run) -> Outcome[Any]:
        """Begin a task, or find that it has been done before.

        Args:
            spec: What it runs.
            input: What it is called with.
            run: The run whose code calls it.
        """
        caller = self._caller
        call = Call(caller, spec, next(self._places), input, _where(run, caller))
        before = caller.task.called.get(call.path)
        saving = call.engine.saving
        if before is not None and before.spec is spec:  # in an attempt of the caller that failed
            call.writes, call.done = before.writes, True
        elif saving is not None:
            saving.restore([call])
        if call.done:
            call.settle(None)
            return call.outcome
        with self._lock:
            for old in [each for each, host in islice(self._hosts.items(), 2) if host.done]:
                del self._hosts[old]
            if self._limit is not None and self._running >= self._limit:
                call.turn = call.execution.waiter()
                self._queue.append(call)
            else:
                self._running += 1
            host = call.execution.background(partial(self._work, call), f"task-{spec.name}")
            self._hosts[call] = host
        host.start()
        return call.outcome

    async def _work(self, call: Call) -> None:
        error: Exception | None = None
        reports = call.engine.reports
        begun = False
        try:
            if call.turn is not None:
                await call.turn.wait()
            begun = call.outcome.set_running_or_notify_cancel()
            if begun:
                if reports is not None:
                    reports.begun(call.engine, [call])
                await self._perform(call)
        except Exception as failure:  # noqa: BLE001 - raised where the result is asked for
            error = failure
        except BaseException:
            error = RunCancelledError(call.spec.name)
            raise
        finally:
            self._leave(call)
            if begun:
                if reports is not None and (call.done or call.error is not None):
                    reports.ended(call.engine, [call])
                call.settle(error)
            del error  # its traceback holds this frame
        if reports is not None:
            await reports.room(call.execution)

    async def _perform(self, call: Call) -> None:
        saving, task = call.engine.saving, self._caller.task
        if saving is None:
            await perform(call, _TAGS)
        else:
            await saving.run(call, _TAGS, alone=False)
        if call.interrupts:
            self._waiting.append(call)
        elif task.spec.retries or (saving is not None and saving.durability == "exit"):
            task.called[call.path] = call

    def _leave(self, call: Call) -> None:
        with self._lock:
            if call in self._queue:  # cancelled before its turn
                self._queue.remove(call)
            elif self._queue:
                self._queue.popleft().turn.wake()
            else:
                self._running -= 1

    async def end(self, error: BaseException | None) -> None:
        """Wait for the tasks when the caller has ended; stop them, if it has failed.

        Args:
            error: What the caller has raised.

        Raises:
            GraphInterrupt: tasks wait for an answer, and so does the caller therefore.
        """
        execution = self._caller.execution
        failed = error is not None and not isinstance(error, GraphInterrupt)
        try:
            if not failed:
                for call in list(self._hosts):
                    await call.outcome.wait(execution)
        except BaseException:
            failed = True
            raise
        finally:
            for host in list(self._hosts.values()) if failed else ():
                host.cancel()
            for call, host in list(self._hosts.items()):
                await host.over(execution)
                call.outcome.cancel()  # if a loop that shuts down has not even begun it
            self._hosts.clear()
        if not failed:
            self._raise_interrupts(error)

    def _raise_interrupts(self, error: BaseException | None) -> None:
        self._waiting.sort(key=lambda call: call.path[-1])
        asked: dict[str, Interrupt] = {}
        own: Any = getattr(error, "interrupts", ())
        for each in (*(each for call in self._waiting for each in call.interrupts), *own):
            asked[each.id] = each
        if asked:
            raise GraphInterrupt(tuple(asked.values()))


def begin_call(spec: NodeSpec, input: Any) -> Outcome[Any]:
    """Begin a task below the node whose code is running.

    Raises:
        NoActiveRunError: no node is running here.
    """
    run = current_run()
    caller = task_run(run)
    if run is None or caller is None or caller.done:
        raise NoActiveRunError(
            f"the task {spec.name!r} was called outside of an entry point or a node of a graph: "
            f"there is nothing that could run it"
        )
    with _making:
        if caller.calls is None:
            caller.calls = Calls(caller)
    return caller.calls.begin(spec, input, run)


def _where(run: Run, caller: TaskRun) -> Execution:
    """Return how a task is to run: on the loop that its caller runs on, or in a thread."""
    if not run.execution.blocking:
        return run.execution if on_loop() else BLOCKING
    # An async function in a run without a loop is on one all the same.
    is_async = run is caller and caller.task.spec.action.is_async
    return NESTED_LOOP if is_async and on_loop() else BLOCKING
