"""JSON for any value at all: writing never raises, reading gives registered types back.

``dumps`` serves run logs, where a value that cannot be written must not break its run. JSON's
own types stand for themselves, other builtins become ``{"$type": tag, "value": ...}``,
registered classes ``{"$type": tag, "fields": ...}``; these come back. Other objects become
``{"$type": "object", "class": ..., "fields": ...}`` or ``{"$repr": text, "class": ...}``;
these do not, nor do exceptions, cycles and what is too deep, and ``dumps_flagged`` tells.

``loads`` builds only builtins and classes registered in this process. It never imports what
the data names, so a stranger's log is safe to read.

What is no ``Exception`` (``KeyboardInterrupt``, a cancellation) does pass through ``dumps``.
"""

from __future__ import annotations

from ._reading import loads, loads_exactly
from ._types import Unrestored, register_type
from ._writing import dumps, dumps_exactly, dumps_flagged

__all__ = (
    "Unrestored",
    "dumps",
    "dumps_exactly",
    "dumps_flagged",
    "loads",
    "loads_exactly",
    "register_type",
)
