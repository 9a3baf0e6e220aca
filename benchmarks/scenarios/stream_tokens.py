"""5,000 tokens through prompt | model | parser: the text, all events, some events.

Measured around a model with async methods of its own, and around the fake model that each
library ships, as a program's tests would use it (langchain-core's has no async methods, so
each of its tokens crosses a thread).
"""

from __future__ import annotations

from typing import Any

from benchmarks.harness import Speed, main
from benchmarks.peers import Chain, Peer

COUNT = 5_000
TOKENS = [f" token{number}" for number in range(COUNT)]
TEXT = " ".join(f"token{number}" for number in range(COUNT // 2)) + " "
INPUT = {"topic": "parrots"}


def build(peer: Peer) -> Chain:
    return peer.prompt_model_parser(TOKENS)


def build_fake(peer: Peer) -> Chain:
    return peer.prompt_fake_parser(TEXT)


async def text(chain: Chain) -> Any:
    """Read the text; what shows the work is its length."""
    length = 0
    async for chunk in chain.astream(INPUT):
        length += len(chunk)
    return length


async def all_events(chain: Chain) -> Any:
    """Read every event; what shows the work is how many chunks each kind of run told."""
    return await _chunks_told(chain.astream_events(INPUT, version="v2"))


async def parser_events(chain: Chain) -> Any:
    """Read the events of the parser alone."""
    events = chain.astream_events(INPUT, version="v2", include_types=["parser"])
    return await _chunks_told(events)


async def _chunks_told(events: Any) -> dict[str, int]:
    told: dict[str, int] = {}
    async for event in events:
        kind = event["event"]
        if not kind.endswith("_stream"):
            continue
        chunk = event["data"]["chunk"]
        # A library may close a stream with an empty chunk of its own.
        if getattr(chunk, "content", chunk):
            told[kind] = told.get(kind, 0) + 1
    return told


def _family(suffix: str, chain: Any, streams: str, targets: tuple[float | None, ...]) -> Any:
    titles = (
        ("astream", f"`astream` of {streams}", text),
        ("events_all", "all v2 events of that stream", all_events),
        ("events_filtered", "the parser's v2 events of that stream", parser_events),
    )
    return tuple(
        Speed(name + suffix, title, "µs a token", chain, operation, units=COUNT, target=target)
        for (name, title, operation), target in zip(titles, targets, strict=True)
    )


SCENARIOS = (
    *_family("", build, "5,000 tokens", (100, 30, 60)),
    *_family("_fake", build_fake, "5,000 tokens of `GenericFakeChatModel`", (100, 30, 60)),
)

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
