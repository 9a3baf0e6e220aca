"""Passing the input through: as it is, with keys added, or only some of its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from .._inspect import facts_of
from .._merge import AddableDict, merge
from ..errors import MissingKeyError, StepInputError
from ..execution import Tee, aclose, closing, merge as merge_streams
from ._base import Runnable
from ._config import settings_of
from ._inputs import Once
from ._parallel import DEFAULT_CAPACITY, RunnableParallel
from ._parts import Parts
from ._user_code import call_user, injected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ..bus import Run

Value = TypeVar("Value")


class RunnablePassthrough(Runnable[Value, Value]):
    """Yields its input unchanged, chunk by chunk.

    Args:
        func: Called with the whole input when it has passed; what it returns is ignored.
        afunc: An async function to be awaited instead in asynchronous runs.
        name: The name of its runs.

    >>> from streamflow.runnables import RunnablePassthrough
    >>> RunnablePassthrough().invoke("abc")
    'abc'
    """

    _starts_whole = False

    @overload
    def __init__(
        self: RunnablePassthrough[Any],
        func: None = None,
        afunc: None = None,
        *,
        name: str | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        func: Callable[[Value], Any] | None = None,
        afunc: Callable[[Value], Any] | None = None,
        *,
        name: str | None = None,
    ) -> None: ...
    def __init__(
        self,
        func: Callable[[Value], Any] | None = None,
        afunc: Callable[[Value], Any] | None = None,
        *,
        name: str | None = None,
    ) -> None:
        self.func = func
        self.afunc = afunc
        self.name = name
        self._inline = func is None and afunc is None

    @classmethod
    def assign(  # type: ignore[override]  # on the class it needs no instance to begin with
        cls, **branches: Any
    ) -> RunnableAssign:
        """Return a runnable that passes a dict through and adds keys to it.

        Args:
            branches: For each key, what makes its value out of the dict.
        """
        return RunnableAssign(RunnableParallel(branches))

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        await self._look(input, run, kwargs)
        return input

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        looks, seen = not self._inline, []
        try:
            async for chunk in inputs:
                if looks:
                    seen.append(chunk)
                yield chunk
        finally:
            await aclose(inputs)
        if seen:
            await self._look(merge(seen), run, kwargs)

    async def _look(self, value: Any, run: Run, kwargs: dict[str, Any]) -> None:
        function = self.func
        if self.afunc is not None and (function is None or not run.execution.blocking):
            function = self.afunc
        if function is not None:
            facts = facts_of(function)
            await call_user(run, function, facts.is_async, value, **injected(run, facts, kwargs))


class RunnableAssign(Runnable[dict[str, Any], dict[str, Any]]):
    """Passes a dict through and adds keys to it.

    Args:
        mapper: Makes the new keys and their values out of the dict.
        name: The name of its runs.

    >>> from streamflow.runnables import RunnableAssign, RunnableParallel
    >>> sizes = RunnableParallel(size=lambda given: len(given["text"]))
    >>> RunnableAssign(sizes).invoke({"text": "abc"})
    {'text': 'abc', 'size': 3}
    """

    _starts_whole = False

    def __init__(
        self, mapper: RunnableParallel[dict[str, Any]], *, name: str | None = None
    ) -> None:
        self.mapper = mapper
        self.name = name
        self._inline = mapper._inline
        self._default_name = f"RunnableAssign<{','.join(mapper.steps)}>"

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs: ``RunnableAssign<a,b>`` if it was given none."""
        name = self.name or self._default_name
        return f"{name}{suffix.title()}" if suffix else name

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        _require_dict(self, input)
        added = await self.mapper._invoke_step(input, run, None, None, kwargs)
        return {**input, **added}

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        if isinstance(inputs, Once):
            _require_dict(self, inputs.value)
            if rest := self._rest(inputs.value):
                yield rest
            chunks = self.mapper._stream_step(inputs, run, None, None, kwargs)
            async with closing(chunks):
                async for chunk in chunks:
                    yield chunk
            return
        capacity = settings_of(run.scope).channel_capacity or DEFAULT_CAPACITY
        tee = Tee(inputs, 2, capacity, run.execution)
        passed, mapped = tee.outputs()
        both = merge_streams(
            [
                ("passed", passed),
                ("added", self.mapper._stream_step(mapped, run, None, None, kwargs)),
            ],
            capacity,
            run.execution,
            beside=tee.pump,
        )
        async with closing(both):
            async for key, chunk in both:
                if key == "added":
                    yield chunk
                else:
                    _require_dict(self, chunk)
                    if rest := self._rest(chunk):
                        yield rest

    def _rest(self, value: dict[str, Any]) -> AddableDict[str, Any]:
        return AddableDict((k, v) for k, v in value.items() if k not in self.mapper.steps)

    def _parts(self) -> Parts:
        return Parts.of("together", self.mapper.steps.items(), beside=True)

    def __repr__(self) -> str:
        return f"RunnableAssign({self.mapper!r})"


class RunnablePick(Runnable[dict[str, Any], Any]):
    """Picks keys out of a dict.

    Args:
        keys: One key, whose value is the output; or a list, for a smaller dict.
        name: The name of its runs.

    >>> from streamflow.runnables import RunnablePick
    >>> RunnablePick(["text"]).invoke({"text": "abc", "size": 3})
    {'text': 'abc'}
    """

    _starts_whole = False
    _inline = True

    def __init__(self, keys: str | list[str], *, name: str | None = None) -> None:
        self.keys = keys
        self.name = name

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs: ``RunnablePick<a,b>`` if it was given none."""
        keys = [self.keys] if isinstance(self.keys, str) else self.keys
        name = self.name or f"RunnablePick<{','.join(keys)}>"
        return f"{name}{suffix.title()}" if suffix else name

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        picked = self._pick(input)
        if picked is None and isinstance(self.keys, str) and self.keys not in input:
            raise MissingKeyError(self.get_name(), self.keys, input)
        return picked

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        async with closing(inputs):
            async for chunk in inputs:
                picked = self._pick(chunk)
                if picked is not None:
                    yield picked

    def _pick(self, value: Any) -> Any:
        _require_dict(self, value)
        if isinstance(self.keys, str):
            return value.get(self.keys)
        return AddableDict((k, value[k]) for k in self.keys if k in value) or None


def _require_dict(runnable: Runnable[Any, Any], value: Any) -> None:
    if not isinstance(value, dict):
        raise StepInputError(
            f"{runnable.get_name()} needs a dict, got {type(value).__name__}: {value!r:.80}"
        )
