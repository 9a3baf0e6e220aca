"""Items as rows, and which of them are asked for: the same wherever they are kept."""

from __future__ import annotations

import operator
import re
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any

from .._ids import now
from ..errors import StorageError
from ..serialization import dumps, loads
from .base import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

END = "\x1f"
"""Ends each part of a namespace as text: less than all characters that a part may have, so
the texts are in the order of the tuples, and those with one prefix are together."""

Row = tuple[str, str, str, str, str]
"""Namespace, key, value as JSON, and when it was created and updated."""

_UNUSABLE = re.compile("[\x00-\x1f\ud800-\udfff]")


def name_of(namespace: Sequence[str]) -> str:
    """Return a namespace, or how one begins, as text.

    Raises:
        StorageError: it cannot be used.
    """
    # A text is a sequence of texts too, and rarely meant.
    if isinstance(namespace, str) or not all(map(_is_usable, namespace)):
        raise StorageError(
            f"namespace {namespace!r}",
            "give a tuple of texts that are not empty and have no control characters, "
            "such as ('users', 'ada').",
        )
    return "".join(f"{part}{END}" for part in namespace)


def address_of(namespace: Sequence[str], key: str) -> tuple[str, str]:
    """Return the namespace as text, and the key.

    Raises:
        StorageError: one of them cannot be used.
    """
    name = name_of(namespace)
    if not name:
        raise StorageError(f"key {key!r}", "an item needs a namespace of at least one part.")
    if not _is_usable(key):
        raise StorageError(
            f"key {key!r}", "give a text that is not empty and has no control characters."
        )
    return name, key


def row_of(namespace: Sequence[str], key: str, value: dict[str, Any]) -> Row:
    """Return a new item as a row.

    Raises:
        StorageError: it cannot be stored.
    """
    name, key = address_of(namespace, key)
    place = _place_of(name, key)
    if not isinstance(value, dict):
        raise StorageError(place, f"a value is a dict, and this is {value!r:.80}.")
    time = datetime.fromtimestamp(now(), timezone.utc).isoformat()
    return name, key, dumps(value, f"{place}, value").decode(), time, time


def item_of(row: Sequence[str]) -> Item:
    """Return the item of a row.

    Raises:
        StorageError: it cannot be read.
    """
    name, key, data, created, updated = row
    place = f"{_place_of(name, key)}, value"
    value = loads(data, place)
    if type(value) is not dict:
        raise StorageError(place, f"cannot be read: it is no dict, but {data[:80]}")
    return Item(
        namespace=namespace_of(name),
        key=key,
        value=value,
        created_at=datetime.fromisoformat(created),
        updated_at=datetime.fromisoformat(updated),
    )


def namespace_of(name: str) -> tuple[str, ...]:
    """Return the namespace of a text."""
    return tuple(name.split(END)[:-1])


def found(
    rows: Iterable[Sequence[str]], filter: Mapping[str, Any] | None, limit: int, offset: int
) -> list[Item]:
    """Return the items that a filter lets through, from ``offset`` on.

    Raises:
        StorageError: an item cannot be read, or the filter has an unknown operator.
    """
    tests = [_test(key, wanted) for key, wanted in (filter or {}).items()]
    items = map(item_of, rows)
    passed = (item for item in items if all(test(item.value) for test in tests))
    return list(islice(passed, offset, offset + limit))


def listed(
    names: Iterable[str],
    prefix: Sequence[str] | None,
    suffix: Sequence[str] | None,
    max_depth: int | None,
    window: tuple[int, int],
) -> list[tuple[str, ...]]:
    """Return the namespaces that have a prefix and a suffix, sorted, from ``window[1]`` on."""
    starts, ends = tuple(prefix or ()), tuple(suffix or ())
    spaces = map(namespace_of, names)
    chosen = {
        space[:max_depth]
        for space in spaces
        if _fits(space[: len(starts)], starts)
        and _fits(space[max(0, len(space) - len(ends)) :], ends)
    }
    limit, offset = window
    return sorted(chosen)[offset : offset + limit]


def _fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(parts) == len(pattern) and all(
        want in {"*", part} for part, want in zip(parts, pattern, strict=True)
    )


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "$eq": operator.eq,
    "$ne": operator.ne,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_MISSING = object()


def _test(key: str, wanted: Any) -> Callable[[dict[str, Any]], bool]:
    """Return a function that tells whether a value has what one part of a filter wants."""
    has_operators = isinstance(wanted, dict) and any(str(name)[:1] == "$" for name in wanted)
    pairs = wanted if has_operators else {"$eq": wanted}
    unknown = sorted(set(pairs) - set(_OPERATORS))
    if unknown:
        raise StorageError(
            f"filter of {key!r}", f"unknown operators {unknown}; there are {list(_OPERATORS)}."
        )

    def passes(value: dict[str, Any]) -> bool:
        part = value.get(key, _MISSING)
        try:
            return all(_OPERATORS[name](part, operand) for name, operand in pairs.items())
        except TypeError:  # of types that have no order between them
            return False

    return passes


def _is_usable(text: object) -> bool:
    return isinstance(text, str) and text != "" and _UNUSABLE.search(text) is None


def _place_of(name: str, key: str) -> str:
    return f"item {key!r} of {namespace_of(name)!r}"
