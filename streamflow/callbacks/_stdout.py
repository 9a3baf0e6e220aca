"""A handler that writes what happens to the standard output."""

from __future__ import annotations

import sys

from ._lines import LineHandler


class StdOutCallbackHandler(LineHandler):
    """Writes a line to the standard output when a run starts, ends or fails.

    ``>`` starts, ``<`` ends, ``!`` fails, ``*`` is a custom event.

    >>> from streamflow.callbacks import StdOutCallbackHandler
    >>> from streamflow.runnables import RunnableLambda
    >>> add = RunnableLambda(lambda x: x + 1, name="add")
    >>> _ = add.invoke(1, {"callbacks": [StdOutCallbackHandler()]})
    > chain add: 1
    < chain add: 2
    """

    def _write(self, line: str) -> None:
        # One call, so that lines of several threads do not mix; looked up each time, since
        # the stream may be another by then.
        sys.stdout.write(f"{line}\n")
