"""JSON as the values that it was written from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ._types import READERS, Unrestored

if TYPE_CHECKING:
    from collections.abc import Callable

_NESTED = frozenset({dict, list})
_WRAPPED = ({"fields"}, {"value"})


class _UnreadableError(ValueError):
    """A tag that cannot be turned into its value."""


def loads(data: bytes | str) -> Any:
    """Read what `dumps` wrote; tags that are unknown here become `Unrestored`.

    Raises:
        ValueError: The data is not JSON.
    """
    return _read(data, _build_or_keep)


def loads_exactly(data: bytes | str) -> Any:
    """Read what `dumps_exactly` wrote.

    Raises:
        ValueError: The data is not JSON, a tag is unknown here, or its class refuses the data.
    """
    return _read(data, _build)


def _read(data: bytes | str, build: Callable[[str, Any], Any]) -> Any:
    raw = data.encode() if isinstance(data, str) else data
    value = orjson.loads(raw)
    # Most data has no tags. Others may write one with an escape, as in "\u0024type".
    tagged = type(value) in _NESTED and (b'"$' in raw or b"\\u00" in raw)
    return _restore(value, build) if tagged else value


def _restore(value: Any, build: Callable[[str, Any], Any]) -> Any:
    """Replace the tagged parts of parsed JSON, in place and from the leaves up."""
    # Without recursion: orjson reads deeper than Python's stack may reach.
    root = [value]
    places: list[tuple[Any, Any]] = [(root, 0)]
    for parent, key in places:  # which grows meanwhile
        item = parent[key]
        keys = range(len(item)) if type(item) is list else item
        places += [(item, key) for key in keys if type(item[key]) in _NESTED]
    for parent, key in reversed(places):
        item = parent[key]
        if type(item) is not dict:
            continue
        if type(item.get("$type")) is str:
            tag = item.pop("$type")
        elif type(item.get("$repr")) is str:
            tag, item["repr"] = "repr", item.pop("$repr")
        else:
            continue
        parent[key] = build(tag, item.popitem()[1] if item.keys() in _WRAPPED else item)
    return root[0]


def _build_or_keep(tag: str, payload: Any) -> Any:
    try:
        return READERS[tag][1](payload)
    except Exception:  # noqa: BLE001 - an unknown tag, or fields that its class refuses
        return Unrestored(tag, payload)


def _build(tag: str, payload: Any) -> Any:
    reader = READERS.get(tag)
    if reader is None:
        raise _UnreadableError(f"no class is registered here as {tag!r}")
    try:
        return reader[1](payload)
    except Exception as error:
        shown = f"{type(error).__name__}: {error}"
        raise _UnreadableError(f"{tag!r} does not take what is stored ({shown})") from error
