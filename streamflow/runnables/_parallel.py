"""Branches side by side: one input, a dict of outputs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .._merge import AddableDict
from ..execution import Tee, aclose, merge
from ._base import Runnable
from ._coerce import coerce_to_runnable
from ._config import settings_of
from ._inputs import Once
from ._parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ..bus import Run

Input = TypeVar("Input", contravariant=True)

DEFAULT_CAPACITY = 16
"""How far a branch may run ahead of the consumer, in chunks, unless the config says."""


class RunnableParallel(Runnable[Input, dict[str, Any]]):
    """Gives its input to every branch and collects their outputs under the branches' keys.

    The branches run at the same time, at most ``max_concurrency`` of the config at once.
    The first that fails cancels the others. Streaming, it yields ``{key: chunk}`` for each
    chunk of each branch as it comes; these dicts add up to the output.

    Args:
        branches: What makes the value of each key: runnables, or what becomes one, also
            nested dicts.
        name: The name of its runs.
        more: Branches, given as keywords.

    Raises:
        CoercionError: a branch is not and does not become a runnable.

    >>> from streamflow.runnables import RunnableParallel
    >>> RunnableParallel(size=len, loud=str.upper).invoke("abc")
    {'size': 3, 'loud': 'ABC'}
    """

    _starts_whole = False

    def __init__(
        self: RunnableParallel[Any],
        branches: Mapping[str, Any] | None = None,
        name: str | None = None,
        **more: Any,
    ) -> None:
        self.steps = {
            key: coerce_to_runnable(branch) for key, branch in {**(branches or {}), **more}.items()
        }
        self.name = name
        self._inline = all(step._inline for step in self.steps.values())
        self._tagged = [(key, step, f"map:key:{key}") for key, step in self.steps.items()]
        self._default_name = f"{type(self).__name__}<{','.join(map(str, self.steps))}>"

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs: ``RunnableParallel<a,b>`` if it was given none."""
        name = self.name or self._default_name
        return f"{name}{suffix.title()}" if suffix else name

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        results: dict[str, Any] = dict.fromkeys(self.steps)
        together = []
        for key, step, tag in self._tagged:
            if step._inline:
                results[key] = await step._invoke_step(input, run, tag, None, kwargs)
            else:
                together.append((key, partial(step._invoke_step, input, run, tag, None, kwargs)))
        if together:
            limit = settings_of(run.scope).max_concurrency
            outputs = await run.execution.join([call for _, call in together], limit)
            results.update(zip((key for key, _ in together), outputs, strict=True))
        return results

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        chunks = self._keyed(inputs, run, kwargs)
        try:
            async for key, chunk in chunks:
                yield AddableDict({key: chunk})
        finally:
            await aclose(chunks)

    def _keyed(
        self, inputs: AsyncIterator[Any], run: Run, kwargs: dict[str, Any]
    ) -> AsyncIterator[tuple[str, Any]]:
        settings = settings_of(run.scope)
        capacity = settings.channel_capacity or DEFAULT_CAPACITY
        if isinstance(inputs, Once):
            # What never waits comes first: then nothing waits for what does.
            tagged = sorted(self._tagged, key=lambda branch: not branch[1]._inline)
            sources = [
                (key, step._stream_step(Once(inputs.value), run, tag, None, kwargs))
                for key, step, tag in tagged
            ]
            if sum(not step._inline for step in self.steps.values()) <= 1:
                return _one_by_one(sources)
            return merge(sources, capacity, run.execution, limit=settings.max_concurrency)
        tee = Tee(inputs, len(self._tagged), capacity, run.execution)
        # All branches have to run at once here: each needs room for the shared input.
        return merge(
            [
                (key, step._stream_step(own, run, tag, None, kwargs))
                for (key, step, tag), own in zip(self._tagged, tee.outputs(), strict=True)
            ],
            capacity,
            run.execution,
            beside=tee.pump,
        )

    def _parts(self) -> Parts:
        return Parts.of("together", self.steps.items())

    def __repr__(self) -> str:
        branches = ", ".join(f"{key!r}: {step!r}" for key, step in self.steps.items())
        return f"{{{branches}}}"


RunnableMap = RunnableParallel


async def _one_by_one(
    sources: list[tuple[str, AsyncIterator[Any]]],
) -> AsyncIterator[tuple[str, Any]]:
    """Yield the chunks of branches of which at most one ever waits: no task is worth it."""
    for index, (key, source) in enumerate(sources):
        try:
            async for chunk in source:
                yield key, chunk
        except BaseException:
            for _, later in sources[index + 1 :]:
                await aclose(later)
            raise
        finally:
            await aclose(source)
