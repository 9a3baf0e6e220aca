"""What runnables are made of: told by each of itself, read by ``explain`` and ``get_graph``.

A runnable that contains others overrides ``_parts``; nothing else has to know its class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._base import Runnable

Join = Literal["row", "together", "choice", "inside", "each", "same"]
"""How parts are joined.

* ``row``: each one's output is the next one's input;
* ``together``: each gets the input, and the output has something of all;
* ``choice``: the output is that of one of them;
* ``inside``: there is one part, and something is done around it;
* ``each``: there is one part, and each element of a list goes through it as a whole;
* ``same``: there is one part, and what holds it only settles how it is called: it is
  neither explained nor drawn.
"""

Flow = Literal["passes", "streams", "buffers"]
"""How a stream is treated: chunks are passed on; or the whole input is waited for, and the
output comes in chunks; or it comes as one."""


@define(frozen=True)
class Part:
    """One runnable inside of another."""

    key: str
    """Where it stands, such as ``2`` or ``context``; for a ``choice``, when it is chosen."""
    step: Runnable[Any, Any]
    label: str | None = None
    """What pictures write beside the way to it; none if that way is always taken."""


@define(frozen=True)
class Parts:
    """What a runnable contains."""

    join: Join
    items: tuple[Part, ...]
    at_best: Flow = "passes"
    """How a stream is treated if the parts do as well as they can."""
    beside: bool = False
    """The input goes past the parts to the output, too."""

    @classmethod
    def of(
        cls,
        join: Join,
        steps: Iterable[tuple[str, Runnable[Any, Any]]],
        *,
        at_best: Flow = "passes",
        beside: bool = False,
        labels: Iterable[str | None] | None = None,
    ) -> Parts:
        """Return parts with the keys and runnables that ``steps`` yields.

        The labels of a ``choice`` are the keys, if none are given.
        """
        steps = list(steps)
        if labels is None:
            labels = [key if join == "choice" else None for key, _ in steps]
        items = (Part(key, step, label) for (key, step), label in zip(steps, labels, strict=True))
        return cls(join, tuple(items), at_best, beside)


NO_PARTS = Parts("row", ())


def unwrapped(runnable: Runnable[Any, Any]) -> Runnable[Any, Any]:
    """Return the runnable inside of what only settles how it is called."""
    while (parts := runnable._parts()).join == "same":
        runnable = parts.items[0].step
    return runnable
