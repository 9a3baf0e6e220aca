"""The configuration of a run, and what of it the runs below inherit.

A config is a plain dict with known keys. Inside, what is inherited lives in the run's
scope: the bus layer holds buses, tags and metadata, and this module's
:class:`Settings` the rest. A run whose config says nothing shares its parent's scope.
"""

from __future__ import annotations

import difflib
import warnings
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID  # noqa: TC003 - so that the hints of RunnableConfig can be evaluated

from attrs import define, evolve, field

from ..bus import Bus
from ..bus._scope import ROOT_SCOPE, Scope, get_current
from ..errors import ConfigError, NoActiveRunError
from ._callbacks import ParentRun, as_list, new_listeners, parent_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..bus import Run

DEFAULT_RECURSION_LIMIT = 25


class RunnableConfig(TypedDict, total=False):
    """How one call, and what it calls, is to be run. Every key is optional.

    Tags, metadata and everything else but ``run_name`` and ``run_id`` is inherited by the
    runs below.

    >>> from streamflow.runnables import RunnableConfig, RunnableLambda
    >>> config: RunnableConfig = {"run_name": "count", "tags": ["demo"]}
    >>> RunnableLambda(len).invoke("abc", config)
    3
    """

    tags: list[str]
    """Labels to filter events by."""
    metadata: dict[str, Any]
    """Facts for subscribers; keys are strings."""
    callbacks: Any
    """Listeners: callback handlers, and functions that are called with each message; or the
    ``callbacks`` of the config that a function was given, which makes the call a child of that
    function's run; or a list of all these."""
    run_name: str
    """The name of this run; the runnable's own if not given."""
    run_id: UUID | str
    """The id of this run; made anew if not given."""
    max_concurrency: int | None
    """How many branches or items run at once."""
    recursion_limit: int
    """How many times a function may return a runnable to be run in its place."""
    configurable: dict[str, Any]
    """Values for configurable fields, and anything user code wants to pass down."""
    bus: Bus
    """A bus that the run and those below it publish to."""
    channel_capacity: int | None
    """The number of items that each link of a sequence buffers; its steps then overlap in
    time. Direct links, without a buffer, if not given."""
    strict_streaming: bool
    """Refuse to stream through a step that would wait for its whole input."""


_KEYS = frozenset(RunnableConfig.__annotations__)


@define(frozen=True)
class Settings:
    """What runs inherit beside buses, tags and metadata."""

    max_concurrency: int | None = None
    recursion_limit: int = DEFAULT_RECURSION_LIMIT
    configurable: Mapping[str, Any] = field(factory=dict)
    channel_capacity: int | None = None
    strict_streaming: bool = False
    callbacks: tuple[Any, ...] = ()


_DEFAULTS = Settings()


def settings_of(scope: Scope) -> Settings:
    """Return the settings that runs in ``scope`` inherit."""
    settings: Settings = _DEFAULTS if scope.settings is None else scope.settings
    return settings


def concurrency_in(config: Mapping[str, Any] | None, scope: Scope) -> int | None:
    """Return how many items run at once in a call with ``config``, if anything says.

    Raises:
        ConfigError: the value cannot be used.
    """
    limit = config.get("max_concurrency") if config else None
    if limit is None:
        return settings_of(scope).max_concurrency
    return _positive("max_concurrency")(limit)


