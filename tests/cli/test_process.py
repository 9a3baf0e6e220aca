"""The command as a process: its exit status, Ctrl-C, closed pipes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import BACKENDS, PATIENCE, environment, posix, run, start
from tests.meta.sources import ROOT

HERE = "tests.cli.chains"


def test_it_succeeds() -> None:
    done = run("run", f"{HERE}:echo", "--input", "-", given=b'{"a": [1]}')
    assert (done.status, done.out, done.err) == (0, '{"a":[1]}\n', "")


def test_it_fails() -> None:
    done = run("run", f"{HERE}:boom")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("streamflow: the chain failed: ValueError: no parrot today\n")


def test_it_refuses() -> None:
    done = run("run", "nowhere:chain")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("streamflow: there is no module 'nowhere'")


def test_the_script_does_the_same() -> None:
    script = Path(sys.executable).with_name("streamflow")
    if not script.exists():
        pytest.skip("installed without its script")
    command = [script, "run", "nowhere:chain"]
    done = subprocess.run(command, capture_output=True, env=environment(), check=False)
    assert done.returncode == 2


def test_the_demo() -> None:
    done = run("run", "streamflow.demo:chain", "--input", '{"topic": "parrot"}', "--tree")
    assert (done.status, done.err) == (0, "")
    assert done.lines[0] == "RunnableSequence (chain) started"
    assert "you only paid $20 for me" in done.lines[-1]


@posix
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("arguments", "ready"),
    [
        pytest.param(["waiting"], b"ready\n", id="output"),
        pytest.param(["waiting", "--events"], b'"chunk"', id="events"),
        pytest.param(["both", "--tree"], b"begun\n", id="tree"),  # its code, not only its run
    ],
)
def test_ctrl_c_stops_the_chain_cleanly(backend: str, arguments: list[str], ready: bytes) -> None:
    chain, *view = arguments
    with start("run", f"{HERE}:{chain}", "--backend", backend, *view) as process:
        assert process.stdout is not None
        while ready not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    told = err.decode().splitlines()
    assert told[-1] == "streamflow: interrupted"
    assert set(told[:-1]) == {"cleaned up"}


@posix
@pytest.mark.parametrize("backend", BACKENDS)
def test_what_does_not_stop_a_second_ctrl_c_ends(backend: str) -> None:
    with start("run", f"{HERE}:stuck", "--backend", backend, "--events") as process:
        assert process.stdout is not None
        # One line is written where the chain runs, the other where it is waited for.
        missing = {b"ready\n", b"on_chain_start"}
        while missing:
            line = process.stdout.readline()
            missing -= {part for part in missing if part in line}
        for _ in range(100):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, b"")


@posix
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("view", [[], ["--events"]], ids=["output", "events"])
def test_a_closed_pipe_ends_it_quietly(backend: str, view: list[str]) -> None:
    with start("run", f"{HERE}:endless", "--backend", backend, *view) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(PATIENCE) == 141
    assert err == b"cleaned up\n"


@posix
def test_a_closed_pipe_ends_the_plain_tree_too() -> None:
    with start("run", f"{HERE}:words", "--tree") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("arguments", [["run", f"{HERE}:words"], ["--help"]], ids=["run", "help"])
def test_a_full_disk_is_told(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(*arguments, stdout=full)
    assert done.status == 1
    assert done.err == "streamflow: cannot write the output: No space left on device\n"


@posix
@pytest.mark.parametrize(
    ("closed", "status", "said"),
    [
        pytest.param(">&-", 1, "streamflow: cannot write the output: standard output is closed\n"),
        pytest.param("2>&-", 1, ""),
        pytest.param("<&-", 2, "streamflow: --input: standard input is closed\n"),
    ],
)
def test_closed_streams(closed: str, status: int, said: str) -> None:
    command = f"{sys.executable} -m streamflow run {HERE}:boom --input - {closed}"
    done = subprocess.run(
        ["sh", "-c", command],
        input=b"1",
        capture_output=True,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.decode()) == (status, b"", said)
