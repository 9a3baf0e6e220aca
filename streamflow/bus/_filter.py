"""Which runs a subscriber wants to hear of."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..errors import ConfigError

if TYPE_CHECKING:
    from ._run import Run

_logger = logging.getLogger("streamflow")

Predicate = Callable[["Run"], bool]


class EventFilter:
    """Chooses runs by name, type and tag, and by any function of the run.

    A run passes if no ``include_*`` is given or any of them names it, if no ``exclude_*``
    names it, and if the predicate agrees. A filter is evaluated once for each run, when
    it starts, so it costs nothing for each message.

    Filters combine: ``a & b``, ``a | b``, ``~a``.

    Args:
        include_names: Names of runs to hear of.
        include_types: Types of runs to hear of, such as ``"chat_model"``.
        include_tags: Tags of runs to hear of. Children inherit the tags of their parents.
        exclude_names: Names of runs not to hear of.
        exclude_types: Types of runs not to hear of.
        exclude_tags: Tags of runs not to hear of.
        predicate: A function of the run. One that fails is logged and counts as "no".

    Raises:
        ConfigError: something else than a collection of strings was given.

    >>> from streamflow.bus import EventFilter
    >>> from streamflow.runnables import RunnableLambda
    >>> chain = RunnableLambda(len, name="count") | RunnableLambda(str, name="text")
    >>> with chain.stream_events("abc", filter=EventFilter(include_names=["text"])) as messages:
    ...     [message.kind for message in messages]
    ['start', 'stream', 'end']
    """

    __slots__ = ("_exclude", "_include", "_predicate")

    def __init__(
        self,
        *,
        include_names: Iterable[str] | None = None,
        include_types: Iterable[str] | None = None,
        include_tags: Iterable[str] | None = None,
        exclude_names: Iterable[str] | None = None,
        exclude_types: Iterable[str] | None = None,
        exclude_tags: Iterable[str] | None = None,
        predicate: Predicate | None = None,
    ) -> None:
        self._include = _Choice(
            _strings("include_names", include_names),
            _strings("include_types", include_types),
            _strings("include_tags", include_tags),
        )
        self._exclude = _Choice(
            _strings("exclude_names", exclude_names),
            _strings("exclude_types", exclude_types),
            _strings("exclude_tags", exclude_tags),
        )
        if predicate is not None and not callable(predicate):
            raise ConfigError(f"predicate must be a function of a run, got {predicate!r}")
        self._predicate = predicate

    def matches(self, run: Run) -> bool:
        """Whether ``run`` passes."""
        if not self._include.empty and not self._include.names(run):
            return False
        if not self._exclude.empty and self._exclude.names(run):
            return False
        if self._predicate is None:
            return True
        try:
            return bool(self._predicate(run))
        except Exception:
            _logger.exception("the predicate of a filter failed on run %r", run.name)
            return False

    def __and__(self, other: EventFilter) -> EventFilter:
        if not isinstance(other, EventFilter):
            return NotImplemented
        return EventFilter(predicate=lambda run: self.matches(run) and other.matches(run))

    def __or__(self, other: EventFilter) -> EventFilter:
        if not isinstance(other, EventFilter):
            return NotImplemented
        return EventFilter(predicate=lambda run: self.matches(run) or other.matches(run))

    def __invert__(self) -> EventFilter:
        return EventFilter(predicate=lambda run: not self.matches(run))


class _Choice:
    """Names, types and tags, any of which names a run."""

    __slots__ = ("_names", "_tags", "_types", "empty")

    def __init__(self, names: frozenset[str], types: frozenset[str], tags: frozenset[str]) -> None:
        self._names = names
        self._types = types
        self._tags = tags
        self.empty = not (names or types or tags)

    def names(self, run: Run) -> bool:
        return (
            run.name in self._names
            or run.type in self._types
            or (bool(self._tags) and not self._tags.isdisjoint(run.tags))
        )


def _strings(key: str, values: Iterable[str] | None) -> frozenset[str]:
    if values is None:
        return frozenset()
    if isinstance(values, str):
        raise ConfigError(
            f"{key} must be a list of strings, got the string {values!r}: [{values!r}]?"
        )
    try:
        items = list(values)
    except TypeError:
        raise ConfigError(f"{key} must be a list of strings, got {values!r}") from None
    for item in items:
        if not isinstance(item, str):
            raise ConfigError(f"{key} must hold strings, got {type(item).__name__}: {item!r}")
    return frozenset(items)
