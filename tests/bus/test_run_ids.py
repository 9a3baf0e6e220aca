"""The ids of runs: made when somebody asks, one for each, parents before children."""

from __future__ import annotations

import sys
import threading
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from streamflow._ids import fixed_ids, use_ids
from streamflow.bus import Bus, Message, Run
from streamflow.runnables import RunnableLambda, RunnableParallel

inner = RunnableLambda(str, name="inner")


def call_inner(value: int) -> str:
    return inner.invoke(value)


def call_middle(value: int) -> str:
    return RunnableLambda(call_inner, name="middle").invoke(value)


outer = RunnableLambda(call_middle, name="outer")


def runs_of(runnable: Any, config: Any = None) -> list[Run]:
    bus = Bus()
    with bus.subscribe(capacity=1000) as messages:
        runnable.invoke(1, {**(config or {}), "bus": bus})
        bus.close()
        return [message.run for message in messages if message.kind == "start"]


def test_no_id_is_made_unless_somebody_asks() -> None:
    made = count()
    with use_ids(lambda: str(next(made))):
        runs = runs_of(outer)
    assert next(made) == 0
    assert len(runs) == 3


def test_a_child_that_is_asked_first_has_the_last_id() -> None:
    root, child, grandchild = runs_of(outer)
    with use_ids(fixed_ids()):
        assert grandchild.id == "run-0003"
        assert (root.id, child.id) == ("run-0001", "run-0002")
        assert grandchild.parent_ids == [root.id, child.id]
        assert root.parent_ids == []


def test_an_id_never_changes() -> None:
    [root, *_] = runs_of(outer)
    assert root.id == root.id
    assert UUID(root.id).version == 7


def test_a_given_id_is_kept_and_not_inherited() -> None:
    given = UUID(int=7)
    root, child, grandchild = runs_of(outer, {"run_id": given})
    assert root.id == str(given)
    assert grandchild.parent_ids == [root.id, child.id]
    assert len({root.id, child.id, grandchild.id}) == 3


@pytest.fixture
def restless() -> Any:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def asked_at_once(runs: list[Run]) -> list[list[str]]:
    """The ids of ``runs`` as four threads see them, who ask in different orders."""
    answers: list[list[str]] = []
    together = threading.Barrier(4)

    def ask(order: int) -> None:
        together.wait(20)
        mine = {run.name: run.id for run in runs[::order]}
        answers.append([mine[run.name] for run in runs])

    threads = [threading.Thread(target=ask, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.usefixtures("restless")
def test_threads_that_ask_at_once_get_one_answer() -> None:
    for _ in range(30):
        answers = asked_at_once(runs_of(outer))
        assert answers == [answers[0]] * 4
        assert answers[0] == sorted(answers[0])


async def test_branches_in_threads_agree_on_their_parent() -> None:
    seen: list[list[str]] = []

    def listen(message: Message) -> None:
        if message.kind == "start":
            seen.append(message.run.parent_ids)

    bus = Bus()
    bus.listen(listen)
    branches = RunnableParallel({str(n): RunnableLambda(str) for n in range(6)})
    await branches.ainvoke(1, {"bus": bus})
    root, *others = seen
    assert root == []
    assert others == [others[0]] * 6
