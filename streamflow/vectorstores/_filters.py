"""What a search is narrowed to: functions, and dicts that say what metadata must be."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import VectorStoreError

if TYPE_CHECKING:
    from ..documents import Document

Condition = Callable[[Mapping[str, Any]], bool]

_MISSING = object()

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": operator.eq,
    "$ne": operator.ne,
    "$neq": operator.ne,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
    "$in": lambda value, among: value in among,
    "$nin": lambda value, among: value not in among,
}


def condition_of(filter: Any, *, on_metadata: bool = False) -> Callable[[Document], bool]:
    """Return whether a document is to be found, as a function.

    Args:
        filter: A function, or a dict of conditions that all hold: from a key of the metadata
            to its value, to a list of which it is one, or to comparisons such as
            ``{"$gt": 3}``; ``"$and"`` and ``"$or"`` stand before lists of such dicts, ``"$not"``
            before one.
        on_metadata: A function is asked about the metadata, not about the document.

    Raises:
        VectorStoreError: it is neither, or there is no such comparison.
    """
    if callable(filter):
        function: Callable[[Any], bool] = filter
        if on_metadata:
            return lambda document: bool(function(document.metadata))
        return function
    holds = _compiled(filter)
    return lambda document: holds(document.metadata)


def _compiled(filter: Any) -> Condition:
    if not isinstance(filter, Mapping):
        raise VectorStoreError(f"a filter is a function or a dict, got {filter!r}")
    return _all([_one(key, wanted) for key, wanted in filter.items()])


def _one(key: str, wanted: Any) -> Condition:
    if key in ("$and", "$or"):
        if not isinstance(wanted, (list, tuple)):
            raise VectorStoreError(f"{key!r} stands before a list of filters, got {wanted!r}")
        parts = [_compiled(each) for each in wanted]
        return _all(parts) if key == "$and" else lambda facts: any(part(facts) for part in parts)
    if key == "$not":
        inner = _compiled(wanted)
        return lambda facts: not inner(facts)
    if key.startswith("$"):
        raise VectorStoreError(f"a filter knows $and, $or and $not, got {key!r}")
    if isinstance(wanted, Mapping):
        return _all([_comparison(key, name, value) for name, value in wanted.items()])
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return _comparison(key, "$in", wanted)
    return _comparison(key, "$eq", wanted)


def _comparison(key: str, name: str, wanted: Any) -> Condition:
    compare = _COMPARISONS.get(name)
    if compare is None:
        raise VectorStoreError(
            f"there is no comparison {name!r} for {key!r}; there are {', '.join(_COMPARISONS)}"
        )
    negative = name in ("$ne", "$neq", "$nin")

    def holds(facts: Mapping[str, Any]) -> bool:
        value = facts.get(key, _MISSING)
        if value is _MISSING:
            return negative
        try:
            return bool(compare(value, wanted))
        except TypeError:  # values that have no order are on neither side
            return negative

    return holds


def _all(parts: list[Condition]) -> Condition:
    return lambda facts: all(part(facts) for part in parts)
