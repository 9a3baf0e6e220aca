"""One call of three functions in a row: what the machinery costs by itself."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import Speed, main
from benchmarks.peers import Chain, Peer


def build(peer: Peer) -> Chain:
    return peer.three_functions()


def call(chain: Chain) -> Any:
    return chain.invoke(1)


async def call_async(chain: Chain) -> Any:
    return await chain.ainvoke(1)


SCENARIOS = (
    Speed(
        "ainvoke_functions",
        "`ainvoke` of three functions",
        "µs a call",
        build,
        call_async,
        target=40,
    ),
    Speed("invoke_functions", "`invoke` of three functions", "µs a call", build, call),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
