"""Backends, Hypothesis' profile, and the watch over what a test leaves behind.

Every ``async def`` test runs once per backend. ``STREAMFLOW_TEST_BACKENDS`` chooses
among them: ``all``, or names separated by commas (``asyncio``, ``trio``, ``uvloop``,
``eager``). By default asyncio and trio run; ``all`` adds uvloop, where it is installed,
and eager tasks.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import inspect
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import HealthCheck, settings

settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells start their background jobs deaf to Ctrl-C, and some tests would wait for it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# ------------------------------------------------------------------------- backends


def _eager_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]  # 3.12+
    return loop


def _backends() -> dict[str, tuple[str, dict[str, Any]]]:
    known: dict[str, tuple[str, dict[str, Any]]] = {
        "asyncio": ("asyncio", {"use_uvloop": False}),
        "trio": ("trio", {}),
    }
    if importlib.util.find_spec("uvloop") is not None:
        known["uvloop"] = ("asyncio", {"use_uvloop": True})
    default = ["asyncio", "trio"]
    if sys.version_info >= (3, 12):
        known["eager"] = ("asyncio", {"loop_factory": _eager_loop})

    asked = os.environ.get("STREAMFLOW_TEST_BACKENDS", "")
    names = list(known) if asked == "all" else [n for n in asked.split(",") if n] or default
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"STREAMFLOW_TEST_BACKENDS names {unknown}; available here: {list(known)}"
        raise pytest.UsageError(message)
    return {name: known[name] for name in names}


_BACKENDS = _backends()


@pytest.fixture(params=list(_BACKENDS.values()), ids=list(_BACKENDS))
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The backend, and its options, on which anyio's plugin runs the test."""
    return request.param


# ---------------------------------------------------------------------------- leaks

# Threads that belong to no single test: the pools of the backends, which keep idle
# workers for the next call, and the one loop that synchronous runs share.
_SHARED_THREADS = ("AnyIO worker thread", "Trio thread", "streamflow-portal", "asyncio_")
_PATIENCE = 2.0


def _is_shared(thread: threading.Thread) -> bool:
    # A worker of trio has another name while it works.
    return thread.name.startswith(_SHARED_THREADS) or thread is threading.main_thread()


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not _is_shared(thread)}


@pytest.fixture(autouse=True)
def no_thread_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread of its own behind."""
    before = _threads()
    yield
    if request.node.get_closest_marker("own_threads"):
        return
    give_up = time.monotonic() + _PATIENCE
    left = _threads() - before
    while left and time.monotonic() < give_up:
        next(iter(left)).join(0.01)
        left = {thread for thread in left if thread.is_alive() and not _is_shared(thread)}
    names = sorted(thread.name for thread in left)
    assert not names, f"the test left threads running: {names}"


def _tasks() -> dict[int, str]:
    # anyio's plugin enters the loop anew, in a task of its own, for each phase of a test.
    return {
        task.id: task.name or "unnamed"
        for task in anyio.get_running_tasks()
        if getattr(task.coro, "__name__", "") != "_call_in_runner_task"
    }


@pytest.fixture
async def no_task_leaks() -> AsyncIterator[None]:
    """Fail an async test that leaves a task running; every async test asks for it."""
    before = _tasks()
    yield
    gc.collect(0)  # a stream that was only dropped closes when it is collected
    left = _tasks().keys() - before.keys()
    give_up = time.monotonic() + _PATIENCE
    rounds = 0
    while left and time.monotonic() < give_up:
        rounds += 1
        await (checkpoint() if rounds < 50 else anyio.sleep(0.01))
        left = _tasks().keys() - before.keys()
    names = sorted(name for key, name in _tasks().items() if key in left)
    assert not names, f"the test left tasks running: {names}"


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> None:
    """Give each async test function the fixture that looks for leaked tasks."""
    if not collector.istestfunction(obj, name):
        return
    inner = obj.hypothesis.inner_test if hasattr(obj, "hypothesis") else obj
    if inspect.iscoroutinefunction(inner):
        pytest.mark.usefixtures("no_task_leaks")(obj)
