"""How work is executed: on an event loop through anyio, or with none at all.

Knows nothing of runnables, runs or messages. Only this package hosts tasks and threads.
"""

from __future__ import annotations

from ._background import Background
from ._blocking import BlockingExecution
from ._buffer import Buffer, EndOfBuffer
from ._channels import Tee, aclose, buffered, closing, hosted, merge
from ._drive import drive
from ._execution import Execution
from ._loop import LoopExecution
from ._streams import AsyncStream, Stream
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
    "EndOfBuffer",
    "Execution",
    "ExecutionCancelled",
    "LoopExecution",
    "Stream",
    "Tee",
    "aclose",
    "buffered",
    "closing",
    "drive",
    "hosted",
    "merge",
    "thread_id",
)
