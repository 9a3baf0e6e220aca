"""The event bus: what runs publish, and who listens.

Knows nothing of runnables or language models; what an upper layer hands down from run to
run passes through it unseen.
"""

from __future__ import annotations

from ._bus import Bus
from ._filter import EventFilter
from ._messages import (
    AnyMessage,
    ChunkStreamed,
    CustomEvent,
    ErrorInfo,
    Message,
    RunCancelled,
    RunEnded,
    RunFailed,
    RunRetried,
    RunStarted,
    Written,
    message_from_json,
)
from ._run import Run, RunInfo
from ._scope import current_run
from ._subscription import Overflow, Subscription, SubscriptionStatistics
from ._writer import StreamWriter, get_stream_writer

__all__ = (
    "AnyMessage",
    "Bus",
    "ChunkStreamed",
    "CustomEvent",
    "ErrorInfo",
    "EventFilter",
    "Message",
    "Overflow",
    "Run",
    "RunCancelled",
    "RunEnded",
    "RunFailed",
    "RunInfo",
    "RunRetried",
    "RunStarted",
    "StreamWriter",
    "Subscription",
    "SubscriptionStatistics",
    "Written",
    "current_run",
    "get_stream_writer",
    "message_from_json",
)
