"""A prompt that is one text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ..prompt_values import StringPromptValue
from ._base import BasePromptTemplate
from ._inputs import enclose
from ._template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._inputs import Partial


@frozen(eq=False, repr=False, slots=False)
class PromptTemplate(BasePromptTemplate):
    """A text with places for variables: ``{name}``, as in an f-string.

    Only a plain name in braces is a place, also with a conversion or format, as in
    ``{price:.2f}``. Double braces are braces; any other brace stands for itself.
    """

    template: str
    """The text."""

    _parsed: Template = field(init=False)

    @_parsed.default
    def _parse(self) -> Template:
        return Template(self.template)

    @classmethod
    def from_template(
        cls, template: str, *, partial_variables: Mapping[str, Partial] | None = None
    ) -> PromptTemplate:
        """Make a prompt of a text with places."""
        return cls(template, partial_variables=partial_variables or {})

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order of appearance."""
        return self._parsed.variables

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return StringPromptValue

    def fill(self, values: Mapping[str, Any]) -> str:
        """Write the text as a part of another prompt; every variable has a value."""
        return self._parsed.fill(enclose(self.partial_variables, values))

    def _fill(self, values: Mapping[str, Any]) -> StringPromptValue:
        return StringPromptValue(self._parsed.fill(values))

    def __add__(self, other: object) -> PromptTemplate:
        if isinstance(other, str):
            other = PromptTemplate(other)
        if not isinstance(other, PromptTemplate):
            return NotImplemented
        return PromptTemplate(
            self.template + other.template,
            partial_variables={**self.partial_variables, **other.partial_variables},
        )

    def pretty_repr(self) -> str:
        """The text, as it was written."""
        return self.template

    def pretty_print(self) -> None:
        """Print the text, as it was written."""
        print(self.pretty_repr())  # noqa: T201 - printing is what was asked for

    def __repr__(self) -> str:
        return (
            f"PromptTemplate(input_variables={self.input_variables!r}"
            f"{self._shown_partials()}, template={self.template!r})"
        )
