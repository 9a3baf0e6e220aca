"""Functions as runnables."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .._inspect import facts_of
from .._unset import Unset
from ..errors import CoercionError, RecursionLimitError
from ..execution import aclose, closing
from ._base import Runnable
from ._config import settings_of
from ._inputs import Once, collect
from ._user_code import call_user, injected, iterate_user, iterate_user_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from ..bus import Run

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)

if TYPE_CHECKING:
    Arg = TypeVar("Arg")
    Result = TypeVar("Result")

    # What the output is made of, by what a function returns.
    Chosen = Runnable[Any, Result] | Awaitable[Runnable[Any, Result]]
    Unpacked = Awaitable[Result] | Iterator[Result] | AsyncIterator[Result]


class RunnableLambda(Runnable[Input, Output]):
    """Calls a function with its whole input.

    The function may be plain or async, and take a ``config`` parameter, which it is given.
    If it is a generator function, its items are the chunks of the output. If it returns a
    runnable, that is run on the same input, and its output is the output.

    In an asynchronous run a plain function is called in a worker thread, which costs some
    tenths of a millisecond: declare one that neither waits nor computes ``inline``. An
    async function in a synchronous run is awaited on a background loop.

    Args:
        func: The function.
        afunc: An async function to be awaited instead in asynchronous runs.
        name: The name of its runs; the function's name if not given.
        per_chunk: Call the function with each chunk of the input, not with the whole: the
            stream is passed on.
        inline: Call a plain function directly on the event loop.

    Raises:
        CoercionError: what was given is not a function.

    >>> from streamflow.runnables import RunnableLambda
    >>> (RunnableLambda(len) | str).invoke("abc")
    '3'
    """

    _starts_whole = False

    @overload
    def __init__(
        self: RunnableLambda[Arg, Result],
        func: Callable[[Arg], Chosen[Result]],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
        *,
        per_chunk: bool = False,
        inline: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: RunnableLambda[Arg, Result],
        func: Callable[[Arg], Unpacked[Result]],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
        *,
        per_chunk: bool = False,
        inline: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: RunnableLambda[Arg, Result],
        func: Callable[[Arg], Result],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
        *,
        per_chunk: bool = False,
        inline: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: RunnableLambda[Any, Result],
        func: Callable[..., Unpacked[Result]],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
        *,
        per_chunk: bool = False,
        inline: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self: RunnableLambda[Any, Result],
        func: Callable[..., Result],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
        *,
        per_chunk: bool = False,
        inline: bool = False,
    ) -> None: ...
    def __init__(
        self,
        func: Callable[..., Any],
        afunc: Callable[..., Any] | None = None,
        name: str | None = None,
        *,
        per_chunk: bool = False,
        inline: bool = False,
    ) -> None:
        for function in (func,) if afunc is None else (func, afunc):
            if not callable(function):
                raise CoercionError(function)
        self.func = func
        self.afunc = afunc
        self.per_chunk = per_chunk
        self._inline = inline
        self._facts = facts_of(func)
        self._afacts = facts_of(afunc) if afunc is not None else self._facts
        self.name = name or self._facts.name

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        _, facts = self._choose(run)
        if facts.yields:
            output = await collect(self._generate(Once(input), run, kwargs))
            return None if isinstance(output, Unset) else output
        output = await self._result(input, run, kwargs)
        if isinstance(output, Runnable):
            return await output._invoke_step(input, run, None, self._deeper(run), {})
        return output

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        _, facts = self._choose(run)
        if facts.yields:
            chunks = self._generate(inputs, run, kwargs)
        elif self.per_chunk:
            chunks = self._map(inputs, run, kwargs)
        else:
            chunks = self._once(inputs, run, kwargs)
        async with closing(chunks):
            async for chunk in chunks:
                yield chunk

    def _choose(self, run: Run) -> tuple[Callable[..., Any], Any]:
        if self.afunc is not None and not run.execution.blocking:
            return self.afunc, self._afacts
        return self.func, self._facts

    async def _result(self, input: Any, run: Run, kwargs: dict[str, Any]) -> Any:
        function, facts = self._choose(run)
        kwargs = injected(run, facts, kwargs)
        output = await call_user(
            run, function, facts.is_async, input, inline=self._inline, **kwargs
        )
        if inspect.isawaitable(output):
            # A lambda around an async function: it is plain, what it returns is not.
            output = await call_user(run, _await, True, output)
        return output

    async def _once(
        self, inputs: AsyncIterator[Any], run: Run, kwargs: dict[str, Any]
    ) -> AsyncIterator[Any]:
        whole = await collect(inputs)
        if isinstance(whole, Unset):
            return
        output = await self._result(whole, run, kwargs)
        if not isinstance(output, Runnable):
            yield output
            return
        chunks = output._stream_step(Once(whole), run, None, self._deeper(run), {})
        async with closing(chunks):
            async for chunk in chunks:
                yield chunk

    async def _map(
        self, inputs: AsyncIterator[Any], run: Run, kwargs: dict[str, Any]
    ) -> AsyncIterator[Any]:
        async with closing(inputs):
            async for chunk in inputs:
                output = await self._result(chunk, run, kwargs)
                if not isinstance(output, Runnable):
                    yield output
                    continue
                chunks = output._stream_step(Once(chunk), run, None, self._deeper(run), {})
                async with closing(chunks):
                    async for part in chunks:
                        yield part

    async def _generate(
        self, inputs: AsyncIterator[Any], run: Run, kwargs: dict[str, Any]
    ) -> AsyncIterator[Any]:
        function, facts = self._choose(run)
        kwargs = injected(run, facts, kwargs)
        chunks: AsyncIterator[Any]

        if facts.is_async_generator:

            async def over_async(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
                async for item in items:
                    async with closing(function(item, **kwargs)) as generator:
                        async for chunk in generator:
                            yield chunk

            chunks = iterate_user_async(run, over_async, self._units(inputs))
        else:

            def over(items: Iterator[Any]) -> Iterator[Any]:
                for item in items:
                    yield from function(item, **kwargs)

            chunks = iterate_user(run, over, self._units(inputs))
        async with closing(chunks):
            async for chunk in chunks:
                yield chunk

    async def _units(self, inputs: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what the function is called with: each chunk, or the whole."""
        if not self.per_chunk:
            whole = await collect(inputs)
            if not isinstance(whole, Unset):
                yield whole
            return
        try:
            async for chunk in inputs:
                yield chunk
        finally:
            await aclose(inputs)

    def _deeper(self, run: Run) -> dict[str, Any]:
        """Return the config of a runnable that the function returned."""
        limit = settings_of(run.scope).recursion_limit
        if limit <= 0:
            raise RecursionLimitError(run.name, _first_limit(run))
        return {"recursion_limit": limit - 1}

    def __repr__(self) -> str:
        return f"RunnableLambda({self._facts.name or '...'})"


