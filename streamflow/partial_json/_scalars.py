"""The steps inside strings, numbers and literals, which may be cut anywhere."""

from __future__ import annotations

import re
from typing import Any

from streamflow.partial_json._state import Malformed, State

__all__ = ("LITERALS", "literal", "number", "number_is_whole", "show_number", "string", "to_number")

LITERALS: dict[str, tuple[str, Any]] = {
    "t": ("true", True),
    "f": ("false", False),
    "n": ("null", None),
    "N": ("NaN", float("nan")),
    "I": ("Infinity", float("inf")),
}

_PLAIN = re.compile(r'[^"\\]*')
_CONTROL = re.compile(r"[\x00-\x1f]")
_NUMERIC = re.compile(r"[-+.eE0-9]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))')
_ESCAPE_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
_LOW_HALF = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_LOW_HALF_BEGUN = re.compile(r"(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]?)?)?)?)?")
_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

# An unfinished number is shown to here, or reading snapshots of a long one would take time
# that grows with the square of its length.
_SHOWN_DIGITS = 400


def string(machine: State, text: str, position: int) -> int:
    """More of a string, to its closing quote or the next escape."""
    if position == 0 and '"' not in text and "\\" not in text:
        stop = len(text)
    else:
        stop = _PLAIN.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    if stop > position:
        if machine.strict:
            control = _CONTROL.search(text, position, stop)
            if control:
                raise Malformed("a control character in a string", control.start())
        machine.add_text(text[position:stop])
    if stop == len(text):
        return stop
    if text[stop] == '"':
        machine.end_string()
        return stop + 1
    machine.token = ""
    machine.step = _escape
    return stop


def _escape(machine: State, text: str, position: int) -> int:
    """Read an escape; both halves of a pair make one character, and appear together."""
    held = len(machine.token)
    # The longest is a pair, of twelve characters.
    seen = machine.token + text[position : position + 12 - held]
    found = _ESCAPE.match(seen)
    if found is None:
        if _ESCAPE_BEGUN.fullmatch(seen) is None:
            raise Malformed("an escape that JSON does not have", position - held)
        machine.token = seen
        return len(text)
    used = found.end()
    if found[1]:
        char = _SHORT[found[1]]
    else:
        code = int(found[2], 16)
        if 0xD800 <= code < 0xDC00:
            low = _LOW_HALF.match(seen, 6)
            if low is not None:
                code = 0x10000 + ((code - 0xD800) << 10) + (int(low[1], 16) - 0xDC00)
                used = 12
            elif _LOW_HALF_BEGUN.fullmatch(seen, 6):
                machine.token = seen
                return len(text)
        char = chr(code)
    machine.add_text(char)
    if used < held:
        # What was held for a second half is an escape of its own.
        machine.token = machine.token[used:]
        return position
    machine.step = string
    return position + used - held


def number(machine: State, text: str, position: int) -> int:
    """More of a number, which ends where something else begins."""
    stop = _NUMERIC.match(text, position).end()  # type: ignore[union-attr]  # matches anything
    parts = machine.digits
    if stop > position:
        seen = text[position:stop]
        parts.append(seen)
        infinite = stop < len(text) and text[stop] == "I" and parts == ["-"]
        if stop == len(text) or infinite:
            if len(machine.token) < _SHOWN_DIGITS:
                machine.token = (machine.token + seen)[:_SHOWN_DIGITS]
                found = _NUMBER.match(machine.token)
                if found:
                    show_number(machine, to_number(found[0], 0))
            return stop
    elif text[stop] == "I" and parts == ["-"]:
        machine.token, machine.constant = "Infinity", float("-inf")
        machine.step = literal
        return position
    whole = "".join(parts)
    found = _NUMBER.match(whole)
    if found is None or found.end() < len(whole):
        wrong = found.end() if found else 0
        raise Malformed("this is not a number", stop - len(whole) + wrong)
    show_number(machine, to_number(whole, stop - len(whole)))
    machine.put(machine.leaf)
    return stop


def number_is_whole(text: str) -> bool:
    """Whether a text is a number, and not the beginning of one."""
    return _NUMBER.fullmatch(text) is not None


def show_number(machine: State, number: float) -> None:
    """A number has become another one, or of another type."""
    if machine.leaf != number or type(machine.leaf) is not type(number):
        machine.leaf = number
        machine.version += 1


def to_number(text: str, position: int) -> float:
    """The number that a text is."""
    if not text.lstrip("-").isdigit():
        return float(text)
    try:
        return int(text)
    except ValueError:
        reason = f"an integer of {len(text)} digits (see sys.set_int_max_str_digits)"
        raise Malformed(reason, position) from None


def literal(machine: State, text: str, position: int) -> int:
    """More of ``true``, ``false``, ``null``, ``NaN`` or ``Infinity``."""
    rest = machine.token
    seen = text[position : position + len(rest)]
    if seen == rest:
        machine.version += 1
        machine.put(machine.constant)
    elif rest.startswith(seen):
        machine.token = rest[len(seen) :]
    else:
        agreed = next(index for index, char in enumerate(seen) if char != rest[index])
        raise Malformed("a value was expected", position + agreed)
    return position + len(seen)
