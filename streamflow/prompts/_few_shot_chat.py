"""Prompts that show examples, as messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ._chat_base import BaseChatPromptTemplate
from ._examples import WithExamples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..messages import BaseMessage
    from ._part import BaseMessagePromptTemplate


@frozen(eq=False, repr=False, slots=False)
class FewShotChatMessagePromptTemplate(WithExamples, BaseChatPromptTemplate):
    """Examples as messages, most often a part of a chat prompt.

    Args:
        examples: The examples, each a dict with the variables of ``example_prompt``.
        example_selector: What chooses the examples for an input; instead of ``examples``.
        example_prompt: How each example is written: a chat prompt, or a message template.
        input_variables: The variables that the selector looks at.
        partial_variables: Variables that have a value, or a function that makes one.
        name: The name of its runs.
        input_types: Types of variables, where they are more than text.

    Raises:
        PromptTemplateError: There are both examples and a selector, or neither.

    Example:
        >>> from streamflow.prompts import ChatPromptTemplate
        >>> examples = FewShotChatMessagePromptTemplate(
        ...     examples=[{"in": "2+2", "out": "4"}],
        ...     example_prompt=ChatPromptTemplate([("human", "{in}"), ("ai", "{out}")]),
        ... )
        >>> prompt = ChatPromptTemplate([("system", "Add."), examples, ("human", "{sum}")])
        >>> print(prompt.format(sum="3+4"))
        System: Add.
        Human: 2+2
        AI: 4
        Human: 3+4
    """

    example_prompt: BaseChatPromptTemplate | BaseMessagePromptTemplate = field(kw_only=True)

    def _write(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        written = self._written_examples(self.example_prompt.fill)
        return [message for messages in written for message in messages]

    def pretty_repr(self) -> str:
        """The messages under title lines; the template of an example, if a selector chooses."""
        if self.example_selector is not None or self.example_prompt._pending:
            return self.example_prompt.pretty_repr()
        return "\n\n".join(message.pretty_repr() for message in self._write({}))
