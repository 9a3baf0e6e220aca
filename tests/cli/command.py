"""Running the command, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen

from streamflow.cli import main
from tests.meta.sources import ROOT

BACKENDS = ("asyncio", "trio", "none")
PATIENCE = 30.0

# A shell lets what it runs in the background ignore Ctrl-C; the tests may run there.
_LISTENING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from streamflow.cli import main
sys.exit(main())
"""

posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes as POSIX has them")


@frozen
class Done:
    """What came of a command."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Streamflow = Callable[..., Done]


def in_process(capfd: pytest.CaptureFixture[str]) -> Streamflow:
    def streamflow(*arguments: str) -> Done:
        status = main(arguments)
        return Done(status, *capfd.readouterr())

    return streamflow


def start(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """A process of the command; its streams are pipes unless the options say otherwise."""
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(
        [sys.executable, "-c", _LISTENING, *arguments],
        cwd=ROOT,
        env=environment(),
        **{**streams, **options},
    )


def run(*arguments: str, given: bytes = b"", **options: Any) -> Done:
    """What comes of a process of the command."""
    with start(*arguments, **options) as process:
        out, err = process.communicate(given, timeout=PATIENCE)
    return Done(process.returncode, (out or b"").decode(), (err or b"").decode())


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return {**kept, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **more}
