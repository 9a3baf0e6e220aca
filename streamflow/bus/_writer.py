"""Values that user code hands out while it runs, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..execution import BLOCKING, drive
from ._messages import Written
from ._scope import current_run

if TYPE_CHECKING:
    from ._run import Run
    from ._sink import Sink

StreamWriter = Callable[[Any], None]
"""Hands a value to those who listen; what :func:`get_stream_writer` returns."""


def get_stream_writer() -> StreamWriter:
    """Return a function that tells those who listen of a value.

    Each value is a :class:`Written` message. It is heard by those who listen to the run whose
    code has asked for the writer, or to any run above it. Outside of a run, or if nobody
    listens, writing does nothing. A worker thread that writes waits as long as they want it to.

    >>> from streamflow.bus import Bus, Written, get_stream_writer
    >>> from streamflow.runnables import RunnableLambda
    >>> def work(number):
    ...     get_stream_writer()({"progress": 0.5})
    ...     return number + 1
    >>> bus = Bus()
    >>> stop = bus.listen(lambda m: print(m.value) if isinstance(m, Written) else None)
    >>> RunnableLambda(work).invoke(1, {"bus": bus})
    {'progress': 0.5}
    2
    """
    run = current_run()
    return _nowhere if run is None else writer_of(run)


def writer_of(run: Run) -> StreamWriter:
    """Return the writer of the code that runs in ``run``."""

    def write(value: Any) -> None:
        heard_by: list[Sink] = []
        above: Run | None = run
        while above is not None:
            heard_by += [sink for sink in above.sinks if sink not in heard_by]
            above = above.parent
        if not heard_by:
            return
        message = Written(run, value)
        waiting = run.hand_to(heard_by, message)
        for sink in waiting:
            drive(sink.settle(run, BLOCKING))

    return write


def _nowhere(value: Any) -> None:
    """Do nothing: nobody can listen outside of a run."""
