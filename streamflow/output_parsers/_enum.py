"""One of several words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import OutputParserException
from ._base import BaseOutputParser

if TYPE_CHECKING:
    from enum import Enum


class EnumOutputParser(BaseOutputParser[Any]):
    """Reads the value of a member of an enum.

    White space around it does not matter, nor do upper and lower case where that leaves no
    doubt.

    Args:
        enum: The enum.

    >>> from enum import Enum
    >>> class Colour(Enum):
    ...     RED = "red"
    ...     GREEN = "green"
    >>> EnumOutputParser(enum=Colour).invoke(" Red")
    <Colour.RED: 'red'>
    """

    enum: type[Enum]
    _inline = True

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return self.enum

    def parse(self, text: str) -> Any:
        """Return the member whose value ``text`` is.

        Raises:
            OutputParserException: there is none.
        """
        given = text.strip()
        for same in (str, lambda value: str(value).casefold()):
            found = [each for each in self.enum if same(each.value) == same(given)]
            if len(found) == 1:
                return found[0]
        raise OutputParserException(
            f"{given!r:.80} is none of the values of {self.enum.__name__}: {self._values()}",
            text=text,
        )

    def get_format_instructions(self) -> str:
        """Return what to tell a model about the form of its answer."""
        return f"Answer with one of these and nothing else: {self._values()}"

    def _values(self) -> str:
        return ", ".join(str(each.value) for each in self.enum)
