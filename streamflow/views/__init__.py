"""Views of the bus: each is a subscription, shown in another form.

No view tracks runs by itself; all that it shows it has read from the messages.
"""

from __future__ import annotations

from ._v2 import StreamEvent

__all__ = ("StreamEvent",)
