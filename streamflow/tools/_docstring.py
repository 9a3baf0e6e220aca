"""What a docstring says of a function and of each of its arguments.

The sections of Google's style are known; a docstring without any is a description.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ToolDefinitionError

if TYPE_CHECKING:
    from collections.abc import Collection

_ARGUMENTS = ("Args:", "Arguments:", "Parameters:", "Attributes:")
_SECTION = re.compile(
    r"(Args|Arguments|Parameters|Attributes|Keyword Args|Returns?|Yields?|Raises"
    r"|Examples?|Notes?|Warnings?|Todo|See Also|References):"
)
# A name, perhaps a type in parentheses, a colon and what is said of it.
_ENTRY = re.compile(r"\*{0,2}(?P<name>\w+)\s*(\([^)]*\))?\s*:\s*(?P<text>.*)")


class Docstring(NamedTuple):
    """A docstring in its parts."""

    description: str
    """What stands before the first section, in one line."""
    arguments: dict[str, str]
    """What is said of each argument, in one line each."""


def docstring_of(thing: Any) -> str:
    """Return the docstring of a function, or of a class itself, as it reads; ``""`` if none."""
    text = vars(thing).get("__doc__") if inspect.isclass(thing) else getattr(thing, "__doc__", None)
    if not isinstance(text, str):
        return ""
    if inspect.isclass(thing) and text.startswith(f"{thing.__name__}("):
        return ""  # the signature, which a data class has for a docstring if it has none
    return inspect.cleandoc(text).strip()


def parse_docstring(text: str) -> Docstring:
    """Take a docstring apart.

    >>> parse_docstring('''Add two numbers.
    ...
    ... Args:
    ...     a: One of
    ...         them.
    ...     b (int): The other.
    ... ''')
    Docstring(description='Add two numbers.', arguments={'a': 'One of them.', 'b': 'The other.'})
    """
    description: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if _SECTION.fullmatch(line.strip()) and line[:1].strip():
            sections.append((line.strip(), []))
        elif sections:
            sections[-1][1].append(line)
        else:
            description.append(line)
    arguments: dict[str, str] = {}
    for title, lines in sections:
        if title in _ARGUMENTS:
            arguments.update(_entries(lines))
    return Docstring(_one_line(description), arguments)


def strictly_parsed(text: str, name: str, arguments: Collection[str]) -> Docstring:
    """Take apart a docstring that is to tell of these arguments.

    Raises:
        ToolDefinitionError: it has no section for them, or names one that there is not.
    """
    parsed = parse_docstring(text)
    if arguments and not any(line.strip() in _ARGUMENTS for line in text.splitlines()):
        raise ToolDefinitionError(
            f"the docstring of {name!r} has no section 'Args:' that tells of {sorted(arguments)}. "
            f"Write one, or do without with error_on_invalid_docstring=False."
        )
    unknown = [each for each in parsed.arguments if each not in arguments]
    if unknown:
        raise ToolDefinitionError(
            f"the docstring of {name!r} tells of {unknown}, which are no arguments of it; "
            f"it has {sorted(arguments)}."
        )
    return parsed


def _entries(lines: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    depth = min((_indent(line) for line in lines if line.strip()), default=0)
    latest: list[str] | None = None
    for line in lines:
        entry = _ENTRY.fullmatch(line.strip()) if _indent(line) == depth else None
        if entry is not None:
            latest = found[entry["name"]] = [entry["text"]]
        elif latest is not None:
            latest.append(line)
    return {name: _one_line(parts) for name, parts in found.items()}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _one_line(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
