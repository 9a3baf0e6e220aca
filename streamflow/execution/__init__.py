"""How work is executed: on an event loop through anyio, or with none at all.

Knows nothing of runnables, runs or messages. Only this package hosts tasks and threads.
"""

from __future__ import annotations

from ._background import Background
from ._blocking import BlockingExecution
from ._buffer import Buffer, EndOfBuffer
from ._channels import Tee, aclose, buffered, closing, hosted, merge
from ._clock import Clock, OutOfTime
from ._drive import drive
from ._execution import Execution, raise_first
from ._loop import LoopExecution
from ._outcome import Outcome, on_loop
from ._ownership import owned
from ._shared import Shared
from ._streams import AsyncStream, Closing, Stream, close_dropped
from ._threads import ExecutionCancelled, thread_id

BLOCKING = BlockingExecution()
LOOP = LoopExecution(BLOCKING)
NESTED_LOOP = LoopExecution(BLOCKING, nested=True)

__all__ = (
    "BLOCKING",
    "LOOP",
    "NESTED_LOOP",
    "AsyncStream",
    "Background",
    "BlockingExecution",
    "Buffer",
    "Clock",
    "Closing",
    "EndOfBuffer",
    "Execution",
    "ExecutionCancelled",
    "LoopExecution",
    "OutOfTime",
    "Outcome",
    "Shared",
    "Stream",
    "Tee",
    "aclose",
    "buffered",
    "close_dropped",
    "closing",
    "drive",
    "hosted",
    "merge",
    "on_loop",
    "owned",
    "raise_first",
    "thread_id",
)
