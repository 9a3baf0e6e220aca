from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from streamflow.documents import Document
from streamflow.errors import VectorStoreError
from streamflow.vectorstores import InMemoryVectorStore
from tests.retrieval.stores import Letters

KEYS = st.sampled_from(["a", "b"])
VALUES = st.one_of(st.integers(0, 3), st.sampled_from(["x", "y"]), st.none())
FACTS = st.dictionaries(KEYS, VALUES)
NAMES = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin"]
LEAVES = st.dictionaries(
    KEYS,
    st.one_of(
        VALUES,
        st.lists(VALUES, max_size=3),
        st.builds(lambda name, value: {name: value}, st.sampled_from(NAMES[:6]), VALUES),
        st.builds(
            lambda name, value: {name: value},
            st.sampled_from(NAMES[6:]),
            st.lists(VALUES, max_size=3),
        ),
    ),
    max_size=2,
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"$and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"$or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"$not": part}, inner),
    ),
    max_leaves=5,
)


def found(facts: list[dict[str, Any]], filter: Any) -> set[str]:
    store = InMemoryVectorStore(Letters())
    store.add_texts(["a"] * len(facts), facts, ids=[str(n) for n in range(len(facts))])
    return {str(each.id) for each in store.similarity_search("a", k=100, filter=filter)}


ALL_FACTS = st.lists(FACTS, min_size=1, max_size=6)


@given(ALL_FACTS, FILTERS)
def test_not_finds_the_others(facts: list[dict[str, Any]], filter: Any) -> None:
    everything = {str(n) for n in range(len(facts))}
    assert found(facts, {"$not": filter}) == everything - found(facts, filter)


@given(ALL_FACTS, FILTERS, FILTERS)
def test_and_and_or_are_those_of_sets(facts: list[dict[str, Any]], one: Any, two: Any) -> None:
    assert found(facts, {"$and": [one, two]}) == found(facts, one) & found(facts, two)
    assert found(facts, {"$or": [one, two]}) == found(facts, one) | found(facts, two)


@given(ALL_FACTS, KEYS, VALUES)
def test_comparisons_are_those_of_python(facts: list[dict[str, Any]], key: str, value: Any) -> None:
    def by(test: Any) -> set[str]:
        return {str(n) for n, each in enumerate(facts) if test(each)}

    missing = object()
    assert found(facts, {key: value}) == by(lambda each: each.get(key, missing) == value)
    assert found(facts, {key: {"$ne": value}}) == by(lambda each: each.get(key, missing) != value)
    assert found(facts, {key: [value]}) == found(facts, {key: {"$eq": value}})
    if isinstance(value, int):
        numbers = by(lambda each: isinstance(each.get(key), int) and each[key] > value)
        assert found(facts, {key: {"$gt": value}}) == numbers


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        (3, "a function or a dict, got 3"),
        ({"a": {"$like": 1}}, "no comparison '.like' for 'a'"),
        ({"$xor": []}, "got '.xor'"),
        ({"$and": {}}, "a list of filters, got"),
    ],
)
def test_wrong_filters_are_shown(filter: Any, message: str) -> None:
    with pytest.raises(VectorStoreError, match=message):
        found([{}], filter)


def test_functions_are_given_the_document() -> None:
    seen: list[Any] = []
    found([{"a": 1}], seen.append)
    assert seen == [Document("a", metadata={"a": 1}, id="0")]
