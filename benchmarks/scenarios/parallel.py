"""Ten functions side by side, each of which waits once."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import Speed, main
from benchmarks.peers import Chain, Peer


def build(peer: Peer) -> Chain:
    return peer.ten_branches()


async def call_async(chain: Chain) -> Any:
    return await chain.ainvoke(1)


SCENARIOS = (
    Speed(
        "parallel",
        "`ainvoke` of ten functions side by side",
        "µs a call",
        build,
        call_async,
        target=6,
        within=1.6,
    ),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
