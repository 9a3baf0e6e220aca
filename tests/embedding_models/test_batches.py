"""Texts are cut into batches that a vendor takes, and vectors come back in their order."""

from __future__ import annotations

import base64
import random
import struct
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from streamflow._vendors._source import Source
from streamflow.embedding_models._batches import batches
from streamflow.embedding_models._vectors import VectorReader
from streamflow.errors import (
    MalformedStreamError,
    ModelError,
    ModelRateLimitError,
    TruncatedStreamError,
)

TEXTS = st.lists(st.text(max_size=8))
SIZES = st.one_of(st.none(), st.integers(1, 20))


@given(TEXTS, st.integers(1, 5), SIZES)
def test_batches(texts: list[str], most: int, most_bytes: int | None) -> None:
    cut = batches(texts, most, most_bytes)
    assert [text for batch in cut for text in batch] == texts
    assert all(1 <= len(batch) <= most for batch in cut)
    sizes = [[len(text.encode()) for text in batch] for batch in cut]
    if most_bytes is not None:
        assert all(sum(batch) <= most_bytes or len(batch) == 1 for batch in sizes)
    for batch, after in pairwise(sizes):  # none is smaller than it has to be
        assert len(batch) == most or sum(batch) + after[0] > (most_bytes or 0) > 0


def test_half_a_character_is_counted() -> None:
    assert batches(["\ud83d", "a"], 2, 3) == [["\ud83d"], ["a"]]


def read(answer: Any, texts: int, rows: str = "data", vector: str = "embedding") -> Any:
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
    reader = VectorReader(Source("v", "m"), texts, rows, vector)
    middle = len(body) // 2
    assert [*reader.feed(body[:middle]), *reader.feed(body[middle:])] == []
    (vectors,) = reader.end()
    return vectors


FLOATS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1)


@given(st.lists(FLOATS), st.randoms(use_true_random=False), st.booleans())
def test_any_order_of_rows(vectors: list[list[float]], rng: random.Random, packed: bool) -> None:
    def written(vector: list[float]) -> Any:
        data = struct.pack(f"<{len(vector)}f", *vector)
        return base64.b64encode(data).decode() if packed else vector

    rows = [{"index": n, "embedding": written(vector)} for n, vector in enumerate(vectors)]
    rng.shuffle(rows)
    assert read({"data": rows}, len(vectors)) == vectors


def test_rows_without_numbers_are_in_order() -> None:
    assert read({"data": [{"embedding": [1]}, {"embedding": [2]}]}, 2) == [[1.0], [2.0]]
    assert read({"data": [{"index": None, "embedding": [1]}]}, 1) == [[1.0]]
    assert read({"data": [{"index": 7, "embedding": [1]}]}, 1) == [[1.0]]


def test_numbers_are_floats() -> None:
    vectors = read({"data": [{"embedding": [1, 0, 0.5]}]}, 1)
    assert [type(number) for number in vectors[0]] == [float] * 3


def _numbered(*numbers: Any) -> dict[str, Any]:
    return {"data": [{"index": number, "embedding": [1.0]} for number in numbers]}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ([], "no list 'data'"),
        ({}, "no list 'data'"),
        ({"data": "none"}, "no list 'data'"),
        ({"data": []}, "0 vectors for 2 texts"),
        (_numbered(0, 0), "numbers its vectors 0, 0"),
        (_numbered(0, 2), "numbers its vectors 0, 2"),
        (_numbered(0, -1), "numbers its vectors 0, -1"),
        (_numbered(0, None), "numbers its vectors 0, None"),
        (_numbered(0, [1]), "numbers its vectors"),
        (_numbered(0, "1"), "numbers its vectors 0, 1"),
        ({"data": [{"embedding": [1.0]}, {}]}, "not a vector: None"),
        ({"data": [{"embedding": [1.0]}, 7]}, "not a vector: None"),
        ({"data": [{"embedding": [1.0]}, {"embedding": ["a"]}]}, "not a vector: "),
        ({"data": [{"embedding": [1.0]}, {"embedding": {"a": 1}}]}, "not a vector: "),
        ({"data": [{"embedding": [1.0]}, {"embedding": "é"}]}, "not a vector: 'é'"),
        ({"data": [{"embedding": [1.0]}, {"embedding": "AAAA"}]}, "not a vector: 'AAAA'"),
        ({"data": [{"embedding": [1.0]}, {"embedding": []}]}, "empty vector"),
    ],
)
def test_answers_that_are_none(answer: Any, says: str) -> None:
    with pytest.raises(MalformedStreamError) as caught:
        read(answer, 2)
    assert says in str(caught.value)


def test_an_answer_that_is_empty_may_come_whole_the_next_time() -> None:
    with pytest.raises(TruncatedStreamError, match="empty") as caught:
        read(b" ", 1)
    assert caught.value.retryable


def test_an_error_in_an_answer_that_claims_success() -> None:
    with pytest.raises(ModelRateLimitError, match="slower"):
        read({"error": {"code": 429, "message": "slower"}}, 1)


def test_vectors_of_another_length_than_was_asked_for() -> None:
    reader = VectorReader(Source("v", "m"), 1, "", "embedding", dimensions=2)
    reader.feed(b'{"embedding": [1, 2, 3]}')
    with pytest.raises(MalformedStreamError, match="vectors of 3 numbers, not of dimensions=2"):
        reader.end()


ANSWERS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(-(2**63), 2**64 - 1),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["data", "embedding", "index", "error", "float"]), inner)
    ),
)


@given(st.one_of(st.binary(), ANSWERS.map(orjson.dumps)))
def test_any_bytes_give_vectors_or_an_error_of_the_tree(body: bytes) -> None:
    try:
        vectors = read(body, 1)
    except ModelError:
        vectors = [[0.0]]
    assert [type(number) for number in vectors[0]] == [float] * len(vectors[0])
