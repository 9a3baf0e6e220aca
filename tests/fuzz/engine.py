"""Looks for inputs that break a function, led by what they reach in the code.

With atheris (CPython below 3.12, Linux) the inputs are those that reach new branches; without
it Hypothesis makes them. An input that breaks something is written to the current directory by
the one and shown by the other; add it to the corpus, which the test suite replays.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

CORPORA = Path(__file__).parent / "corpus"


def fuzz(check: Callable[[bytes], None], corpus: Path, watched: Sequence[str], inputs: Any) -> None:
    """Look for as many seconds as the command line says (300).

    Args:
        check: Reads an input, and raises if that breaks something.
        corpus: The folder of the inputs to begin with.
        watched: The packages in which a new branch counts.
        inputs: Makes inputs, as a strategy of Hypothesis.
    """
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    if importlib.util.find_spec("atheris") is not None:
        _with_atheris(check, corpus, watched, seconds)
    else:
        sys.stderr.write("atheris is not installed; Hypothesis makes the inputs\n")
        _with_hypothesis(check, inputs, seconds)


def _with_atheris(
    check: Callable[[bytes], None], corpus: Path, watched: Sequence[str], seconds: int
) -> None:
    import atheris

    with atheris.instrument_imports(include=list(watched)):
        for name in watched:
            import_module(name)  # here, to be watched
    with tempfile.TemporaryDirectory() as found:
        # What is new goes into the first folder; the corpus is only read.
        options = [f"-max_total_time={seconds}", "-max_len=2000", found, str(corpus)]
        atheris.Setup([sys.argv[0], *options], check)
        atheris.Fuzz()


def _with_hypothesis(check: Callable[[bytes], None], inputs: Any, seconds: int) -> None:
    from hypothesis import HealthCheck, given, settings

    end = time.monotonic() + seconds
    run = settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))(
        given(inputs)(check)
    )
    while time.monotonic() < end:
        run()
