"""Many inputs through three functions in a row, a limited number of them at once."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import Speed, main
from benchmarks.peers import Chain, Peer

ITEMS = 1_000
NUMBERS = list(range(ITEMS))


def build(peer: Peer) -> Chain:
    return peer.three_functions()


async def call_async(chain: Chain) -> Any:
    return await chain.abatch(NUMBERS, {"max_concurrency": 100})


def call(chain: Chain) -> Any:
    return chain.batch(NUMBERS, {"max_concurrency": 8})


SCENARIOS = (
    Speed(
        "abatch",
        "`abatch` of 1,000 items through three functions, 100 at once",
        "µs an item",
        build,
        call_async,
        units=ITEMS,
        target=30,
    ),
    Speed(
        "batch",
        "`batch` of 1,000 items through three functions, 8 at once",
        "µs an item",
        build,
        call,
        units=ITEMS,
    ),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
