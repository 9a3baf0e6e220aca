"""Event loops on which waiting takes no time: the clock jumps to what is waited for.

A test module gets them in the place of the usual backends by

    from tests.runnables.fake_time import anyio_backend
"""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

import pytest
from trio.testing import MockClock


class _Impatient(selectors.DefaultSelector):  # type: ignore[valid-type, misc]  # one of several classes
    """Does not wait for a time: tells how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0 if timeout else timeout)
        if timeout and not events:
            self.waited += timeout
        return events


class JumpingLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose time passes only while there is nothing to do, and then at once."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        return self._impatient.waited


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The backend, with a clock that jumps."""
    if request.param == "asyncio":
        return "asyncio", {"loop_factory": JumpingLoop}
    return "trio", {"clock": MockClock(autojump_threshold=0)}
