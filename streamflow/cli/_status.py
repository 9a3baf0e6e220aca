"""How the command can end: its exit statuses, and the refusal to begin."""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2
# What shells report of a process that a signal ended: 128 and its number.
INTERRUPTED = 128 + 2
CLOSED_PIPE = 128 + 13


class Refusal(Exception):  # noqa: N818 - a sentence for the user, raised before anything has run
    """What was asked for cannot be done as it was asked for; the message says why."""
