"""Templates: text with named places, parsed once and filled in without parsing again.

The syntax is that of an f-string with less in it, so that text which was not written as a
template comes through unharmed:

* ``{name}`` is a place, also with a conversion and a format: ``{name!r}``, ``{price:.2f}``.
* ``{{`` is a brace, and so is the ``}}`` that belongs to it.
* Any other brace is itself. A JSON document has no place in it and stays as it is, also
  one with a place inside: ``{"city": {city}}``.

``{a.b}`` and ``{a[0]}`` are refused. They would let whoever writes the template reach
into the values that it is filled with, and templates come from less trusted hands than code.

For ``}}``, which ends a nested JSON object as often as it stands for a brace, the parser
remembers what kind of brace is open. If none is, ``}}`` is a brace, as in an f-string.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from ..errors import PromptInputError, PromptTemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# The format language of numbers and text, without a space for the sign, so that `{x: 1}`
# is no place; or a pattern for dates. A width of 999999999 would fill the memory, so
# numbers have four digits at most.
_SPEC = (
    r"(?:[^{}]?[<>=^])?[+-]?z?\#?0?\d{0,4}[,_]?(?:\.\d{1,4})?[bcdeEfFgGnosxX%]?|%[A-Za-z%][^{}]*"
)
_PLACE = re.compile(
    rf"\{{(?P<name>[^\W\d]\w*)(?:!(?P<conversion>[rsa]))?(?::(?P<spec>{_SPEC}))?\}}"
)
_REACHES_IN = re.compile(r"\{([^\W\d]\w*)(?:\.\w+|\[[^\[\]{}]*\])+(?:![^{}]*|:[^{}]*)?\}")
_BRACE = re.compile(r"[{}]")
_CONVERSIONS: dict[str, Callable[[object], str]] = {"r": repr, "s": str, "a": ascii}


@frozen
class Place:
    """Where a value goes, and how it is written."""

    name: str
    conversion: str | None = None
    spec: str = ""

    def render(self, value: object) -> str:
        """Write a value.

        Raises:
            PromptInputError: The value cannot be written in the format that is asked for.
        """
        if self.conversion is not None:
            value = _CONVERSIONS[self.conversion](value)
        try:
            return format(value, self.spec)
        except (TypeError, ValueError) as error:
            raise PromptInputError(
                f"the value {value!r} of {self.name!r} cannot be written as "
                f"{{{self.name}:{self.spec}}}: {error}"
            ) from error

    def __str__(self) -> str:
        conversion = f"!{self.conversion}" if self.conversion else ""
        return f"{{{self.name}{conversion}{':' if self.spec else ''}{self.spec}}}"


Part: TypeAlias = str | Place


def parse(text: str) -> tuple[Part, ...]:
    """Take a template apart into literal text and places.

    Raises:
        PromptTemplateError: It reaches for an attribute or an item of a value.
    """
    parts: list[Part] = []
    literal: list[str] = []
    for part in _scan(text):
        if isinstance(part, str):
            literal.append(part)
        else:
            parts += ["".join(literal), part]
            literal.clear()
    parts.append("".join(literal))
    return tuple(part for part in parts if part)


def _scan(text: str) -> Iterator[Part]:
    position = 0
    doubled: list[bool] = []  # for each brace that is open, whether it was written twice
    while brace := _BRACE.search(text, position):
        start = brace.start()
        yield text[position:start]
        char = brace.group()
        twice = text.startswith(char, start + 1)
        if char == "{":
            place = None if twice else _PLACE.match(text, start)
            if place is not None:
                yield Place(place["name"], place["conversion"], place["spec"] or "")
                position = place.end()
                continue
            if not twice and (reach := _REACHES_IN.match(text, start)):
                raise _refused(reach)
            doubled.append(twice)
        else:
            twice = twice and (not doubled or doubled[-1])
            if doubled:
                doubled.pop()
        yield char
        position = start + 1 + twice
    yield text[position:]


def _refused(reach: re.Match[str]) -> PromptTemplateError:
    whole, name = reach.group(), reach.group(1)
    return PromptTemplateError(
        f"the template reaches into a value with {whole} (position {reach.start()}): a place "
        f"is a plain name, such as {{{name}}}, without attributes or indexes. Give what is "
        f"meant as a variable of its own; if it is text, double its braces: {{{whole}}}."
    )


@frozen(repr=False)
class Template:
    """A text with places."""

    source: str
    parts: tuple[Part, ...] = field(init=False, eq=False)
    variables: tuple[str, ...] = field(init=False, eq=False)
    """The names of the places, in order of appearance."""
    escaped: str = field(init=False, eq=False)
    """The same template as an f-string would have it: each brace that is text is doubled."""

    @parts.default
    def _parse(self) -> tuple[Part, ...]:
        return parse(self.source)

    @variables.default
    def _find_variables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Place)))

    @escaped.default
    def _escape(self) -> str:
        return "".join(
            [
                str(part) if isinstance(part, Place) else part.replace("{", "{{").replace("}", "}}")
                for part in self.parts
            ]
        )

    def __repr__(self) -> str:
        return repr(self.source)

    def __add__(self, other: Template) -> Template:
        """Put two templates together, such that what was text in either stays text."""
        both = Template(self.source + other.source)
        apart = Template(self.escaped + other.escaped)
        return both if both.escaped == apart.escaped else apart

    def fill(self, values: Mapping[str, object]) -> str:
        """Write the text with these values, which are not looked into for places.

        Raises:
            PromptInputError: A value cannot be written in the format that is asked for.
            KeyError: A value is missing; who calls this has looked.
        """
        try:
            return self.escaped.format_map(values)
        except (TypeError, ValueError):
            # Slower, and says which value it is.
            return "".join(
                [
                    part if isinstance(part, str) else part.render(values[part.name])
                    for part in self.parts
                ]
            )
