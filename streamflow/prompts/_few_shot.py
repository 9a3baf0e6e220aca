"""Prompts that show examples, as one text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ._examples import WithExamples
from ._formats import Compiled, TemplateFormat, compile_template
from ._string import StringPromptTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from ._caller import Caller


@frozen(eq=False, repr=False, slots=False)
class FewShotPromptTemplate(WithExamples, StringPromptTemplate):
    """A text that shows examples between a beginning and an end.

    Examples are data: braces in their values stay what they are.

    Args:
        examples: The examples, each a dict with the variables of ``example_prompt``.
        example_selector: What chooses the examples for an input; instead of ``examples``.
        example_prompt: How each example is written.
        suffix: What follows the examples; it has the question, most often.
        prefix: What precedes the examples.
        example_separator: What stands between all of them.
        template_format: The language of prefix and suffix.
        partial_variables: Variables that have a value, or a function that makes one.
        name: The name of its runs.
        input_variables: Not needed, except for those that only the selector looks at.
        input_types: Types of variables, where they are more than text.

    Raises:
        PromptTemplateError: There are both examples and a selector, or neither; or a
            template cannot be read.

    Example:
        >>> from streamflow.prompts import PromptTemplate
        >>> prompt = FewShotPromptTemplate(
        ...     examples=[{"word": "happy", "opposite": "sad"}],
        ...     example_prompt=PromptTemplate("{word}: {opposite}"),
        ...     suffix="{word}:",
        ... )
        >>> print(prompt.format(word="big"))
        happy: sad
        <BLANKLINE>
        big:
    """

    example_prompt: StringPromptTemplate = field(kw_only=True)
    suffix: str = field(kw_only=True)
    prefix: str = field(default="", kw_only=True)
    example_separator: str = field(default="\n\n", kw_only=True)
    template_format: TemplateFormat = field(default="f-string", kw_only=True)
    _before: Compiled = field(init=False)
    _after: Compiled = field(init=False)

    @_before.default
    def _compile_prefix(self) -> Compiled:
        return compile_template(self.prefix, self.template_format)

    @_after.default
    def _compile_suffix(self) -> Compiled:
        return compile_template(self.suffix, self.template_format)

    def _found_variables(self) -> tuple[str, ...]:
        return (*self._before.variables, *self._after.variables)

    def _type_of(self, variable: str) -> Any:
        return str if self.template_format == "f-string" else Any

    def _write(self, values: Mapping[str, Any]) -> str:
        examples = self._written_examples(self.example_prompt.fill)
        pieces = [self._before.fill(values), *examples, self._after.fill(values)]
        return self.example_separator.join([piece for piece in pieces if piece])

    def pretty_repr(self) -> str:
        """The text, with the places of its variables; examples are shown if they are known."""
        return _shown(self, self.prefix, self.suffix)

    def _shown_rest(self) -> str:
        return f", suffix={self.suffix!r}, prefix={self.prefix!r}"


@frozen(eq=False, repr=False, slots=False)
class FewShotPromptWithTemplates(WithExamples, StringPromptTemplate):
    """A text that shows examples between two other prompts.

    As `FewShotPromptTemplate`, except that ``prefix`` and ``suffix`` are prompts.

    Example:
        >>> from streamflow.prompts import PromptTemplate
        >>> prompt = FewShotPromptWithTemplates(
        ...     examples=[{"word": "happy"}],
        ...     example_prompt=PromptTemplate("- {word}"),
        ...     prefix=PromptTemplate("{number} words:"),
        ...     suffix=PromptTemplate("- "),
        ...     example_separator=" ",
        ... )
        >>> prompt.format(number=2)
        '2 words: - happy - '
    """

    example_prompt: StringPromptTemplate = field(kw_only=True)
    suffix: StringPromptTemplate = field(kw_only=True)
    prefix: StringPromptTemplate | None = field(default=None, kw_only=True)
    example_separator: str = field(default="\n\n", kw_only=True)

    def _inner(self) -> list[StringPromptTemplate]:
        return [self.suffix] if self.prefix is None else [self.prefix, self.suffix]

    def _type_of(self, variable: str) -> Any:
        kinds = [each._type_of(variable) for each in self._inner() if variable in each.variables]
        return next((kind for kind in kinds if kind is not str), str)

    async def _settled(self, values: Mapping[str, Any], call: Caller, given: bool) -> Self:
        settled = await super()._settled(values, call, given)
        inside = settled._inside(values, given)
        suffix = await self.suffix._settled(inside, call, given=False)
        prefix = self.prefix and await self.prefix._settled(inside, call, given=False)
        return settled._with(suffix=suffix, prefix=prefix, _pending=False)

    def _write(self, values: Mapping[str, Any]) -> str:
        before = [] if self.prefix is None else [self.prefix.fill(values)]
        examples = self._written_examples(self.example_prompt.fill)
        pieces = [*before, *examples, self.suffix.fill(values)]
        return self.example_separator.join([piece for piece in pieces if piece])

    def pretty_repr(self) -> str:
        """The text, with the places of its variables; examples are shown if they are known."""
        prefix = "" if self.prefix is None else self.prefix.pretty_repr()
        return _shown(self, prefix, self.suffix.pretty_repr())

    def _shown_rest(self) -> str:
        return f", suffix={self.suffix!r}, prefix={self.prefix!r}"


def _shown(
    prompt: FewShotPromptTemplate | FewShotPromptWithTemplates, prefix: str, suffix: str
) -> str:
    settled = prompt.example_selector is None and not prompt.example_prompt._pending
    examples = (
        prompt._written_examples(prompt.example_prompt.fill)
        if settled
        else [prompt.example_prompt.pretty_repr()]
    )
    return prompt.example_separator.join([each for each in [prefix, *examples, suffix] if each])
