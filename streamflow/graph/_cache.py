"""What nodes have written before, for inputs that come again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .._ids import now
from ..errors import ConfigError

if TYPE_CHECKING:
    from ._node import NodeSpec


class NodeCache:
    """Keeps what nodes with a ``CachePolicy`` have written, in memory.

    >>> from streamflow.graph import NodeCache
    >>> NodeCache(maxsize=100).maxsize
    100

    Args:
        maxsize: How many results it keeps; of more, those that were not used for the longest
            time go.

    Raises:
        ConfigError: the size is no positive number.
    """

    def __init__(self, maxsize: int = 1024) -> None:
        if maxsize < 1:
            raise ConfigError(f"maxsize must be at least 1, got {maxsize!r}")
        self.maxsize = maxsize
        self._kept: OrderedDict[tuple[str, str | bytes], tuple[float | None, Any]] = OrderedDict()
        self._lock = Lock()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def entry(self, spec: NodeSpec, input: Any) -> Entry:
        """Return the place of what a node makes of an input."""
        if spec.cache is None:
            raise ConfigError(f"node {spec.name!r} has no cache_policy")
        key = (spec.name, spec.cache.key_func(input))
        ends = None if spec.cache.ttl is None else now() + spec.cache.ttl
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                if kept[0] is None or kept[0] > now():
                    self._kept.move_to_end(key)
                    return Entry(self, key, ends, found=True, value=kept[1])
                del self._kept[key]
        return Entry(self, key, ends)

    def keep(self, key: tuple[str, str | bytes], ends: float | None, value: Any) -> None:
        """Keep a result until some time, or for ever."""
        with self._lock:
            self._kept[key] = (ends, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self.maxsize:
                self._kept.popitem(last=False)


@frozen
class Entry:
    """The place of one result."""

    cache: NodeCache
    key: tuple[str, str | bytes]
    ends: float | None
    found: bool = False
    value: Any = None

    def keep(self, value: Any) -> None:
        """Keep the result here."""
        self.cache.keep(self.key, self.ends, value)
