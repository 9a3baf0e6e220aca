"""The command, run in the process of the tests."""

from __future__ import annotations

import pytest

from tests.cli.command import Streamflow, in_process


@pytest.fixture
def streamflow(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Streamflow:
    """Runs the command and returns what came of it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("STREAMFLOW_MODEL", raising=False)
    return in_process(capfd)
