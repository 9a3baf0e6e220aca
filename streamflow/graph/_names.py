"""Names with a meaning of their own."""

from __future__ import annotations

from typing import Final

START: Final = "__start__"
"""Where a graph begins: the source of the edges to its first nodes."""

END: Final = "__end__"
"""Where a graph ends: the target of the edges from its last nodes."""

INTERRUPT = "__interrupt__"
"""The key under which streams show what nodes wait for."""

RESERVED = frozenset({START, END, INTERRUPT})

# What a task has written beside the state, as checkpointers keep it.
NEXT = "__next__"
ANSWERS = "__resume__"
ERROR = "__error__"
