"""How a node is run: again when it fails, or not at all when its answer is known."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .._json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def default_retry_on(error: Exception) -> bool:
    """Whether an error may go away by itself: no mistake in the code, as far as one can tell.

    >>> from streamflow.types import default_retry_on
    >>> default_retry_on(ConnectionError()), default_retry_on(ValueError())
    (True, False)
    """
    if isinstance(error, ConnectionError):
        return True
    mistakes = (
        ValueError,
        TypeError,
        ArithmeticError,
        ImportError,
        LookupError,
        NameError,
        SyntaxError,
        RuntimeError,
        ReferenceError,
        StopIteration,
        StopAsyncIteration,
        OSError,
    )
    return not isinstance(error, mistakes)


@frozen(kw_only=True)
class RetryPolicy:
    """When and how often a node is run again after it has failed.

    >>> from streamflow.types import RetryPolicy
    >>> RetryPolicy(max_attempts=5, jitter=False).wait_before(2)
    1.0

    Args:
        initial_interval: How many seconds to wait before the second attempt.
        backoff_factor: How many times longer each wait is than the one before.
        max_interval: The longest wait.
        max_attempts: How many attempts there are, the first included.
        jitter: Wait up to a second longer, at random.
        retry_on: Which errors: classes, or a function that tells.
    """

    initial_interval: float = 0.5
    backoff_factor: float = 2.0
    max_interval: float = 128.0
    max_attempts: int = 3
    jitter: bool = True
    retry_on: type[Exception] | Sequence[type[Exception]] | Callable[[Exception], bool] = (
        default_retry_on
    )

    def applies_to(self, error: Exception) -> bool:
        """Whether there is another attempt after this error."""
        if isinstance(self.retry_on, type):
            return isinstance(error, self.retry_on)
        if callable(self.retry_on):
            return bool(self.retry_on(error))
        return isinstance(error, tuple(self.retry_on))

    def wait_before(self, retry: int) -> float:
        """Return how many seconds to wait before a retry, of which the first is number 1."""
        wait = self.initial_interval * self.backoff_factor ** (retry - 1)
        return min(self.max_interval, wait) + (random.random() if self.jitter else 0.0)


def default_cache_key(*args: Any, **kwargs: Any) -> bytes:
    """Return what tells the inputs of a node apart: their JSON.

    >>> from streamflow.types import default_cache_key
    >>> default_cache_key({"a": 1}) == default_cache_key({"a": 1})
    True
    """
    return dumps([list(args), kwargs])


@frozen(kw_only=True)
class CachePolicy:
    """How long, and by what key, what a node has written is kept.

    >>> from streamflow.types import CachePolicy
    >>> CachePolicy(ttl=60).ttl
    60

    Args:
        key_func: Returns the key, text or bytes, for the input of the node.
        ttl: For how many seconds it is kept; for ever if not given.
    """

    key_func: Callable[..., str | bytes] = default_cache_key
    ttl: float | None = None
