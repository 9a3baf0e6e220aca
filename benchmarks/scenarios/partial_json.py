"""JSON in 4-character pieces, a snapshot at each: the time per piece, as documents grow.

streamflow reads every piece. What parses the text so far again at each piece is timed at
pieces spread evenly over the document, as reading all of them would take hours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter

from benchmarks.harness import Sample, main
from benchmarks.peers.partial_json import JITER, LANGCHAIN, OWN, REPARSE, incremental

SIZES = (50, 200, 800, 3_200)
PIECE = 4


@cache
def document(records: int) -> str:
    """A list of records, as a model writes one."""
    return json.dumps(
        {
            "records": [
                {"id": i, "name": f"record number {i}", "tags": ["new", "open"], "score": i / 7}
                for i in range(records)
            ]
        }
    )


def per_piece(name: str, records: int) -> float:
    """The mean time of one piece, in µs."""
    text = document(records)
    if name == OWN:
        pieces = [text[place : place + PIECE] for place in range(0, len(text), PIECE)]
        # As many pieces at each size, or the small ones would be over at once.
        rounds = SIZES[-1] // records
        start = perf_counter()
        for _ in range(rounds):
            value = incremental(pieces)
        elapsed, count = perf_counter() - start, len(pieces) * rounds
        if value != json.loads(text):
            raise AssertionError("the last snapshot is not the document")
    else:
        load, count = REPARSE[name]
        parse = load()
        # In the middle of as many equal parts of the document.
        ends = [len(text) * (2 * part + 1) // (2 * count) for part in range(count)]
        prefixes = [text[: end - end % PIECE] for end in ends]
        start = perf_counter()
        for prefix in prefixes:
            parse(prefix)
        elapsed = perf_counter() - start
    return elapsed / count * 1e6


@dataclass
class PartialJSON:
    """The time per piece at each size; first, how much it grows from the least to the most."""

    name: str = "partial_json"
    title: str = "partial JSON in 4-character pieces, µs a piece"
    repeats: int | None = 3
    target: dict[str, float] = field(default_factory=lambda: {OWN: 2})

    @property
    def labels(self) -> tuple[str, ...]:
        return OWN, *REPARSE

    def sample(self, label: str) -> Sample:
        times = {f"{size:,} records": per_piece(label, size) for size in SIZES}
        least, *_, most = times.values()
        return {"growth": most / least, **times}


@dataclass
class PartialJSONShare:
    """What streamflow's time is of another's, both measured one after the other."""

    name: str = "partial_json_share"
    title: str = "partial JSON: streamflow's time per piece, beside"
    repeats: int | None = 3
    target: dict[str, float] = field(
        default_factory=lambda: {
            f"{LANGCHAIN}, 800 records": 0.1,
            **{f"{JITER}, {size:,} records": 100.0 for size in SIZES[1:]},
        }
    )

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.target)

    def sample(self, label: str) -> Sample:
        name, _, size = label.partition(", ")
        records = int(size.split()[0].replace(",", ""))
        return {"% of its time": per_piece(OWN, records) / per_piece(name, records) * 100}


SCENARIOS = (PartialJSON(), PartialJSONShare())

if __name__ == "__main__":
    for scenario in SCENARIOS:
        main(scenario)
