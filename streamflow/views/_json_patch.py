"""The part of JSON Patch (RFC 6902) that the log of a run needs: add, replace and remove.

A patch is applied to a value without changing it: what lies on the path is copied, everything
else is shared. So the work for one operation grows with the containers that it goes through,
not with the whole.
"""

from __future__ import annotations

from typing import Any

from ..errors import LogPatchError

_OPERATIONS = ("add", "replace", "remove")


def pointer(*keys: str) -> str:
    """Return the path that leads through ``keys``."""
    return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)


def apply(value: Any, operations: list[dict[str, Any]]) -> Any:
    """Return ``value`` as the operations make it, one after the other.

    Raises:
        LogPatchError: an operation is none, or leads nowhere.
    """
    for operation in operations:
        kind, path = operation.get("op"), operation.get("path")
        if kind not in _OPERATIONS or not isinstance(path, str):
            raise LogPatchError(str(path), f"not an operation: {operation!r:.80}")
        if kind != "remove" and "value" not in operation:
            raise LogPatchError(path, f"{kind!r} needs a value")
        if not path:
            value = operation.get("value")
            continue
        if not path.startswith("/"):
            raise LogPatchError(path, "a path starts with '/'")
        keys = [key.replace("~1", "/").replace("~0", "~") for key in path[1:].split("/")]
        value = _changed(value, keys, operation)
    return value


def _changed(container: Any, keys: list[str], operation: dict[str, Any]) -> Any:
    key, *deeper = keys
    if isinstance(container, dict):
        return _changed_dict(container, key, deeper, operation)
    if isinstance(container, list):
        return _changed_list(container, key, deeper, operation)
    raise LogPatchError(operation["path"], f"{key!r} is not below a dict or a list")


def _changed_dict(
    container: dict[str, Any], key: str, deeper: list[str], operation: dict[str, Any]
) -> dict[str, Any]:
    if key not in container and (deeper or operation["op"] != "add"):
        raise LogPatchError(operation["path"], f"there is no {key!r}")
    changed = dict(container)
    if deeper:
        changed[key] = _changed(container[key], deeper, operation)
    elif operation["op"] == "remove":
        del changed[key]
    else:
        changed[key] = operation["value"]
    return changed


def _changed_list(
    container: list[Any], key: str, deeper: list[str], operation: dict[str, Any]
) -> list[Any]:
    adds = operation["op"] == "add" and not deeper
    index = len(container) if adds and key == "-" else _index(key, operation)
    if index >= len(container) + adds:
        raise LogPatchError(operation["path"], f"there is no item {key}")
    changed = list(container)
    if deeper:
        changed[index] = _changed(container[index], deeper, operation)
    elif adds:
        changed.insert(index, operation["value"])
    elif operation["op"] == "remove":
        del changed[index]
    else:
        changed[index] = operation["value"]
    return changed


def _index(key: str, operation: dict[str, Any]) -> int:
    if not (key.isascii() and key.isdigit()):
        raise LogPatchError(operation["path"], f"{key!r} is no place in a list")
    return int(key)
