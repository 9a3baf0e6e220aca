"""What the code of models, tools and retrievers may know of its run, as authors know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._callbacks import ParentRun

if TYPE_CHECKING:
    from ..bus import Run


class BaseRunManager:
    """The ``run_manager`` that an author's method is given, if it has such a parameter."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self._run.id

    @property
    def parent_run_id(self) -> str | None:
        """The id of the run above it."""
        return None if self._run.parent is None else self._run.parent.id

    @property
    def tags(self) -> list[str]:
        """The tags of the run."""
        return self._run.tags

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the run."""
        return self._run.metadata

    def get_child(self, tag: str | None = None) -> ParentRun:
        """Return the ``callbacks`` for a call that is to be a child of the run.

        Args:
            tag: Known from elsewhere, and not used: give ``tags`` to the call.
        """
        return ParentRun(self._run)

    def get_sync(self) -> BaseRunManager:
        """Return the manager for plain code: this one."""
        return self
