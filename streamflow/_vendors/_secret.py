"""Keys: given as text or by a function, found in the environment, and never shown."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..execution import Execution


class Secret:
    """A text that is not shown; ``get_secret_value()`` returns it.

    >>> Secret("sk-1234")
    Secret('***')
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """Return the text."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('***')"


def hidden(key: Any) -> Any:
    """Return a key that was given as text as a secret; others as they are."""
    return Secret(key) if isinstance(key, str) else key


def in_environment(names: Sequence[str]) -> str | None:
    """Return the first of these environment variables that is set."""
    return next((value.strip() for value in map(os.environ.get, names) if value), None)


async def reveal(key: Any, execution: Execution) -> str | None:
    """Return the text of a key: of a secret, or what a function returns or awaits."""
    if key is None:
        return None
    if hasattr(key, "get_secret_value"):
        key = key.get_secret_value()
    elif callable(key):
        # It may fetch one: from a file, or from a service.
        is_async = inspect.iscoroutinefunction(key)
        key = await (execution.call_async(key) if is_async else execution.call(key))
        return await reveal(hidden(key), execution)
    return str(key).strip()  # What a file or a form has around it is not part of it.
