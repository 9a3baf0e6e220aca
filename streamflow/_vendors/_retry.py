"""When a request is made again, and how long is waited before."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..errors import ModelError


@define(frozen=True)
class Retries:
    """How often, and how patiently, a request is made again.

    Args:
        most: How many times after the first.
        first: About how many seconds to wait before the first of them; then twice as long
            each time.
        longest: The longest such wait.
        patience: The longest wait that a vendor may ask for; if it asks for more, its error
            is raised at once.
    """

    most: int = 2
    first: float = 0.5
    longest: float = 8.0
    patience: float = 60.0

    def wait(self, error: ModelError, made: int) -> float | None:
        """Return how long to wait before the next request; ``None`` if there is none.

        Args:
            error: What the last one ended with.
            made: How many have been made.
        """
        if not error.retryable or made > self.most:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.patience else None
        # Between half of it and all: many clients that failed together come back apart.
        longest = min(self.longest, self.first * 2.0 ** (made - 1))
        return longest * (0.5 + random.random() / 2)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a vendor asks to wait; ``None`` if it does not."""
    seconds = _number(headers.get("retry-after-ms"))
    if seconds is not None:
        return seconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to load, and rarely used

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
