"""One runnable for each element of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import StepInputError
from ..execution import closing
from ._base import Runnable
from ._batch import batch_below, in_order, whole
from ._parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class RunnableEach(Runnable[Sequence[Input], list[Output]]):
    """Runs another runnable on each element of a list; made by ``runnable.map()``.

    The elements run at the same time, at most ``max_concurrency`` of the config at once.
    Streaming, it yields a list with one output for each element, in their order, as soon as
    that is done; and it begins with a part of the list as soon as that has arrived.

    >>> from streamflow.runnables import RunnableLambda
    >>> RunnableLambda(lambda number: number + 1).map().invoke([1, 2, 3])
    [2, 3, 4]

    Args:
        bound: The runnable.
        name: The name of its runs.
    """

    _starts_whole = False

    def __init__(self, bound: Runnable[Input, Output], *, name: str | None = None) -> None:
        self.bound = bound
        self.name = name
        self._inline = bound._inline

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs: ``RunnableEach<a>`` if it was given none."""
        name = self.name or f"RunnableEach<{self.bound.get_name()}>"
        return f"{name}{suffix.title()}" if suffix else name

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        return await whole(batch_below(self.bound, run, kwargs), self._elements(input))

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        batch = batch_below(self.bound, run, kwargs)
        arrived = yielded = False
        async with closing(inputs):
            async for part in inputs:
                arrived = True
                async with closing(in_order(batch, self._elements(part))) as outputs:
                    async for output in outputs:
                        yielded = True
                        yield [output]
        if arrived and not yielded:
            yield []

    def _elements(self, input: Any) -> Sequence[Any]:
        if not isinstance(input, (list, tuple)):
            raise StepInputError(
                f"{self.get_name()} needs a list, got {type(input).__name__}: {input!r:.80}"
            )
        return input

    def _parts(self) -> Parts:
        return Parts.of("each", [("each", self.bound)])

    def __repr__(self) -> str:
        return f"RunnableEach({self.bound!r})"
