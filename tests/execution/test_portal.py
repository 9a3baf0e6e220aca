"""The background loop that the process shares: one, restarted in a fork, gone at exit."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading

import pytest

from streamflow.execution import BLOCKING, drive
from tests.execution.both import in_time

CALL = """
    import os, sys, threading
    import anyio
    from streamflow.execution import BLOCKING, LOOP, Stream, drive

    async def answer():
        await anyio.lowlevel.checkpoint()
        return threading.current_thread().name

    async def ask():
        return await BLOCKING.call_async(answer)

    async def agen(inputs):
        try:
            while True:
                yield "item"
        finally:
            await anyio.lowlevel.checkpoint()
            print("closed", flush=True)

    async def none():
        return
        yield
"""


def python(*code: str) -> str:
    """What a script prints; it must end in time, well, and without a word on stderr."""
    script = "".join(textwrap.dedent(part) for part in code)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_threads_share_one_loop() -> None:
    async def thread_of_the_loop() -> int:
        return threading.get_ident()

    async def ask() -> int:
        return await BLOCKING.call_async(thread_of_the_loop)

    assert len({in_time(lambda: drive(ask())) for _ in range(3)}) == 1


def test_a_process_that_has_used_the_loop_ends_quietly() -> None:
    assert python(CALL, "print(drive(ask()))") == "streamflow-portal\n"


def test_a_stream_left_open_at_exit_makes_no_noise() -> None:
    code = """
    async def items():
        bridge = BLOCKING.iterate_async(agen, none())
        try:
            while True:
                yield await bridge.__anext__()
        finally:
            await bridge.aclose()

    stream = Stream(items())
    print(next(stream))
    """
    assert python(CALL, code) == "item\nclosed\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("where", ["main", "worker"])
def test_a_fork_gets_a_loop_of_its_own(where: str) -> None:
    code = """
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads, on purpose

    def split():
        print(drive(ask()), flush=True)
        child = os.fork()
        if not child:
            print("child:", drive(ask()), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
        print(drive(ask()), flush=True)
    """
    start = {"main": "split()", "worker": "anyio.run(LOOP.call, split)"}
    lines = python(CALL, code, start[where]).splitlines()
    outer = {"main": "streamflow-portal", "worker": "MainThread"}[where]
    assert lines == [outer, "child: streamflow-portal", outer]
