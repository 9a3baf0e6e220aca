"""Callback handlers, and events of the user's own.

A handler is a subscriber of the bus like any other: it hears of a run by methods instead of
messages.
"""

from __future__ import annotations

from ._async_handler import AsyncCallbackHandler
from ._dispatch import adispatch_custom_event, dispatch_custom_event
from ._file import FileCallbackHandler
from ._handler import BaseCallbackHandler
from ._stdout import StdOutCallbackHandler
from ._usage import UsageMetadataCallbackHandler, get_usage_metadata_callback

__all__ = (
    "AsyncCallbackHandler",
    "BaseCallbackHandler",
    "FileCallbackHandler",
    "StdOutCallbackHandler",
    "UsageMetadataCallbackHandler",
    "adispatch_custom_event",
    "dispatch_custom_event",
    "get_usage_metadata_callback",
)
