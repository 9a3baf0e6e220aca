"""As many examples as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from ._base import BaseExampleSelector, Example

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..prompts import StringPromptTemplate


def _count_words(text: str) -> int:
    return len(text.split())


@define(eq=False)
class LengthBasedExampleSelector(BaseExampleSelector):
    """Chooses as many examples as leave the prompt short enough, from the first one on.

    Example:
        >>> from streamflow.prompts import PromptTemplate
        >>> selector = LengthBasedExampleSelector(
        ...     examples=[{"word": "happy"}, {"word": "very tall"}, {"word": "big"}],
        ...     example_prompt=PromptTemplate("Say {word}"),
        ...     max_length=6,
        ... )
        >>> selector.select_examples({"question": "who?"})
        [{'word': 'happy'}, {'word': 'very tall'}]
    """

    examples: list[Example] = field(converter=list, kw_only=True)
    """The examples to choose from."""

    example_prompt: StringPromptTemplate = field(kw_only=True)
    """How an example is written, to see how long it is."""

    get_text_length: Callable[[str], int] = field(default=_count_words, kw_only=True)
    """Measures a text; it counts words, if not given."""

    max_length: int = field(default=2048, kw_only=True)
    """The length that the values of the input and the chosen examples have at most."""

    example_text_lengths: list[int] = field(init=False)
    """How long each example is."""

    @example_text_lengths.default
    def _measure(self) -> list[int]:
        return [self._length_of(example) for example in self.examples]

    def add_example(self, example: Example) -> None:
        """Add an example to choose from, after the others."""
        self.examples.append(example)
        self.example_text_lengths.append(self._length_of(example))

    async def aadd_example(self, example: Example) -> None:
        """Add an example to choose from, after the others."""
        self.add_example(example)

    def select_examples(self, input_variables: Mapping[str, Any]) -> list[Example]:
        """Choose the examples that fit beside the values of the input."""
        given = " ".join(str(value) for value in input_variables.values())
        left = self.max_length - self.get_text_length(given)
        chosen = []
        for example, length in zip(self.examples, self.example_text_lengths, strict=True):
            left -= length
            if left < 0:
                break
            chosen.append(example)
        return chosen

    async def aselect_examples(self, input_variables: Mapping[str, Any]) -> list[Example]:
        """Choose the examples that fit beside the values of the input."""
        return self.select_examples(input_variables)

    def _length_of(self, example: Example) -> int:
        return self.get_text_length(self.example_prompt.format(**example))
