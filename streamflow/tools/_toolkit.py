"""Tools that belong together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._base import BaseTool


class BaseToolkit(ABC):
    """A group of tools that share something, such as a connection.

    >>> from streamflow.tools import tool
    >>> class Shop(BaseToolkit):
    ...     def __init__(self, prices):
    ...         self.prices = prices
    ...     def get_tools(self):
    ...         @tool
    ...         def price(of: str) -> int:
    ...             "Tell a price."
    ...             return self.prices[of]
    ...         return [price]
    >>> Shop({"tea": 3}).get_tools()[0].invoke("tea")
    3
    """

    @abstractmethod
    def get_tools(self) -> list[BaseTool]:
        """Return the tools."""
