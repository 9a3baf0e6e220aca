"""The corpus of the fuzz target is replayed, and a little is added to it each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.fuzz.partial_json import CORPUS, check

SEEDS = sorted(CORPUS.iterdir())


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_an_input_of_the_corpus(path: Path) -> None:
    data = path.read_bytes()
    assert data
    for how in {data[0], 1, 0x81, 0x7F, 0xFF}:
        check(bytes([how]) + data[1:])


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.integers(0, 255), st.data())
def test_a_mutated_input_of_the_corpus(path: Path, how: int, data: st.DataObject) -> None:
    seed = path.read_bytes()[1:]
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 8)))
    middle = data.draw(st.binary(max_size=4) | st.sampled_from([b'"', b"\\u", b"```", b"}", b"["]))
    check(bytes([how]) + seed[:start] + middle + seed[end:])
    assert CORPUS.is_dir()
