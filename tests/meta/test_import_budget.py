"""``import streamflow`` stays cheap: what is heavy loads when it is first used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.meta.sources import ROOT

# Beyond what anyio loads itself, by itself, on the same Python.
BUDGET = 40
HEAVY = ("pydantic", "rich", "trio", "uvloop", "yaml", "langchain_core", "asyncio.base_events")

_PROBE = """
import json, sys
import {module}
print(json.dumps(sorted(sys.modules)))
"""


def _loaded(module: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", _PROBE.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(result.stdout))


def test_the_package_loads_nothing_heavy() -> None:
    heavy = set(HEAVY) & _loaded("streamflow")
    assert not heavy, f"`import streamflow` loads {sorted(heavy)}"


def test_the_package_is_within_budget() -> None:
    extra = _loaded("streamflow") - _loaded("anyio")
    assert len(extra) <= BUDGET, f"{len(extra)} modules more than anyio's own: {sorted(extra)}"


@pytest.mark.parametrize("heavy", ["pydantic", "rich", "trio"])
def test_runnables_load_without(heavy: str) -> None:
    assert heavy not in _loaded("streamflow.runnables")
