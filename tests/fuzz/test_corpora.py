"""The corpora of the fuzz targets are replayed, and a little is added to them each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define
from hypothesis import given, settings, strategies as st

from tests.fuzz import answers, partial_json


@define(frozen=True)
class Target:
    """What is fuzzed.

    Args:
        check: Reads an input.
        corpus: Where inputs are.
        head: How many bytes of an input say how it is read.
        ways: Other ways to read it.
    """

    check: Callable[[bytes], None]
    corpus: Path
    head: int
    ways: tuple[bytes, ...]


TARGETS = (
    Target(partial_json.check, partial_json.CORPUS, 1, (b"\x01", b"\x81", b"\x7f", b"\xff")),
    Target(answers.check, answers.CORPUS, 2, tuple(bytes([how, 2]) for how in range(9))),
)
SEEDS = [(target, path) for target in TARGETS for path in sorted(target.corpus.iterdir())]
WORDS = (b'"', b"\\u", b"```", b"}", b"[", b"\n\n", b"\r", b"null", b"data: ", b"{}")


@pytest.mark.parametrize(("target", "path"), SEEDS, ids=[path.name for _, path in SEEDS])
def test_an_input_of_a_corpus(target: Target, path: Path) -> None:
    data = path.read_bytes()
    assert len(data) > target.head
    for way in (data[: target.head], *target.ways):
        target.check(way + data[target.head :])


@settings(max_examples=600)
@given(st.sampled_from(SEEDS), st.binary(min_size=2, max_size=2), st.data())
def test_a_mutated_input_of_a_corpus(
    seed: tuple[Target, Path], way: bytes, data: st.DataObject
) -> None:
    target, path = seed
    body = path.read_bytes()[target.head :]
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 8)))
    middle = data.draw(st.binary(max_size=4) | st.sampled_from(WORDS))
    target.check(way[: target.head] + body[:start] + middle + body[end:])
    assert target.corpus.is_dir()
