"""``import streamflow`` stays cheap: what is heavy loads when it is first used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.meta.sources import PUBLIC_MODULES, ROOT

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


_LATE = """
import importlib, sys
for name in {names}:
    importlib.import_module(name)
before = "pydantic" in sys.modules
from streamflow.runnables import RunnableLambda
RunnableLambda(len).with_types(input_type=str).with_config(tags=["a"]).invoke("hi")
RunnableLambda(len).InputType
print(before, "pydantic" in sys.modules, end=" ")
RunnableLambda(len).get_input_jsonschema()
print("pydantic" in sys.modules)
"""


def test_pydantic_is_loaded_when_a_schema_is_asked_for_and_not_before() -> None:
    names = [name for name in PUBLIC_MODULES if not name.endswith("__main__")]
    result = subprocess.run(
        [sys.executable, "-c", _LATE.format(names=names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == ["False", "False", "True"]
