"""Something else to run when a runnable fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .._unset import Unset
from ..errors import StepInputError
from ..execution import aclose, raise_first
from ._base import Runnable
from ._coerce import coerce_to_runnable
from ._inputs import Once, collect
from ._parts import Parts
from ._replay import Replay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ..bus import Run

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class RunnableWithFallbacks(Runnable[Input, Output]):
    """Runs a runnable and, if it fails, its fallbacks, until one of them does not fail.

    Made by ``runnable.with_fallbacks([...])``. If all of them fail, the first failure is
    raised, with the others as notes. A stream falls back until its first chunk is out; what
    fails later fails. The chunks of an input that arrives in chunks are remembered until
    then; what the input itself raises is nobody's failure here.

    >>> from streamflow.runnables import RunnableLambda, RunnableWithFallbacks
    >>> number = RunnableWithFallbacks(RunnableLambda(int), [float, lambda text: None])
    >>> number.batch(["4", "4.5", "four"])
    [4, 4.5, None]

    Args:
        runnable: What is run first.
        fallbacks: What is run then, in this order.
        exceptions_to_handle: After which exceptions. Those that are no ``Exception`` always
            pass.
        exception_key: The input is a dict, and a fallback finds the failure before it under
            this key of its input.
        name: The name of its runs.

    Raises:
        CoercionError: a fallback is not and does not become a runnable.
    """

    _starts_whole = False

    def __init__(
        self,
        runnable: Runnable[Input, Output],
        fallbacks: Sequence[Any],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
        name: str | None = None,
    ) -> None:
        self.runnable = runnable
        self.fallbacks = [coerce_to_runnable(fallback) for fallback in fallbacks]
        self.exceptions_to_handle = exceptions_to_handle
        self.exception_key = exception_key
        self.name = name
        self._inline = all(each._inline for each in self.runnables)

    @property
    def runnables(self) -> list[Runnable[Any, Any]]:
        """The runnable and its fallbacks."""
        return [self.runnable, *self.fallbacks]

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        self._check(input)
        failures: list[BaseException] = []
        try:
            for runnable in self.runnables:
                told = self._told(input, failures)
                try:
                    return await runnable._invoke_step(told, run, None, None, kwargs)
                except Exception as error:
                    if not isinstance(error, self.exceptions_to_handle):
                        raise
                    failures.append(error)
            raise_first(failures, _FAILED_TOO)
        finally:
            failures.clear()  # their tracebacks hold this frame: without this, a cycle

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        replay = Replay(inputs)
        failures: list[BaseException] = []
        chunks: AsyncIterator[Any] = inputs
        try:
            for runnable in self.runnables:
                source = await self._source(replay, failures)
                chunks = runnable._stream_step(source, run, None, None, kwargs)
                try:
                    first = await chunks.__anext__()
                except StopAsyncIteration:
                    return
                except Exception as error:
                    if replay.error is not None or not isinstance(error, self.exceptions_to_handle):
                        raise
                    failures.append(error)
                    await aclose(chunks)
                    continue
                replay.forget()
                failures.clear()
                yield first
                async for chunk in chunks:
                    yield chunk
                return
            raise_first(failures, _FAILED_TOO)
        finally:
            failures.clear()  # as above
            await aclose(chunks)
            await replay.aclose()

    async def _source(
        self, replay: Replay[Any], failures: Sequence[BaseException]
    ) -> AsyncIterator[Any]:
        """Return what the next of the runnables reads."""
        source = replay.again()
        if self.exception_key is None or not (failures or isinstance(source, Once)):
            return source
        whole = await collect(source)
        if isinstance(whole, Unset):
            return replay.again()
        self._check(whole)
        return Once(self._told(whole, failures))

    def _check(self, input: Any) -> None:
        if self.exception_key is not None and not isinstance(input, dict):
            raise StepInputError(
                f"{self.get_name()} has an exception_key, so it needs a dict, got "
                f"{type(input).__name__}: {input!r:.80}"
            )

    def _told(self, input: Any, failures: Sequence[BaseException]) -> Any:
        """Return the input, with the last failure in it if that is wanted."""
        if self.exception_key is None or not failures:
            return input
        return {**input, self.exception_key: failures[-1]}

    def _parts(self) -> Parts:
        fallbacks = [(f"fallback:{n}", each) for n, each in enumerate(self.fallbacks, start=1)]
        labels = [None, *(key for key, _ in fallbacks)]
        return Parts.of("choice", [("first", self.runnable), *fallbacks], labels=labels)

    def __repr__(self) -> str:
        return f"RunnableWithFallbacks({self.runnable!r}, {self.fallbacks!r})"


_FAILED_TOO = "A fallback failed too"
