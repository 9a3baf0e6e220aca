"""Trying again what failed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from ..errors import ConfigError
from ..execution import aclose
from ._base import Runnable
from ._lifecycle import publish_retry
from ._parts import Parts
from ._replay import Replay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..bus import Run

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class ExponentialJitterParams(TypedDict, total=False):
    """How long is waited before another attempt, in seconds.

    >>> from streamflow.runnables import ExponentialJitterParams, RunnableLambda
    >>> waits = ExponentialJitterParams(initial=0.1, max=5)
    >>> RunnableLambda(int).with_retry(exponential_jitter_params=waits).invoke("4")
    4
    """

    initial: float
    """Before the second attempt; 1 if not given."""
    max: float
    """At most, jitter included; 60 if not given."""
    exp_base: float
    """By what the wait is multiplied from one attempt to the next; 2 if not given."""
    jitter: float
    """How much is added at most, by chance; 1 if not given."""


_DEFAULTS: dict[str, float] = {"initial": 1.0, "max": 60.0, "exp_base": 2.0, "jitter": 1.0}

RetryCondition = tuple[type[BaseException], ...] | Callable[[BaseException], bool]


class RunnableRetry(Runnable[Input, Output]):
    """Runs another runnable again when it fails; made by ``runnable.with_retry(...)``.

    Each attempt is a run below its own, tagged ``retry:attempt:2`` and so on from the second
    one on. Before each of those it publishes a ``RunRetried``.

    A stream is begun anew only until its first chunk is out, so that none is given out
    twice. The chunks of an input that arrives in chunks are remembered until then. With
    ``restart`` it is begun anew at any time, and its chunks come again from the first one;
    the message says how many of those before are void. What stands behind it in a sequence
    reads all of them: put it around everything that is streamed.

    What the input itself raises, while it is read, is not this runnable's failure, and is
    not retried.

    >>> from streamflow.runnables import RunnableLambda, RunnableRetry
    >>> once = RunnableRetry(RunnableLambda(int), max_attempt_number=1)
    >>> once.invoke("four")
    Traceback (most recent call last):
        ...
    ValueError: invalid literal for int() with base 10: 'four'

    Args:
        bound: The runnable.
        retry_exception_types: Which exceptions are worth another attempt: types, or a
            function of the exception. Those that are no ``Exception`` never are.
        max_attempt_number: How many attempts there are, the first one included.
        wait_exponential_jitter: Wait before another attempt, longer each time.
        exponential_jitter_params: How long.
        restart: Begin a stream anew after its first chunk, too.
        draw: Returns the share of the jitter, from 0 to 1.
        name: The name of its runs; that of the runnable if not given.

    Raises:
        ConfigError: an argument cannot be used.
    """

    _starts_whole = False

    def __init__(
        self,
        bound: Runnable[Input, Output],
        *,
        retry_exception_types: RetryCondition = (Exception,),
        max_attempt_number: int = 3,
        wait_exponential_jitter: bool = True,
        exponential_jitter_params: ExponentialJitterParams | None = None,
        restart: bool = False,
        draw: Callable[[], float] = random.random,
        name: str | None = None,
    ) -> None:
        self.bound = bound
        self.retry_exception_types = _condition(retry_exception_types)
        self.max_attempt_number = _count(max_attempt_number)
        self.wait_exponential_jitter = wait_exponential_jitter
        self.exponential_jitter_params = exponential_jitter_params
        self.restart = restart
        self.name = name
        _waits(exponential_jitter_params)
        self._draw = draw

    def get_name(self, suffix: str | None = None) -> str:
        """Return the name of its runs: that of the runnable, if it was given none."""
        return super().get_name(suffix) if self.name else self.bound.get_name(suffix)

    async def _execute(self, input: Any, run: Run, **kwargs: Any) -> Any:
        attempt = 1
        while True:
            try:
                return await self.bound._invoke_step(input, run, _tag(attempt), None, kwargs)
            except Exception as error:
                if not self._worth_another(error, attempt):
                    raise
                attempt += 1
                await self._wait(run, attempt, error, 0)

    async def _iterate(
        self, inputs: AsyncIterator[Any], run: Run, **kwargs: Any
    ) -> AsyncIterator[Any]:
        replay = Replay(inputs)
        attempt, given_out = 1, 0
        chunks = self.bound._stream_step(replay.again(), run, None, None, kwargs)
        try:
            while True:
                try:
                    chunk = await chunks.__anext__()
                except StopAsyncIteration:
                    return
                except Exception as error:
                    final = (given_out and not self.restart) or replay.error is not None
                    if final or not self._worth_another(error, attempt):
                        raise
                    attempt += 1
                    await aclose(chunks)
                    await self._wait(run, attempt, error, given_out)
                    given_out = 0
                    chunks = self.bound._stream_step(
                        replay.again(), run, _tag(attempt), None, kwargs
                    )
                    continue
                if not given_out and not self.restart:
                    replay.forget()
                given_out += 1
                yield chunk
        finally:
            await aclose(chunks)
            await replay.aclose()

    def _worth_another(self, error: Exception, attempt: int) -> bool:
        if attempt >= self.max_attempt_number:
            return False
        condition = self.retry_exception_types
        return isinstance(error, condition) if isinstance(condition, tuple) else condition(error)

    async def _wait(self, run: Run, attempt: int, error: Exception, void: int) -> None:
        await publish_retry(run, attempt, error, void)
        if self.wait_exponential_jitter:
            seconds = self._seconds_before(attempt)
            if seconds > 0:
                await run.execution.sleep(seconds)

    def _seconds_before(self, attempt: int) -> float:
        waits = _waits(self.exponential_jitter_params)
        try:
            seconds = waits["initial"] * waits["exp_base"] ** (attempt - 2)
        except OverflowError:
            return waits["max"]
        return min(seconds + waits["jitter"] * self._draw(), waits["max"])

    def _parts(self) -> Parts:
        return Parts.of("inside", [("attempt", self.bound)])

    def __repr__(self) -> str:
        return f"RunnableRetry({self.bound!r})"


def _tag(attempt: int) -> str | None:
    return f"retry:attempt:{attempt}" if attempt > 1 else None


def _condition(condition: Any) -> RetryCondition:
    if isinstance(condition, tuple):
        for each in condition:
            if not (isinstance(each, type) and issubclass(each, BaseException)):
                raise ConfigError(f"retry_if_exception_type holds no exception type: {each!r}")
    elif isinstance(condition, type) or not callable(condition):
        raise ConfigError(
            f"retry_if_exception_type must be a tuple of exception types or a function of an "
            f"exception, got {condition!r}"
        )
    checked: RetryCondition = condition
    return checked


def _count(attempts: Any) -> int:
    if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
        raise ConfigError(
            f"stop_after_attempt must be a whole number of at least 1, got {attempts!r}"
        )
    return attempts


def _waits(params: ExponentialJitterParams | None) -> dict[str, float]:
    given: dict[str, Any] = dict(params or {})
    for key, value in given.items():
        if key not in _DEFAULTS:
            raise ConfigError(
                f"exponential_jitter_params has no {key!r}; there are {', '.join(_DEFAULTS)}"
            )
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ConfigError(
                f"exponential_jitter_params: {key!r} must be a number of at least 0, got {value!r}"
            )
    return {**_DEFAULTS, **given}