def configurable_in(scope: Scope, config: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return ``configurable`` for a run in ``scope`` with ``config``.

    Raises:
        ConfigError: it is no dict.
    """
    inherited = settings_of(scope).configurable
    own = _checked(config).get("configurable") if config else None
    return {**inherited, **_mapping("configurable", own)} if own else inherited


def derive_scope(scope: Scope, config: Mapping[str, Any]) -> Scope:
    """Return what a run with ``config`` hands down, if ``scope`` is what it was given.

    Raises:
        ConfigError: a value cannot be used.
    """
    config = _checked(config)
    tags, metadata, buses = scope.tags, scope.metadata, scope.buses
    if config.get("tags"):
        tags = _union(_tags(config["tags"]), tags)
    if config.get("metadata"):
        metadata = {**metadata, **_mapping("metadata", config["metadata"])}
    if config.get("bus") is not None:
        buses = (*buses, _bus(config["bus"])) if config["bus"] not in buses else buses
    settings = settings_of(scope)
    changes = {
        key: convert(config[key])
        for key, convert in _CONVERTERS.items()
        if config.get(key) is not None
    }
    if "configurable" in changes:
        changes["configurable"] = {**settings.configurable, **changes["configurable"]}
    listeners = new_listeners(config.get("callbacks"), settings.callbacks)
    if listeners:
        changes["callbacks"] = (*settings.callbacks, *listeners)
        bus = Bus()
        for function in listeners:
            bus.listen(function)
        buses = (*buses, bus)
    if changes:
        settings = evolve(settings, **changes)
    return Scope(buses, tags, metadata, settings)


def ensure_config(config: RunnableConfig | None = None) -> RunnableConfig:
    """Return a complete config: ``config``, over what the current code inherits.

    A key that does not exist goes to ``configurable``; if it looks like a slip, a warning
    names the key that may have been meant.

    Raises:
        ConfigError: a value cannot be used.

    >>> from streamflow.runnables import ensure_config
    >>> ensure_config({"tags": ["demo"]})["recursion_limit"]
    25
    """
    parent = parent_in(config)
    current = parent or get_current()
    scope = ROOT_SCOPE if current is None else current.scope
    run = None if current is None else current.run
    if config:
        scope = derive_scope(scope, config)
    result = config_of(scope, run)
    for key in ("run_name", "run_id"):
        if config and config.get(key) is not None:
            result[key] = config[key]
    given = as_list((config or {}).get("callbacks"))
    listening = [each for each in given if not isinstance(each, ParentRun)]
    if listening:
        result["callbacks"] = [*as_list(result["callbacks"]), *listening]
    return result


def get_config() -> RunnableConfig:
    """Return the config of the code that runs now, from anywhere below a run.

    Raises:
        NoActiveRunError: no run is active here.

    >>> from streamflow.runnables import RunnableLambda, get_config
    >>> RunnableLambda(lambda _: get_config()["tags"]).invoke(None, {"tags": ["demo"]})
    ['demo']
    """
    current = get_current()
    if current is None or current.run is None:
        raise NoActiveRunError(
            "get_config() was called outside of any run. Call it in code that a runnable "
            "runs; a thread pool of your own needs contextvars.copy_context().run(...) "
            "around what it calls."
        )
    return config_of(current.scope, current.run)


def config_of(scope: Scope, run: Run | None) -> RunnableConfig:
    """Return the config to be passed on by code that runs in ``run``."""
    settings = settings_of(scope)
    config: RunnableConfig = {
        "tags": list(scope.tags),
        "metadata": dict(scope.metadata),
        "callbacks": None if run is None else ParentRun(run),
        "recursion_limit": settings.recursion_limit,
        "configurable": dict(settings.configurable),
    }
    if settings.max_concurrency is not None:
        config["max_concurrency"] = settings.max_concurrency
    if settings.channel_capacity is not None:
        config["channel_capacity"] = settings.channel_capacity
    if settings.strict_streaming:
        config["strict_streaming"] = True
    return config


def merge_configs(*configs: RunnableConfig | None) -> RunnableConfig:
    """Return one config out of several; of two values for a key the later one counts.

    Tags are united, metadata and configurable are merged key by key, listeners add up.
    None of the given configs is changed.

    >>> from streamflow.runnables import merge_configs
    >>> merge_configs({"tags": ["a"]}, {"tags": ["b"], "run_name": "count"})
    {'tags': ['a', 'b'], 'run_name': 'count'}
    """
    merged: dict[str, Any] = {}
    for config in configs:
        for key, value in (config or {}).items():
            if value is None:
                continue
            before = merged.get(key)
            if key == "tags":
                merged[key] = list(_union(_tags(before or ()), _tags(value)))
            elif key in ("metadata", "configurable"):
                merged[key] = {**(before or {}), **_mapping(key, value)}
            elif key == "callbacks" and before is not None:
                merged[key] = [*as_list(before), *as_list(value)]
            else:
                merged[key] = value
    return merged  # type: ignore[return-value]  # the keys come from configs


def patch_config(config: RunnableConfig | None, **changes: Any) -> RunnableConfig:
    """Return a copy of ``config`` with some keys replaced, as they are given.

    >>> from streamflow.runnables import patch_config
    >>> patch_config({"tags": ["a"]}, run_name="count")
    {'tags': ['a'], 'run_name': 'count'}
    """
    unknown = changes.keys() - _KEYS
    if unknown:
        raise ConfigError(
            f"patch_config() knows no key {sorted(unknown)}; it knows {sorted(_KEYS)}"
        )
    patched: dict[str, Any] = {**(config or {}), **changes}
    return patched  # type: ignore[return-value]  # the keys were checked


def _checked(config: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        unknown = [key for key in config if key not in _KEYS]
    except TypeError:
        raise ConfigError(f"a config is a dict, got {type(config).__name__}: {config!r}") from None
    if not unknown:
        return config
    known = {key: config[key] for key in config if key in _KEYS}
    for key in unknown:
        near = difflib.get_close_matches(str(key), _KEYS, n=1, cutoff=0.75)
        if near:
            warnings.warn(
                f"config has no key {key!r}; did you mean {near[0]!r}? "
                f"It was taken as a key of 'configurable'.",
                stacklevel=2,
            )
    extra = {key: config[key] for key in unknown}
    known["configurable"] = {**extra, **(known.get("configurable") or {})}
    return known


def _union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _tags(tags: Any) -> Sequence[str]:
    is_list = isinstance(tags, (list, tuple, set, frozenset))
    if not is_list or not all(isinstance(tag, str) for tag in tags):
        raise ConfigError(f"tags must be a list of strings, got {tags!r}")
    return tuple(tags)


def _mapping(key: str, value: Any) -> Mapping[str, Any]:
    try:
        return dict(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{key} must be a dict, got {value!r}") from None


def _bus(bus: Any) -> Bus:
    if not isinstance(bus, Bus):
        raise ConfigError(f"bus must be a streamflow.bus.Bus, got {bus!r}")
    return bus


def _positive(key: str) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(f"{key} must be a whole number of at least 1, got {value!r}")
        return value

    return convert


def _limit(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"recursion_limit must be a whole number, got {value!r}")
    return value


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "max_concurrency": _positive("max_concurrency"),
    "recursion_limit": _limit,
    "configurable": lambda value: _mapping("configurable", value),
    "channel_capacity": _positive("channel_capacity"),
    "strict_streaming": bool,
}
