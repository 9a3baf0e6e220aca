"""Prompts that are one text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ..errors import MissingImplementationError, PromptTemplateError
from ..prompt_values import StringPromptValue
from ._base import BasePromptTemplate
from ._formats import Compiled, TemplateFormat, compile_template
from ._template import Template

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from ._inputs import Partial


@frozen(eq=False, repr=False, slots=False)
class StringPromptTemplate(BasePromptTemplate):
    """A prompt that is one text; to make your own, subclass it and override ``format``.

    Runs give ``format`` all variables, those included that are known beforehand. A class
    with fields of its own is decorated with ``attrs.frozen(eq=False, slots=False)``.

    Example:
        >>> class Shout(StringPromptTemplate):
        ...     def format(self, **values):
        ...         return values["text"].upper()
        >>> Shout(input_variables=["text"]).invoke({"text": "hi"})
        StringPromptValue(text='HI')
    """

    @property
    def OutputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the output."""
        return StringPromptValue

    def format(self, /, **values: Any) -> str:
        """Fill in the variables and give the text.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        if type(self)._write is StringPromptTemplate._write:
            raise MissingImplementationError(f"{type(self).__name__} does not define format")
        text: str = self._filled(values)
        return text

    async def aformat(self, /, **values: Any) -> str:
        """Fill in the variables and give the text. As :meth:`format`, awaited."""
        text: str = await self._afilled(values)
        return text

    def _write(self, values: Mapping[str, Any]) -> str:
        return self.format(**values)

    def _output(self, written: str) -> StringPromptValue:
        return StringPromptValue(written)

    def __repr__(self) -> str:
        partials = self._shown_partials()
        return f"{type(self).__name__}(input_variables={self.input_variables!r}{partials})"


@frozen(eq=False, repr=False, slots=False)
class PromptTemplate(StringPromptTemplate):
    """A text with places for variables: ``{name}``, as in an f-string.

    Only a plain name in braces is a place, also with a conversion or format, as in
    ``{price:.2f}``. Double braces are braces; any other brace stands for itself. The text may
    also be written in the mustache or the jinja2 language.

    Args:
        template: The text.
        template_format: Its language: ``"f-string"``, ``"mustache"`` or ``"jinja2"``.
        partial_variables: Variables that have a value, or a function that makes one.
        name: The name of its runs.
        input_variables: Not needed: the template tells.
        input_types: Types of variables, where they are more than text.

    Raises:
        PromptTemplateError: The template cannot be read, or reaches into values.
        MissingExtraError: It is in jinja2, and that is not installed.

    Example:
        >>> PromptTemplate("{dish} for {price:.2f}").format(dish="Soup", price=4)
        'Soup for 4.00'
    """

    template: str
    """The text."""

    template_format: TemplateFormat = field(default="f-string", kw_only=True)
    """The language that it is written in."""

    _compiled: Compiled = field(init=False)

    @_compiled.default
    def _compile(self) -> Compiled:
        return compile_template(self.template, self.template_format)

    @classmethod
    def from_template(
        cls,
        template: str,
        *,
        template_format: TemplateFormat = "f-string",
        partial_variables: Mapping[str, Partial] | None = None,
        **kwargs: Any,
    ) -> PromptTemplate:
        """Make a prompt of a text with places; further arguments are those of the class."""
        return cls(
            template,
            template_format=template_format,
            partial_variables=partial_variables or {},
            **kwargs,
        )

    @classmethod
    def from_examples(
        cls,
        examples: Iterable[str],
        suffix: str,
        input_variables: Iterable[str] = (),
        example_separator: str = "\n\n",
        prefix: str = "",
        **kwargs: Any,
    ) -> PromptTemplate:
        """Make a prompt of a beginning, examples and an end, each of which is a template.

        Args:
            examples: The examples.
            suffix: What follows them.
            input_variables: Not needed: the templates tell.
            example_separator: What stands between all of them.
            prefix: What precedes them.
            kwargs: Arguments of the class.
        """
        return cls(example_separator.join([prefix, *examples, suffix]), **kwargs)

    @classmethod
    def from_file(
        cls, template_file: str | os.PathLike[str], encoding: str | None = None, **kwargs: Any
    ) -> PromptTemplate:
        """Make a prompt of the text in a file, UTF-8 unless another encoding is given."""
        return cls(Path(template_file).read_text(encoding or "utf-8"), **kwargs)

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order of appearance."""
        return self._compiled.variables

    def _type_of(self, variable: str) -> Any:
        # The other languages may look inside of a value.
        return str if self.template_format == "f-string" else Any

    def _write(self, values: Mapping[str, Any]) -> str:
        return self._compiled.fill(values)

    def __add__(self, other: object) -> PromptTemplate:
        if isinstance(other, str):
            other = PromptTemplate(other, template_format=self.template_format)
        if not isinstance(other, PromptTemplate):
            return NotImplemented
        if other.template_format != self.template_format:
            raise PromptTemplateError(
                f"a {self.template_format} template and a {other.template_format} template do "
                f"not add up: put them into one chat prompt, or write both in one format"
            )
        left, right = self._compiled, other._compiled
        both = self.template + other.template
        if isinstance(left, Template) and isinstance(right, Template):
            both = (left + right).source
        return PromptTemplate(
            both,
            template_format=self.template_format,
            partial_variables={**self.partial_variables, **other.partial_variables},
            input_types={**self._types, **other._types},
        )

    def pretty_repr(self) -> str:
        """The text, as it was written."""
        return self.template

    def __repr__(self) -> str:
        kind = self.template_format
        shown_format = "" if kind == "f-string" else f", template_format={kind!r}"
        return (
            f"{type(self).__name__}(input_variables={self.input_variables!r}"
            f"{self._shown_partials()}, template={self.template!r}{shown_format})"
        )
