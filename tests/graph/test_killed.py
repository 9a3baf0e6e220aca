"""A process that is killed at any moment: a new one goes on, and does nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.graph.designs import interpret
from tests.graph.test_laws import WAYS, designs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

EXAMPLES = int(os.environ.get("STREAMFLOW_TEST_KILLS", "15"))
KILLED = -9
ROOT = Path(__file__).parents[2]


class Server:
    """Runs jobs in processes of their own; see killed.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, **job: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(job)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def server() -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.graph.killed"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield Server(process)


def journal_in(folder: Path) -> list[list[Any]]:
    path = folder / "journal"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def runs_in(journal: list[list[Any]]) -> int:
    return sum(kind == "ran" for kind, *_ in journal)


def check_nothing_done_twice(before: list[list[Any]], after: list[list[Any]]) -> None:
    """What was stored before the end is not done again after it."""
    kept = {what[0] for kind, *what in before if kind == "writes"}
    done = {what[0]: what[1] for kind, *what in before if kind == "state"}
    for kind, *what in after:
        if kind == "ran":
            task_id, namespace, step = what
            assert task_id not in kept
            assert step > done.get(namespace, 0)
    # Nothing runs twice in one life.
    for journal in (before, after):
        ran = [task_id for kind, task_id, *_ in journal if kind == "ran"]
        assert len(ran) == len(set(ran))


def check_durability(durability: str, journal: list[list[Any]]) -> None:
    stored = {("", -1)}
    for kind, *what in journal:
        if kind == "state":
            stored.add((what[0], what[1]))
        elif durability == "exit":
            assert kind == "ran"
            # A graph stores nothing before it stops; those inside may have stopped.
            assert not any(namespace == "" and step >= 0 for namespace, step in stored)
        elif kind == "ran" and durability == "sync":
            _, namespace, step = what
            assert (namespace, step - 1) in stored


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_a_killed_graph_goes_on(durability: str) -> None:
    killed = 0

    @given(design=designs(), lives=st.integers(1, 40), way=st.sampled_from(WAYS))
    @settings(max_examples=EXAMPLES, deadline=None)
    def check(design: dict[str, Any], lives: int, way: str) -> None:
        nonlocal killed
        expected, _ = interpret(design, [])
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            job = {"folder": name, "design": design, "way": way, "durability": durability}
            code = jobs.run(**job, lives=lives)
            before = journal_in(folder)
            assert code == (KILLED if len(before) == lives else 0)
            killed += code == KILLED
            check_durability(durability, before if code == KILLED else [])
            assert jobs.run(**job, lives=None) == 0
            after = journal_in(folder)[len(before) :]
            assert json.loads((folder / "result").read_text()) == expected
            if durability == "exit" and code == KILLED and before[-1][0] == "ran":
                assert runs_in(after) >= runs_in(before)
            check_nothing_done_twice(before, after)

    with server() as jobs:
        check()
    assert killed


def test_a_killed_function_goes_on() -> None:
    @given(
        counts=st.lists(st.integers(1, 3), min_size=1, max_size=3),
        lives=st.integers(1, 14),
        way=st.sampled_from(WAYS),
    )
    @settings(max_examples=EXAMPLES, deadline=None)
    def check(counts: list[int], lives: int, way: str) -> None:
        expected: list[int] = []
        for count in counts:
            expected += [2 * (number + len(expected)) for number in range(count)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            job = {"folder": name, "counts": counts, "way": way, "durability": "sync"}
            code = jobs.run(**job, lives=lives)
            before = journal_in(folder)
            assert code == (KILLED if len(before) == lives else 0)
            assert jobs.run(**job, lives=None) == 0
            after = journal_in(folder)[len(before) :]
            assert json.loads((folder / "result").read_text()) == expected
            check_nothing_done_twice(before, after)
            ran = {task_id for kind, task_id, *_ in before + after if kind == "ran"}
            assert len(ran) == sum(counts)

    with server() as jobs:
        check()
