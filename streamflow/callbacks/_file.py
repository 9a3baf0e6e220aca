"""A handler that writes what happens to a file."""

from __future__ import annotations

from pathlib import Path
from threading import RLock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING

from ._lines import LineHandler

if TYPE_CHECKING:
    from types import TracebackType
    from typing import IO

    from typing_extensions import Self


class FileCallbackHandler(LineHandler):
    """Appends a line to a file when a run starts, ends or fails; see ``StdOutCallbackHandler``.

    The file is opened at the first line and closed when the ``with`` block is left, or by
    ``close()``. A line that comes later opens it again. Lines come whole from any thread.

    Args:
        filename: The file.
        mode: ``"a"`` to append, ``"w"`` to begin anew.

    >>> import pathlib, tempfile
    >>> from streamflow.callbacks import FileCallbackHandler
    >>> from streamflow.runnables import RunnableLambda
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "runs.log"
    >>> with FileCallbackHandler(path) as handler:
    ...     RunnableLambda(lambda x: x + 1, name="add").invoke(1, {"callbacks": [handler]})
    2
    >>> print(path.read_text(), end="")
    > chain add: 1
    < chain add: 2
    """

    def __init__(self, filename: str | Path, mode: str = "a") -> None:
        self.filename = str(filename)
        self.mode = mode
        self._file: IO[str] | None = None
        # Reentrant: while it is held, a stream may be collected, which is told of here, too.
        self._lock = RLock()

    def _write(self, line: str) -> None:
        with self._lock:
            file = self._file
            if file is None:
                file = Path(self.filename).open(self.mode, encoding="utf-8")  # noqa: SIM115 - by close()
                self._file, self.mode = file, "a"  # what is written before a close() stays
            file.write(f"{line}\n")
            file.flush()

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
