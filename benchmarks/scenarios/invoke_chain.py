"""One call of prompt | model | parser."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import Speed, main
from benchmarks.peers import Chain, Peer

INPUT = {"topic": "parrots"}


def build(peer: Peer) -> Chain:
    return peer.prompt_model_parser(["Parrots", " talk", "."])


def build_fake(peer: Peer) -> Chain:
    return peer.prompt_fake_parser("Parrots talk.")


def call(chain: Chain) -> Any:
    return chain.invoke(INPUT)


async def call_async(chain: Chain) -> Any:
    return await chain.ainvoke(INPUT)


SCENARIOS = (
    Speed(
        "ainvoke_chain",
        "`ainvoke` of prompt, model, parser",
        "µs a call",
        build,
        call_async,
        target=40,
    ),
    Speed("invoke_chain", "`invoke` of prompt, model, parser", "µs a call", build, call),
    Speed(
        "ainvoke_fake",
        "`ainvoke` with `GenericFakeChatModel`",
        "µs a call",
        build_fake,
        call_async,
        target=40,
    ),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
