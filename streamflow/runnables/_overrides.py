"""Runnables made by overriding a public method.

A subclass that overrides ``invoke``, say, gets runs, events and configuration like any
other runnable. When the class is made, its public methods are taken as *implementations*
and the hooks ``_execute`` and ``_iterate`` are pointed at them; under the public names stand
the ordinary entrances again, which open a run and drive the hooks. Inside of an
override, ``super().invoke(...)`` reaches what the override replaced, and goes on in the
override's run: one call is one run, and what it streams is published once.

Of several implementations the one that suits the execution is taken: an ``async`` one on
an event loop, a plain one without. A plain one on a loop runs in a worker thread, an
``async`` one without a loop on a background loop.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from .._unset import Unset
from ..bus import Run
from ..execution import aclose
from ._callbacks import ParentRun
from ._config import config_of
from ._inputs import Once, collect
from ._user_code import call_user, iterate_user, iterate_user_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from ..bus._messages import Message
    from ..bus._scope import Position

WHOLE = ("invoke", "ainvoke")
FROM_WHOLE = ("stream", "astream")
CHUNKWISE = ("transform", "atransform")
METHODS = (*WHOLE, *FROM_WHOLE, *CHUNKWISE)


class Override(NamedTuple):
    """A public method as a subclass defines it."""

    owner: type
    function: Callable[..., Any]


def adopt(cls: type[Any]) -> None:
    """Take the public methods that ``cls`` defines as its implementation."""
    own = {
        name: Override(cls, owner.__dict__[name])
        for name in METHODS
        if (owner := _owner(cls, name)) is cls or not hasattr(owner, "_overrides")
    }
    inherited = {
        name: override
        for base in reversed(cls.__mro__[1:])
        for name, override in base.__dict__.get("_overrides", {}).items()
        if override.owner is base
    }
    if not own and inherited == cls._overrides:
        return
    cls._overrides = {**inherited, **own}
    for name, override in own.items():
        setattr(cls, name, _entrance(name, override))
    # A class without overrides has hooks of streamflow's own: what super() reaches.
    if own.keys() & set(WHOLE) and cls._execute is not _execute:
        cls._replaced_execute, cls._execute = cls._execute, _execute
    if own.keys() - set(WHOLE):
        if cls._iterate is not _iterate:
            cls._replaced_iterate, cls._iterate = cls._iterate, _iterate
        cls._starts_whole = not cls._overrides.keys() & set(CHUNKWISE)


def _owner(cls: type[Any], name: str) -> type[Any]:
    """Return the class that defines ``name`` for ``cls``: it may be a mixin that is no runnable."""
    return next(base for base in cls.__mro__ if name in base.__dict__)


def _entrance(name: str, override: Override) -> Callable[..., Any]:
    """Return the public method that stands in for ``override``."""
    function = override.function

    @functools.wraps(function)
    def method(self: Any, input: Any, config: Any = None, **kwargs: Any) -> Any:
        if self._overrides[name].owner is override.owner:
            return self._enter(name, input, config, kwargs)
        # A subclass has overridden this method again and calls it through super().
        return function(self, input, config, **kwargs)

    return method


# The hooks of a class with overrides.


async def _execute(self: Any, input: Any, run: Run, **kwargs: Any) -> Any:
    name = _choose(self, run, ("ainvoke", "invoke"), ("invoke", "ainvoke"))
    function = self._overrides[name].function
    config = config_of(run.scope, run)
    _running[run] = (self, True)
    return await call_user(run, function, name == "ainvoke", self, input, config, **kwargs)


async def _iterate(
    self: Any, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
) -> AsyncIterator[Any]:
    name = _choose(
        self,
        run,
        ("atransform", "astream", "transform", "stream"),
        ("transform", "stream", "atransform", "astream"),
    )
    if name in FROM_WHOLE:
        whole = await collect(inputs)
        if isinstance(whole, Unset):
            return
        inputs = Once(whole)
    function = functools.partial(
        _apply, self, self._overrides[name].function, config_of(run.scope, run), kwargs
    )
    iterate: Any
    if name.startswith("a"):
        iterate = iterate_user_async
        if name == "astream":
            function = functools.partial(_apply_to_whole_async, function)
    else:
        iterate = iterate_user
        if name == "stream":
            function = functools.partial(_apply_to_whole, function)
    _running[run] = (self, False)
    chunks = iterate(run, function, inputs)
    try:
        async for chunk in chunks:
            yield chunk
    finally:
        await aclose(chunks)


def _choose(self: Any, run: Run, on_loop: tuple[str, ...], blocking: tuple[str, ...]) -> str:
    names = blocking if run.execution.blocking else on_loop
    return next(name for name in names if name in self._overrides)


def _apply(
    self: Any, function: Callable[..., Any], config: Any, kwargs: dict[str, Any], inputs: Any
) -> Any:
    return function(self, inputs, config, **kwargs)


def _apply_to_whole(function: Callable[[Any], Any], inputs: Iterator[Any]) -> Iterator[Any]:
    for whole in inputs:
        yield from function(whole)


async def _apply_to_whole_async(
    function: Callable[[Any], Any], inputs: AsyncIterator[Any]
) -> AsyncIterator[Any]:
    async for whole in inputs:
        chunks = function(whole)
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            await aclose(chunks)


# What an override reaches by super().

_running: WeakKeyDictionary[Run, tuple[Any, bool]] = WeakKeyDictionary()
"""The runs of overrides: of which runnable, and whether of the whole input."""


class _SameRun(Run):
    """A run on the other side: in a worker thread, or on a loop that a thread waits for."""

    __slots__ = ("_origin",)

    def __init__(self, origin: Run, at: Position) -> None:
        super().__init__(
            origin.name,
            origin.type,
            origin.parent,
            origin.tree,
            origin.scope,
            at.execution,
            at.blocked,
            origin._own_tags,
            origin._own_metadata,
            origin.id,
        )
        self.listen(origin.sinks)
        self._origin = origin

    def post(self, message: Message) -> bool:
        message.run = self._origin
        return super().post(message)


def run_to_go_on_in(
    runnable: Any, method: str, at: Position, config: Mapping[str, Any] | None
) -> Run | None:
    """Return the run of the override of ``runnable`` that calls ``method`` by super().

    ``None`` if there is none, or if the call is to differ from it.
    """
    run = at.run
    if run is None or at.scope is not run.scope or _running.get(run) != (runnable, method in WHOLE):
        return None
    if config and not _unchanged(config, run):
        return None
    return run if at.execution.blocking == run.execution.blocking else _SameRun(run, at)


def _unchanged(config: Mapping[str, Any], run: Run) -> bool:
    own: Mapping[str, Any] = config_of(run.scope, run)
    return all(
        _stands_for(value, run) if key == "callbacks" else key in own and own[key] == value
        for key, value in config.items()
        if value is not None
    )


def _stands_for(callbacks: Any, run: Run) -> bool:
    return isinstance(callbacks, ParentRun) and callbacks.run is run
