"""What every example selector is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ..execution import LOOP

if TYPE_CHECKING:
    from collections.abc import Mapping

Example = dict[str, str]


class BaseExampleSelector(ABC):
    """Has examples, and chooses those that a prompt shows.

    To make your own, subclass it and define ``add_example`` and ``select_examples``. Where
    choosing waits for something, define ``aselect_examples`` as well: prompts that are made
    on an event loop prefer it, and otherwise call ``select_examples`` in a worker thread.

    Example:
        >>> class Latest(BaseExampleSelector):
        ...     def __init__(self):
        ...         self.examples = []
        ...     def add_example(self, example):
        ...         self.examples.append(example)
        ...     def select_examples(self, input_variables):
        ...         return self.examples[-2:]
    """

    @abstractmethod
    def add_example(self, example: Example) -> Any:
        """Add an example to choose from."""

    async def aadd_example(self, example: Example) -> Any:
        """Add an example to choose from. As :meth:`add_example`, in a worker thread."""
        return await LOOP.call(self.add_example, example)

    @abstractmethod
    def select_examples(self, input_variables: Mapping[str, Any]) -> list[Any]:
        """Choose examples for what a prompt is filled in with."""

    async def aselect_examples(self, input_variables: Mapping[str, Any]) -> list[Any]:
        """Choose examples. As :meth:`select_examples`, in a worker thread."""
        return await LOOP.call(self.select_examples, input_variables)
