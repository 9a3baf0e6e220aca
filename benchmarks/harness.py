"""How a scenario is sampled, and how it runs when its file is started by hand.

A scenario has labels (the columns of its results, or the rows) and gives one sample for a
label at a time. The harness goes round the labels once per repeat, so that whatever else
the machine does falls on all of them alike, and takes the median of each.
"""

from __future__ import annotations

import argparse
import gc
import inspect
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio

from benchmarks.peers import CONTENDERS, LANGCHAIN, Chain, Contender, Peer

# Nothing that is measured may report to a tracing service.
os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"

Sample = dict[str, float]


class Scenario(Protocol):
    """What the harness asks of a scenario."""

    name: str
    title: str
    repeats: int | None

    @property
    def labels(self) -> tuple[str, ...]: ...

    def sample(self, label: str) -> Sample:
        """Measure once; an error says why the label cannot be measured."""


@dataclass
class Speed:
    """The time of one operation on one chain, for each contender.

    Attributes:
        build: Makes the chain out of a peer.
        operation: Does the work once and returns what shows that it was done; all
            contenders must return the same.
        units: How many of `unit` one operation is: 5,000 for a stream of 5,000 tokens.
        target: How many times faster than the peer streamflow wants to be.
        within: How many times the floor it wants to take at most, on the same backend.
        peer: What the contender called langchain-core really is in this scenario.
    """

    name: str
    title: str
    unit: str
    build: Callable[[Peer], Chain]
    operation: Callable[[Any], Any]
    units: int = 1
    target: float | None = None
    within: float | None = None
    peer: str = LANGCHAIN.name
    seconds: float = 0.3
    repeats: int | None = None
    _ready: dict[str, tuple[Any, int]] = field(default_factory=dict)
    _results: dict[str, object] = field(default_factory=dict)

    @property
    def is_sync(self) -> bool:
        return not inspect.iscoroutinefunction(self.operation)

    @property
    def labels(self) -> tuple[str, ...]:
        # Without a loop there is no backend to tell apart.
        return tuple(c.name for c in CONTENDERS if c.backend == "asyncio" or not self.is_sync)

    def sample(self, label: str) -> Sample:
        contender = next(c for c in CONTENDERS if c.name == label)
        if label not in self._ready:
            self._prepare(contender)
        chain, times = self._ready[label]
        gc.collect()
        elapsed = self._timed(contender, chain, times)
        return {"µs": elapsed / times / self.units * 1e6}

    def _prepare(self, contender: Contender) -> None:
        """Build the chain, see that it does the work, and find out how often to run it."""
        chain = self.build(contender.load())
        result = self._results[contender.name] = self._once(contender, chain)
        different = {name: other for name, other in self._results.items() if other != result}
        if different:
            message = f"{self.name}: {contender.name} gave {result!r}, but {different}"
            raise AssertionError(message)
        times, elapsed = 1, self._timed(contender, chain, 1)
        while elapsed < self.seconds / 4:
            times *= 2
            elapsed = self._timed(contender, chain, times)
        self._ready[contender.name] = chain, max(1, round(times * self.seconds / elapsed))

    def _once(self, contender: Contender, chain: Any) -> object:
        if self.is_sync:
            return self.operation(chain)
        return anyio.run(self.operation, chain, backend=contender.backend)

    def _timed(self, contender: Contender, chain: Any, times: int) -> float:
        operation = self.operation

        def repeat() -> float:
            start = time.perf_counter()
            for _ in range(times):
                operation(chain)
            return time.perf_counter() - start

        async def repeat_async() -> float:
            start = time.perf_counter()
            for _ in range(times):
                await operation(chain)
            return time.perf_counter() - start

        if self.is_sync:
            return repeat()
        return anyio.run(repeat_async, backend=contender.backend)


def measure(scenario: Scenario, repeats: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Sample each label in turn, `repeats` times over; what fails is left out and named."""
    samples: dict[str, list[Sample]] = {label: [] for label in scenario.labels}
    absent: dict[str, str] = {}
    for turn in range(scenario.repeats or repeats):
        for label, taken in samples.items():
            if label in absent:
                continue
            say(f"{scenario.name}: {label}, {turn + 1} of {scenario.repeats or repeats}")
            try:
                taken.append(scenario.sample(label))
            except Exception as error:  # noqa: BLE001 - one that fails must not cost the others
                samples[label].clear()
                absent[label] = str(error) or type(error).__name__
    say("")
    return {
        "title": scenario.title,
        "kind": type(scenario).__name__,
        "unit": getattr(scenario, "unit", ""),
        "target": getattr(scenario, "target", None),
        "within": getattr(scenario, "within", None),
        "peer": getattr(scenario, "peer", None),
        "absent": absent,
        "results": {
            label: {
                metric: {
                    "median": statistics.median(s[metric] for s in taken),
                    "samples": [s[metric] for s in taken],
                }
                for metric in taken[0]
            }
            for label, taken in samples.items()
            if taken
        },
    }


def say(text: str) -> None:
    """Show progress on one line of a terminal; say nothing to a file."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def main(scenario: Scenario) -> None:
    """Run one scenario by hand: ``python -m benchmarks.scenarios.NAME``."""
    from benchmarks.report import tables

    parser = argparse.ArgumentParser(description=scenario.title)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    print(tables({scenario.name: measure(scenario, repeats, say)}))
