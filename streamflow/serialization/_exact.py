"""Writing and reading, with errors that say which part of which value it is about."""

from __future__ import annotations

from typing import Any

from .._json import dumps_exactly, loads_exactly
from ..errors import StorageError

_REASONS = {
    "cycle": "contains itself",
    "depth": "is nested too deep",
    "exception": "is an exception, and of those only a description could be stored",
}


def dumps(value: object, place: str = "value") -> bytes:
    """Return a value as JSON.

    >>> loads(dumps({"seen": {1, 2}, "at": (0.5, float("inf"))}))
    {'seen': {1, 2}, 'at': (0.5, inf)}

    Args:
        value: Made of JSON's own types, the builtins that `register_type` names, and
            instances of registered classes.
        place: What the value is, for errors.

    Raises:
        StorageError: a part of the value would not come back as it is; the error names it.
    """
    data = dumps_exactly(value)
    if isinstance(data, bytes):
        return data
    default = (
        f"would not come back as it is; to store it, make its class known with "
        f"streamflow.serialization.register_type({data.class_name.rpartition('.')[2]}), "
        f"here and where it is read"
    )
    reason = _REASONS.get(data.tag, default)
    raise StorageError(f"{place}{data.path}", f"a {data.class_name} that {reason}.")


def loads(data: bytes | str, place: str = "value") -> Any:
    """Return the value that `dumps` has written.

    >>> loads('{"x": [1, null]}')
    {'x': [1, None]}

    Args:
        data: The JSON.
        place: What the value is, for errors.

    Raises:
        StorageError: it is no JSON, or has an instance of a class that is not registered in
            this process or does not take what is stored.
    """
    try:
        return loads_exactly(data)
    except ValueError as error:
        raise StorageError(
            place,
            f"cannot be read: {error}. It is left as it is. Classes are made known with "
            f"streamflow.serialization.register_type().",
        ) from error
