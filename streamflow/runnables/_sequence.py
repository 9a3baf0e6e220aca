"""Steps in a row: each one's output is the next one's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigError
from ..execution import buffered
from ._base import Runnable
from ._coerce import coerce_to_runnable
from ._config import settings_of
from ._parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class RunnableSequence(Runnable[Input, Output]):
    """Runs steps one after the other; made by ``a | b``.

    Streaming, each step reads the chunks of the one before. The links are direct: a step
    runs when the next one asks for a chunk. With ``channel_capacity`` in the config each
    link is a buffer, and the steps run at the same time.

    Args:
        steps: Runnables, or what becomes one; sequences among them are taken apart.
        name: The name of its runs.

    Raises:
        CoercionError: a step is not and does not become a runnable.
        ConfigError: there is no step.

    >>> from streamflow.runnables import RunnableSequence
    >>> RunnableSequence(len, str).invoke("abc")
    '3'
    """

    _starts_whole = False

    def __init__(self: RunnableSequence[Any, Any], *steps: Any, name: str | None = None) -> None:
        flat: list[Runnable[Any, Any]] = []
        for step in steps:
            runnable = coerce_to_runnable(step)
            if type(runnable) is RunnableSequence and (runnable.name is None or len(steps) == 1):
                flat.extend(runnable.steps)
            else:
                flat.append(runnable)
        if not flat:
            raise ConfigError("a RunnableSequence needs at least one step")
        self.steps: list[Runnable[Any, Any]] = flat
        self.name = name
        self._inline = all(step._inline for step in flat)
        self._tagged = [(step, f"seq:step:{n}") for n, step in enumerate(flat, start=1)]

    @property
    def first(self) -> Runnable[Input, Any]:
        """The first step."""
        return self.steps[0]

    @property
    def last(self) -> Runnable[Any, Output]:
        """The last step."""
        return self.steps[-1]

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        for step, tag in self._tagged:
            # Keyword arguments are for the first step, as the input is.
            input = await step._invoke_step(input, run, tag, None, kwargs)
            kwargs = {}
        return input

    def _iterate(self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any) -> AsyncIterator[Any]:
        capacity = settings_of(run.scope).channel_capacity
        chunks = inputs
        for index, (step, tag) in enumerate(self._tagged):
            if capacity is not None and index > 0:
                chunks = buffered(chunks, capacity, run.execution)
            chunks = step._stream_step(chunks, run, tag, None, kwargs)
            kwargs = {}
        return chunks

    def _parts(self) -> Parts:
        return Parts.of("row", ((str(n), step) for n, step in enumerate(self.steps, start=1)))

    def __repr__(self) -> str:
        return " | ".join(repr(step) for step in self.steps)