def _first_limit(run: Run) -> int:
    """Return the limit as it was before the runs above counted it down."""
    limit = settings_of(run.scope).recursion_limit
    above = run.parent
    while above is not None:
        higher = settings_of(above.scope).recursion_limit
        if not limit <= higher <= limit + 1:
            break
        above, limit = above.parent, higher
    return limit


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


@overload
def chain(func: Callable[[Arg], Chosen[Result]]) -> RunnableLambda[Arg, Result]: ...
@overload
def chain(func: Callable[[Arg], Unpacked[Result]]) -> RunnableLambda[Arg, Result]: ...
@overload
def chain(func: Callable[[Arg], Result]) -> RunnableLambda[Arg, Result]: ...
@overload
def chain(func: Callable[..., Unpacked[Result]]) -> RunnableLambda[Any, Result]: ...
@overload
def chain(func: Callable[..., Result]) -> RunnableLambda[Any, Result]: ...
def chain(func: Callable[..., Any]) -> RunnableLambda[Any, Any]:
    """Make a function a runnable; to be used as a decorator.

    The function may be plain, async, or a generator function of either kind. The runnables
    that it calls are children of its run.

    >>> from streamflow.runnables import chain
    >>> @chain
    ... def shout(text):
    ...     return text.upper()
    >>> (shout | len).invoke("abc")
    3
    """
    return RunnableLambda(func)
