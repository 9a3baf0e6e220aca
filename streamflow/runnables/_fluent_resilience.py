"""The methods that make a runnable robust: ``with_retry``, ``with_fallbacks``, ``with_timeout``.

As in ``_fluent``, what they return are subclasses of the class they are methods of, so
they import it when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._base import Runnable
    from ._fallbacks import RunnableWithFallbacks
    from ._retry import ExponentialJitterParams, RetryCondition, RunnableRetry
    from ._timeout import RunnableTimeout

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Resilience(Generic[Input, Output]):
    """The part of the Runnable interface that deals with failures and delays."""

    def with_retry(
        self,
        *,
        retry_if_exception_type: RetryCondition = (Exception,),
        wait_exponential_jitter: bool = True,
        stop_after_attempt: int = 3,
        exponential_jitter_params: ExponentialJitterParams | None = None,
        restart: bool = False,
    ) -> RunnableRetry[Input, Output]:
        """Return a runnable that tries this one again when it fails.

        A stream is tried again until its first chunk is out, so no chunk is given out twice,
        and it makes as many attempts as ``invoke`` does.

        >>> from streamflow.runnables import RunnableLambda
        >>> answers = iter([TimeoutError(), "here"])
        >>> def ask(question):
        ...     answer = next(answers)
        ...     if isinstance(answer, Exception):
        ...         raise answer
        ...     return answer
        >>> RunnableLambda(ask).with_retry(wait_exponential_jitter=False).invoke("where?")
        'here'

        Args:
            retry_if_exception_type: Which exceptions are worth another attempt: a tuple of
                types, or a function of the exception.
            wait_exponential_jitter: Wait before another attempt, longer each time, by a
                little more or less.
            stop_after_attempt: How many attempts there are, the first one included.
            exponential_jitter_params: How long is waited, in seconds: ``initial`` (1),
                ``exp_base`` (2), ``jitter`` (1) and ``max`` (60).
            restart: Begin a stream anew after its first chunk, too. Its chunks then come again
                from the first one, and a ``RunRetried`` message says how many are void.

        Raises:
            ConfigError: an argument cannot be used.
        """
        from ._retry import RunnableRetry

        return RunnableRetry(
            cast("Runnable[Input, Output]", self),
            retry_exception_types=retry_if_exception_type,
            max_attempt_number=stop_after_attempt,
            wait_exponential_jitter=wait_exponential_jitter,
            exponential_jitter_params=exponential_jitter_params,
            restart=restart,
        )

    def with_fallbacks(
        self,
        fallbacks: Sequence[Any],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (Exception,),
        exception_key: str | None = None,
    ) -> RunnableWithFallbacks[Input, Output]:
        """Return a runnable that runs others when this one fails.

        A stream falls back until its first chunk is out.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(int).with_fallbacks([lambda text: len(text)]).invoke("four")
        4

        Args:
            fallbacks: What is run instead, in this order.
            exceptions_to_handle: After which exceptions.
            exception_key: The input is a dict, and a fallback finds the failure before it
                under this key of its input.

        Raises:
            CoercionError: a fallback is not and does not become a runnable.
        """
        from ._fallbacks import RunnableWithFallbacks

        return RunnableWithFallbacks(
            cast("Runnable[Input, Output]", self),
            fallbacks,
            exceptions_to_handle=exceptions_to_handle,
            exception_key=exception_key,
        )

    def with_timeout(
        self,
        *,
        total: float | None = None,
        first_chunk: float | None = None,
        between_chunks: float | None = None,
    ) -> RunnableTimeout[Input, Output]:
        """Return a runnable that stops this one, with a ``RunTimeoutError``, if it is too slow.

        Only the time counts that this runnable is waited for, not what the consumer of a
        stream takes, nor the wait for the input. Code that runs in a thread cannot be
        interrupted: the error then comes when it gives control back.

        >>> import anyio
        >>> from streamflow.runnables import RunnableLambda
        >>> stuck = RunnableLambda(lambda _: anyio.sleep_forever(), name="stuck")
        >>> stuck.with_timeout(total=0.01).invoke("?")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        streamflow.errors.RunTimeoutError: run 'RunnableTimeout<stuck>' has not come ...

        Args:
            total: For how many seconds it may be waited for in total.
            first_chunk: For how many until the first chunk of a stream; ``invoke`` has none.
            between_chunks: For how many from one chunk to the next, or to the end.

        Raises:
            ConfigError: a limit is no positive number, or there is none.
        """
        from ._timeout import RunnableTimeout

        return RunnableTimeout(
            cast("Runnable[Input, Output]", self),
            total=total,
            first_chunk=first_chunk,
            between_chunks=between_chunks,
        )
