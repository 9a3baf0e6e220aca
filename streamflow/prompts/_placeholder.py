"""A place in a chat prompt for any number of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen, validators

from ..errors import ModelInputError
from ..messages import BaseMessage, convert_to_messages
from ..messages._base import pretty_title
from ._part import BaseMessagePromptTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen(repr=False)
class MessagesPlaceholder(BaseMessagePromptTemplate):
    """A place for a list of messages, such as the history of a conversation.

    Example:
        >>> from streamflow.prompts import ChatPromptTemplate
        >>> prompt = ChatPromptTemplate([MessagesPlaceholder("history", n_messages=1), "Why?"])
        >>> print(prompt.format(history=[("human", "hi"), ("ai", "hello")]))
        AI: hello
        Human: Why?
    """

    variable_name: str
    """The variable that has the messages, in any form that `convert_to_messages` reads."""

    optional: bool = field(default=False, kw_only=True)
    """Without the variable there are no messages, rather than an error."""

    n_messages: int | None = field(
        default=None, kw_only=True, validator=validators.optional(validators.ge(1))
    )
    """Take only so many, the last ones."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The variable, unless it is optional."""
        return () if self.optional else (self.variable_name,)

    @property
    def optional_variables(self) -> list[str]:
        """The variable, if it is optional."""
        return [self.variable_name] if self.optional else []

    def fill(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        """Take the messages out of the values.

        Raises:
            ModelInputError: The variable holds something else.
        """
        given = values.get(self.variable_name)
        if given is None and self.optional:
            return []
        try:
            messages = convert_to_messages(given)
        except ModelInputError as error:
            raise ModelInputError(f"for the placeholder {self.variable_name!r}: {error}") from error
        return messages[-self.n_messages :] if self.n_messages else messages

    def pretty_repr(self) -> str:
        """Render the place for people."""
        return f"{pretty_title('Messages Placeholder')}\n\n{{{self.variable_name}}}"

    def __repr__(self) -> str:
        parts = [f"variable_name={self.variable_name!r}"]
        parts += ["optional=True"] if self.optional else []
        parts += [f"n_messages={self.n_messages}"] if self.n_messages else []
        return f"MessagesPlaceholder({', '.join(parts)})"
