"""The ``callbacks`` of a config: who listens to a run, and whose child it is.

The value is one of these, or a list of them:

* a function that is called with each message, or a callback handler: both listen to the
  run and to the runs below it;
* the ``callbacks`` of a config that user code was given: a :class:`ParentRun`;
* an :class:`OwnRunListener`, which hears of the one run only, not of those below it.

What a runnable was made with (``callbacks=[...]`` of a model) listens to its own runs, too.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ..bus._sink import listener
from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..bus import Run
    from ..bus._sink import Sink


class ParentRun:
    """The ``callbacks`` of a config that a function was given: stands for its run."""

    __slots__ = ("run",)

    def __init__(self, run: Run) -> None:
        self.run = run

    def __repr__(self) -> str:
        return f"ParentRun({self.run!r})"


class OwnRunListener(ABC):
    """Something in ``callbacks`` that listens to the run of one call."""

    @abstractmethod
    def sink(self) -> Sink:
        """Return a listener for one run."""


def as_list(callbacks: Any) -> Sequence[Any]:
    """Return the value of ``callbacks`` as a list."""
    if callbacks is None:
        return ()
    return callbacks if isinstance(callbacks, (list, tuple)) else (callbacks,)


def parent_in(config: Mapping[str, Any] | None) -> Run | None:
    """Return the run that an explicit config makes the parent, if it does.

    Raises:
        ConfigError: the config is none.
    """
    try:
        callbacks = config.get("callbacks") if config else None
    except AttributeError:
        raise ConfigError(f"a config is a dict, got {type(config).__name__}: {config!r}") from None
    if callbacks is None or isinstance(callbacks, ParentRun):
        return None if callbacks is None else callbacks.run
    parents = [each.run for each in as_list(callbacks) if isinstance(each, ParentRun)]
    return parents[-1] if parents else None


def new_listeners(callbacks: Any, inherited: Sequence[Any]) -> list[Any]:
    """Return the listeners in ``callbacks`` that runs below hear of, too, each once.

    Raises:
        ConfigError: something in there is none of what may be there.
    """
    added: list[Any] = []
    for each in as_list(callbacks):
        if isinstance(each, (ParentRun, OwnRunListener)):
            continue
        if not callable(each) and not hasattr(each, "_as_sink"):
            raise ConfigError(
                f"callbacks must hold callback handlers or functions of a message, got {each!r}"
            )
        if not _among(each, inherited) and not _among(each, added):
            added.append(each)
    return added


def own_sinks(own: Any, config: Mapping[str, Any] | None, inherited: Sequence[Any]) -> list[Sink]:
    """Return who listens to one run, but not to the runs below it.

    Args:
        own: The callbacks that the runnable was made with.
        config: The config of the call.
        inherited: Who hears of the run anyway.
    """
    sinks = [listener(each) for each in new_listeners(own, inherited)]
    for callbacks in (own, config.get("callbacks") if config else None):
        sinks.extend(each.sink() for each in as_list(callbacks) if isinstance(each, OwnRunListener))
    return sinks


def _among(callback: Any, others: Iterable[Any]) -> bool:
    # A method is another object each time it is looked up. Anything else is compared by
    # identity: two handlers may be equal, and are still two.
    if inspect.ismethod(callback):
        return any(callback == other for other in others)
    return any(callback is other for other in others)
