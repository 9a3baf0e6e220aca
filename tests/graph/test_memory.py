"""Memory does not grow with the number of steps."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

STEPS = [int(each) for each in os.environ.get("STREAMFLOW_TEST_STEPS", "10000,40000").split(",")]
CODE = """
import gc, sys, tracemalloc
from typing import TypedDict
import anyio
from streamflow.graph import END, START, StateGraph

class Count(TypedDict):
    n: int

def add(state: Count) -> Count:
    return {"n": state["n"] + 1}

async def aadd(state: Count) -> Count:
    return add(state)

def again(state: Count) -> str:
    return "add" if state["n"] % total else END

async def aagain(state: Count) -> str:
    return again(state)

way, steps = sys.argv[1], [int(each) for each in sys.argv[2:]]
graph = (
    StateGraph(Count)
    .add_node("add", add if way == "sync" else aadd)
    .add_edge(START, "add")
    .add_conditional_edges("add", again if way == "sync" else aagain, ["add", END])
    .compile()
)

def run(count: int) -> int:
    global total
    total = count
    config = {"recursion_limit": count + 1}
    if way == "sync":
        assert graph.invoke({"n": 0}, config) == {"n": count}
    else:
        async def main():
            seen = 0
            async for _ in graph.astream({"n": 0}, config):
                seen += 1
            return seen
        assert anyio.run(main, backend=way) == count
    gc.collect()

run(100)
for count in steps:
    tracemalloc.start()
    run(count)
    print(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
"""


@pytest.mark.parametrize("way", ["sync", "asyncio"])
def test_the_peak_does_not_grow_with_the_number_of_steps(way: str) -> None:
    command = [sys.executable, "-c", CODE, way, *map(str, STEPS)]
    done: Any = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    few, many = map(int, done.stdout.split())
    # A step that were kept would be some hundred bytes.
    assert many < few + (STEPS[1] - STEPS[0]) * 5
