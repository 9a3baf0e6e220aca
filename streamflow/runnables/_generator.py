"""Generator functions as runnables: from a stream of chunks to a stream of chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .._inspect import facts_of
from ..errors import CoercionError
from ._base import Runnable
from ._user_code import injected, iterate_user, iterate_user_async

if TYPE_CHECKING:
    from .._inspect import Facts
    from ..bus import Run

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)

Transform = (
    Callable[[Iterator[Input]], Iterator[Output]]
    | Callable[[AsyncIterator[Input]], AsyncIterator[Output]]
)


class RunnableGenerator(Runnable[Input, Output]):
    """Gives a generator function the iterator of its input's chunks and yields its items.

    In an asynchronous run a plain generator lives in one worker thread for its whole life;
    in a synchronous run an async generator lives in one task of a background loop.

    Args:
        transform: A generator function of an iterator, or an async one of an async one.
        atransform: An async one to be used instead in asynchronous runs.
        name: The name of its runs; the function's name if not given.

    Raises:
        CoercionError: what was given is not a generator function.

    >>> from streamflow.runnables import RunnableGenerator
    >>> def upper(chunks):
    ...     for chunk in chunks:
    ...         yield chunk.upper()
    >>> list(RunnableGenerator(upper).transform(iter(["a", "b"])))
    ['A', 'B']
    """

    _starts_whole = False

    def __init__(
        self,
        transform: Transform[Input, Output],
        atransform: Callable[[AsyncIterator[Input]], AsyncIterator[Output]] | None = None,
        *,
        name: str | None = None,
    ) -> None:
        functions: tuple[Any, ...] = (transform,) if atransform is None else (transform, atransform)
        for function in functions:
            if not (callable(function) and facts_of(function).yields):
                raise CoercionError(function)
        self._transform = transform
        self._atransform = atransform
        self._facts = facts_of(transform)
        self._afacts = facts_of(atransform) if atransform is not None else self._facts
        self.name = name or self._facts.name

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        function: Callable[..., Any] = self._transform
        facts: Facts = self._facts
        if self._atransform is not None and not run.execution.blocking:
            function, facts = self._atransform, self._afacts
        kwargs = injected(run, facts, kwargs)
        if kwargs:
            function = partial(function, **kwargs)
        iterate: Any = iterate_user_async if facts.is_async_generator else iterate_user
        chunks: AsyncIterator[Any] = iterate(run, function, inputs)
        return chunks

    def __repr__(self) -> str:
        return f"RunnableGenerator({self._facts.name or '...'})"
