"""The parts of a chat prompt: templates of one message, and places for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import field, frozen, validators

from ..errors import MissingImplementationError, ModelInputError
from ..messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    convert_to_messages,
)
from ..messages._base import pretty_title
from ._blocks import BlocksTemplate
from ._inputs import check
from ._string import PromptTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from ._inputs import Partial


@frozen
class BaseMessagePromptTemplate:
    """A part of a chat prompt that becomes messages once its variables have values."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that must have a value, in order of appearance."""
        raise MissingImplementationError(f"{type(self).__name__} does not define variables")

    @property
    def input_variables(self) -> list[str]:
        """The same, as a list."""
        return list(self.variables)

    @property
    def optional_variables(self) -> list[str]:
        """The variables that may have a value."""
        return []

    def fill(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        """Make the messages; every variable has a value."""
        raise MissingImplementationError(f"{type(self).__name__} does not define fill")

    def format_messages(self, /, **values: Any) -> list[BaseMessage]:
        """Make the messages.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        check(type(self).__name__, self.variables, values)
        return self.fill(values)

    def pretty_repr(self) -> str:
        """Render the part for people: a title line, then the text with its places."""
        raise MissingImplementationError(f"{type(self).__name__} does not define pretty_repr")

    def pretty_print(self) -> None:
        """Print the part for people."""
        print(self.pretty_repr())  # noqa: T201 - printing is what was asked for


@frozen(repr=False)
class MessagePromptTemplate(BaseMessagePromptTemplate):
    """A template of one message; the class tells the role."""

    message_class: ClassVar[type[BaseMessage]] = BaseMessage

    prompt: PromptTemplate | BlocksTemplate
    """What becomes the content."""

    additional_kwargs: dict[str, Any] = field(factory=dict, kw_only=True)
    """Goes into the message as it is."""

    @classmethod
    def from_template(
        cls,
        template: str | Sequence[Any],
        *,
        partial_variables: Mapping[str, Partial] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a template of a text with places, or of content blocks whose texts have."""
        if isinstance(template, str):
            prompt = PromptTemplate.from_template(template, partial_variables=partial_variables)
            return cls(prompt, **kwargs)
        return cls(BlocksTemplate(template, partial_variables=partial_variables or {}), **kwargs)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that must have a value, in order of appearance."""
        return tuple(self.prompt.input_variables)

    def fill(self, values: Mapping[str, Any]) -> list[BaseMessage]:
        """Make the message; every variable has a value."""
        return [self.message_class(self.prompt.fill(values), **self._fields())]

    def format(self, /, **values: Any) -> BaseMessage:
        """Make the message.

        Raises:
            PromptInputError: Variables are missing, or a value cannot be written.
        """
        return self.format_messages(**values)[0]

    def pretty_repr(self) -> str:
        """Render the template for people: a title line, then the text with its places."""
        return f"{pretty_title(self._title())}\n\n{self.prompt.pretty_repr()}"

    def _title(self) -> str:
        return f"{self.message_class.type.title()} Message"

    def _fields(self) -> dict[str, Any]:
        extra = self.additional_kwargs
        return {"additional_kwargs": dict(extra)} if extra else {}

    def __repr__(self) -> str:
        parts = [f"prompt={self.prompt!r}"]
        parts += [f"{key}={value!r}" for key, value in self._fields().items()]
        return f"{type(self).__name__}({', '.join(parts)})"


@frozen(repr=False)
class HumanMessagePromptTemplate(MessagePromptTemplate):
    """A template of what the human says."""

    message_class: ClassVar[type[BaseMessage]] = HumanMessage


@frozen(repr=False)
class SystemMessagePromptTemplate(MessagePromptTemplate):
    """A template of what the model is told about its part."""

    message_class: ClassVar[type[BaseMessage]] = SystemMessage


@frozen(repr=False)
class AIMessagePromptTemplate(MessagePromptTemplate):
    """A template of what the model says: an example for it to follow."""

    message_class: ClassVar[type[BaseMessage]] = AIMessage


@frozen(repr=False)
class ChatMessagePromptTemplate(MessagePromptTemplate):
    """A template of a message of any role."""

    message_class: ClassVar[type[BaseMessage]] = ChatMessage

    role: str = field(kw_only=True)
    """The role, as the provider knows it."""

    def _fields(self) -> dict[str, Any]:
        return {**super()._fields(), "role": self.role}


@frozen(repr=False)
class MessagesPlaceholder(BaseMessagePromptTemplate):
    """A place for a list of messages, such as the history of a conversation."""

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
