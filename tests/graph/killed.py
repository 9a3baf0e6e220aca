"""A process whose children run graphs and are killed; see test_killed.py.

It reads jobs, one a line, and runs each in a child of its own, forked before anything has
been opened or started. A child writes a line to the file "journal" for everything that
happens, and kills itself after as many lines as it was told.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import anyio

from streamflow.checkpoint import Checkpoint, SqliteSaver
from streamflow.func import entrypoint, task
from streamflow.runnables import RunnableConfig
from tests.graph.designs import build

CONFIG: Any = {"recursion_limit": 200, "configurable": {"thread_id": "1"}}


class Journal:
    """Notes what happens, and ends the process in time.

    Args:
        path: The file.
        lives: How many lines are written; ``None`` for all of them.
    """

    def __init__(self, path: Path, lives: int | None) -> None:
        self._path = path
        self._lives = lives
        self._lock = threading.Lock()

    def note(self, *what: Any) -> None:
        with self._lock:
            with self._path.open("a") as file:
                file.write(f"{json.dumps(what)}\n")
            if self._lives is not None:
                self._lives -= 1
                if self._lives <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    def ran(self, config: RunnableConfig) -> None:
        """Note that a task comes to its end."""
        metadata = config["metadata"]
        above, _, own = metadata["langgraph_checkpoint_ns"].rpartition("|")
        self.note("ran", own.partition(":")[2], above, metadata["langgraph_step"])


class NotingSaver(SqliteSaver):
    """Notes what has been stored."""

    def __init__(self, path: Path, journal: Journal) -> None:
        super().__init__(path)
        self._journal = journal

    def put(self, checkpoint: Checkpoint) -> None:
        super().put(checkpoint)
        self._journal.note("state", checkpoint.namespace, checkpoint.metadata["step"])

    def put_writes(self, checkpoint: Checkpoint, task_id: str, writes: Any) -> None:
        super().put_writes(checkpoint, task_id, writes)
        self._journal.note("writes", task_id)


def graph_of(design: dict[str, Any], journal: Journal, saver: SqliteSaver) -> Any:
    def around(work: Any) -> Any:
        def plain(state: Any, config: RunnableConfig) -> Any:
            result = work(state)
            journal.ran(config)
            return result

        async def on_loop(state: Any, config: RunnableConfig) -> Any:
            result = await work(state)
            journal.ran(config)
            return result

        return on_loop if work.__name__ == "awork" else plain

    return build(design, around=around, checkpointer=saver)


def function_of(counts: list[int], journal: Journal, saver: SqliteSaver) -> Any:
    """Return an entry point that runs as many tasks at once as it is told, round by round."""

    @task
    def double(number: int, *, config: RunnableConfig) -> int:
        journal.ran(config)
        return 2 * number

    @task
    async def adouble(number: int, *, config: RunnableConfig) -> int:
        await anyio.lowlevel.checkpoint()
        journal.ran(config)
        return 2 * number

    kinds: Any = (double, adouble)

    @entrypoint(checkpointer=saver)
    def work(_: Any) -> list[int]:
        results: list[int] = []
        for count in counts:
            futures = [kinds[number % 2](number + len(results)) for number in range(count)]
            results += [future.result() for future in futures]
        return results

    return work


def main(told: dict[str, Any]) -> None:
    folder = Path(told["folder"])
    journal = Journal(folder / "journal", told["lives"])
    with NotingSaver(folder / "threads.sqlite", journal) as saver:
        make = graph_of if "design" in told else function_of
        graph = make(told.get("design") or told["counts"], journal, saver)
        state = graph.get_state(CONFIG)
        if state.metadata is not None and not state.next:
            result = state.values
        else:
            input: Any = {"log": []} if state.metadata is None else None
            result = run(told, graph, input)
    (folder / "result").write_text(json.dumps(result))


def run(told: dict[str, Any], graph: Any, input: Any) -> Any:
    if told["way"] == "sync":
        return graph.invoke(input, CONFIG, durability=told["durability"])

    async def run_there() -> Any:
        return await graph.ainvoke(input, CONFIG, durability=told["durability"])

    return anyio.run(run_there, backend=told["way"])


def serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                main(json.loads(line))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
