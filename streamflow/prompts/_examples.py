"""Where few-shot prompts have their examples from, and how they write each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from ..errors import PromptInputError, PromptTemplateError
from ..example_selectors import BaseExampleSelector
from ._base import BasePromptTemplate
from ._inputs import check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from ._caller import Caller

T = TypeVar("T")


@frozen(eq=False, repr=False, slots=False)
class WithExamples(BasePromptTemplate):
    """A prompt that shows examples: always the same, or those that a selector chooses."""

    examples: Sequence[Mapping[str, Any]] | None = field(default=None, kw_only=True)
    """The examples, each with the values for the variables of ``example_prompt``."""

    example_selector: BaseExampleSelector | None = field(default=None, kw_only=True)
    """What chooses the examples for an input; instead of ``examples``."""

    example_prompt: Any = field(kw_only=True)
    """How each example is written."""

    def __attrs_post_init__(self) -> None:
        if (self.examples is None) == (self.example_selector is None):
            raise PromptTemplateError(
                f"{type(self).__name__} needs either examples or an example_selector"
            )

    def _found_variables(self) -> tuple[str, ...]:
        """Return the variables beside the examples; those declared come on top."""
        return tuple(name for each in self._inner() for name in each.input_variables)

    def _inner(self) -> Sequence[BasePromptTemplate]:
        """Return the prompts in here that are filled in with the variables of this one."""
        return ()

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """All variables that must have a value, in order of appearance."""
        return tuple(dict.fromkeys((*self._found_variables(), *self._declared)))

    @cached_property
    def _pending(self) -> bool:
        own = any(map(callable, self.partial_variables.values()))
        inner = (self.example_prompt, *self._inner())
        return own or self.example_selector is not None or any(each._pending for each in inner)

    async def _settled(self, values: Mapping[str, Any], call: Caller, given: bool) -> Self:
        settled = await super()._settled(values, call, given)
        examples = self.examples
        if self.example_selector is not None:
            select = _method_of(self.example_selector, call)
            examples = await call(select, settled._inside(values, given))
        prompt = await self.example_prompt._settled({}, call, given=False)
        return settled._with(
            examples=examples, example_selector=None, example_prompt=prompt, _pending=False
        )

    def _written_examples(self, write: Callable[[Mapping[str, Any]], T]) -> list[T]:
        needed = self.example_prompt.input_variables
        written = []
        for place, example in enumerate(self.examples or ()):
            if not isinstance(example, Mapping):
                raise PromptInputError(f"example {place} is no dict but {example!r}")
            check(f"{type(self.example_prompt).__name__} of example {place}", needed, example)
            written.append(write(example))
        return written

    def __repr__(self) -> str:
        source = (
            f"examples={list(self.examples)!r}"
            if self.examples is not None
            else f"example_selector={self.example_selector!r}"
        )
        return (
            f"{type(self).__name__}(input_variables={self.input_variables!r}"
            f"{self._shown_partials()}, {source}, example_prompt={self.example_prompt!r}"
            f"{self._shown_rest()})"
        )

    def _shown_rest(self) -> str:
        return ""


def _method_of(selector: BaseExampleSelector, call: Caller) -> Callable[..., Any]:
    own = type(selector).aselect_examples is not BaseExampleSelector.aselect_examples
    return selector.aselect_examples if own and call.on_loop else selector.select_examples
