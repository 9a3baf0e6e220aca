"""Ids: shape, order, threads, forks; and the replacements for tests."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import re
import threading
import time
import uuid

import pytest

from streamflow import _ids
from streamflow._ids import fixed_ids, new_id, now, use_clock, use_ids

SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_shape_is_that_of_rfc_9562() -> None:
    before = time.time_ns() // 1_000_000
    text = new_id()
    after = time.time_ns() // 1_000_000
    parsed = uuid.UUID(text)
    assert SHAPE.fullmatch(text)
    assert str(parsed) == text
    assert parsed.variant == uuid.RFC_4122
    assert parsed.version == 7
    # Ids may run ahead of the clock by a millisecond right after a fork, not more.
    assert before <= parsed.int >> 80 <= after + 1


def test_ids_increase_within_a_thread() -> None:
    ids = [new_id() for _ in range(100_000)]
    assert all(left < right for left, right in itertools.pairwise(ids))


def test_ids_increase_in_each_thread_and_never_repeat() -> None:
    found: list[list[str]] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.append([new_id() for _ in range(10_000)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(ids == sorted(ids) for ids in found)
    assert len({text for ids in found for text in ids}) == 80_000


@pytest.mark.parametrize("step", [0, -1_000_000, -3_600_000_000_000])
def test_ids_increase_when_the_clock_does_not(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    clock = time.time_ns()

    def stepping() -> int:
        nonlocal clock
        clock += step
        return clock

    monkeypatch.setattr(_ids, "_time_ns", stepping)
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_a_full_counter_moves_on_to_the_next_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = time.time_ns()
    monkeypatch.setattr(_ids, "_time_ns", lambda: frozen)
    first = new_id()
    monkeypatch.setattr(_ids, "_tail", (1 << 48) - 1)
    second = new_id()
    assert first < second < new_id()
    assert uuid.UUID(second).int >> 80 == (uuid.UUID(first).int >> 80) + 1
    assert SHAPE.fullmatch(second)


def test_seeding_the_shared_generator_does_not_repeat_ids() -> None:
    random.seed(0)
    first = new_id()
    random.seed(0)
    assert new_id() != first


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_takes_other_bits_and_a_free_lock() -> None:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child() -> None:
        sender.send([new_id() for _ in range(100)])

    before = new_id()
    # What a thread in the middle of new_id would do to a fork.
    with _ids._lock:
        processes = [context.Process(target=child) for _ in range(2)]
        for process in processes:
            process.start()
    assert receiver.poll(20)
    first, second = receiver.recv(), receiver.recv()
    for process in processes:
        process.join(20)
    own = [new_id() for _ in range(100)]
    assert len({*first, *second, *own}) == 300
    # The groups that are fixed in a process.
    assert len({text[14:23] for text in (first[0], second[0], own[0])}) == 3
    assert before < first[0]


def test_use_ids_nests_and_restores() -> None:
    with use_ids(fixed_ids("a")):
        assert [new_id(), new_id()] == ["a-0001", "a-0002"]
        with use_ids(lambda: "b"):
            assert new_id() == "b"
        assert new_id() == "a-0003"
    assert SHAPE.fullmatch(new_id())


def test_use_ids_restores_after_an_error() -> None:
    with pytest.raises(KeyError), use_ids(lambda: "x"):
        raise KeyError
    assert new_id() != "x"


def test_use_clock_replaces_now_and_leaves_ids_alone() -> None:
    before = new_id()
    with use_clock(lambda: 12.5):
        assert now() == 12.5
        assert new_id() > before
    assert abs(now() - time.time()) < 5
