"""What is true of every list of messages, whatever became of the runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streamflow.bus import AnyMessage

CLOSING = {"end", "error", "cancelled"}


def check_balance(messages: Sequence[AnyMessage]) -> None:
    """Fail unless what a subscriber to everything has seen of one tree of runs is balanced."""
    numbers = [message.seq for message in messages]
    assert numbers == list(range(1, len(messages) + 1)), "not each message, once, in order"
    state: dict[Any, str] = {}
    for message in messages:
        run, kind = message.run, message.kind
        if kind == "start":
            assert run not in state, f"{run} started twice"
            above = run.parent
            assert above is None or state[above] == "start", f"{run} started in a closed parent"
            state[run] = "start"
            continue
        assert state.get(run) == "start", f"{kind} of {run}, which was {state.get(run)}"
        if kind in CLOSING:
            open_below = [r for r, s in state.items() if r.parent is run and s == "start"]
            assert not open_below, f"{run} closed before {open_below}"
            state[run] = kind
    still_open = [run for run, kind in state.items() if kind == "start"]
    assert not still_open, f"never closed: {still_open}"
    assert sum(run.parent is None for run in state) <= 1, "one tree has one root"


def root_closing(messages: Sequence[AnyMessage]) -> AnyMessage:
    """The message that closed the outermost run."""
    return next(m for m in messages if m.run.parent is None and m.kind in CLOSING)
