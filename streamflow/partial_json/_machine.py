"""The grammar of JSON as a machine that stops anywhere and goes on with the next piece.

A step reads what it can of a piece and returns where it stopped; the machine remembers which
step goes on. So each character is read once, however the text is cut: what is kept between
pieces is the open containers, the parts of an open string, and the few characters of a
number, a literal or an escape that is not whole yet.
"""

from __future__ import annotations

import re

from streamflow._unset import UNSET
from streamflow.partial_json._containers import OpenDict, OpenList
from streamflow.partial_json._scalars import (
    LITERALS,
    literal,
    number,
    number_is_whole,
    show_number,
    string,
    to_number,
)
from streamflow.partial_json._state import Malformed, State

__all__ = ("STARTS", "Machine")

_DIGITS = "-0123456789"
# The characters that a value begins with.
STARTS = frozenset('{["' + _DIGITS) | frozenset(LITERALS)

_SPACES = re.compile(r"[ \t\n\r]*")


def _begin(machine: Machine, text: str, position: int) -> int:
    machine.step = _value
    return position + (text[position] == "\ufeff")


def _value(machine: Machine, text: str, position: int) -> int:
    char = text[position]
    if char in " \t\n\r":
        return _SPACES.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    if char == '"':
        machine.parts = []
        machine.is_key = False
        machine.step = string
        machine.certain = machine.certain or machine.top is not None
        machine.version += 1
        return position + 1
    if char == "{":
        return machine.open(OpenDict(), _first_key, position)
    if char == "[":
        return machine.open(OpenList(), _first_item, position)
    if char in _DIGITS:
        machine.digits = []
        machine.token = ""
        machine.step = number
        return position
    if char in LITERALS:
        machine.token, machine.constant = LITERALS[char]
        machine.step = literal
        return position
    raise Malformed("a value was expected", position)


def _first_item(machine: Machine, text: str, position: int) -> int:
    char = text[position]
    if char in " \t\n\r":
        return _SPACES.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    if char == "]":
        return machine.close(position)
    machine.step = _value
    return _value(machine, text, position)


def _key(machine: Machine, text: str, position: int) -> int:
    char = text[position]
    if char in " \t\n\r":
        return _SPACES.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    if char != '"':
        raise Malformed("a key in double quotes was expected", position)
    machine.parts = []
    machine.is_key = True
    machine.step = string
    return position + 1


def _first_key(machine: Machine, text: str, position: int) -> int:
    if text[position] == "}":
        return machine.close(position)
    return _key(machine, text, position)


def _colon(machine: Machine, text: str, position: int) -> int:
    position = _SPACES.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    if position == len(text):
        return position
    if text[position] != ":":
        raise Malformed("a colon was expected after the key", position)
    machine.certain = True
    machine.step = _value
    return position + 1


def _after(machine: Machine, text: str, position: int) -> int:
    char = text[position]
    in_list = type(machine.top) is OpenList
    if char == ",":
        machine.step = _value if in_list else _key
        return position + 1
    if char == ("]" if in_list else "}"):
        return machine.close(position)
    if char in " \t\n\r":
        return _SPACES.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    raise Malformed(f"a comma or {']' if in_list else '}'} was expected", position)


class Machine(State):
    """Reads one JSON value."""

    __slots__ = ()

    AFTER = staticmethod(_after)
    COLON = staticmethod(_colon)

    def __init__(self, max_depth: int, *, strict: bool) -> None:
        super().__init__(_begin, max_depth, strict=strict)

    def run(self, text: str, position: int) -> int:
        """Read from `position` to the end of the text or of the value; return that place."""
        end = len(text)
        while position < end and not self.complete:
            position = self.step(self, text, position)
        return position

    def end(self) -> None:
        """The text is at its end: a number that stands alone is finished."""
        if self.step is number and not self.stack and self.leaf is not UNSET:
            text = "".join(self.digits)
            if number_is_whole(text):
                show_number(self, to_number(text, -len(text)))
                self.put(self.leaf)
