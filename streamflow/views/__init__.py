"""Views of the bus: each is a subscription, shown in another form.

No view tracks runs by itself; all that it shows it has read from the messages.
"""

from __future__ import annotations

from ._run_log import LogEntry, RunLog, RunLogPatch, RunState
from ._stream_event import StreamEvent

__all__ = ("LogEntry", "RunLog", "RunLogPatch", "RunState", "StreamEvent")
