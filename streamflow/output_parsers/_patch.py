"""JSON patches (RFC 6902) between values that follow each other in a stream."""

from __future__ import annotations

from itertools import compress, islice
from operator import is_not
from typing import Any

from .._unset import UNSET
from ..views._json_patch import pointer

Operation = dict[str, Any]
"""One step of a patch, such as ``{"op": "add", "path": "/a", "value": 1}``."""


def make_patch(before: Any, after: Any, *, grows: bool = False) -> list[Operation]:
    """Return the operations that make ``after`` of ``before``; none if nothing changed.

    What both share is the same object in both, mostly, and is not looked into.

    Args:
        before: A value of dicts, lists, texts, numbers and so on.
        after: Such a value.
        grows: Both were shown by one that reads: a list that has an item, itself a
            container, in common with the one before has all those in common that are
            before that item. So a long list need not be compared from its beginning.
    """
    operations: list[Operation] = []
    # Not by recursion: an answer may be nested deeper than the interpreter likes.
    pending: list[tuple[str, Any, Any]] = [("", before, after)]
    while pending:
        path, old, new = pending.pop()
        if old is new:
            continue
        if type(old) is dict and type(new) is dict:
            pending += reversed(_in_dicts(path, old, new, operations))
        elif isinstance(old, list) and isinstance(new, list):
            pending += reversed(_in_lists(path, old, new, operations, grows=grows))
        elif type(old) is not type(new) or old != new:
            operations.append({"op": "replace", "path": path, "value": new})
    return operations


def _in_dicts(
    path: str, old: dict[str, Any], new: dict[str, Any], operations: list[Operation]
) -> list[tuple[str, Any, Any]]:
    """Note what is removed and added; return what is in both and may have changed."""
    gone = () if old.keys() <= new.keys() else [key for key in old if key not in new]
    operations += ({"op": "remove", "path": path + pointer(key)} for key in gone)
    changed = []
    values = (old.get(key, UNSET) for key in new)
    for key in list(compress(new, map(is_not, new.values(), values))):
        if key in old:
            changed.append((path + pointer(key), old[key], new[key]))
        else:
            operations.append({"op": "add", "path": path + pointer(key), "value": new[key]})
    return changed


def _in_lists(
    path: str, old: list[Any], new: list[Any], operations: list[Operation], *, grows: bool
) -> list[tuple[str, Any, Any]]:
    both = min(len(old), len(new))
    start = 0
    if grows and both > 1 and old[both - 2] is new[both - 2]:
        start = both - 1 if isinstance(old[both - 2], (dict, list)) else 0
    pairs = map(is_not, islice(old, start, None), islice(new, start, None))
    changed = [
        (f"{path}/{index}", old[index], new[index]) for index in compress(range(start, both), pairs)
    ]
    gone = range(len(old) - 1, both - 1, -1)
    operations += ({"op": "remove", "path": f"{path}/{index}"} for index in gone)
    come = range(both, len(new))
    operations += ({"op": "add", "path": f"{path}/{i}", "value": new[i]} for i in come)
    return changed
