"""Memory while a consumer sleeps and a producer could give 100,000 chunks of 1 KB.

The consumer takes the first thing that comes and sleeps until the producer has made
everything or has stopped making more. What has piled up by then is what a slow reader
costs. Each number comes from a process of its own.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from anyio import create_task_group
from anyio.lowlevel import checkpoint

from benchmarks.harness import Sample, main

CHUNKS = 100_000
SIZE = 1_024
CAPACITY = 64
PATIENCE = 20.0

# Label to package, backend and the way of reading.
CASES = {
    "`astream`: langchain-core": ("langchain_core", "asyncio", "astream"),
    "`astream`: streamflow": ("streamflow", "asyncio", "astream"),
    "`astream`: streamflow (trio)": ("streamflow", "trio", "astream"),
    "`astream`, channels of 64: streamflow": ("streamflow", "asyncio", "buffered"),
    "`astream`, channels of 64: streamflow (trio)": ("streamflow", "trio", "buffered"),
    "`astream_events`: langchain-core": ("langchain_core", "asyncio", "events"),
    "`astream_events`: streamflow": ("streamflow", "asyncio", "events"),
    "`astream_events`: streamflow (trio)": ("streamflow", "trio", "events"),
    "bus subscription of 64: streamflow": ("streamflow", "asyncio", "subscription"),
    "bus subscription of 64: streamflow (trio)": ("streamflow", "trio", "subscription"),
}


class Producer:
    """Makes chunks as fast as it is let, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    async def produce(self, _inputs: AsyncIterator[Any]) -> AsyncIterator[str]:
        async for _ in _inputs:
            pass
        for number in range(CHUNKS):
            self.made += 1
            yield f"{number:0{SIZE}d}"
            await checkpoint()


async def pass_on(chunks: AsyncIterator[str]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield chunk


async def _drain(stream: AsyncIterator[str]) -> None:
    async for _ in stream:
        pass


@asynccontextmanager
async def _reading(package: str, way: str, producer: Producer) -> AsyncIterator[Any]:
    """What a reader reads, as an async iterator, while the producer works."""
    runnables = importlib.import_module(f"{package}.runnables")
    chain = runnables.RunnableGenerator(producer.produce) | runnables.RunnableGenerator(pass_on)
    if way == "subscription":
        bus = importlib.import_module(f"{package}.bus").Bus()
        async with create_task_group() as tasks, bus.subscribe(capacity=CAPACITY) as messages:
            tasks.start_soon(_drain, chain.astream("go", {"bus": bus}))
            yield messages
            tasks.cancel_scope.cancel()
        return
    if way == "events":
        stream = chain.astream_events("go", version="v2")
    else:
        config = {"channel_capacity": CAPACITY} if way == "buffered" else {}
        stream = chain.astream("go", config)
    async with aclosing(stream):
        yield stream


async def _sleep_while_it_grows(producer: Producer) -> None:
    still, before = 0, -1
    with anyio.move_on_after(PATIENCE):
        while producer.made < CHUNKS and still < 25:
            still = still + 1 if producer.made == before else 0
            before = producer.made
            await anyio.sleep(0.01)


async def _watch(package: str, way: str, traced: bool) -> dict[str, float]:
    producer = Producer()
    async with _reading(package, way, producer) as stream:
        await stream.__anext__()
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if traced:
            tracemalloc.start()
        await _sleep_while_it_grows(producer)
        if traced:
            return {"peak, MB": tracemalloc.get_traced_memory()[1] / 1e6}
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident
        unit = 1 if sys.platform == "darwin" else 1_024
        return {"chunks made meanwhile": producer.made, "process grew, MB": grown * unit / 1e6}


@dataclass
class SlowConsumer:
    """Chunks made, memory traced and growth of the process, for each way of reading."""

    name: str = "slow_consumer"
    title: str = "a reader sleeps, 100,000 chunks of 1 KB"
    repeats: int | None = 1

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(CASES)

    def sample(self, label: str) -> Sample:
        found: Sample = {}
        # Tracing itself takes memory and time, so it has a process of its own.
        for mode in ("resident", "traced"):
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "benchmarks.scenarios.slow_consumer",
                    "--child",
                    label,
                    mode,
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ImportError(done.stderr.strip().splitlines()[-1])
            found.update(json.loads(done.stdout))
        return found


SCENARIOS = (SlowConsumer(),)

if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        package, backend, way = CASES[sys.argv[2]]
        print(json.dumps(anyio.run(_watch, package, way, sys.argv[3] == "traced", backend=backend)))
    else:
        main(SCENARIOS[0])
