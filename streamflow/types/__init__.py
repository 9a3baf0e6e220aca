"""What nodes of a graph return and take, and what its state looks like from outside."""

from __future__ import annotations

from ..bus import StreamWriter
from ._control import Command, Overwrite, Send
from ._interrupt import Interrupt, interrupt
from ._policies import CachePolicy, RetryPolicy, default_cache_key, default_retry_on
from ._snapshot import All, Durability, PregelTask, StateSnapshot, StreamMode

__all__ = (
    "All",
    "CachePolicy",
    "Command",
    "Durability",
    "Interrupt",
    "Overwrite",
    "PregelTask",
    "RetryPolicy",
    "Send",
    "StateSnapshot",
    "StreamMode",
    "StreamWriter",
    "default_cache_key",
    "default_retry_on",
    "interrupt",
)
